"""Users' files of records: JSON and TOML, whole or not at all."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from tokenkit.errors import ModelDataError, UnknownModelError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model, load_models
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
