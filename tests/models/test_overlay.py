"""Users' files of records: JSON and TOML, whole or not at all."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit.errors import ModelDataError, UnknownModelError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model, load_models
from tokenkit.models.record import model_from_record
from tokenkit.models.refresh import plan_refresh
from tokenkit.models.registry import Registry

SMALL = {"name": "mine", "kind": "chat", "encoding": "o200k_base", "context_window": 5000}


def test_load_json(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text(json.dumps({"models": [SMALL, SMALL | {"name": "other"}]}), "utf-8-sig")
    assert [model.name for model in load_models(path)] == ["mine", "other"]
    assert get_model("other").context_window == 5000


def test_load_toml(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        '[models."our.model"]\nkind = "embedding"\nencoding = "cl100k_base"\n'
        "context_window = 512\nretires_on = 2031-01-01\n"
        "prices.standard.input = 0.02\n",
        "utf-8",
    )
    load_models(path)
    model = get_model("our.model")
    assert model.retires_on == date(2031, 1, 1)
    assert model.prices["standard"]["input"] == "0.02"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"models": [', "not valid JSON at line 1, column"),
        ("[]", "expected a JSON object, got a list"),
        ('{"model": []}', "expected a list or a table of records, got NoneType, at models"),
        ('{"models": {"mine": 3}}', "expected a table of fields, got 3, at models.mine"),
        ('{"models": [{"name": "mine", "kind": "song"}]}', "model 'mine': field 'kind'"),
        (json.dumps({"models": [SMALL, SMALL | {"name": "b", "aliases": ["mine"]}]}), "names both"),
    ],
)
def test_broken_files_are_named_and_taken_not_even_in_part(
    registry: Registry, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ModelDataError) as caught:
        load_models(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
    with pytest.raises(UnknownModelError):
        get_model("mine")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("deep.json", b'{"models":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deep"),
        ("bytes.json", b'{"models":[{"name":"\xff"}]}', "expected UTF-8, got another byte at 20"),
        ("long.json", b'{"models":[{"name":"a","n":' + b"9" * 5000 + b"}]}", "not valid JSON"),
        ("deep.toml", b"models = " + b"[" * 5000 + b"]" * 5000, "nested too deep"),
        ("bytes.toml", b'models = "\xff"', "expected UTF-8, got another byte at 10"),
        ("half.json", rb'{"models":[{"name":"\ud800x","kind":"chat"}]}', "of whole characters"),
        ("alias.json", rb'{"models":[{"name":"a","kind":"chat","aliases":["\ud800"]}]}', "whole"),
    ],
)
def test_files_of_any_bytes_are_refused_with_a_message(
    registry: Registry, tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelDataError) as caught:
        load_models(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)


def test_broken_toml_is_named(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("models = [", "utf-8")
    with pytest.raises(ModelDataError, match=r"broken\.toml: not valid TOML"):
        load_models(path)


def test_environment_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text(json.dumps({"models": [SMALL]}), "utf-8")
    second.write_text(json.dumps({"models": [SMALL | {"context_window": 1}]}), "utf-8")
    monkeypatch.setenv("TOKENKIT_MODELS", os.pathsep.join([str(first), str(second)]))
    assert _registry.new_registry().resolve("mine").context_window == 1
    monkeypatch.setenv("TOKENKIT_MODELS", str(tmp_path / "missing.json"))
    with pytest.raises(ModelDataError, match=r"TOKENKIT_MODELS: cannot read .*missing\.json"):
        _registry.new_registry()


WHOLE: dict[str, Any] = {
    "name": "whole",
    "kind": "chat",
    "aliases": ["other"],
    "snapshots": ["whole-1"],
    "encoding": "o200k_base",
    "context_window": 1000,
    "modalities": {"input": ["text"]},
    "supports": ["vision"],
    "prices": {"standard": {"input": "1", "long": {"above": 500, "input": 2}}},
    "price_periods": [{"from": "2030-01-01", "prices": {"standard": {"input": 2}}}],
    "price_hours": {
        "zone": "+08:00",
        "days": [1],
        "hours": ["09:00-12:00"],
        "holidays": ["2026-10-01"],
        "otherwise": {"standard": {"input": 9}},
    },
    "price_regions": {"us": 1.1},
    "hosts": {"azure": {"names": ["n"], "prices": {"standard": {"input": 1}}}},
    "retirements": [{"on": "2031-01-01", "snapshot": "whole-1"}],
    "notes": ["a note"],
    "sources": {"prices": "a page"},
    "verified_on": "2026-01-01",
}


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"context_window": 10**300}, "context_window"),
        ({"prices": {"standard": {"input": "1e999999999"}}}, "prices.standard.input"),
        ({"prices": {"standard": {"input": "1e-999999999"}}}, "prices.standard.input"),
        ({"prices": {"standard": {"input": "9" * 5000}}}, "prices.standard.input"),
        ({"prices": {"\ud800": {}}}, "prices"),
        ({"price_hours": WHOLE["price_hours"] | {"days": [[]]}}, "price_hours.days"),
        ({"price_hours": WHOLE["price_hours"] | {"holidays": [None]}}, "price_hours.holidays"),
        ({"price_hours": WHOLE["price_hours"] | {"holidays": 1}}, "price_hours.holidays"),
        ({"modalities": {"input": 5}}, "modalities.input"),
        ({"sources": {"prices": 5}}, "sources.prices"),
        ({"sources": {"prices": "\udc00"}}, "sources.prices"),
        ({"x" * 5000: 1}, "unknown field a str"),
        ({"notes": "x" * 5000}, "notes"),
    ],
)
def test_a_damaged_record_is_refused_by_its_key(
    registry: Registry, tmp_path: Path, changed: dict[str, Any], key: str
) -> None:
    path = tmp_path / "models.json"
    path.write_text(json.dumps({"models": [WHOLE | changed]}))
    with pytest.raises(ModelDataError) as caught:
        load_models(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert len(message) < 1000
    load_models_of(path, WHOLE)


def load_models_of(path: Path, record: dict[str, Any]) -> None:
    """The record itself is fine, and can be written again."""
    path.write_text(json.dumps({"models": [record]}))
    (model,) = load_models(path)
    assert json.loads(json.dumps(model.to_record()))["name"] == record["name"]


@given(data=st.data())
@examples(300)
def test_records_of_any_nonsense_are_taken_or_refused(data: st.DataObject) -> None:
    """Replace values somewhere in a record: it can be used then, or there is an error."""
    record = json.loads(json.dumps(WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        places: list[tuple[Any, Any]] = []
        collect(record, places)
        table, key = data.draw(st.sampled_from(places))
        table[key] = json.loads(json.dumps(data.draw(st.sampled_from(NONSENSE))))
    try:
        model = model_from_record(record, "here")
    except ModelDataError:
        return
    json.dumps(model.to_record(), ensure_ascii=False).encode()
    model.prices_on()
    model.on_host("azure").as_snapshot("whole-1")


def collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        places.append((value, key))
        if isinstance(item, (dict, list)):
            collect(item, places)


DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]
NUMBERS = [0, -1, 1.5, 10**30, 1e300, float("inf"), float("nan")]
TEXTS = ["", "x", "\ud800", "1e999999", "NaN", "0001-01-01", "9999-12-31", "25:00-26:00"]
NONSENSE = [None, True, *NUMBERS, *TEXTS, [], [[]], [None], [1], {}, {"x": None}, {"": {}}, DEEP]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"models": [{"name": "a", "name": "b"}]}', "expected each key once, got 'name' twice"),
        (json.dumps({"models": [SMALL, SMALL]}), "expected each model once, got 'mine' twice"),
    ],
)
def test_what_stands_twice_is_not_dropped_in_silence(
    registry: Registry, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "models.json"
    path.write_text(text)
    with pytest.raises(ModelDataError, match=complaint):
        load_models(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_overlays_are_regular_files(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="expected a regular file, got a pipe"):
        load_models(tmp_path / "pipe")
    monkeypatch.setenv("TOKENKIT_MODELS", "/dev/zero")
    with pytest.raises(ModelDataError, match="/dev/zero: expected a regular file, got a device"):
        _registry.new_registry()
    monkeypatch.setattr("tokenkit.models.refresh.MOST_BYTES", 1 << 16)
    with pytest.raises(OSError, match="expected at most 65536 bytes, got more"):
        plan_refresh("/dev/zero", tmp_path / "own.json")
