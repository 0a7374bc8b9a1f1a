"""Usage objects of many systems, damaged: priced or refused, and unknown keys are named."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import tokenkit

from .driver import Driver, expect
from .mutations import damaged_json, hostile, unknown_key

__all__ = ["DRIVER"]

_OPENAI = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 300, "rejected_prediction_tokens": 20},
}
_RESPONSES = {
    "input_tokens": 900,
    "input_tokens_details": {"cached_tokens": 100},
    "output_tokens": 70,
    "output_tokens_details": {"reasoning_tokens": 30},
    "total_tokens": 970,
}
_ANTHROPIC = {
    "input_tokens": 20,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 4000,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
    "output_tokens": 50,
    "server_tool_use": {"web_search_requests": 2},
    "service_tier": "standard",
}
_GEMINI = {
    "promptTokenCount": 800,
    "candidatesTokenCount": 90,
    "thoughtsTokenCount": 40,
    "cachedContentTokenCount": 200,
    "totalTokenCount": 930,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 800}],
}
_BEDROCK = {"inputTokens": 30, "outputTokens": 4, "totalTokens": 34, "cacheReadInputTokens": 9}

# (the object, where unknown keys count, the model to price it with)
SAMPLES: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    (_OPENAI, (), "gpt-5"),
    (_OPENAI, ("prompt_tokens_details",), "gpt-5"),
    (_RESPONSES, (), "gpt-5"),
    (_RESPONSES, ("output_tokens_details",), "gpt-5"),
    (_ANTHROPIC, (), "claude-sonnet-4-5"),
    (_ANTHROPIC, ("cache_creation",), "claude-sonnet-4-5"),
    (_GEMINI, (), "gemini-2.5-pro"),
    (_BEDROCK, (), "claude-sonnet-4-5"),
    ({"model": "gpt-5", "object": "chat.completion", "usage": _OPENAI}, ("usage",), "gpt-5"),
    ({"model": "gpt-5", "object": "response", "usage": _RESPONSES}, ("usage",), "gpt-5"),
]


def priced(usage: object, model: str) -> tokenkit.Cost | None:
    """Return what it costs, None if it is refused in words."""
    try:
        return tokenkit.cost_from_usage(usage, model)
    except (ValueError, TypeError, tokenkit.TokenkitError) as error:
        expect(str(error), "an error without words", usage)
        return None


def check(cost: tokenkit.Cost, usage: object) -> None:
    """Check what holds for every cost."""
    expect(cost.total.is_finite() and cost.total >= 0, "no sum of money", usage, cost)
    json.dumps(cost.to_dict(), allow_nan=False)
    amounts = sum(Fraction(line.amount or 0) for line in cost.lines)
    # Sums have 60 digits, which only numbers of no sense need.
    off = abs(amounts - Fraction(cost.total))
    expect(off <= amounts / 10**55, "lines that do not add up", usage, cost)
    expect(cost.partial == bool(cost.unpriced), "partial without a reason", usage, cost)


def attempt(rng: random.Random, folder: Path) -> None:
    sample, path, model = rng.choice(SAMPLES)
    usage = copy.deepcopy(sample)
    if rng.random() < 0.3:
        inner: Any = usage
        for key in path:
            inner = inner[key]
        key = unknown_key(rng)
        inner[key] = rng.choice((1, 7.5, "x", {"tokens": 3}, [1], True))
        cost = priced(usage, model)
        if cost is not None:
            check(cost, usage)
            named = any(key.split("\x1b")[0] in note for note in cost.notes)
            expect(cost.partial and named, "an unknown key that is not named", usage, cost)
        return
    usage = hostile(rng) if rng.random() < 0.02 else damaged_json(rng, usage)
    before = copy.deepcopy(usage)
    cost = priced(usage, model)
    expect(repr(usage) == repr(before), "the object was changed", before, usage)
    if cost is not None:
        check(cost, usage)


DRIVER = Driver("usages", "usage objects are priced or refused, and unknown keys named", attempt)
