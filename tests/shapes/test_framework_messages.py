"""Messages of LlamaIndex's own classes, and pydantic-ai's and Haystack's forms, as OpenAI's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit import as_messages, count_messages

CALL: dict[str, Any] = {
    "id": "a",
    "type": "function",
    "function": {"name": "now", "arguments": '{"tz":"UTC"}'},
}
WANT: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What time is it?"},
    {"role": "assistant", "content": "Let me look.", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "a", "content": "noon"},
]


def pydantic_ai() -> list[dict[str, Any]]:
    """As `dataclasses.asdict` writes `ModelRequest` and `ModelResponse` of 2.68.0."""
    args = {"tz": "UTC"}
    call = {"part_kind": "tool-call", "tool_name": "now", "args": args, "tool_call_id": "a"}
    result = {"part_kind": "tool-return", "tool_name": "now", "content": "noon"}
    return [
        {
            "kind": "request",
            "parts": [
                {"part_kind": "system-prompt", "content": "Be brief.", "timestamp": None},
                {"part_kind": "user-prompt", "content": "What time is it?"},
            ],
        },
        {
            "kind": "response",
            "parts": [{"part_kind": "text", "content": "Let me look.", "id": None}, call],
            "usage": {"input_tokens": 1},
        },
        {"kind": "request", "parts": [{**result, "tool_call_id": "a"}], "instructions": None},
    ]


def haystack() -> list[dict[str, Any]]:
    """As `dataclasses.asdict` writes a `ChatMessage` of 3.4.1."""
    call = {"tool_name": "now", "arguments": {"tz": "UTC"}, "id": "a", "extra": None}
    texts = [("system", "Be brief."), ("user", "What time is it?")]
    return [
        *(
            {"_role": role, "_content": [{"text": text}], "_name": None, "_meta": {}}
            for role, text in texts
        ),
        {"_role": "assistant", "_content": [{"text": "Let me look."}, call], "_meta": {}},
        {"_role": "tool", "_content": [{"result": "noon", "origin": call, "error": False}]},
    ]


def llama_index() -> list[Any]:
    from llama_index.core.llms import ChatMessage

    return [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", content="What time is it?"),
        ChatMessage(
            role="assistant", content="Let me look.", additional_kwargs={"tool_calls": [CALL]}
        ),
        ChatMessage(role="tool", content="noon", additional_kwargs={"tool_call_id": "a"}),
    ]


@pytest.mark.parametrize(
    "make", [pydantic_ai, haystack, pytest.param(llama_index, marks=pytest.mark.frameworks)]
)
def test_a_chat_counts_as_the_same_chat_in_openais_form(make: Any) -> None:
    chat = make()
    want = count_messages(WANT, "gpt-4o")
    count = count_messages(chat, "gpt-4o")
    assert (count.tokens, count.low, count.high) == (want.tokens, want.low, want.high)
    read = as_messages(chat)
    assert [message["role"] for message in read] == [message["role"] for message in WANT]
    arguments = '{"tz": "UTC"}' if make is haystack else '{"tz":"UTC"}'  # each as it is sent
    assert read[2]["tool_calls"] == [
        {**CALL, "function": {**CALL["function"], "arguments": arguments}}
    ]
    assert "where" not in str(read)
    assert count_messages(read, "gpt-4o").tokens == want.tokens


@given(
    st.sampled_from([pydantic_ai, haystack]),
    st.integers(0, 3),
    st.booleans(),
    st.text("xyz", min_size=3),
)
@examples(60)
def test_no_key_passes_unseen(make: Any, index: int, inside: bool, key: str) -> None:
    chat = make()
    message = chat[index % len(chat)]
    parts = message.get("parts") or message.get("_content")
    (parts[0] if inside else message)[key] = "something"
    count = count_messages(chat, "gpt-4o")
    assert count.high is None
    assert any(f".{key}: this key is not known" in note for note in count.notes)


def test_files_and_lists_of_parts_of_haystack_are_read() -> None:
    file: dict[str, Any] = {
        "base64_data": "aGVsbG8=",
        "mime_type": "application/pdf",
        "filename": None,
    }
    picture: dict[str, Any] = {"base64_image": "aGVsbG8=", "mime_type": "image/png", "meta": {}}
    origin = {"tool_name": "now", "arguments": {}, "id": "a"}
    given: list[Any] = [{"text": "no"}, {"text": "on"}]
    result = {"result": given, "origin": origin, "error": False}
    chat: list[Any] = [
        {"_role": "user", "_content": [{"text": "Read."}, file, picture]},
        {"_role": "assistant", "_content": [origin]},
        {"_role": "tool", "_content": [result]},
    ]
    asked, _, told = as_messages(chat)
    data = "data:application/pdf;base64,aGVsbG8="
    assert asked["content"][1] == {
        "type": "file",
        "file": {"file_data": data, "filename": "filename"},
    }
    assert asked["content"][2]["image_url"]["url"] == "data:image/png;base64,aGVsbG8="
    assert told["content"] == [{"type": "text", "text": "no"}, {"type": "text", "text": "on"}]
    file["pages"] = "9"
    given.append({"shape": "round"})
    notes = count_messages(chat, "gpt-5.4").notes
    assert any("_content[1].pages: this key is not known" in note for note in notes)
    assert any("_content[0].result[2]" in note for note in notes)


@pytest.mark.parametrize("wrong", [None, 7, {}, [7], [None], [{"content": "no role"}]])
def test_what_holds_no_messages_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^messages(\[0\])?: expected a"):
        as_messages(wrong)


def test_pictures_thinking_and_unknown_parts() -> None:
    picture = {"kind": "image-url", "url": "https://example.org/a.png"}
    prompt = {"part_kind": "user-prompt", "content": ["Look:", picture, {"kind": "video-url"}]}
    thinking = {"part_kind": "thinking", "content": "Hm."}
    chat = [
        {"kind": "request", "parts": [prompt]},
        {"kind": "response", "parts": [thinking, {"part_kind": "speech"}]},
    ]
    count = count_messages(chat, "gpt-4o", image_sizes={picture["url"]: (512, 512)})
    told = " ".join(count.notes)
    for path in ("parts[0].content[2]", "messages[1].parts[0]", "messages[1].parts[1]"):
        assert path in told
    assert count.high is None
    assert any(part.kind == "image" for part in count.parts)
