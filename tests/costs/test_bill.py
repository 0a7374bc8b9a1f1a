"""Costs: exact money, parts inside their wholes, and nothing priced that is not listed."""

import decimal
import inspect
import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cost_strategies import quantities, token_counts
from hypothesis import assume, given, strategies as st
from naive_cost import naive_cost
from search import examples

from tokenkit.costs.bill import cost
from tokenkit.costs.results import Cost
from tokenkit.errors import UnknownModelError
from tokenkit.models import registry as _registry
from tokenkit.models.lookup import get_model
from tokenkit.models.price_fields import long_steps
from tokenkit.models.record import Model
from tokenkit.shapes.canonical import QUANTITIES, Usage

M = 1_000_000
DAY = date(2026, 11, 29)  # a day without an hour: some prices depend on it
MODELS = _registry.new_registry().models()
PRICED = [model for model in MODELS if "input" in model.prices.get("standard", {})]


def items(result: Cost) -> dict[str, str]:
    return {line.item: str(line.amount) for line in result.lines}


# What the vendors' price tables say, as sums a reader can check.
@pytest.mark.parametrize(
    ("model", "arguments", "total"),
    [
        # input, cached input, output
        ("gpt-4o", {"input_tokens": M, "output_tokens": M}, "12.5"),
        ("gpt-4o", {"input_tokens": M, "cached_tokens": M}, "1.25"),
        ("gpt-4o-mini", {"input_tokens": 1000, "output_tokens": 1000}, "0.00075"),
        ("gpt-5-nano", {"input_tokens": 1}, "0.00000005"),
        # reasoning is output
        ("o3", {"output_tokens": M, "reasoning_tokens": 900_000}, "8"),
        # tiers
        ("gpt-5", {"input_tokens": M, "output_tokens": M, "tier": "batch"}, "5.625"),
        ("gpt-5", {"input_tokens": M, "output_tokens": M, "tier": "flex"}, "5.625"),
        ("gpt-5", {"input_tokens": M, "output_tokens": M, "tier": "priority"}, "22.5"),
        ("gpt-5", {"input_tokens": M, "output_tokens": M, "tier": "fast"}, "22.5"),
        ("gpt-5", {"input_tokens": M, "output_tokens": M, "tier": "default"}, "11.25"),
        ("gpt-6.1-sol", {"input_tokens": 100_000, "tier": "ultrafast"}, "1.2"),
        # cache writes, short-lived and long-lived
        ("gpt-6-sol", {"input_tokens": 100_000, "cache_write_tokens": 100_000}, "0.25"),
        (
            "gpt-6-sol",
            {
                "input_tokens": 100_000,
                "cache_write_tokens": 100_000,
                "cache_write_long_tokens": 50_000,
            },
            "0.375",
        ),
        ("claude-opus-5-5", {"input_tokens": M, "cache_write_tokens": M}, "5"),
        # long prompts: at the threshold, and one token over it
        ("gpt-5.5", {"input_tokens": 272_000, "output_tokens": M}, "31.36"),
        ("gpt-5.5", {"input_tokens": 272_001, "output_tokens": M}, "47.72001"),
        (
            "gpt-6.2-sol",
            {"input_tokens": 300_000, "cached_tokens": 200_000, "output_tokens": 1000},
            "0.455",
        ),
        ("gpt-5.5", {"input_tokens": 300_000, "tier": "batch"}, "1.5"),
        # audio tokens
        ("gpt-audio", {"audio_input_tokens": M, "audio_output_tokens": M}, "96"),
        ("gpt-audio", {"input_tokens": M, "audio_input_tokens": 400_000}, "14.3"),
        (
            "gpt-realtime-2.1",
            {
                "input_tokens": 1000,
                "cached_tokens": 600,
                "audio_input_tokens": 800,
                "cached_audio_tokens": 500,
            },
            "0.01024",  # 100 x 4 + 100 x 0.4 + 300 x 32 + 500 x 0.4
        ),
        # images: tokens, and pictures by size
        ("gpt-image-1", {"image_input_tokens": 1000, "image_output_tokens": 1000}, "0.05"),
        ("gpt-image-1", {"images": ["low/1024x1024", (1024, 1024, "high")]}, "0.178"),
        (
            "gpt-image-2",
            {"images": [{"width": 1024, "height": 1024, "quality": "medium", "count": 10}]},
            "0.53",
        ),
        ("dall-e-3", {"images": ["standard/1024x1024", "hd/1024x1792"]}, "0.16"),
        # minutes, seconds, characters, calls
        ("whisper-1", {"audio_seconds": 60}, "0.006"),
        ("whisper-1", {"audio_seconds": 100}, "0.01"),
        ("gpt-live-1", {"audio_seconds": 90.5}, None),
        ("gpt-transcribe", {"audio_seconds": Decimal("12000")}, "0.9"),
        ("sora-2", {"video_seconds": 8}, "0.8"),
        ("tts-1-hd", {"characters": 500_000}, "15"),
        ("gpt-5", {"web_searches": 3}, "0.03"),
        # training: tokens of the file times epochs
        ("gpt-3.5-turbo-1106", {"training_tokens": 635, "epochs": 7}, "0.03556"),
        ("gpt-4.1-nano", {"training_tokens": M, "epochs": 3}, "4.5"),
        ("o4-mini", {"training_hours": 2.5}, "250"),
        # embeddings and moderation
        ("text-embedding-3-small", {"input_tokens": 300_000}, "0.006"),
        ("text-embedding-3-large", {"input_tokens": M, "tier": "batch"}, "0.065"),
        ("omni-moderation-latest", {"input_tokens": 5000}, "0"),
        # fine-tuned models have rates of their own
        ("ft:gpt-4o-mini-2024-07-18:org::id", {"input_tokens": M, "output_tokens": M}, "1.5"),
        # dated prices
        ("o3", {"input_tokens": M, "at": "2025-06-09"}, "10"),
        ("o3", {"input_tokens": M, "at": "2025-06-10"}, "2"),
        ("o3", {"input_tokens": M, "at": datetime(2025, 5, 1, 12)}, "10"),
        ("gpt-5.6-luna", {"input_tokens": M, "output_tokens": M, "at": date(2026, 7, 29)}, "11"),
        (
            "gpt-5.6-luna",
            {"input_tokens": 1000, "output_tokens": M, "at": date(2026, 7, 30)},
            "1.2002",
        ),
        ("gpt-6.2-sol", {"input_tokens": M // 10, "tier": "ultrafast", "at": "2027-02-28"}, "0.6"),
        ("gpt-6.2-sol", {"input_tokens": M // 10, "tier": "ultrafast", "at": "2027-03-01"}, "1.2"),
        # nothing at all
        ("gpt-4o", {}, "0"),
    ],
)
def test_totals(model: Any, arguments: dict[str, Any], total: str | None) -> None:
    result = cost(model, **arguments)
    assert not result.partial, result
    if total is not None:
        assert f"{result.total:f}" == total
        assert str(result) == f"{total} USD"


@pytest.mark.parametrize(
    ("model", "arguments", "missing", "reason"),
    [
        ("gpt-4o", {"input_tokens": 9, "tier": "flex"}, "input", "tier 'flex'"),
        ("gpt-4o", {"input_tokens": 9, "tier": "scale"}, "input", "tier 'scale'"),
        ("gpt-4o", {"audio_input_tokens": 9}, "audio_input", "'audio_input' rate"),
        ("gpt-4o", {"audio_seconds": 9}, "audio_seconds", "'minute' rate"),
        ("gpt-4o", {"characters": 9}, "characters", "'characters' rate"),
        ("gpt-4o", {"input_tokens": 9, "cache_write_tokens": 9}, "cache_write", "'cache_write'"),
        ("gpt-5.5-pro", {"input_tokens": 9, "cached_tokens": 9}, "cached_input", "'cached_input'"),
        ("gpt-5", {"training_tokens": 9}, "training", "'training' rate"),
        ("gpt-4.1", {"training_tokens": 9, "tier": "batch"}, "training", "tier 'batch'"),
        ("gpt-image-1", {"images": [(5, 5)]}, "image 5x5", "listed: "),
        ("gpt-image-1", {"images": ["low/1024x1024"], "tier": "batch"}, "image low/1024x1024", ""),
        ("gpt-image-2", {"output_tokens": 9}, "output", "'output' rate"),
        ("text-embedding-3-small", {"output_tokens": 9}, "output", "'output' rate"),
        ("gpt-6.2-astra-law", {"input_tokens": 9}, "input", "no prices are listed for this model"),
        ("ft:gpt-5.4-mini:org::id", {"input_tokens": 9}, "input", "for this model"),
        ("gemma-3-27b-it", {"input_tokens": 9}, "input", "for this model"),
        # over the threshold, in a tier whose long rates nobody lists
        ("gpt-5.4", {"input_tokens": 272_001, "tier": "priority"}, "input", "over 272000 tokens"),
        ("gpt-5.5-pro", {"input_tokens": 272_001, "tier": "flex"}, "input", "over 272000 tokens"),
        # over the threshold of all models of this window, whose long rates nobody lists
        ("gpt-6-astra-law", {"input_tokens": 272_001}, "input", "over 272000 tokens"),
        # before the tier's rates are known
        ("o3", {"input_tokens": 9, "tier": "batch", "at": "2025-05-01"}, "input", "tier 'batch'"),
    ],
)
def test_what_is_not_listed_is_unpriced(
    model: Any, arguments: dict[str, Any], missing: str, reason: str
) -> None:
    result = cost(model, **arguments)
    assert [line.item for line in result.unpriced] == [missing]
    line = result.unpriced[0]
    assert line.price is None
    assert line.amount is None
    assert reason in line.reason
    assert result.partial
    assert result.total == 0
    assert "partial, unpriced" in str(result)


def test_priced_and_unpriced_stand_side_by_side() -> None:
    result = cost("gpt-4o", input_tokens=1000, cache_write_tokens=400, output_tokens=10)
    assert items(result) == {"input": "0.0015", "output": "0.0001"}
    assert [line.item for line in result.unpriced] == ["cache_write"]
    assert str(result).startswith("0.0016 USD (partial, unpriced: 400 cache_write: ")


def test_lines_say_what_was_paid_for() -> None:
    result = cost(
        "gpt-6-sol", input_tokens=100, cached_tokens=30, output_tokens=20, reasoning_tokens=15
    )
    rows = [(line.item, int(line.quantity), str(line.price), line.unit) for line in result.lines]
    assert rows == [
        ("input", 70, "2", "1M tokens"),
        ("cached_input", 30, "0.2", "1M tokens"),
        ("output", 5, "10", "1M tokens"),
        ("reasoning", 15, "10", "1M tokens"),
    ]


def test_as_of_and_verified_on() -> None:
    result = cost("o3", at="2025-05-01")
    assert result.as_of == date(2025, 5, 1)
    assert result.verified_on == date(2026, 11, 22)
    assert cost("o3").as_of == date.today()


def test_prices_of_days_nobody_recorded_are_noted() -> None:
    noted = cost("gpt-4o", input_tokens=1, at="2024-06-01").notes
    assert any("no prices of 2024-06-01 are known" in note for note in noted)
    assert not any("no prices" in note for note in cost("o3", at="2025-07-01").notes)
    assert not any("no prices" in note for note in cost("gpt-4o").notes)


def test_doubtful_prices_are_noted() -> None:
    assert any("third-party" in note for note in cost("gpt-oss-120b").notes)
    assert any("promotional" in note for note in cost("gpt-5.6-sol").notes)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            {"input_tokens": 5, "cached_tokens": 6},
            "input_tokens: expected a whole that holds its parts, cached_tokens 6, got 5",
        ),
        (
            {"cached_tokens": 1},
            "input_tokens: expected a whole that holds its parts, cached_tokens 1, got 0",
        ),
        (
            {"input_tokens": 5, "cached_tokens": 3, "cache_write_tokens": 3},
            "cached_tokens 3 + cache_write_tokens 3, got 5",
        ),
        ({"input_tokens": 5, "audio_input_tokens": 6}, "audio_input_tokens 6, got 5"),
        (
            {"output_tokens": 5, "reasoning_tokens": 6},
            "output_tokens: expected a whole that holds its parts, reasoning_tokens 6, got 5",
        ),
        (
            {"output_tokens": 5, "reasoning_tokens": 3, "audio_output_tokens": 3},
            "reasoning_tokens 3 + audio_output_tokens 3, got 5",
        ),
        (
            {"input_tokens": 9, "cache_write_tokens": 1, "cache_write_long_tokens": 2},
            "cache_write_tokens: expected a whole that holds its parts, "
            "cache_write_long_tokens 2, got 1",
        ),
        (
            {"input_tokens": 9, "cached_tokens": 2, "cached_audio_tokens": 1},
            "audio_input_tokens: expected a whole that holds its parts, "
            "cached_audio_tokens 1, got 0",
        ),
        (
            {
                "input_tokens": 9,
                "audio_input_tokens": 9,
                "cached_tokens": 1,
                "cached_audio_tokens": 2,
            },
            "cached_tokens: expected a whole that holds its parts, cached_audio_tokens 2, got 1",
        ),
        ({"input_tokens": -1}, "input_tokens: expected at least 0, got -1"),
        ({"audio_seconds": -0.5}, "audio_seconds: expected a number of 0 or more"),
        ({"audio_seconds": float("nan")}, "audio_seconds: expected a number of 0 or more"),
        ({"epochs": 0}, "epochs: expected at least 1, got 0"),
        ({"tier": "gold"}, "tier: expected one of standard, batch"),
        ({"tier": "auto"}, "'auto' asks for a tier"),
        ({"at": "yesterday"}, "at: expected a date"),
        ({"images": ["big"]}, "images: expected QUALITY/WIDTHxHEIGHT"),
        ({"images": [{"width": 9, "height": 9, "qualty": "high"}]}, "and detail one, got 'qualty'"),
        (
            {"images": [{"width": 9, "height": 9, "quality": "", "detail": ""}]},
            "and detail one, got both",
        ),
        ({"images": [(1, 2, 3, 4)]}, "images: expected (width, height)"),
    ],
)
def test_wrong_values(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        cost("gpt-4o", **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"input_tokens": 1.0},
        {"input_tokens": True},
        {"audio_seconds": "9"},
        {"tier": 3},
        {"images": [(1.5, 2)]},
    ],
)
def test_wrong_types(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        cost("gpt-4o", **arguments)


def test_unknown_model() -> None:
    with pytest.raises(UnknownModelError):
        cost("gpt-9", input_tokens=1)


def test_pictures_sent_to_a_model_count_as_input_tokens() -> None:
    result = cost("gpt-4o", input_tokens=1000, images=[(1024, 1024, "high"), (1024, 1024, "low")])
    assert items(result) == {"input": "0.0025", "image_input": str(Decimal(765 + 85) * 250 / 10**8)}


def test_as_many_pictures_are_paid_for_as_there_are() -> None:
    picture = {"width": 1024, "height": 1024}
    three = cost("gpt-4o", images=[picture | {"count": 3}])
    assert three.total == 3 * cost("gpt-4o", images=[picture]).total
    assert three == cost("gpt-4o", images=[picture] * 3)


def test_an_assumed_image_rule_is_noted() -> None:
    assert any(
        "no image rule is published" in n for n in cost("gpt-6.1-sol", images=[(9, 9)]).notes
    )
    assert not any("image rule" in n for n in cost("gpt-5.5", images=[(9, 9)]).notes)


def test_pictures_sent_to_a_model_that_takes_none() -> None:
    result = cost("o3-mini", input_tokens=10, images=[(1024, 1024)])
    assert [line.item for line in result.unpriced] == ["images"]


def test_a_model_of_ones_own() -> None:
    model = Model(
        name="mine",
        kind="chat",
        context_window=100,
        prices={"standard": {"input": "3", "long": {"above": 10, "input": "6"}}, "night": {}},
    )
    assert cost(model, input_tokens=10).total == Decimal("0.00003")
    assert cost(model, input_tokens=11).total == Decimal("0.000066")
    assert cost(model, input_tokens=1, tier="night").partial


def test_the_callers_decimal_context_does_not_matter() -> None:
    with decimal.localcontext() as context:
        context.prec = 2
        assert str(cost("gpt-4o", input_tokens=123_456_789).total) == "308.6419725"


# ---- properties --------------------------------------------------------------------------------


@given(st.sampled_from(PRICED), token_counts())
def test_every_token_is_on_exactly_one_line(model: Any, counts: dict[str, Any]) -> None:
    result = cost(model, **counts)
    lines = [*result.lines, *result.unpriced]
    tokens = sum(int(line.quantity) for line in lines)
    assert tokens == counts["input_tokens"] + counts["output_tokens"]
    assert len({line.item for line in lines}) == len(lines)
    assert result.total == sum((line.amount or Decimal(0) for line in result.lines), Decimal(0))
    assert result.total >= 0


@given(st.sampled_from(PRICED), token_counts(), st.sampled_from(["batch", "flex", "priority"]))
def test_a_tier_never_borrows_the_rates_of_another(
    model: Any, counts: dict[str, Any], tier: str
) -> None:
    result = cost(model, **counts, tier=tier, at=DAY)
    if tier not in model.prices:
        assert not result.lines
        assert result.total == 0
    for line in result.lines:
        rates = model.prices_on(DAY)[tier]
        known = [*rates.values(), *(usd for step in long_steps(rates) for usd in step.values())]
        assert str(line.price) in known


@given(st.sampled_from(PRICED), st.integers(0, 200_000), st.integers(0, 200_000))
def test_splitting_a_short_prompt_does_not_change_the_price(
    model: Any, first: int, second: int
) -> None:
    steps = [step["above"] for rates in model.prices.values() for step in long_steps(rates)]
    assume(not steps or first + second <= min(steps))
    together = cost(model, input_tokens=first + second, at=DAY).total
    apart = [cost(model, input_tokens=tokens, at=DAY).total for tokens in (first, second)]
    assert together == sum(apart)


@given(st.sampled_from(PRICED), token_counts(), st.integers(1, M))
def test_more_reply_never_costs_less(model: Any, counts: dict[str, Any], more: int) -> None:
    longer = counts | {"output_tokens": counts["output_tokens"] + more}
    assert cost(model, **longer, at=DAY).total >= cost(model, **counts, at=DAY).total


DAYS = st.sampled_from(["2025-05-01", "2026-01-15", "2026-11-23", "2026-12-15", "2027-06-01"])
TIER = st.sampled_from(["standard", "batch", "flex", "priority", "fast", "default", "ultrafast"])


@examples(300)
@given(st.sampled_from([model for model in MODELS if model.prices]), quantities(), TIER, DAYS)
def test_cost_is_what_its_slow_twin_says(
    model: Any, used: dict[str, Any], tier: str, day: str
) -> None:
    result = cost(model, **used, tier=tier, at=day)
    total, missing = naive_cost(model.to_record(), used, tier, day)
    assert {line.item for line in result.unpriced} == missing
    # The same to the 50th digit: a third of a minute has no last one.
    assert abs(Fraction(result.total) - total) <= total / 10**50
    assert result.partial == bool(missing)


@given(quantities())
def test_a_usage_is_the_same_as_its_quantities_by_name(used: dict[str, Any]) -> None:
    assert cost("gpt-5.5", Usage(**used), tier="flex") == cost("gpt-5.5", **used, tier="flex")


def test_cost_takes_every_quantity_of_usage_by_name() -> None:
    parameters = inspect.signature(cost).parameters
    names = [name for name in parameters if name not in ("model", "usage", "tier", "at")]
    assert {name: parameters[name].default for name in names} == dict(QUANTITIES)


def test_quantities_are_said_once() -> None:
    with pytest.raises(ValueError, match="got both; output_tokens can be set with"):
        cost("gpt-4o", Usage(input_tokens=5), output_tokens=3)
    with pytest.raises(TypeError, match=r"usage: expected a tokenkit\.Usage, got dict"):
        cost("gpt-4o", {"input_tokens": 5})  # type: ignore[arg-type]


def test_integers_of_other_libraries() -> None:
    numpy = pytest.importorskip("numpy")
    counted = numpy.array([600, 400]).sum()
    assert cost("gpt-4o", input_tokens=counted, web_searches=numpy.uint8(0)).total == Decimal(
        "0.0025"
    )
    assert cost("whisper-1", audio_seconds=numpy.float64(90)).total == Decimal("0.009")


def test_get_model_is_what_cost_takes() -> None:
    model = get_model("gpt-5.2")
    assert cost(model, input_tokens=5) == cost("gpt-5.2", input_tokens=5)


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-4.1-mini", "gpt-4o-mini"])
def test_a_note_on_a_rate_stands_with_its_line(model: str) -> None:
    searched = cost(model, input_tokens=10, web_searches=2)
    assert any(
        note.startswith("web_search: the rate of the preview's tool") for note in searched.notes
    )
    assert not any("web_search" in note for note in cost(model, input_tokens=10).notes)
