"""Files of model records, damaged: loaded whole or refused, with the file named."""

from __future__ import annotations

import json
import random
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import tokenkit
from tokenkit.errors import ModelDataError
from tokenkit.models.record import model_from_record, without_derived
from tokenkit.models.registry import Registry

from .driver import Driver, expect
from .mutations import damaged_bytes, damaged_json, hostile

__all__ = ["DRIVER"]

_TOML = """# prices of ours
[models.ours]
provider = "us"
kind = "chat"
encoding = "o200k_base"
context_window = 1000
max_output_tokens = 100
aliases = ["mine"]
prices = { standard = { input = "1.5", output = 4 } }
verified_on = 2026-11-01
"""


@cache
def data() -> Any:
    return json.loads(files("tokenkit").joinpath("data/models.json").read_text("utf-8"))


@cache
def records() -> list[dict[str, Any]]:
    """Real records, of which each has other fields."""
    names = ("gpt-5", "gpt-4o", "text-embedding-3-small", "claude-sonnet-4-5", "gpt-oss-20b")
    return [without_derived(tokenkit.get_model(name).to_record()) for name in names]


def attempt(rng: random.Random, folder: Path) -> None:
    if rng.random() < 0.2:
        path = folder / "overlay.toml"
        content = damaged_bytes(rng, _TOML.encode())
    else:
        path = folder / "overlay.json"
        chosen = rng.sample(records(), rng.randint(1, 3))
        table: Any = {"models": chosen}
        if rng.random() < 0.3:
            table = {"models": {record["name"]: record for record in chosen}}
        table = hostile(rng) if rng.random() < 0.02 else damaged_json(rng, table)
        content = json.dumps(table, default=str).encode()
        if rng.random() < 0.3:
            content = damaged_bytes(rng, content)
    path.write_bytes(content)
    registry = Registry(data())
    try:
        loaded = registry.load(path)
    except ModelDataError as error:
        expect(path.name in str(error), "an error without the file's name", content, str(error))
        str(error).encode()  # can be printed
        return
    for model in loaded:
        shown = json.dumps(model.to_record(), allow_nan=False, ensure_ascii=False, default=str)
        record = json.loads(shown.encode())  # it can be written, so it holds no half characters
        again = model_from_record(without_derived(record), "again")
        expect(again == model, "a record that does not come back", content, model)
        expect(registry.find(model.name) == model, "a record that is not found", content, model)
        hash(model)
        repr(model)


DRIVER = Driver("overlays", "files of records are loaded whole or refused", attempt)
