"""The registry: name resolution, users' overlays, retirement warnings."""

import copy
import dataclasses
import json
import os
import pickle
import subprocess
import sys
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import tiktoken.model

from tokenkit.costs.bill import cost
from tokenkit.errors import ModelDataError, NoTokenizerError, RetirementWarning, UnknownModelError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model, list_models, load_models, register_model
from tokenkit.models.record import Model, model_from_record
from tokenkit.models.registry import RETIREMENT_NOTICE_DAYS, Registry

DATA = json.loads(Path(_registry.DATA_PATH).read_bytes())
RECORDS = {record["name"]: record for record in DATA["models"]}

# What a fine-tuned name or a plain name must come to, as tiktoken 0.14.0 has it, except for the
# differences stated beside them.
ENCODING_OF = {
    "gpt-4o": "o200k_base",
    "gpt-4o-2030-01-01": "o200k_base",
    "gpt-4": "cl100k_base",
    "gpt-4-some-test": "cl100k_base",
    "gpt-3.5-turbo": "cl100k_base",
    "gpt-35-turbo": "cl100k_base",
    "gpt-35-turbo-somewhere": "cl100k_base",
    "gpt-5": "o200k_base",
    "gpt-5.9-unheard-of": "o200k_base",
    "o1-anything": "o200k_base",
    "o3": "o200k_base",
    "o4-mini": "o200k_base",
    "gpt-oss-120b": "o200k_harmony",
    "gpt-oss-7b": "o200k_harmony",
    "text-davinci-003": "p50k_base",
    "text-davinci-edit-001": "p50k_edit",
    "davinci": "r50k_base",
    "gpt2": "gpt2",
    "gpt-2": "gpt2",
    "text-embedding-3-small": "cl100k_base",
    "ft:gpt-4o-mini-2024-07-18:org::id": "o200k_base",
    "ft:gpt-3.5-turbo-0613:org:name:id": "cl100k_base",
    "ft:gpt-4-0613:org::id": "cl100k_base",
    "ft:davinci-002:org::id": "cl100k_base",
    "davinci:ft-org-2022-01-01": "r50k_base",
    # tiktoken's prefix "ft:gpt-4" says cl100k_base here and has no entry for o4-mini.
    "ft:gpt-4.1-2025-04-14:org::id": "o200k_base",
    "ft:gpt-4.1-nano-2025-04-14:org::id": "o200k_base",
    "ft:o4-mini-2025-04-16:org::id": "o200k_base",
}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of this test's own, in place of the process's."""
    monkeypatch.delenv("TOKENKIT_MODELS", raising=False)
    fresh = _registry.new_registry()
    monkeypatch.setattr(_registry, "_registry", fresh)
    return fresh


def encoding_name_for(name: str) -> str:
    return _registry.current_registry().encoding_name_for(name)


# ---- resolution --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "encoding"), ENCODING_OF.items())
def test_encoding_names(name: str, encoding: str | None) -> None:
    assert encoding_name_for(name) == encoding


def test_encoding_names_agree_with_tiktoken() -> None:
    table = tiktoken.model
    for name, encoding in table.MODEL_TO_ENCODING.items():
        assert encoding_name_for(name) == encoding
    for prefix, encoding in table.MODEL_PREFIX_TO_ENCODING.items():
        if prefix.startswith("ft:"):
            assert encoding_name_for(f"{prefix}:org::id") == encoding
        else:
            assert encoding_name_for(f"{prefix}unheard-of") == encoding
            assert DATA["prefixes"][prefix]["encoding_exact"] is True
            assert DATA["prefixes"][prefix]["encoding"] == encoding


def test_encoding_name_for_never_warns(registry: Registry) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert encoding_name_for("gpt-4") == "cl100k_base"


@pytest.mark.parametrize("name", ["claude-opus-5-5", "gemini-2.5-pro", "whisper-1"])
def test_no_public_tokenizer(name: str) -> None:
    with pytest.raises(NoTokenizerError, match="estimate_tokens"):
        encoding_name_for(name)


def test_every_record_alias_and_snapshot_resolves(registry: Registry) -> None:
    for name, record in RECORDS.items():
        assert registry.resolve(name).name == name
        for other in record.get("aliases", ()):
            assert registry.resolve(other).name == name
        for other in record.get("snapshots", ()):
            assert registry.resolve(other).name == (other if other in RECORDS else name)


def test_model_passes_through_get_model() -> None:
    model = Model(name="mine", kind="chat", encoding="gpt2", context_window=100)
    assert get_model(model) is model


def test_fine_tuned_name_with_a_record_of_its_own(registry: Registry) -> None:
    model = registry.resolve("ft:gpt-4o-mini-2024-07-18:org:name:id")
    assert model.name == "ft:gpt-4o-mini-2024-07-18"
    assert model.prices["standard"]["input"] == "0.3"


def test_fine_tuned_name_without_a_record_has_the_base_limits_and_no_prices(
    registry: Registry,
) -> None:
    model = registry.resolve("ft:gpt-5.4-mini-2026-03-17:org::id")
    base = registry.resolve("gpt-5.4-mini")
    assert (model.context_window, model.encoding) == (base.context_window, base.encoding)
    assert not model.prices
    assert "fine-tuned from gpt-5.4-mini-2026-03-17" in model.notes[-1]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("gpt-5.5-2031-12-30", "gpt-5.5"),
        ("claude-sonnet-5-20270101", "claude-sonnet-5"),
        ("gpt-4-0999", None),
        ("gpt-4-0229", "gpt-4"),
        ("gpt-35-turbo-0229", "gpt-3.5-turbo"),
    ],
)
def test_unlisted_snapshots(registry: Registry, name: str, base: str | None) -> None:
    model = registry.resolve(name)
    assert model.name == name
    if base is None:  # no month and day: only the prefix "gpt-4-" is known
        assert model.context_window is None
    else:
        assert model.context_window == registry.resolve(base).context_window
    assert "is not listed" in model.notes[-1]


def test_prefix_of_an_assumed_encoding(registry: Registry) -> None:
    assert registry.resolve("gpt-6.3-sol").encoding_exact is False
    assert registry.resolve("gpt-5.9").encoding_exact is True


def test_prefix_tells_the_encoding_and_nothing_else(registry: Registry) -> None:
    model = registry.resolve("gpt-4o-unheard-of")
    assert model.encoding == "o200k_base"
    assert model.kind == "chat"
    assert model.context_window is None
    assert model.max_output_tokens is None
    assert not model.prices
    assert "only its encoding is known" in model.notes[-1]


@pytest.mark.parametrize("name", ["", "gpt", "gpt-9", "GPT 4o", "gpt-7", "o5", "ft:nobody:org::id"])
def test_unknown_names_raise(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        get_model(name)
    assert isinstance(caught.value, KeyError)
    assert repr(name) in str(caught.value)


def test_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match="Did you mean gpt-4o-mini"):
        get_model("gpt-4o_mini")
    with pytest.raises(UnknownModelError, match="claude-opus-5"):
        get_model("Claude Opus 5")


def test_name_of_a_wrong_type() -> None:
    with pytest.raises(TypeError, match="model: expected a name or a Model, got int"):
        get_model(4)  # type: ignore[arg-type]


# ---- lists -------------------------------------------------------------------------------------


def test_list_models_by_provider_and_kind() -> None:
    found = list_models(provider="openai", kind="embedding")
    assert [model.name for model in found] == [
        "text-embedding-3-large",
        "text-embedding-3-small",
        "text-embedding-ada-002",
        "text-embedding-ada-002-v2",
    ]
    assert len(list_models(provider="openai", include_retired=True)) == 266
    assert not any(model.retired for model in list_models())


@pytest.mark.parametrize(("filter_", "value"), [("provider", "opnai"), ("kind", "chatty")])
def test_list_models_refuses_unknown_words(filter_: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{filter_}: expected one of .*, got '{value}'"):
        list_models(**{filter_: value})


# ---- models are values -------------------------------------------------------------------------


def test_models_cannot_be_changed() -> None:
    model = get_model("gpt-5.2")
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.context_window = 1  # type: ignore[misc]
    with pytest.raises(TypeError, match="cannot be changed"):
        model.prices["standard"]["input"] = "0"  # type: ignore[index]
    with pytest.raises(TypeError, match="cannot be changed"):
        model.prices.update(standard={})  # type: ignore[attr-defined]


def test_models_survive_pickle_copy_and_records() -> None:
    model = get_model("gpt-5.6-luna")
    assert pickle.loads(pickle.dumps(model)) == model
    assert copy.deepcopy(model) == model
    assert hash(copy.copy(model)) == hash(model)
    assert model_from_record(model.to_record(), "here") == model
    assert json.loads(json.dumps(model.to_record())) == model.to_record()
    assert dataclasses.asdict(model)["prices"]["standard"]["input"] == "0.2"


# ---- overlays ----------------------------------------------------------------------------------

SMALL = {"name": "mine", "kind": "chat", "encoding": "o200k_base", "context_window": 5000}


def test_four_fields_suffice(registry: Registry) -> None:
    model = register_model(SMALL)
    assert get_model("mine") == model
    assert model.encoding_exact is True
    assert model.safe_input_tokens == 5000
    assert model.provider == "custom"
    assert model.window == "shared"
    assert not model.prices


def test_registering_again_replaces(registry: Registry) -> None:
    register_model(SMALL | {"aliases": ["nickname"]})
    register_model(SMALL | {"context_window": 6000})
    assert get_model("mine").context_window == 6000
    register_model({"name": "gpt-4o", "kind": "chat", "encoding": "gpt2", "context_window": 7})
    assert get_model("gpt-4o").context_window == 7
    assert [m.context_window for m in list_models() if m.name == "gpt-4o"] == [7]


def test_own_alias_shadows_a_built_in_name(registry: Registry) -> None:
    register_model(SMALL | {"aliases": ["gpt-5"], "snapshots": ["mine-v1"]})
    assert get_model("gpt-5").name == "mine"
    assert get_model("mine-v1").name == "mine"
    assert get_model("mine-2026-01-01").context_window == 5000


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "chatty"}, "field 'kind': expected one of chat"),
        ({"encoding": ""}, "field 'encoding': expected a non-empty string, got ''"),
        ({"encoding": 5}, "field 'encoding': expected a string, got 5"),
        ({"context_window": "big"}, "field 'context_window': expected a whole number"),
        ({"context_window": True}, "field 'context_window': expected a whole number"),
        ({"max_output_tokens": -1}, "field 'max_output_tokens': expected a whole number"),
        ({"max_output_tokens": 9999}, "at most the context window of 5000"),
        ({"max_input_tokens": 9999}, "at most the context window of 5000"),
        (
            {"inputs_per_request": 0},
            "field 'inputs_per_request': expected a whole number of inputs",
        ),
        ({"tokens_per_request": "many"}, "'tokens_per_request': expected a whole number of tokens"),
        ({"max_example_tokens": 9999}, "at most the context window of 5000"),
        ({"aliases": "nick"}, "field 'aliases': expected a list of strings"),
        ({"aliases": [""]}, "field 'aliases': expected a list of non-empty strings"),
        ({"window": "open"}, "field 'window': expected one of shared, separate"),
        ({"retires_on": "soon"}, "field 'retires_on': expected a date"),
        ({"prices": {"standard": {"input": "cheap"}}}, "prices.standard.input': expected a price"),
        ({"prices": {"standard": {"input": -1}}}, "expected a price of 0 USD or more"),
        ({"prices": {"standard": {"inputs": "1"}}}, "expected a rate out of input"),
        ({"prices": {"standard": {"long": {"input": "1"}}}}, "long.above': expected the number"),
        ({"prices": {"standard": 3}}, "field 'prices.standard': expected a table"),
        ({"price_periods": [{"prices": {}}]}, "expected a table with from, to or both"),
        ({"encoding": None, "encoding_exact": True}, "nothing where no encoding is given"),
        ({"colour": "red"}, "unknown field 'colour'"),
    ],
)
def test_wrong_fields_are_named(registry: Registry, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelDataError, match="model 'mine'") as caught:
        register_model(SMALL | change)
    assert complaint in str(caught.value)


def test_missing_fields_are_named(registry: Registry) -> None:
    with pytest.raises(ModelDataError, match="field 'kind' is missing"):
        register_model({"name": "mine"})
    with pytest.raises(ModelDataError, match="field 'name' is missing"):
        register_model({"kind": "chat"})
    with pytest.raises(ModelDataError, match="expected a table of fields"):
        register_model([])  # type: ignore[arg-type]


def test_a_reply_with_room_of_its_own_may_exceed_the_window(registry: Registry) -> None:
    model = register_model(SMALL | {"window": "separate", "max_output_tokens": 9999})
    assert model.max_output_tokens == 9999


def test_prices_may_be_numbers(registry: Registry) -> None:
    prices = {"standard": {"input": 0.1, "output": 2}}
    model = register_model(SMALL | {"prices": prices})
    assert model.prices == {"standard": {"input": "0.1", "output": "2"}}


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


# ---- retirement --------------------------------------------------------------------------------


def leaving(days: int) -> dict[str, Any]:
    return SMALL | {"retires_on": (date.today() + timedelta(days=days)).isoformat()}


def test_retired_models_warn_once_per_name(registry: Registry) -> None:
    register_model(leaving(-1) | {"replacement": "gpt-9", "aliases": ["also-mine"]})
    with pytest.warns(RetirementWarning, match=r"'mine' was shut down on 2.*suggests gpt-9"):
        assert get_model("mine").retired
    with pytest.warns(RetirementWarning, match="'also-mine'"):
        get_model("also-mine")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_model("mine")
        get_model("also-mine")


def test_the_warning_names_the_model_that_answers_afterwards(registry: Registry) -> None:
    with pytest.warns(RetirementWarning, match=r"; gemini-3\.8-flash answers from then on"):
        get_model("gemini-2.5-pro")


def test_soon_retiring_models_warn(registry: Registry) -> None:
    register_model(leaving(RETIREMENT_NOTICE_DAYS))
    with pytest.warns(RetirementWarning, match="will be shut down on"):
        assert not get_model("mine").retired


def test_models_that_stay_do_not_warn(registry: Registry) -> None:
    register_model(leaving(RETIREMENT_NOTICE_DAYS + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_model("mine")


def test_the_warning_points_at_the_caller(registry: Registry) -> None:
    register_model(leaving(-1) | {"aliases": ["also-mine"]})
    with pytest.warns(RetirementWarning) as direct:
        get_model("mine")
    with pytest.warns(RetirementWarning) as through_cost:
        cost("also-mine", input_tokens=1)
    assert [direct[0].filename, through_cost[0].filename] == [__file__, __file__]


def test_a_model_retires_at_midnight_also_in_a_process_that_runs_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(date):
        """A calendar that stands where the test puts it."""

        now = date(2026, 1, 1)

        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return cls.now

    monkeypatch.setattr("tokenkit.models.record.date", Clock)
    model = register_model(SMALL | {"retires_on": "2026-01-02"})
    assert not model.retired
    assert "retired" not in model.to_record()
    Clock.now = date(2026, 1, 2)
    assert model.retired  # the same object, asked on another day
    assert model.to_record()["retired"] is True


def test_a_record_may_state_that_it_is_retired(registry: Registry) -> None:
    model = register_model(SMALL | {"retired": True})
    assert model.retired
    assert model_from_record(model.to_record(), "here").retired
    assert pickle.loads(pickle.dumps(model)).retired
    with pytest.raises(ModelDataError, match="field 'retired': expected true or false, got 1"):
        register_model(SMALL | {"retired": 1})


def test_prices_on_a_day() -> None:
    model = get_model("gemini-4-argon")
    before, after = date(2026, 11, 30), date(2026, 12, 1)
    assert model.prices_on(before)["standard"]["input"] == "2"
    assert model.prices_on(after)["standard"]["input"] == "4"
    assert model.prices_on() == model.prices_on(date.today())


@pytest.mark.parametrize(
    ("kind", "messages", "reply"),
    [
        ("chat", True, True),
        ("reasoning", True, True),
        ("realtime", True, True),
        ("audio", True, True),
        ("completion", False, True),
        ("image", False, True),
        ("embedding", False, False),
        ("rerank", False, False),
        ("moderation", False, False),
    ],
)
def test_what_a_kind_takes_and_gives(kind: str, messages: bool, reply: bool) -> None:
    model = Model(name="mine", kind=kind)
    assert (model.takes_messages, model.writes_reply) == (messages, reply)


def test_a_model_retires_on_its_day(registry: Registry) -> None:
    assert register_model(leaving(0)).retired
    assert not register_model(leaving(1)).retired


# ---- weight ------------------------------------------------------------------------------------


def test_importing_tokenkit_does_not_read_the_registry() -> None:
    program = (
        "import sys, tokenkit\n"
        "loaded = [name for name in sys.modules if name.startswith('tokenkit.')]\n"
        "assert 'tokenkit.models.registry' not in loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_records_are_built_only_when_asked_for(registry: Registry) -> None:
    assert not registry._built
    registry.resolve("gpt-4o")
    assert list(registry._built) == ["gpt-4o"]
