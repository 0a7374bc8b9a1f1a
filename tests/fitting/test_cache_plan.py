"""`ContextMeter.cache_plan`: minima, marks and costs beside hand arithmetic and a naive twin."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from chat_strategies import random_chat
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit import CachePlan, ContextMeter, Model

TOOL = {"name": "search", "description": "word " * 700, "input_schema": {"type": "object"}}
MODELS = [
    "gpt-4o",
    "gpt-5.4",
    "gpt-6-sol",
    "claude-opus-5",
    "claude-haiku-4-5",
    "claude-fable-5-2",
    "gemini-2.5-flash",
    "grok-4.7",
    "gpt-4",
]


def meter_of(model: str | Model, *texts: tuple[str, str], tools: Any = None) -> ContextMeter:
    meter = ContextMeter(model, tools=tools)
    for role, text in texts:
        meter.add({"role": role, "content": text})
    return meter


def talk(words: int) -> list[tuple[str, str]]:
    return [
        ("system", "word " * words),
        ("user", "Hello"),
        ("assistant", "Hi."),
        ("user", "Why is the sky blue?"),
    ]


@given(
    st.integers(0, 10_000),
    st.sampled_from(MODELS),
    st.integers(0, 3_000),
    st.integers(1, 30),
    st.booleans(),
    st.booleans(),
)
@examples(120)
def test_a_plan_never_costs_more_and_keeps_to_the_limits(
    seed: int, name: str, words: int, requests: int, tools: bool, long_life: bool
) -> None:
    meter = meter_of(name, ("system", "word " * words), tools=[TOOL] if tools else None)
    for message in random_chat(seed, turns=3, most_words=20):
        meter.add(message)
    plan = meter.cache_plan(requests=requests, long_life=long_life)
    model = tokenkit.get_model(name)
    assert plan.cost_without is not None
    assert plan.cost_with is None or Decimal(0) <= plan.cost_with <= plan.cost_without
    assert 0 <= plan.low <= plan.tokens
    assert plan.high is None or plan.tokens <= plan.high
    assert plan.cached_tokens <= plan.tokens <= meter.tokens
    marks = [mark.tokens for mark in plan.breakpoints]
    assert marks == sorted(set(marks))
    assert len(marks) <= (4 if model.provider == "anthropic" else 3)
    assert all((plan.minimum or 0) <= tokens <= plan.tokens for tokens in marks)
    assert plan.minimum == model.min_cacheable_tokens
    if plan.reaches is False and plan.minimum is not None:
        assert plan.low < plan.minimum
    if plan.reaches:
        assert plan.low >= (plan.minimum or 0)
    # Money, by a naive sum over the requests.
    rates = model.prices["standard"].items()
    price = {rate: Decimal(usd) for rate, usd in rates if isinstance(usd, str)}
    million = Decimal(1_000_000)
    assert plan.cost_without == requests * plan.tokens * price["input"] / million
    if plan.saving:
        write = price.get("cache_write_long" if long_life else "cache_write", price["input"])
        rest = plan.tokens - plan.cached_tokens
        each = rest * price["input"]
        first = each + plan.cached_tokens * write
        later = (requests - 1) * (each + plan.cached_tokens * price["cached_input"])
        assert plan.cost_with == (first + later) / million
        assert plan.saving == plan.cost_without - plan.cost_with
        assert plan.tokens >= (plan.minimum or 0)
    json.dumps(plan.to_dict())
    assert name in plan.report()


def paths(plan: CachePlan) -> list[str]:
    return [mark.path for mark in plan.breakpoints]


def test_marks_of_anthropic() -> None:
    plan = meter_of("claude-opus-5", *talk(2_000), tools=[TOOL, TOOL]).cache_plan(requests=5)
    assert paths(plan) == ["tools[1]", "messages[0]", "messages[2]", "messages[3]"]
    assert plan.cached_tokens == plan.breakpoints[-1].tokens == plan.tokens
    assert (plan.reaches, plan.minimum, plan.automatic) == (True, 512, False)
    # Ends that are too short, or the same, are not marked.
    short = meter_of("claude-opus-5", ("system", "Hi"), ("user", "word " * 900))
    assert paths(short.cache_plan(requests=5)) == ["messages[1]"]
    lone = meter_of("claude-opus-5", ("user", "word " * 900))
    assert paths(lone.cache_plan(requests=5)) == ["messages[0]"]
    all_system = meter_of("claude-opus-5", ("system", "word " * 900))
    assert paths(all_system.cache_plan(requests=5)) == ["messages[0]"]


def test_openai_marks_its_own_end() -> None:
    meter = meter_of("gpt-6-sol", *talk(2_000))
    plan = meter.cache_plan(requests=5)
    assert paths(plan) == ["messages[0]", "messages[2]"]
    assert plan.automatic
    assert plan.cached_tokens == plan.tokens
    # 1.25 times the price for one write, a tenth for each read.
    price = Decimal(2) * plan.tokens / 1_000_000
    assert plan.cost_without == 5 * price
    assert plan.cost_with == price * Decimal("1.25") + 4 * price / 10
    long = meter.cache_plan(requests=5, long_life=True)
    assert long.cost_with == price * Decimal("2.5") + 4 * price / 10


def test_steps_of_128_tokens() -> None:
    for words, cached in ((1_000, 0), (1_200, 1_152), (1_300, 1_280)):
        plan = meter_of("gpt-5.4", ("user", "word " * words)).cache_plan()
        assert (plan.cached_tokens, plan.breakpoints) == (cached, ())
        assert plan.reaches is (plan.tokens >= 1_024)
    for tokens, cached in ((1_023, 0), (1_024, 1_024), (1_151, 1_024)):
        plan = meter_of("gpt-4o", ("user", "word " * (tokens - 5))).cache_plan()
        assert (plan.tokens, plan.cached_tokens, plan.reaches) == (tokens, cached, cached > 0)


def test_a_cache_that_does_not_pay_is_not_used() -> None:
    for name, hint in (("claude-opus-5", False), ("gpt-6-sol", True)):
        plan = meter_of(name, *talk(2_000)).cache_plan(requests=1)
        assert (plan.breakpoints, plan.cached_tokens) == ((), 0)
        assert plan.saving == Decimal(0)
        (note,) = (note for note in plan.notes if "more than it saves" in note)
        assert ("mode': 'explicit'" in note) is hint
        assert "with and without the cache" in plan.report()
    # A write of an hour pays from the second read on.
    meter = meter_of("claude-opus-5", *talk(2_000))
    assert not meter.cache_plan(requests=2, long_life=True).saving
    assert meter.cache_plan(requests=3, long_life=True).saving


def test_what_is_not_known_is_named() -> None:
    unknown = meter_of("claude-fable-5-2", *talk(2_000)).cache_plan(requests=5)
    assert (unknown.minimum, unknown.reaches, unknown.cost_with) == (None, None, None)
    assert unknown.saving is None
    note = "cache: no minimum of cached tokens is published for claude-fable-5-2"
    assert note in unknown.notes
    assert "no minimum is published" in unknown.report()
    assert "with it is not known" in unknown.report()
    unsold = meter_of("gpt-4", *talk(2_000)).cache_plan(requests=5)
    assert (unsold.reaches, unsold.automatic) == (False, False)
    assert unsold.saving == Decimal(0)
    assert "cache: no price of cached tokens is listed for gpt-4" in unsold.notes


def test_a_model_without_prices() -> None:
    ours = Model(name="ours", kind="chat", encoding="o200k_base", context_window=9_000)
    plan = meter_of(ours, ("user", "word " * 2_000)).cache_plan()
    assert (plan.cost_without, plan.cost_with, plan.saving) == (None, None, None)
    assert "no price is listed" in plan.report()
    assert plan.to_dict()["cost_with"] is None


def test_an_estimate_may_reach_the_minimum() -> None:
    plan = meter_of("claude-haiku-4-5", ("user", "word " * 4_000)).cache_plan(requests=9)
    assert not plan.exact
    assert plan.low < 4_096 <= (plan.high or 0)
    assert plan.reaches is None
    assert "may reach the minimum of 4096" in plan.report()


def test_prices_of_a_day() -> None:
    meter = meter_of("o3", ("user", "word " * 2_000))
    then, now = (meter.cache_plan(at=day) for day in ("2025-05-01", "2026-11-29"))
    assert then.cost_without == 5 * (now.cost_without or 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"requests": 0}, "requests: expected at least 1"), ({"at": "soon"}, "at: expected")],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ContextMeter("gpt-4o").cache_plan(**arguments)


def test_the_drift_is_noted() -> None:
    meter = meter_of("gpt-4o", ("user", "word " * 2_000))
    assert not meter.cache_plan().notes
    meter.add({"prompt_tokens": meter.tokens + 7, "completion_tokens": 0})
    (note,) = meter.cache_plan().notes
    assert note.startswith("the API counted +7 tokens beside these")


def test_an_empty_meter_has_an_empty_plan() -> None:
    plan = ContextMeter("claude-opus-5").cache_plan()
    assert (plan.tokens, plan.breakpoints) == (0, ())
    assert plan.cost_without == Decimal(0)
    assert plan.reaches is False
