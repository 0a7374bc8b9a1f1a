"""Messages that are counted without a look at every key, against the scan that takes that look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit._core import count_pairs, text_digest
from tokenkit.chat.memo import counts_for
from tokenkit.chat.openai_rule import ChatRule
from tokenkit.chat.openai_scan import OpenAIScan
from tokenkit.chat.request import request_rule
from tokenkit.chat.rule import ChatScan
from tokenkit.models.lookup import get_model

TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
WORDS = st.sampled_from(["", "hi", "f", "tool", '{"a": 1}', '{"a":  [1, "é"]}', "漢字", "[", "NaN"])
IDS = st.sampled_from(["a", "b", None, 7])
ODD: st.SearchStrategy[Any] = st.sampled_from([None, 5, [], {}, b"hi", [{"type": "text"}]])


def most(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any] = ODD) -> Any:
    return st.one_of(usual, usual, usual, usual, usual, odd)


def just(usual: st.SearchStrategy[Any]) -> Any:
    return usual


def with_others(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def messages(some: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    """Usual messages, and those with something odd if `some` is `most`."""
    more = {"more": WORDS} if some is most else {}
    function = with_others({"name": some(WORDS), "arguments": some(WORDS)}, **more)
    call = {"id": some(IDS), "type": st.just("function"), "function": some(function)}
    calls = st.lists(some(with_others(call)), min_size=1, max_size=2)
    text = some(st.one_of(st.none(), WORDS))
    role = st.sampled_from(["user", "assistant", "system"])
    return st.one_of(
        with_others({"role": some(role), "content": WORDS}),
        with_others({"role": some(st.just("user")), "content": some(WORDS)}, name=some(WORDS)),
        with_others(
            {"role": st.just("assistant"), "content": text, "tool_calls": some(calls)}, name=WORDS
        ),
        with_others({"role": st.just("assistant"), "tool_calls": calls}),
        with_others(
            {"role": st.just("tool"), "content": some(WORDS), "tool_call_id": some(IDS)}, name=WORDS
        ),
        with_others({"role": st.just("tool"), "content": WORDS, "name": WORDS}),
    )


CHATS = st.one_of(st.lists(messages(just), max_size=8), st.lists(messages(most), max_size=4))


def outcome(rule: Any, messages: list[Any]) -> object:
    try:
        return rule.tally(messages)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("tools", [None, [TOOL]])
@examples(2400)
@given(messages=CHATS)
def test_usual_messages_count_as_all_others(tools: Any, messages: list[Any]) -> None:
    rule = request_rule(get_model("gpt-4o"), tools=tools)
    assert isinstance(rule, ChatRule)
    quick = outcome(rule, messages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenAIScan, "message", ChatScan.message)
        patch.setattr(rule, "plain", {})
        slow = outcome(rule, messages)
    assert quick == slow


def test_usual_messages_take_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    function = {"name": "f", "arguments": "{}"}
    call = {"id": "a", "type": "function", "function": function}
    messages: list[Any] = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "4"},
    ]
    rule = request_rule(get_model("gpt-4o"))
    expected = rule.tally(messages)
    monkeypatch.setattr(ChatScan, "message", None)
    assert rule.tally(messages) == expected
    with pytest.raises(TypeError):
        rule.tally([*messages, {"role": "user", "content": "hi", "name": "me"}])


class Named(str):
    """A subclass of str is not looked at."""


ROWS = st.one_of(
    st.fixed_dictionaries({"role": most(WORDS), "content": most(WORDS)}, optional={"x": WORDS}),
    st.fixed_dictionaries({"role": WORDS, "x": WORDS}),
    st.sampled_from([None, "", (), {}, {"role": Named("hi"), "content": "f"}]),
)


@given(
    rows=st.lists(ROWS, max_size=9),
    bases=st.dictionaries(WORDS, st.integers(-1, 9)),
    known=st.dictionaries(WORDS, st.integers(0, 99)),
)
def test_pairs(rows: list[Any], bases: dict[str, int], known: dict[str, int]) -> None:
    key = counts_for("o200k_base").key
    counts, texts, unknown, others = [], [], [], []
    for index, row in enumerate(rows):
        pair: Any = (row.get("role"), row.get("content")) if isinstance(row, dict) else ()
        if len(row or ()) == 2 and {*map(type, pair)} == {str} and pair[0] in bases:
            counts.append(bases[pair[0]] + known.get(pair[1], 0))
            if pair[1] not in known:
                texts.append(pair[1])
                unknown.append(index)
        else:
            counts.append(0)
            others.append(index)
    values = {text_digest(text, key): number for text, number in known.items()}
    expected = counts, texts, unknown, others
    assert count_pairs(rows, "role", "content", bases, values, key) == expected
