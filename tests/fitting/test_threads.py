"""Threads of the former Assistants API: `fit` and `preflight` show what it would drop."""

from __future__ import annotations

from typing import Any

import pytest
from chat_strategies import agent_loop, chats
from fitted_chats import SYSTEM, check_groups, fitted, kept_indexes, model, shares, total
from hypothesis import given, strategies as st
from search import examples

from tokenkit import ContextOverflowError, count_messages, fit, preflight

AUTO = {"type": "auto"}


def last(number: int) -> dict[str, Any]:
    return {"type": "last_messages", "last_messages": number}


@given(chats(), st.integers(1, 12))
@examples(150)
def test_the_last_messages_of_a_naive_twin(chat: list[Any], number: int) -> None:
    result = fit(chat, model(1_000_000), min_output=0, strategy=last(number))
    newest = len(chat) - 1
    while chat[newest]["role"] == "tool":
        newest -= 1
    first = min(len(chat) - number, newest)
    expected = []
    for index, message in enumerate(chat):
        if message["role"] in SYSTEM:
            expected.append(index)
            continue
        start = index
        while chat[start]["role"] == "tool":  # a result stays with its call
            start -= 1
        if start >= first:
            expected.append(index)
    assert kept_indexes(result, chat) == expected
    assert all(message is chat[i] for i, message in zip(expected, result.messages, strict=True))
    assert result.tokens == total(result.messages)
    assert not result.truncated
    check_groups(result.messages)
    for loss in result.dropped:
        assert loss.reason == f"only the last {number} messages are read"


@given(chats(), shares)
@examples(150)
def test_auto_drops_from_the_middle(chat: list[Any], share: float) -> None:
    result, limit = fitted(chat, share, strategy=AUTO)
    kept = kept_indexes(result, chat)
    assert result.tokens == total(result.messages) <= limit
    assert not result.truncated
    check_groups(result.messages)
    assert set(kept).issuperset(i for i, m in enumerate(chat) if m["role"] in SYSTEM)
    assert len(chat) - 1 in kept
    if total(chat) <= limit:
        assert not result.dropped


def test_both_ends_of_a_thread_stay() -> None:
    chat = [{"role": "user", "content": "word " * 100} for _ in range(9)]
    limit = total(chat[:4])
    result = fit(chat, model(limit), min_output=0, strategy=AUTO)
    dropped = [loss.index for loss in result.dropped]
    assert dropped == list(range(dropped[0], dropped[0] + 5))
    assert dropped[0] > 0
    assert dropped[-1] < 8


