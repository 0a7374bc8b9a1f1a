"""Usage objects of the APIs, read into costs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from cost_strategies import token_counts
from hypothesis import given
from usage_samples import SAMPLES, Sample

from tokenkit.costs.bill import cost
from tokenkit.costs.from_usage import CostTracker, cost_from_usage
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model
from tokenkit.shapes.reading import read_usage

M = 1_000_000
TODAY = datetime.now().astimezone().date()

CHAT = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 300,
        "audio_tokens": 0,
        "rejected_prediction_tokens": 20,
    },
}
RESPONSES = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 100},
    "output_tokens": 500,
    "output_tokens_details": {"reasoning_tokens": 300},
    "total_tokens": 1500,
}


def as_object(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: as_object(item) for key, item in value.items()})
    return value


@pytest.mark.parametrize("shape", [dict, as_object])
@pytest.mark.parametrize(
    ("usage", "model", "expected"),
    [
        (CHAT, "gpt-5", {"input": 600, "cached_input": 400, "output": 200, "reasoning": 300}),
        (
            RESPONSES,
            "gpt-6-sol",
            {
                "input": 500,
                "cached_input": 400,
                "cache_write": 100,
                "output": 200,
                "reasoning": 300,
            },
        ),
        ({"prompt_tokens": 8, "total_tokens": 8}, "text-embedding-3-small", {"input": 8}),
        (
            {"prompt_tokens": 10, "completion_tokens": None, "prompt_tokens_details": None},
            "gpt-4o",
            {"input": 10},
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "prompt_tokens_details": {"audio_tokens": 80},
                "completion_tokens_details": {"audio_tokens": 40},
            },
            "gpt-audio",
            {"input": 20, "audio_input": 80, "output": 10, "audio_output": 40},
        ),
        (
            {
                "input_tokens": 50,
                "output_tokens": 1056,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
            },
            "gpt-image-1",
            {"input": 10, "image_input": 40, "image_output": 1056},
        ),
        (
            {
                "input_tokens": 100,
                "output_tokens": 30,
                "input_token_details": {
                    "audio_tokens": 70,
                    "cached_tokens": 60,
                    "cached_tokens_details": {"text_tokens": 10, "audio_tokens": 50},
                },
                "output_token_details": {"audio_tokens": 20},
            },
            "gpt-realtime-2.1",
            {
                "input": 20,
                "cached_input": 10,
                "cached_audio_input": 50,
                "audio_input": 20,
                "output": 10,
                "audio_output": 20,
            },
        ),
        (
            {
                "input_tokens": 10,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 300,
                "cache_creation": {"ephemeral_1h_input_tokens": 100},
                "output_tokens": 5,
            },
            "claude-opus-5-5",
            {
                "input": 10,
                "cached_input": 1000,
                "cache_write": 200,
                "cache_write_long": 100,
                "output": 5,
            },
        ),
    ],
)
def test_usage(usage: Any, model: Any, expected: dict[str, int], shape: Any) -> None:
    result = cost_from_usage(shape(usage), model)
    assert not result.partial, result
    assert {line.item: int(line.quantity) for line in result.lines} == expected


def test_usage_by_duration() -> None:
    assert str(cost_from_usage({"type": "duration", "seconds": 90}, "whisper-1")) == "0.009 USD"


def test_a_whole_response_names_its_tier() -> None:
    response = {"service_tier": "priority", "usage": CHAT}
    result = cost_from_usage(response, "gpt-5")
    assert result.tier == "priority"
    assert not result.partial
    assert cost_from_usage(response, "gpt-5", tier="batch").tier == "batch"
    assert cost_from_usage(CHAT, "gpt-5").tier == "standard"


def test_usage_reaches_dated_prices() -> None:
    assert cost_from_usage({"prompt_tokens": M}, "o3", at="2025-05-01").total == 10


@pytest.mark.parametrize("usage", [{}, None, "1000 tokens", {"tokens": 5}, [1, 2]])
def test_usage_without_counts(usage: Any) -> None:
    with pytest.raises(ValueError, match="no token counts in this usage object"):
        cost_from_usage(usage, "gpt-4o")


def test_usage_that_contradicts_itself() -> None:
    with pytest.raises(
        ValueError,
        match="input_tokens: expected a whole that holds its parts, cached_tokens 9, got 5",
    ):
        cost_from_usage(
            {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}, "gpt-4o"
        )


@given(token_counts())
def test_usage_and_cost_agree(counts: dict[str, Any]) -> None:
    usage = {
        "input_tokens": counts["input_tokens"],
        "output_tokens": counts["output_tokens"],
        "input_tokens_details": {
            "cached_tokens": counts["cached_tokens"],
            "cache_write_tokens": counts["cache_write_tokens"],
        },
        "output_tokens_details": {"reasoning_tokens": counts["reasoning_tokens"]},
    }
    plain = counts | {"cache_write_long_tokens": 0}
    assert cost_from_usage(usage, "gpt-6-sol") == cost("gpt-6-sol", **plain)


# ---- shapes of others, priced by hand ----------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_samples_are_priced_as_their_quantities_are(sample: Sample) -> None:
    result = cost_from_usage(sample.value, sample.model)
    record = get_model(sample.model or read_usage(sample.value).model or "")
    expected = cost(record, sample.usage, tier=sample.tier)
    assert result.total == expected.total
    assert result.unpriced == expected.unpriced
    assert result.tier == sample.tier


MINE = Model(
    name="mine",
    kind="chat",
    context_window=10**6,
    prices={
        "standard": {
            "input": "2",
            "cached_input": "0.5",
            "cache_write": "3",
            "cache_write_long": "4",
            "output": "10",
            "web_search": "10",
            "long": {"above": 1000, "input": "4", "cached_input": "1", "output": "15"},
        },
        "batch": {"input": "1", "output": "5"},
    },
    price_regions={"us": "1.1"},
)


@pytest.mark.parametrize(
    ("usage", "millionths"),
    [
        # the whole, and Anthropic's names side by side: 9 x 2 + 91 x 0.5 + 10 x 10
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 10,
                "prompt_tokens_details": {"cached_tokens": 91},
                "cache_read_input_tokens": 91,
                "cache_creation_input_tokens": 0,
            },
            "163.5",
        ),
        # Anthropic's own: 9 x 2 + 91 x 0.5 + 20 x 3 + 30 x 4 + 10 x 10
        (
            {
                "input_tokens": 9,
                "cache_read_input_tokens": 91,
                "cache_creation_input_tokens": 50,
                "cache_creation": {"ephemeral_1h_input_tokens": 30},
                "output_tokens": 10,
            },
            "343.5",
        ),
        # writes of twelve hours: 10 x 2 + 90 x 4
        (
            {
                "input_tokens": 100,
                "output_tokens": 0,
                "input_tokens_details": {
                    "cached_tokens": 0,
                    "cache_write_tokens": 90,
                    "cache_write_tokens_details": {"ttl_12h_tokens": 90, "ttl_30m_tokens": 0},
                },
            },
            "380",
        ),
        # three searches at 10 USD per 1,000, which is 10,000 millionths each
        (
            {
                "input_tokens": 0,
                "output_tokens": 0,
                "server_tool_use": {"web_search_requests": 3},
            },
            "30000",
        ),
        # inference in the US: 1.1 x (100 x 2)
        ({"input_tokens": 100, "output_tokens": 0, "inference_geo": "us"}, "220"),
        # but a search is not inference
        (
            {
                "input_tokens": 100,
                "output_tokens": 0,
                "inference_geo": "us",
                "server_tool_use": {"web_search_requests": 3},
            },
            "30220",
        ),
        # over the threshold: 1,001 x 4
        ({"prompt_tokens": 1001, "completion_tokens": 0}, "4004"),
        # the same number of tokens in two requests: 1,001 x 2
        ({"input_tokens": 1001, "output_tokens": 0, "num_model_requests": 2}, "2002"),
    ],
)
def test_sums_by_hand(usage: Any, millionths: str) -> None:
    result = cost_from_usage(usage, MINE)
    assert not result.partial, result
    assert result.total * M == Decimal(millionths)


def test_many_prompts_of_which_some_must_be_long() -> None:
    usage = {"input_tokens": 5000, "output_tokens": 0, "num_model_requests": 2}
    result = cost_from_usage(usage, MINE)
    assert [line.item for line in result.unpriced] == ["long_prompts"]
    none = cost_from_usage(usage | {"input_tokens": 2000}, MINE)
    assert not none.partial
    assert "the sum of 2 requests: none is taken as over 1000 tokens" in none.notes


def test_a_region_without_a_price_makes_the_cost_partial() -> None:
    usage = {"input_tokens": 100, "output_tokens": 0, "inference_geo": "eu"}
    result = cost_from_usage(usage, MINE)
    assert [line.item for line in result.unpriced] == ["inference_geo"]
    usage["inference_geo"] = "global"
    assert not cost_from_usage(usage, MINE).partial


def test_a_key_that_nobody_knows_makes_the_cost_partial() -> None:
    result = cost_from_usage({"prompt_tokens": 100, "holographic_tokens": 9}, MINE)
    assert result.partial
    assert str(result).endswith("unpriced: 9 holographic_tokens: this key is not known)")
    assert "holographic_tokens: this key is not known, so the cost is partial" in result.notes


def test_the_response_names_its_model() -> None:
    response = {"model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens": 1000}}
    assert cost_from_usage(response).total == Decimal("0.0025")
    with pytest.raises(ValueError, match="model: the usage names none"):
        cost_from_usage({"prompt_tokens": 1000})


def test_auto_is_what_the_response_says() -> None:
    response = {"model": "gpt-5", "service_tier": "flex", "usage": {"prompt_tokens": 1000}}
    assert cost_from_usage(response, tier="auto").tier == "flex"
    assert cost_from_usage({"prompt_tokens": 1000}, "gpt-5", tier="auto").tier == "standard"


def test_a_tier_of_the_response_that_nobody_lists_is_unpriced() -> None:
    response = {"model": "gpt-5", "service_tier": "reserved", "usage": {"prompt_tokens": 1000}}
    result = cost_from_usage(response)
    assert result.tier == "reserved"
    assert result.unpriced[0].reason == "no prices are listed for tier 'reserved'"
    with pytest.raises(ValueError, match="tier: expected one of standard"):
        cost_from_usage(response, tier="reserved")


def test_searches_can_be_said() -> None:
    usage = {"input_tokens": 0, "output_tokens": 0, "server_tool_use": {"web_search_requests": 3}}
    assert cost_from_usage(usage, MINE, web_searches=1).total == Decimal("0.01")
    assert cost_from_usage({"prompt_tokens": 0}, MINE, web_searches=2).total == Decimal("0.02")


def test_totals_alone_are_enough_for_embeddings_only() -> None:
    assert cost_from_usage({"total_tokens": M}, "text-embedding-3-small").total == Decimal("0.02")
    with pytest.raises(ValueError, match="total_tokens 8 alone does not tell input and output"):
        cost_from_usage({"total_tokens": 8}, "gpt-4o")


def test_what_the_sender_charged_is_noted() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 0, "cost": 0.95}
    response = {"model": "gpt-4o", "provider": "OpenAI", "usage": usage}
    result = cost_from_usage(response)
    assert result.total == Decimal("0.0025")
    assert "the sender says that it charged 0.95 USD" in result.notes
    assert any("served by openrouter" in note for note in result.notes)


# ---- days --------------------------------------------------------------------------------------


def test_a_response_is_priced_on_its_own_day() -> None:
    old = {"model": "o3", "created": 1_748_000_000, "usage": {"prompt_tokens": M}}  # 2025-05-23
    result = cost_from_usage(old)
    assert (result.total, result.as_of) == (Decimal(10), date(2025, 5, 23))
    note = "prices: those of 2025-05-23 11:33 UTC, when the response was made"
    assert any(text.startswith(note) for text in result.notes)
    assert cost_from_usage(old, at="2025-06-10").total == 2
    assert not any("when the response was made" in n for n in cost_from_usage(old, at=TODAY).notes)
    assert cost_from_usage({"prompt_tokens": M}, "o3").as_of == TODAY


@pytest.mark.parametrize(
    ("hour", "usd"), [("02:00:00.123456789Z", 2), ("12:00:00Z", 1), ("10:00:00+08:00", 2)]
)
def test_a_response_is_priced_at_its_own_hour(hour: str, usd: int) -> None:
    hours = {"zone": "UTC", "hours": ["01:00-04:00"], "otherwise": {"standard": {"input": 1}}}
    model = Model(name="m", kind="chat", prices={"standard": {"input": 2}}, price_hours=hours)
    usage = {"prompt_eval_count": M, "created_at": f"2026-11-27T{hour}"}
    assert cost_from_usage(usage, model).total == usd
    # The hour at which a bucket of an export begins is not that of its requests.
    row = {"object": "organization.usage.completions.result", "input_tokens": M, "start_time": 0}
    assert cost_from_usage(row, model).total == 2


def test_rows_of_a_report_are_long_or_short_prompts() -> None:
    steps = {"input": 1, "output": 2, "long": {"above": 200_000, "input": 3, "output": 4}}
    model = Model(name="m", kind="chat", prices={"standard": steps})
    row = {"uncached_input_tokens": M, "output_tokens": M}
    for window, usd in (("0-200k", 3), ("200k-1M", 7)):
        result = cost_from_usage({**row, "context_window": window}, model)
        assert (result.total, result.partial) == (Decimal(usd), False)
    unknown = cost_from_usage(row, model)
    assert (unknown.total, [line.item for line in unknown.unpriced]) == (
        Decimal(3),
        ["long_prompts"],
    )


def test_tracker() -> None:
    tracker = CostTracker()
    for model, tokens in (("gpt-4o", 1000), ("gpt-5", 1000), ("gpt-4o", 3000)):
        tracker.add({"model": model, "usage": {"prompt_tokens": tokens}})
    with pytest.raises(ValueError, match="no token counts"):
        tracker.add({"model": "gpt-4o", "usage": None})
    assert tracker.total == Decimal("0.01125")
    assert tracker.by_model == {"gpt-4o": Decimal("0.01"), "gpt-5": Decimal("0.00125")}
    assert not tracker.partial
    tracker.add({"prompt_tokens": 1, "zq": 1}, "gpt-4o")
    assert tracker.partial
    assert len(tracker.costs) == 4


def test_usage_that_holds_itself_or_is_nested_too_deep_is_refused() -> None:
    ring: list[Any] = []
    ring += [ring, ring]
    deep: Any = {}
    for _ in range(5_000):
        deep = [deep]
    deeper: Any = {}
    for _ in range(5_000):
        deeper = {"a": deeper}
    for document in (ring, deep, deeper, {"prompt_tokens": deeper}):
        with pytest.raises((TypeError, ValueError), match="expected"):
            cost_from_usage(document, "gpt-4o")


BATCH = {
    "object": "batch",
    "model": "gpt-5.5",
    "usage": {"input_tokens": 1_000_000, "output_tokens": 0, "total_tokens": 1_000_000},
}
STEPS = {
    "finishReason": "stop",
    "usage": {"inputTokens": 200_000, "outputTokens": 0},
    "totalUsage": {"inputTokens": 400_000, "outputTokens": 0},
}


@pytest.mark.parametrize(
    ("usage", "usd", "partial"),
    [
        ({**BATCH, "request_counts": {"total": 9, "completed": 8, "failed": 1}}, "2.5", False),
        ({**BATCH, "request_counts": {"total": 3, "completed": 3, "failed": 0}}, "2.5", True),
        (BATCH, "2.5", True),
        ({**STEPS, "steps": [{}, {}]}, "2", False),
        ({**STEPS, "steps": [{}]}, "4", False),
        (STEPS, "2", True),
    ],
)
def test_a_sum_of_requests_is_not_one_long_prompt(
    usage: dict[str, Any], usd: str, partial: bool
) -> None:
    result = cost_from_usage(usage, "gpt-5.5")
    assert (result.total, result.partial) == (Decimal(usd), partial)
