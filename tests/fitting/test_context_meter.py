"""`ContextMeter`: the number of a whole count after each message, corrections, snapshots."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from chat_strategies import agent_loop, random_chat
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit import ContextMeter

TOOLS = [{"type": "function", "function": {"name": "search", "description": "Search the web"}}]
MODELS = ["gpt-4o", "o3", "gpt-3.5-turbo-0301", "gpt-oss-120b"]


@given(st.integers(0, 10_000), st.sampled_from(MODELS), st.booleans())
@examples(60)
def test_tokens_are_those_of_the_whole_chat_after_each_message(
    seed: int, model: str, tools: bool
) -> None:
    chat = random_chat(seed, turns=5, most_words=20)
    given_tools = TOOLS if tools else None
    meter = ContextMeter(model, tools=given_tools)
    assert meter.tokens == tokenkit.count_messages([], model, tools=given_tools).tokens
    for number, message in enumerate(chat, 1):
        before = meter.tokens
        added = meter.add(message)
        whole = tokenkit.count_messages(chat[:number], model, tools=given_tools)
        assert meter.tokens == whole.tokens == before + added
    assert len(meter) == len(chat)
    assert meter.messages == chat
    assert meter.tally().total == meter.tokens
    assert ContextMeter.restore(meter.snapshot()).tokens == meter.tokens
    sent = len(chat)
    while sent and chat[sent - 1]["role"] == "assistant":
        sent -= 1
    counted = tokenkit.count_messages(chat[:sent], model, tools=given_tools).tokens
    meter.add({"prompt_tokens": counted + 7, "completion_tokens": 1})
    assert meter.drift == 7


def test_items_and_blocks_of_other_vendors_are_counted_as_in_the_whole_chat() -> None:
    call = {"type": "function_call", "call_id": "a", "name": "now", "arguments": "{}"}
    chat: list[Any] = [
        {"role": "user", "content": "What time is it?"},
        call,
        {"type": "function_call_output", "call_id": "a", "output": "noon"},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "b", "name": "n", "input": {}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "b", "content": "1"}]},
        {"role": "model", "parts": [{"text": "Noon."}]},
    ]
    meter = ContextMeter("gpt-4o")
    for number, message in enumerate(chat, 1):
        meter.add(message)
        assert meter.tokens == tokenkit.count_messages(chat[:number], "gpt-4o").tokens


RESPONSES: list[tuple[dict[str, Any], int]] = [
    (
        {
            "choices": [{"message": {"role": "assistant", "content": "Hi!"}}],
            "usage": {"prompt_tokens": 20, "completion_tokens": 3},
        },
        1,
    ),
    (
        {
            "object": "response",
            "output": [
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "Hi!"}],
                }
            ],
            "usage": {"input_tokens": 20, "output_tokens": 3},
        },
        1,
    ),
    ({"role": "assistant", "content": "Hi!", "usage": {"input_tokens": 20, "output_tokens": 3}}, 1),
    (
        {
            "candidates": [{"content": {"role": "model", "parts": [{"text": "Hi!"}]}}],
            "usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 3},
        },
        1,
    ),
    ({"prompt_tokens": 20, "completion_tokens": 3}, 0),
]


@pytest.mark.parametrize(("response", "messages"), RESPONSES)
def test_a_response_adds_its_reply_and_corrects_by_its_usage(
    response: dict[str, Any], messages: int
) -> None:
    meter = ContextMeter("gpt-4o")
    meter.add({"role": "user", "content": "Hello"})
    counted = meter.tokens
    added = meter.add(response)
    assert (added > 0) is bool(messages)
    assert len(meter) == 1 + messages
    assert meter.drift == 20 - counted
    assert meter.tokens == 20 + added
    again = ContextMeter.restore(meter.snapshot())
    assert (again.tokens, again.drift) == (meter.tokens, meter.drift)


def test_a_usage_object_after_the_reply_is_that_of_the_request_before_it() -> None:
    meter = ContextMeter("gpt-4o")
    meter.add({"role": "user", "content": "Hello"})
    counted = meter.tokens
    meter.add({"role": "assistant", "content": "Hi! How are you?"})
    meter.add({"prompt_tokens": counted + 5, "completion_tokens": 6})
    assert meter.drift == 5


def test_a_reply_may_be_several_items() -> None:
    meter = ContextMeter("gpt-4o")
    meter.add({"role": "user", "content": "Hello"})
    counted = meter.tokens
    for words in ("One moment.", "Hi! How are you?"):
        meter.add({"type": "message", "role": "assistant", "content": words})
    meter.add({"input_tokens": counted + 5, "output_tokens": 9})
    assert meter.drift == 5


def test_what_goes_is_what_fit_drops_and_changes_nothing() -> None:
    meter = ContextMeter("gpt-4o")
    chat = agent_loop(3)
    for message in chat:
        meter.add(message)
    before = meter.tokens
    goes = meter.what_goes(before // 2)
    gone = {loss.index for loss in goes}
    kept = [message for index, message in enumerate(chat) if index not in gone]
    assert gone
    assert tokenkit.count_messages(kept, "gpt-4o").tokens <= before // 2
    assert meter.tokens == before
    assert meter.what_goes(before) == ()


def test_a_message_that_is_refused_leaves_the_meter_as_it_was() -> None:
    meter = ContextMeter("gpt-4o")
    meter.add({"role": "user", "content": "Hello"})
    before = meter.snapshot()
    for wrong in ({"role": "stranger", "content": ""}, {"role": "user", "content": 7}, 7):
        with pytest.raises((TypeError, ValueError), match=r"messages\[\d+\]"):
            meter.add(wrong)
        assert meter.snapshot() == before


def test_a_response_that_is_refused_leaves_the_meter_as_it_was() -> None:
    meter = ContextMeter("gpt-oss-120b")  # where a result has the name of its call
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    meter.add({"role": "user", "content": "Hello"})
    meter.add({"role": "assistant", "content": None, "tool_calls": [call]})
    before, copied = meter.snapshot(), copy.copy(meter)
    result = {"type": "function_call_output", "call_id": "c1", "output": "a"}
    said = {"type": "message", "role": "assistant", "content": "Hi"}
    usage = {"input_tokens": 99, "output_tokens": 5}
    wrong = {"output": [result, said, {"type": "message", "role": "user", "content": 7}]}
    for response in (wrong, {**wrong, "usage": usage}):
        with pytest.raises((TypeError, ValueError), match="messages"):
            meter.add(response)
        assert meter.snapshot() == before
    answer = {"role": "tool", "tool_call_id": "c1", "content": "a"}
    assert meter.add(answer) == copied.add(answer)
    assert meter.tokens == copied.tokens


def test_private_tokenizers_are_estimated_until_a_usage_corrects_them() -> None:
    meter = ContextMeter("claude-sonnet-5", max_output=1_000)
    meter.add({"role": "user", "content": "word " * 500})
    meter.add({"input_tokens": 700, "output_tokens": 0})
    assert meter.tokens == 700
    assert meter.headroom == meter.limit - 700


def test_snapshots_of_something_else_are_refused() -> None:
    for wrong in ("", "{}", "[1]", json.dumps({"version": 99})):
        with pytest.raises(ValueError, match="snapshot: expected"):
            ContextMeter.restore(wrong)
    whole = json.loads(ContextMeter("gpt-4o").snapshot())
    for key, value in (
        ("model", None),
        ("tools", 5),
        ("messages", "Hi"),
        ("messages", [5]),
        ("drift", "1"),
        ("max_output", [1]),
    ):
        with pytest.raises(ValueError, match=r"^(snapshot|messages)"):
            ContextMeter.restore(json.dumps({**whole, key: value}))
