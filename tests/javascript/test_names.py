"""The npm package reads names of models as the Python package does."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from model_names import some_names
from npm_commands import run

import tokenkit
from tokenkit.models import resolve_model
from tokenkit.shapes import readings

pytestmark = pytest.mark.javascript

MESSAGES = [{"role": "user", "content": "one text"}]


def outcome(ask: Callable[[], Any]) -> Any:
    """Return what is found, or the name of the error as JavaScript has it."""
    try:
        return ask()
    except (LookupError, ValueError) as error:
        known = isinstance(error, (tokenkit.UnknownModelError, tokenkit.NoTokenizerError))
        return type(error).__name__ if known else "RangeError"


def resolution(name: str) -> list[Any]:
    found = resolve_model(name)
    words = (" is not listed: ", "fine-tuned from ", "prices: those of the host ")
    notes = [note for note in found.model.notes if any(part in note for part in words)]
    return [found.model.name, found.host, found.rule, notes]


def counted(name: str) -> list[Any]:
    count = tokenkit.count_messages(MESSAGES, name)
    return [count.tokens, count.low, count.high, list(count.notes)]


def fitted(name: str) -> list[Any]:
    fit = tokenkit.fit(MESSAGES, name, max_output=None, max_input=10**9)
    return [fit.model, fit.limit]


def encoding(name: str) -> str:
    own = tokenkit.encoding_name_for_model(name)
    return own if own in tokenkit.list_encoding_names()[:7] else "NoTokenizerError"


def case(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "read": [[one.name, one.host, one.vendor, one.rules] for one in readings(name)],
        "resolved": outcome(lambda: resolution(name)),
        "encoding": outcome(lambda: encoding(name)),
        "counted": outcome(lambda: counted(name)),
        "fitted": outcome(lambda: fitted(name)),
    }


def test_names_mean_the_same_models(project: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tokenkit.RetirementWarning)
        cases = [case(name) for name in some_names()]
    rules = {one["resolved"][2] for one in cases if isinstance(one["resolved"], list)}
    assert len(rules) > 50
    (project / "names.json").write_text(json.dumps(cases), "utf-8")
    script = project / "names.mjs"
    script.write_text((Path(__file__).parent / "names.mjs").read_text("utf-8"), "utf-8")
    print(run("node", script, project / "names.json", folder=project))
