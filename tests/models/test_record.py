"""Show what a record may hold, how a wrong one is refused, and what follows from its fields."""

import copy
import dataclasses
import json
import pickle
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tokenkit.errors import ModelDataError
from tokenkit.models.lookup import get_model, register_model
from tokenkit.models.record import Model, model_from_record
from tokenkit.models.registry import Registry

SMALL = {"name": "mine", "kind": "chat", "encoding": "o200k_base", "context_window": 5000}


def leaving(days: int) -> dict[str, Any]:
    return SMALL | {"retires_on": (date.today() + timedelta(days=days)).isoformat()}


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
        (
            {"prices": {"standard": {"long": [{"above": 9, "input": "1"}] * 2}}},
            "field 'prices.standard.long': expected steps in the order of their `above`",
        ),
        ({"prices": {"standard": 3}}, "field 'prices.standard': expected a table"),
        (
            {"price_periods": [{"from": "2026-11-02", "to": "2026-11-01", "prices": {}}]},
            "field 'price_periods[0].to': expected a day on or after 2026-11-02",
        ),
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


def test_prices_may_hold_for_a_day(registry: Registry) -> None:
    period = {"from": "2026-11-01", "to": "2026-11-01", "prices": {"standard": {"input": "1"}}}
    model = register_model(SMALL | {"price_periods": [period]})
    assert model.prices_on(date(2026, 11, 1))["standard"]["input"] == "1"
    assert "standard" not in model.prices_on(date(2026, 11, 2))


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


def test_a_moment_is_its_day(registry: Registry) -> None:
    moment = datetime(2026, 1, 2, 23, 59)  # as TOML writes one
    model = register_model(SMALL | {"retires_on": moment, "verified_on": moment})
    assert model.to_record()["retires_on"] == "2026-01-02"
    assert model.retired
    assert str(model.verified_on) == "2026-01-02"


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