def test_a_limit_of_the_input() -> None:
    chat = agent_loop(20)
    whole = total(chat)
    result = fit(chat, "gpt-4o", max_input=whole // 2)
    assert (result.limit, result.limit_name) == (whole // 2, "max_input")
    assert result.tokens <= whole // 2 < whole
    assert result.dropped or result.truncated
    same = fit(chat, "gpt-4o", max_input=10_000_000)
    assert same == fit(chat, "gpt-4o")
    with pytest.raises(ContextOverflowError, match="max_input of gpt-4o"):
        fit(chat, "gpt-4o", max_input=1)
    over = fit(chat, "gpt-4o", max_input=1, strategy=last(1), on_overflow="return")
    assert over.headroom < 0


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({}, "strategy: expected {'type': 'auto'}"),
        ({"type": "none"}, "strategy: expected"),
        ({"type": "auto", "depth": 2}, "strategy: expected"),
        ({"type": "last_messages", "last_messages": 2, "depth": 2}, "strategy: expected"),
        (last(0), r"strategy\['last_messages'\]: expected at least 1"),
        (last(-1), r"strategy\['last_messages'\]: expected at least 1"),
        ("thread", "strategy: expected .recent."),
    ],
)
def test_bad_strategies(strategy: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit([{"role": "user", "content": "Hi"}], "gpt-4o", strategy=strategy)


@pytest.mark.parametrize("number", [None, "2", 2.5, True])
def test_numbers_of_another_type(number: Any) -> None:
    with pytest.raises(TypeError, match="last_messages"):
        fit([{"role": "user", "content": "Hi"}], "gpt-4o", strategy=last(number))
    assert fit([], "gpt-4o", strategy=last(3)).messages == []


THREAD: list[dict[str, Any]] = [
    {"role": "user" if i % 2 == 0 else "assistant", "content": "word " * 2_000, "metadata": {}}
    for i in range(6)
]
RUN: dict[str, Any] = {
    "model": "gpt-4",
    "assistant_id": "asst_1",
    "instructions": "Be brief.",
    "tools": [],
}


def paths(check: Any, text: str) -> list[str]:
    return [one.path for one in check.problems if text in one.message]


def test_a_run_that_drops_the_middle_of_its_thread() -> None:
    body = {**RUN, "thread": {"messages": THREAD}, "max_completion_tokens": 500}
    check = preflight(body)
    assert check.api == "threads.runs"
    dropped = paths(check, "the API drops messages in the middle")
    assert dropped == [f"thread.messages[{i}]" for i in range(1, 4)]
    assert (check.high, check.max_output) == (8_192, 500)
    assert check.fits is not False
    assert check.cost_high is None  # a run may call the model again and again
    assert paths(check, "shut down on 2026-08-26") == ["assistant_id"]
    less = preflight(body, max_prompt_tokens=4_100, truncation_strategy=AUTO)
    assert paths(less, "to fit 4100 tokens") == [f"thread.messages[{i}]" for i in range(1, 5)]
    assert (less.tokens, less.high, less.fits) == (4_100, 4_100, True)
    small = preflight({**body, "thread": {"messages": THREAD[:2]}})
    assert paths(small, "drops") == []
    instructions = [{"role": "developer", "content": "Be brief."}]
    bare = [{key: m[key] for key in ("role", "content")} for m in THREAD[:2]]
    count = count_messages([*instructions, *bare], "gpt-4")
    assert small.tokens == count.tokens
    assert small.low <= count.tokens <= (small.high or 0)


def test_a_run_that_reads_the_last_messages() -> None:
    thread = {"messages": THREAD}
    check = preflight(RUN, thread=thread, truncation_strategy=last(2))
    dropped = paths(check, "the run reads only the last 2 messages")
    assert dropped == [f"thread.messages[{i}]" for i in range(4)]
    assert check.tokens == preflight(RUN, thread={"messages": THREAD[4:]}).tokens
    assert check.fits is True
    # Those behind an id are not missed where the request itself holds enough.
    added = {**RUN, "thread_id": "thread_1", "additional_messages": THREAD[:2]}
    assert preflight(added, truncation_strategy=last(2)).fits is True
    for strategy in ({}, {"truncation_strategy": last(3)}, {"truncation_strategy": AUTO}):
        unseen = preflight(added, **strategy)
        assert (unseen.high, unseen.fits, unseen.cost_high) == (None, None, None)
        assert paths(unseen, "drops") == []
        note = "assistant_id: the messages of the thread are not in the request"
        assert note in unseen.notes


@pytest.mark.parametrize("name", ["instructions", "tools"])
def test_what_the_assistant_says_itself_has_no_upper_bound(name: str) -> None:
    body = {key: value for key, value in RUN.items() if key != name}
    check = preflight(body, thread={"messages": THREAD[:1]})
    assert check.high is None
    assert f"assistant_id: the {name} of the assistant are not in the request" in check.notes


@pytest.mark.parametrize(
    ("strategy", "path"),
    [
        ("auto", "truncation_strategy"),
        ({"type": "weird"}, "truncation_strategy"),
        ({"type": "auto", "depth": 2}, "truncation_strategy.depth"),
        ({"type": "last_messages"}, "truncation_strategy.last_messages"),
        (last(0), "truncation_strategy.last_messages"),
        (last(True), "truncation_strategy.last_messages"),
    ],
)
def test_bad_strategies_of_a_run_are_problems(strategy: Any, path: str) -> None:
    check = preflight(RUN, thread={"messages": THREAD[:1]}, truncation_strategy=strategy)
    assert path in [one.path for one in check.problems]


def test_a_run_with_everything_is_counted() -> None:
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_file", "image_file": {}}]
    body = {
        **RUN,
        "model": "gpt-4o",
        "tools": [{"type": "file_search"}, {"type": "code_interpreter"}],
        "thread": {
            "messages": [{"role": "user", "content": parts, "attachments": [{"file_id": "f"}]}],
            "tool_resources": {"file_search": {"vector_store_ids": ["v"]}},
        },
        "additional_instructions": "Say why.",
        "additional_messages": [{"role": "assistant", "content": "A cat."}],
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "include": [],
        "stream": False,
    }
    check = preflight(body)
    assert check.tokens > 10
    assert (check.high, check.fits) == (None, None)
    unsure = [one.path for one in check.problems if one.severity == "error"]
    assert unsure == []
    notes = " ".join(check.notes)
    for path in ("thread.messages[0].content[1]", "attachments", "thread.tool_resources"):
        assert path in notes


def test_odd_runs_are_problems() -> None:
    odd: list[dict[str, Any]] = [
        {"thread": {"messages": 5}},
        {"thread": 5},
        {"thread": {"messages": [5]}},
        {"thread": {"messages": [{"role": "user", "content": "Hi", "attachments": [{}]}]}},
        {"additional_messages": "Hi"},
        {"thread": {"tool_resources": {"file_search": {}}}},
        {"max_prompt_tokens": "many", "thread": {"messages": THREAD[:1]}},
    ]
    for more in odd:
        check = preflight(RUN, **more)
        assert check.high is None or check.problems[2:], more
        assert check.report()
    nothing = preflight(assistant_id="a")
    assert "model" in [one.path for one in nothing.problems]
    added = preflight(RUN, additional_instructions="Say why.", thread={"messages": THREAD[:1]})
    assert added.tokens > preflight(RUN, thread={"messages": THREAD[:1]}).tokens
