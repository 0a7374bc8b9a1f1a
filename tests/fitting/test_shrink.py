"""Shortened tool results: a level for all, and no token of room that is left unused."""

from __future__ import annotations

from typing import Any

import pytest
from chat_strategies import agent_loop
from fitted_chats import fitted, model, total
from hypothesis import given, strategies as st

from tokenkit.chat.counting import count_messages
from tokenkit.chat.memo import counts_for
from tokenkit.chat.request import request_rule
from tokenkit.errors import ContextOverflowError
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


def test_results_become_bare_markers_before_it_overflows() -> None:
    chat = agent_loop(1, steps=1)
    chat[3]["content"] = "row of a table " * 2_000
    bare = [*chat[:3], {**chat[3], "content": MARKER}]
    least = total(bare)
    assert fit(chat, model(least), min_output=0).messages == bare
    with pytest.raises(ContextOverflowError):
        fit(chat, model(least - total(chat[1:2]) + 2), min_output=0)  # room for no user message
    result = fit(chat, model(least + LEAST), min_output=0)
    assert MARKER in result.messages[3]["content"] != MARKER


def test_results_of_several_text_parts_shrink_to_one() -> None:
    chat = agent_loop(1, steps=1)
    parts = [{"type": "text", "text": f"{i} row of a table " * 400} for i in range(3)]
    chat[3]["content"] = parts
    for name in ("gpt-4o", "gpt-oss-20b"):
        whole = count_messages(chat, name).tokens
        record = get_model(name)
        small = Model(
            name="small",
            kind="chat",
            encoding=record.encoding,
            chat_rule=record.chat_rule,
            context_window=whole // 4,
        )
        result = fit(chat, small, min_output=0)
        (part,) = result.messages[3]["content"]
        assert part["text"].startswith("0 row of a table")
        assert part["text"].endswith("2 row of a table ")
        assert result.tokens == count_messages(result.messages, name).tokens
        assert result.headroom <= 8
    assert chat[3]["content"] is parts


def test_shrinks_before_it_drops() -> None:
    chat = agent_loop(1, steps=3)
    chat[3]["content"] = "row of a table " * 2_000
    result, _ = fitted(chat, 0.5)
    assert not result.dropped
    assert [cut.index for cut in result.truncated] == [3]
    text = result.messages[3]["content"]
    assert MARKER in text
    assert text.startswith("row of a table")
    assert text.endswith("row of a table ")
    assert result.headroom <= 8


def test_without_shrinking_keeps_results_whole() -> None:
    chat = agent_loop(2)
    result, _ = fitted(chat, 0.4, shrink_results=False)
    assert result.dropped
    assert not result.truncated


def test_function_role_counts_as_tool() -> None:
    chat: list[dict[str, Any]] = [
        {"role": "user", "content": "hi " * 50},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "text " * 400},
        {"role": "user", "content": "and?"},
    ]
    result, _ = fitted(chat, 0.5)
    assert [cut.index for cut in result.truncated] == [2]
    with pytest.raises(ValueError, match=r"messages\[0\]: expected the call of this tool result"):
        fit(chat[2:], "gpt-4o")
