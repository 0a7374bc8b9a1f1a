"""Shortened tool results: a level for all, and no token of room that is left unused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.chat.counting import count_messages
from tokenkit.chat.memo import counts_for
from tokenkit.chat.request import request_rule
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.result import Fit
from tokenkit.fitting.shrink import LEAST, MARKER, Shrinker, level
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model


def loop(*results: str) -> list[dict[str, Any]]:
    """A user message and one tool call for each result."""
    chat: list[dict[str, Any]] = [{"role": "user", "content": "Go on."}]
    for number, text in enumerate(results):
        call = {"id": f"c{number}", "function": {"name": "read", "arguments": "{}"}}
        chat.append({"role": "assistant", "content": None, "tool_calls": [call]})
        chat.append({"role": "tool", "tool_call_id": f"c{number}", "content": text})
    return chat


def fit_into(chat: list[dict[str, Any]], limit: int) -> Fit:
    small = Model(name="m", kind="chat", encoding="o200k_base", context_window=limit)
    return fit(chat, small, min_output=0)


@given(st.lists(st.integers(1, 500), max_size=20), st.integers(-10, 3_000))
def test_level_is_the_largest(sizes: list[int], room: int) -> None:
    cap = level(sizes, room)
    assert sum(min(size, cap) for size in sizes) <= max(0, room)
    if sizes and cap < max(sizes):
        assert sum(min(size, cap + 1) for size in sizes) > room


def test_tokens_that_rounding_leaves_go_to_the_newest_result() -> None:
    """Seven results of one size: their equal share leaves up to six tokens of the room over."""
    chat = loop(*["word " * 200] * 7)
    whole = count_messages(chat, "gpt-4o").tokens
    extras = []
    for limit in range(whole - 420, whole - 400):
        result = fit_into(chat, limit)
        assert not result.dropped
        assert result.headroom <= 1
        *older, newest = [cut.tokens_after for cut in result.truncated]
        assert len(older) == 6
        assert len(set(older)) == 1
        extras.append(newest - older[0])
    assert {3, 4, 5} <= set(extras) <= set(range(7))


def test_a_result_that_needs_little_becomes_whole_again() -> None:
    """A result just over the level is given back whole when the others leave room for it."""
    count = counts_for("o200k_base").count
    long, short = "supercalifragilistic " * 200, "word " * 150
    chat = loop(long, short)
    whole = count_messages(chat, "gpt-4o").tokens
    for saved in range(count(long) - count(short) - 40, count(long) - count(short) + 3):
        result = fit_into(chat, whole - saved)
        assert result.headroom >= 0
        assert [cut.index for cut in result.truncated] in ([2], [2, 4])
        if result.truncated[-1].index == 4:  # only where the level is below its size
            assert result.headroom <= 8


@pytest.mark.parametrize("size", [LEAST + 1, 100, 1_000])
def test_both_ends_stay_around_the_marker(size: int) -> None:
    lines = "\n".join(f"line {number}" for number in range(3_000))
    chat = loop(lines)
    rest = count_messages(loop(""), "gpt-4o").tokens
    result = fit_into(chat, rest + size)
    (cut,) = result.truncated
    text = result.messages[-1]["content"]
    head, marker, tail = text.partition(MARKER)
    assert marker
    assert lines.startswith(head)
    assert lines.endswith(tail)
    assert head
    assert tail
    assert cut.index == 2
    whole = count_messages(chat, "gpt-4o").tokens
    assert cut.tokens_before - cut.tokens_after == whole - result.tokens
    assert size - 8 <= counts_for("o200k_base").count(text) <= size
    assert cut.reason == f"tool result; the chat has {whole} tokens, {rest + size} are allowed"


def test_the_input_is_not_changed_and_the_same_is_given_again() -> None:
    chat = loop("word " * 500, "other " * 500)
    before = [dict(message) for message in chat]
    first, second = fit_into(chat, 400), fit_into(chat, 400)
    assert chat == before
    assert first == second
    assert first.messages[0] is chat[0]
    assert first.messages[1] is chat[1]


def test_a_text_is_shortened_anew_where_its_result_is_written_in_another_way() -> None:
    """A parallel call's result is written into a list, which takes more tokens of the same text."""
    rule = request_rule(get_model("gpt-4o"))
    shrinker = Shrinker([], rule.tally([]), rule)
    text = 'a "quoted" word\n' * 300
    for parallel in (False, True, False):
        shorter = shrinker._shorten(text, 100, parallel)
        assert 80 <= rule.result_tokens([shorter], parallel) <= 100
