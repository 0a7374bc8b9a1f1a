"""Every promise of `fit`, on random tool-using chats."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from chat_strategies import agent_loop, chats, random_chat
from fitted_chats import (
    STRATEGIES,
    SYSTEM,
    TOOLS,
    check_groups,
    fitted,
    kept_indexes,
    model,
    shares,
    total,
)
from hypothesis import given, reject, strategies as st
from search import examples

from tokenkit.chat.counting import count_messages
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.fitter import fit
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model

options = st.fixed_dictionaries(
    {"strategy": st.sampled_from(STRATEGIES)},
    optional={
        "tools": st.just(TOOLS),
        "shrink_results": st.booleans(),
        "hysteresis": st.sampled_from((0.0, 0.1, 0.4)),
        "protect": st.sampled_from(
            (("system", "first_user", "last_user"), ("system",), ("last_user",), ())
        ),
    },
)


@examples(1000)
@given(chats(), shares, options)
def test_promises(chat: list[Any], share: float, chosen: dict[str, Any]) -> None:
    before = copy.deepcopy(chat)
    result, limit = fitted(chat, share, **chosen)
    assert chat == before, "the input was changed"
    again, _ = fitted(copy.deepcopy(chat), share, **chosen)
    assert again == result, "not deterministic"
    count = total(result.messages, tools=chosen.get("tools"))
    assert result.tokens == count <= result.limit == limit
    assert result.headroom == limit - count
    check_groups(result.messages)
    indexes = kept_indexes(result, chat)
    assert len(indexes) == len(result.messages)
    shortened = {cut.index for cut in result.truncated}
    for index, message in zip(indexes, result.messages, strict=True):
        if index in shortened:
            assert {**message, "content": None} == {**chat[index], "content": None}
            assert message["content"] != chat[index]["content"]
        else:
            assert message is chat[index]
    if total(chat, tools=chosen.get("tools")) <= limit:
        assert result.messages == chat
        assert not result.dropped
        assert not result.truncated


@examples(600)
@given(chats(), shares, st.sampled_from(STRATEGIES), st.sampled_from((0.0, 0.25)))
def test_keeps_what_must_stay(chat: list[Any], share: float, strategy: str, steady: float) -> None:
    result, _ = fitted(chat, share, strategy=strategy, hysteresis=steady)
    kept = set(kept_indexes(result, chat))
    users = [index for index, message in enumerate(chat) if message["role"] == "user"]
    systems = [index for index, message in enumerate(chat) if message["role"] in SYSTEM]
    assert kept.issuperset(systems)
    assert users[-1] in kept
    assert len(chat) - 1 in kept
    roles = [message["role"] for message in result.messages if message["role"] not in SYSTEM]
    start = next(message["role"] for message in chat if message["role"] not in SYSTEM)
    assert roles[0] in ("user", start)


@examples(400)
@given(chats(), st.sampled_from(STRATEGIES))
def test_overflow_only_when_the_rest_cannot_fit(chat: list[Any], strategy: Any) -> None:
    must = fit(chat, model(1), min_output=0, on_overflow="return", strategy=strategy)
    assert must.headroom < 0
    check_groups(must.messages)
    needed = must.tokens
    result = fit(chat, model(needed), min_output=0, strategy=strategy)
    assert result.tokens <= needed
    with pytest.raises(ContextOverflowError) as caught:
        fit(chat, model(needed - 1), min_output=0, strategy=strategy)
    assert (caught.value.needed, caught.value.available) == (needed, needed - 1)
    assert caught.value.limit_name == "context_window"


@pytest.mark.parametrize("protect", [(), ("last_user",), ("system", "first_user", "last_user")])
@pytest.mark.parametrize("name", ["gpt-4o", "gpt-oss-20b"])
def test_every_limit_that_holds_what_must_stay_is_met(name: str, protect: Any) -> None:
    """Dropping the system message that carries the tools makes the rest larger, and so does
    dropping the answer after which earlier analysis is no longer sent: no limit may fail by it."""
    chat: list[dict[str, Any]] = [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": "Why is the sky blue?"},
        {
            "role": "assistant",
            "content": "Wait.",
            "reasoning_content": "Light scatters.",
        },
        {"role": "user", "content": "Yes?"},
        {"role": "assistant", "content": "It scatters.", "reasoning_content": "That is enough."},
        {"role": "user", "content": "Thank you."},
    ]
    record = get_model(name)

    def small(limit: int) -> Model:
        return Model(
            name="m", kind="chat", encoding=record.encoding, chat_rule=record.chat_rule,
            context_window=limit,
        )  # fmt: skip

    options: dict[str, Any] = {"tools": TOOLS, "protect": protect, "min_output": 0}
    least = fit(chat, small(1), on_overflow="return", **options).tokens
    whole = count_messages(chat, name, tools=TOOLS).tokens
    assert whole - least > 20
    for limit in range(least, whole + 1):
        result = fit(chat, small(limit), **options)
        assert result.tokens == count_messages(result.messages, name, tools=TOOLS).tokens <= limit


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_mean_fill(strategy: Any) -> None:
    fills = []
    for seed in range(40):
        chat = agent_loop(seed) if seed % 6 == 5 else random_chat(seed, turns=20)
        for share in (0.9, 0.7, 0.5, 0.3, 0.15):
            limit = int(total(chat) * share)
            result = fit(chat, model(limit), min_output=0, strategy=strategy, on_overflow="return")
            if result.headroom >= 0:
                fills.append(result.tokens / limit)
    assert len(fills) > 180
    assert sum(fills) / len(fills) >= 0.97


def test_auto_output_gives_what_is_left() -> None:
    chat = [{"role": "user", "content": "word " * 50}]
    used = total(chat)
    assert fit(chat, model(1_000)).max_output == 1_000 - used
    assert fit(chat, model(1_000, max_output_tokens=100)).max_output == 100
    assert fit(chat, "gpt-4o").max_output == 16_384
    assert fit(chat, model(1_000), max_output=200).max_output == 200
    assert fit(chat, model(1_000), max_output=200).limit == 800
    separate = model(1_000, window="separate", max_output_tokens=700)
    assert fit(chat, separate).limit == 1_000
    assert fit(chat, separate).max_output == 700


@examples(100)
@given(chats(turns=4), st.integers(1, 3_000), st.integers(0, 500), st.integers(0, 500))
def test_reply_always_has_its_room(
    chat: list[Any], window: int, least: int, reasoning: int
) -> None:
    small = model(window, max_output_tokens=max(1, window // 3))
    try:
        result = fit(chat, small, min_output=least, reasoning_reserve=reasoning)
    except ContextOverflowError:
        reject()
    assert result.max_output is not None
    assert result.tokens + result.max_output <= window
    assert result.max_output >= min(least + reasoning, window // 3)


def test_a_response_format_takes_its_room() -> None:
    chat = [{"role": "user", "content": "word " * size} for size in (700, 6_700, 600)]
    schema = {"name": "answer", "schema": {"const": "word " * 500}}
    form = {"type": "json_schema", "json_schema": schema}
    plain, formed = (
        fit(chat, "gpt-4", max_output=90, response_format=one, protect=()) for one in (None, form)
    )
    assert (len(plain.messages), len(formed.messages)) == (3, 2)
    assert formed.tokens == count_messages(chat[1:], "gpt-4", response_format=form).tokens
    assert formed.tokens <= formed.limit < formed.tokens + 700


def test_safety_keeps_a_share_free() -> None:
    chat = random_chat(5)
    limit = total(chat)
    assert fit(chat, model(limit), min_output=0, safety=0.1).limit == int(limit * 0.9)


CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": ""}}],
}


@pytest.mark.parametrize(
    ("chat", "message"),
    [
        (
            [{"role": "tool", "tool_call_id": "a", "content": ""}],
            r"messages\[0\]: expected the call 'a' of this tool result",
        ),
        (
            [CALL, {"role": "tool", "tool_call_id": "b", "content": ""}],
            r"messages\[1\]: expected the call 'b' of this tool result",
        ),
        (
            [CALL, {"role": "user", "content": "x"}],
            r"messages\[0\]: expected a result of the tool call 'a'",
        ),
    ],
)
def test_orphans_raise(chat: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(chat, "gpt-4o")


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (
            {"strategy": "oldest"},
            ValueError,
            "strategy: expected 'recent', 'middle_out', 'priority' or 'api'",
        ),
        ({"on_overflow": "cut"}, ValueError, "on_overflow: expected 'raise' or 'return'"),
        ({"protect": ("users",)}, ValueError, r"protect\[0\]: expected 'system', 'first_user' or"),
        ({"protect": "system"}, TypeError, "protect: expected a list of names"),
        ({"protect": None}, TypeError, "protect: expected a list of names"),
        ({"max_output": "most"}, ValueError, "max_output: expected 'auto', None or a number"),
        ({"max_output": 0}, ValueError, "max_output: expected at least 1"),
        ({"min_output": -1}, ValueError, "min_output: expected at least 0"),
        ({"reasoning_reserve": 1.5}, TypeError, "reasoning_reserve: expected a whole number"),
        ({"safety": 1.0}, ValueError, "safety: expected a fraction of at least 0 and below 1"),
        ({"hysteresis": -0.1}, ValueError, "hysteresis: expected a fraction"),
        ({"priorities": [1]}, ValueError, "priorities: expected None with strategy='recent'"),
        (
            {"strategy": "priority", "priorities": [1, 2]},
            ValueError,
            "a number for each of 1 messages, got 2",
        ),
        ({"strategy": "priority", "priorities": ["x"]}, TypeError, r"priorities\[0\]"),
    ],
)
def test_bad_options(bad: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fit([{"role": "user", "content": "hi"}], "gpt-4o", **bad)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def computer(call_id: str) -> list[dict[str, Any]]:
    """A call of the computer tool as an item of the responses API, and its screenshot."""
    action = {"type": "type", "text": "word " * 200}
    screenshot = {"type": "computer_screenshot", "file_id": "f"}
    return [
        {"type": "computer_call", "call_id": call_id, "action": action, "status": "completed"},
        {"type": "computer_call_output", "call_id": call_id, "output": screenshot},
    ]


def test_calls_of_the_computer_stay_with_their_screenshots() -> None:
    (first, seen), (second, seen_too) = computer("a"), computer("b")
    thought = {"type": "reasoning", "id": "r", "summary": []}
    chat = [user("word " * 300), thought, first, second, seen, seen_too, user("And?")]
    whole = fit(chat, "gpt-5.4", max_output=None)
    assert whole.messages == chat
    fitted = fit(chat, "gpt-5.4", max_output=None, max_input=6_000)
    assert [loss.index for loss in fitted.dropped] == [1, 2, 3, 4, 5]
    open_call = [user("Hi"), *computer("a"), first]
    assert fit(open_call, "gpt-5.4", max_output=None).messages == open_call
    for broken in ([user("Hi"), seen], [first, user("Hi")], [first, seen_too]):
        with pytest.raises(ValueError, match=r"messages\[[01]\]: expected (the call|a result)"):
            fit(broken, "gpt-5.4", max_output=None)


def test_a_screenshot_of_a_call_is_no_orphan() -> None:
    notes = count_messages(computer("a"), "gpt-5.4", on_error="drop").notes
    assert not [note for note in notes if "dropped" in note]
    notes = count_messages(computer("a")[1:], "gpt-5.4", on_error="drop").notes
    assert [note for note in notes if "dropped" in note]
