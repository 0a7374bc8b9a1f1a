"""Usage objects of the APIs, read into costs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cost_strategies import token_counts
from hypothesis import given

from tokenkit.costs.bill import cost, cost_from_usage

M = 1_000_000

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
