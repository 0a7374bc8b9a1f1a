"""Bodies of requests: chats, inputs, limits of the reply."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.inputs.batch_bodies import CHAT, RESPONSES, as_chat, embedding_inputs, reply_limit


@pytest.mark.parametrize(
    ("value", "inputs"),
    [
        ("a", ["a"]),
        ([], []),
        (["a", "b"], ["a", "b"]),
        ([1, 2, 3], [3]),
        ([[1, 2], [3]], [2, 1]),
        (["a", [1, 2]], ["a", 2]),
        ([[]], [0]),
    ],
)
def test_inputs_of_embeddings(value: Any, inputs: list[str | int]) -> None:
    assert embedding_inputs(value) == inputs


@pytest.mark.parametrize(
    ("value", "where"),
    [(5, "body.input: "), (["a", 1], "body.input[1]: "), ([["a"]], "body.input[0]: ")],
)
def test_other_inputs_are_refused(value: Any, where: str) -> None:
    with pytest.raises(ValueError, match="expected a text or a list") as caught:
        embedding_inputs(value)
    assert str(caught.value).startswith(where)


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ({}, 0),
        ({"max_tokens": 5}, 5),
        ({"max_output_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": 7}, 7),
        ({"max_tokens": True}, 0),
        ({"max_completion_tokens": None, "max_tokens": 5}, 5),
    ],
)
def test_limit_of_the_reply(body: dict[str, Any], reply: int) -> None:
    assert reply_limit(body) == reply


def test_options_of_a_chat() -> None:
    body = {"messages": [1], "tools": [2], "tool_choice": "auto", "response_format": {"a": 3}}
    options = {"tools": [2], "tool_choice": "auto", "response_format": {"a": 3}}
    assert as_chat(CHAT, {**body, "temperature": 0}) == ([1], options)


def test_items_of_a_response_as_messages() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    parts = [{"type": "input_image", "image_url": "u"}, {"type": "output_text", "text": "t"}, 5]
    body = {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": parts},
            call,
            {"type": "function_call_output", "call_id": "c", "output": "o"},
        ],
        "text": {"format": {"type": "json_object"}},
    }
    messages, options = as_chat(RESPONSES, body)
    function = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    image = {"type": "image_url", "image_url": {"url": "u", "detail": "auto"}}
    assert messages == [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [image, {"type": "text", "text": "t"}, 5]},
        {"role": "assistant", "content": None, "tool_calls": [function]},
        {"role": "tool", "tool_call_id": "c", "content": "o"},
    ]
    assert options == {"response_format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([5], "body.input[0]: expected an object, got 5"),
        ([{"type": "reasoning"}], "body.input[0]: expected a message or a function call"),
        ({"a": 1}, "body.input: expected a text or a list"),
    ],
)
def test_other_items_are_refused(items: Any, message: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        as_chat(RESPONSES, {"input": items})
    assert message in str(caught.value)
