"""`fit_request`: a request that fits again, in its own shape, with the caller's own messages."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from chat_strategies import random_chat
from hypothesis import given, strategies as st
from search import examples

from tokenkit import ContextOverflowError, Model, fit, preflight
from tokenkit.fitting import fit_request

WHY = {"role": "user", "content": "Why?"}
LONG = {"role": "user", "content": "word " * 7_900}


@given(st.integers(0, 10_000), st.integers(1, 8_000))
@examples(40)
def test_what_is_sent_fits_and_holds_the_callers_own_messages(seed: int, reply: int) -> None:
    chat = [LONG, *random_chat(seed, turns=8, most_words=60)]
    body = {"model": "gpt-4", "messages": chat, "max_tokens": reply, "tool_choice": "none"}
    before = copy.deepcopy(body)
    try:
        request, fitted = fit_request(preflight(body))
    except ContextOverflowError:
        return  # what must stay is over the limit
    assert preflight(request).fits is not False
    assert body == before
    lost = {loss.index for loss in fitted.truncated} if fitted else set()
    own = {id(message) for message in chat}
    changed = [message for message in request["messages"] if id(message) not in own]
    assert len(changed) == len(lost)
    if fitted is None:
        assert request["messages"] == chat


SHAPES: list[tuple[str, dict[str, Any], str]] = [
    ("responses", {"model": "gpt-4", "instructions": "Be brief.", "input": [LONG, WHY]}, "input"),
    ("messages", {"model": "gpt-4", "system": "Be brief.", "messages": [LONG, WHY]}, "messages"),
    (
        "generate_content",
        {
            "model": "gpt-4",
            "contents": [
                {"role": "user", "parts": [{"text": LONG["content"]}]},
                {"role": "user", "parts": [{"text": "Why?"}]},
            ],
        },
        "contents",
    ),
    ("generate_content", {"model": "gpt-4", "contents": [LONG["content"], "Why?"]}, "contents"),
]
REPLY: dict[str, dict[str, Any]] = {
    "responses": {"max_output_tokens": 2_000},
    "messages": {"max_tokens": 2_000},
    "generate_content": {"config": {"max_output_tokens": 2_000, "system_instruction": "Be brief."}},
}


@pytest.mark.parametrize(("api", "body", "key"), SHAPES)
def test_each_shape_is_given_back(api: str, body: dict[str, Any], key: str) -> None:
    body = {**body, **REPLY[api]}
    check = preflight(body, api=api)
    assert check.fits is False
    request, fitted = fit_request(check)
    assert request == {**body, key: body[key][1:]}
    assert fitted is not None
    assert fitted.max_output == 2_000
    assert preflight(request, api=api).fits is not False


@pytest.mark.parametrize("messages", [1_058, 1_062, 1_108])
def test_what_is_around_a_chat_is_taken_off_it(messages: int) -> None:
    """A long message goes at once, so there may be less of the chat than `fit` would leave."""
    words = [{"role": "user", "content": f"word {n}"} for n in range(messages)]
    chat = [{"role": "user", "content": "Hi"}, {**LONG, "role": "assistant"}, *words]
    fields = {f"field_{n}": {"type": "string"} for n in range(60)}
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"properties": fields}}}
    check = preflight(model="gpt-4", messages=chat, max_tokens=256, response_format=schema)
    request, fitted = fit_request(check)
    assert fitted is not None
    after = preflight(request)
    assert after.fits is not False
    assert after.headroom is not None
    assert after.headroom < 20
    assert len(request["messages"]) == len(chat) - len(fitted.dropped)


def test_a_reply_without_a_limit_has_room_too() -> None:
    chat = [{"role": "user", "content": f"{n} " + "word " * 90} for n in range(100)]
    request, _ = fit_request(preflight(model="gpt-4", messages=chat))
    headroom = preflight(request).headroom
    assert headroom is not None
    assert 256 <= headroom < 256 + 100


class Content:
    """A content of Gemini as an object of an SDK."""

    def __init__(self, text: str) -> None:
        self.text = text

    def model_dump(self) -> dict[str, Any]:
        return {"role": "user", "parts": [{"text": self.text}]}


def test_contents_stay_the_callers_own_objects() -> None:
    contents = [Content("a"), Content("word " * 2_000_000), Content("Why?")]
    request, fitted = fit_request(preflight(model="gemini-3.5-flash", contents=contents))
    assert fitted is not None
    assert request["contents"] == [contents[0], contents[2]]


def test_only_chats_can_be_fitted() -> None:
    with pytest.raises(ContextOverflowError):
        fit_request(preflight(model="text-embedding-3-small", input="word " * 9_000))


def test_chats_of_private_models_are_fitted_by_their_estimate() -> None:
    chat = [{"role": "user", "content": "word " * 5_000} for _ in range(60)]
    result = fit(chat, "claude-sonnet-4-5", max_output=1_000)
    assert not result.exact
    assert result.low < result.tokens <= result.limit
    assert 0 < len(result.messages) < 60
    assert any("no public tokenizer" in note for note in result.notes)


def test_the_reply_is_no_longer_than_the_models_cap_where_it_leaves_the_input_no_room() -> None:
    """The cap of a model comes before the reply that is kept in any case."""
    model = Model(
        name="brief",
        kind="chat",
        encoding="o200k_base",
        context_window=1_000,
        max_input_tokens=500,
        max_output_tokens=50,
    )
    check = preflight(model=model, messages=[LONG, WHY], max_tokens=100)
    assert check.request["max_tokens"] == 50
    request, fitted = fit_request(check)
    assert fitted is not None
    assert (request["messages"], request["max_tokens"]) == ([WHY], 50)
    assert preflight(request).fits
