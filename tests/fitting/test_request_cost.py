"""The prefix of a request that Anthropic's cache holds, and the bounds of what it costs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tokenkit import Preflight, cost, preflight

MODEL = "claude-sonnet-5"
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
TOOL = {"name": "look_up", "input_schema": {"type": "object"}}


def text(words: int, mark: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": "word " * words, **mark}]


def checked(
    tool: dict[str, Any], system: dict[str, Any], message: dict[str, Any], end: dict[str, Any]
) -> Preflight:
    """A request with these marks, the last of them for all of it."""
    return preflight(
        {
            "model": MODEL,
            "max_tokens": 9,
            "tools": [{**TOOL, **tool}],
            "system": text(101, system),
            "messages": [
                {"role": "user", "content": text(203, message)},
                {"role": "user", "content": text(307, {})},
            ],
            **end,
        }
    )


def prefix_of(check: Preflight, parts: int) -> int:
    """The tokens of what is before the messages, and of so many of these."""
    around = [part.tokens for part in check.parts if not part.in_message]
    own = [part.tokens for part in check.parts if part.in_message and (part.index or 0) < parts]
    return min(sum(around) + sum(own), check.tokens)


@pytest.mark.parametrize(
    ("marks", "parts"),
    [
        ((MARK, {}, {}, {}), 0),
        ((MARK, MARK, {}, {}), 1),
        (({}, MARK, MARK, {}), 2),
        (({}, {}, MARK, {}), 2),
        (({}, MARK, {}, MARK), 3),
    ],
)
def test_the_prefix_ends_with_the_last_mark(marks: Any, parts: int) -> None:
    check = checked(*marks)
    prefix = prefix_of(check, parts)
    assert check.high is not None
    read, written = (math.ceil(prefix * n / check.tokens) for n in (check.low, check.high))
    least = cost(MODEL, input_tokens=check.low, cached_tokens=read)
    most = cost(MODEL, input_tokens=check.high, cache_write_tokens=written, output_tokens=9)
    assert (check.cost_low, check.cost_high) == (least.total, most.total)


def test_one_mark_of_an_hour_makes_the_most_that_of_an_hour() -> None:
    hours = [checked({}, first, second, {}) for first in (MARK, HOUR) for second in (MARK, HOUR)]
    short, *long = [check.cost_high for check in hours]
    assert len(set(long)) == 1
    assert short is not None
    assert long[0] is not None
    assert short < long[0]
