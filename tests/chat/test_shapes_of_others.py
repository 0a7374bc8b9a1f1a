"""Chats of other systems on all roads: counted, fitted, compared; the caller's objects return."""

from __future__ import annotations

import dataclasses
import enum
import struct
from base64 import b64encode, urlsafe_b64encode
from collections import UserDict
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import tokenkit
from tokenkit import Prompt, compare, count_messages, fit

# The head of a PNG of 1000 x 800 pixels; in base64 it has both letters that alphabets differ in.
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1_000, 800) + b"\xff\xef\xbe" * 9
LONG = "The tide comes in at noon, and the boats go out before it. " * 60
ANTHROPIC: list[Any] = [
    {"role": "user", "content": [{"type": "text", "text": LONG}]},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "a", "name": "tide", "input": {"port": "Bonn"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": "12:00"},
            {"type": "text", "text": "And tomorrow?"},
        ],
    },
    {"role": "user", "content": "Be brief."},
]
GEMINI: list[Any] = [
    {"role": "user", "parts": [{"text": LONG}]},
    {
        "role": "model",
        "parts": [
            {"text": "Let me look."},
            {"functionCall": {"name": "tide", "args": {"port": "Bonn"}}},
        ],
    },
    {
        "role": "user",
        "parts": [{"function_response": {"name": "tide", "response": {"result": "12:00"}}}],
    },
    {"parts": [{"text": "And tomorrow?"}]},
]
RESPONSES: list[Any] = [
    {"role": "user", "content": [{"type": "input_text", "text": LONG}]},
    {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "gAAA"},
    {"type": "function_call", "call_id": "a", "name": "tide", "arguments": '{"port":"Bonn"}'},
    {"type": "function_call", "call_id": "b", "name": "tide", "arguments": '{"port":"Kiel"}'},
    {"type": "function_call_output", "call_id": "a", "output": "12:00"},
    {"type": "function_call_output", "call_id": "b", "output": [{"type": "text", "text": "1"}]},
    {"type": "message", "role": "user", "content": "And tomorrow?"},
]
PLAIN: list[Any] = [
    {"role": "user", "content": LONG},
    {
        "role": "assistant",
        "content": "Let me look.",
        "tool_calls": [
            {
                "id": "a",
                "type": "function",
                "function": {"name": "tide", "arguments": '{"port":"Bonn"}'},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "a", "content": "12:00"},
    {"role": "user", "content": "And tomorrow?"},
]
CHATS: dict[str, list[Any]] = {"anthropic": ANTHROPIC, "gemini": GEMINI, "responses": RESPONSES}
chats = pytest.mark.parametrize("name", CHATS)


def test_another_spelling_of_a_chat_has_its_tokens() -> None:
    """One chat of four messages, as OpenAI, Anthropic and Gemini write it."""
    same = [*ANTHROPIC[:2], {"role": "user", "content": ANTHROPIC[2]["content"][:1]}]
    same.append({"role": "user", "content": "And tomorrow?"})
    assert count_messages(same, "gpt-4o").tokens == count_messages(PLAIN, "gpt-4o").tokens
    gemini = count_messages(GEMINI, "gpt-4o")
    # Gemini's result is an object: {"result":"12:00"} for 12:00.
    plain = count_messages(PLAIN, "gpt-4o").tokens
    assert plain < gemini.tokens <= plain + 6


@chats
def test_a_fit_gives_the_callers_own_objects_and_orphans_nothing(name: str) -> None:
    chat = CHATS[name]
    whole = count_messages(chat, "gpt-4o")
    assert fit(chat, "gpt-4o").tokens == whole.tokens
    small = tokenkit.Model(name="m", kind="chat", encoding="o200k_base", context_window=150)
    result = fit(chat, small, max_output=None, protect=("last_user",))
    kept = [index for index, m in enumerate(chat) if any(m is item for item in result.messages)]
    assert len(kept) == len(result.messages)
    assert 0 not in kept
    assert result.tokens == count_messages(result.messages, small).tokens <= 150
    assert "dropped messages[0] (user" in result.report()
    calls_and_results = {"anthropic": {1, 2}, "gemini": {1, 2}, "responses": {1, 2, 3, 4, 5}}
    assert calls_and_results[name] <= set(kept) or not calls_and_results[name] & set(kept)
    tight = fit(chat, small, max_output=130, protect=("last_user",))
    assert not calls_and_results[name] & {
        index for index, m in enumerate(chat) if any(m is item for item in tight.messages)
    }


@chats
def test_a_result_without_its_call_is_named(name: str) -> None:
    position = {"anthropic": 2, "gemini": 2, "responses": 4}[name]
    chat = CHATS[name][position:]
    with pytest.raises(ValueError, match=r"messages\[0\]: expected the call .* of this tool res"):
        fit(chat, "gpt-4o")
    with pytest.raises(ValueError, match=r"messages\[0\]: expected the call"):
        Prompt("gpt-4o").history(chat)
    dropped = count_messages(chat, "gpt-4o", on_error="drop")
    assert "messages[0]: dropped, as the call of this tool result" in " ".join(dropped.notes)
    assert dropped.tokens < count_messages(chat, "gpt-4o").tokens
    whole = count_messages(CHATS[name], "gpt-4o")
    assert count_messages(CHATS[name], "gpt-4o", on_error="drop") == whole


@chats
def test_prompts_and_comparisons_take_them(name: str) -> None:
    chat = CHATS[name]
    rendered = Prompt("gpt-4o").history(chat).render()
    assert rendered.tokens == count_messages(chat, "gpt-4o").tokens
    assert all(m is item for m, item in zip(rendered.messages, chat, strict=True))
    private, public = compare(chat, ["claude-sonnet-5", "gpt-4o"])
    assert public.tokens == count_messages(chat, "gpt-4o").tokens
    assert private.tokens > 600
    assert (private.high is None) == (name == "responses")


@dataclasses.dataclass
class Said:
    role: str
    content: str


class Dumped:
    """Stands for a pydantic model of an SDK."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def model_dump(self) -> dict[str, Any]:
        return self.fields


class Role(str, enum.Enum):
    USER = "user"


class NotGiven:
    """As the SDKs call their sentinel."""


@pytest.mark.parametrize(
    "message",
    [
        Said("user", "Hi"),
        Dumped(role="user", content="Hi", name=None, tool_calls=None, annotations=[]),
        UserDict(role="user", content="Hi"),
        MappingProxyType({"role": "user", "content": "Hi"}),
        {"role": Role.USER, "content": "Hi"},
        {"role": "user", "content": "Hi", "name": NotGiven()},
        {"role": "user", "content": [Dumped(type="text", text="Hi")]},
        {"role": "user", "content": ({"type": "text", "text": "Hi"},)},
        {"role": "user", "content": [{"text": "Hi"}]},
        {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {}}]},
        {"parts": [{"text": "Hi"}]},
        {"type": "human", "content": "Hi", "additional_kwargs": {}, "id": "x"},
    ],
)
def test_objects_are_counted_as_the_plain_message_that_they_say(message: Any) -> None:
    want = count_messages([{"role": "user", "content": "Hi"}], "gpt-4o")
    assert count_messages([message], "gpt-4o") == want
    assert fit([message], "gpt-4o").messages[0] is message
    assert compare([message], ["gpt-4o"])[0].tokens == want.tokens


def test_calls_of_sdks() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    want = count_messages([{"role": "assistant", "tool_calls": [call]}], "gpt-4o")
    for odd in (
        Dumped(**call, index=0),
        {**call, "function": Dumped(name="f", arguments='{"a":1}')},
        {**call, "function": {"name": "f", "arguments": {"a": 1}}},
        {"name": "f", "args": {"a": np.int64(1)}, "id": "a", "type": "tool_call"},
    ):
        assert count_messages([{"role": "assistant", "tool_calls": [odd]}], "gpt-4o") == want
    empty = {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f"}}]}
    assert count_messages([empty], "gpt-4o").tokens < want.tokens


def test_sizes_of_numpy() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.org/a"}}
    chat = [{"role": "user", "content": [image]}]
    sizes: Any = {"https://x.org/a": tuple(np.array([512, 512]))}
    assert count_messages(chat, "gpt-4o", image_sizes=sizes).tokens == 7 + 255


@pytest.mark.parametrize(
    ("part", "tokens", "high"),
    [
        ({"type": "thinking", "thinking": "a b c", "signature": "x"}, 3, None),
        ({"type": "redacted_thinking", "data": "AAAA"}, 0, None),
        ({"type": "document", "source": {"type": "text", "data": "a b c"}}, 3, 3),
        ({"type": "document", "source": {"type": "url", "url": "https://x"}}, 0, None),
        ({"type": "document", "source": {"type": "content", "content": "a b"}}, 2, 2),
        ({"type": "server_tool_use", "id": "a", "name": "a", "input": {"query": "b c"}}, 3, None),
        ({"type": "hologram", "text": "a b c", "data": "AAAA"}, 3, None),
        ({"type": "video_url", "video_url": {"url": "https://x"}}, 0, None),
        ({"file_data": {"file_uri": "gs://x"}}, 0, None),
        ({"inline_data": {"mime_type": "video/mp4", "data": "AAAA"}}, 0, None),
        ({"thought": True, "text": "a b c"}, 3, 3),
        ({"text": "a b c", "thoughtSignature": "x"}, 3, None),
        ({"executable_code": {"language": "PYTHON", "code": "a b c"}}, 5, None),
    ],
)
def test_parts_whose_tokens_are_not_known(
    part: dict[str, Any], tokens: int, high: int | None
) -> None:
    count = count_messages([{"role": "user", "content": [part]}], "gpt-4o")
    assert count.tokens == 7 + tokens
    assert count.high == (None if high is None else 7 + high)
    known = high is not None and "thought" not in part
    assert count.exact == known
    assert all(note.startswith("messages[0].content[0]") for note in count.notes)
    assert bool(count.notes) != known


def test_images_of_all_systems_have_one_number() -> None:
    gif = "R0lGODlhQABAAA=="  # 64 x 64
    want = [{"type": "image_url", "image_url": {"url": f"data:image/gif;base64,{gif}"}}]
    parts: list[dict[str, Any]] = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": gif}},
        {"type": "image", "data": gif, "mimeType": "image/gif"},
        {"inlineData": {"mimeType": "image/gif", "data": gif}},
        {"type": "file", "data": gif, "mediaType": "image/gif"},
    ]
    tokens = count_messages([{"role": "user", "content": want}], "gpt-4o").tokens
    for part in parts:
        assert count_messages([{"role": "user", "content": [part]}], "gpt-4o").tokens == tokens


def test_unknown_types_are_dropped_on_demand() -> None:
    chat = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "hologram"}]}]
    kept = count_messages(chat, "gpt-4o", on_error="drop")
    assert (kept.tokens, kept.low, kept.high) == (8, 8, 8)
    assert kept.notes == ("messages[0].content[1]: dropped, as its type is not known",)
    with pytest.raises(ValueError, match="on_error: expected 'raise' or 'drop', got 'skip'"):
        count_messages(chat, "gpt-4o", on_error="skip")  # type: ignore[arg-type]


def test_extras_of_langchain_are_read_or_named() -> None:
    """Count what LangChain sends of `additional_kwargs`, and name the rest as unknown."""
    hello = human("hi")
    refused = {"type": "ai", "content": "no", "additional_kwargs": {"refusal": None}}
    assert count_messages([hello, refused], "gpt-4o").exact
    count = count_messages([human("hi", {"tone": "kind"})], "gpt-4o")
    assert (count.exact, count.high) == (False, None)
    assert any(note.startswith("messages[0].additional_kwargs") for note in count.notes)
    call = {"id": "c", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    answer = {"type": "ai", "content": "", "additional_kwargs": {"tool_calls": [call]}}
    plain = {"role": "assistant", "content": "", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "c", "content": "12"}
    asked = count_messages([hello, answer, result], "gpt-4o").tokens
    assert asked == count_messages([hello, plain, result], "gpt-4o").tokens


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool_use", "id": "c", "name": "now", "input": {"tz": "UTC"}},
        {"type": "tool_call", "id": "c", "name": "now", "args": {"tz": "UTC"}},
        {"type": "function_call", "id": "f", "call_id": "c", "name": "now", "arguments": "{}"},
    ],
)
def test_a_call_that_langchain_writes_twice_is_counted_once(part: dict[str, Any]) -> None:
    """LangChain keeps a call in the vendor's own form in the content, besides `tool_calls`."""
    text = {"type": "text", "text": "Let me look."}
    call = {"type": "tool_call", "id": "c", "name": "now", "args": {"tz": "UTC"}}
    once = count_messages([{"type": "ai", "content": [text], "tool_calls": [call]}], "gpt-4o")
    both = {"type": "ai", "content": [text, part], "tool_calls": [call]}
    twice = count_messages([both], "gpt-4o")
    assert (twice.tokens, twice.low, twice.high) == (once.tokens, once.low, once.high)
    other = count_messages([{**both, "tool_calls": [{**call, "id": "d"}]}], "gpt-4o")
    assert other.tokens > once.tokens


def test_arguments_of_langchain_are_counted_as_it_sends_them() -> None:
    said = {"type": "tool_call", "id": "c", "name": "now", "args": {"tz": "Åland", "of": 1}}
    sent = {"name": "now", "arguments": '{"tz": "Åland", "of": 1}'}
    call = {"id": "c", "type": "function", "function": sent}
    read = count_messages([{"type": "ai", "content": "", "tool_calls": [said]}], "gpt-oss-120b")
    plain = {"role": "assistant", "content": "", "tool_calls": [call]}
    assert read == count_messages([plain], "gpt-oss-120b")


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("HumanMessageChunk", "user"),
        ("AIMessageChunk", "assistant"),
        ("SystemMessageChunk", "system"),
    ],
)
def test_messages_of_langchain_are_read_from_streams_and_with_roles(kind: str, role: str) -> None:
    plain = count_messages([{"role": role, "content": "Hi"}], "gpt-4o")
    chunk = {**human("Hi"), "type": kind, "tool_call_chunks": [], "response_metadata": {}}
    assert count_messages([chunk], "gpt-4o") == plain
    assert count_messages([{**chunk, "type": "chat", "role": role}], "gpt-4o") == plain
    assert count_messages([{**chunk, "type": "ChatMessageChunk", "role": role}], "gpt-4o") == plain


def human(text: str, extras: dict[str, Any] | None = None) -> dict[str, Any]:
    """A message as `model_dump` of LangChain's HumanMessage gives it."""
    return {"type": "human", "content": text, "additional_kwargs": extras or {}, "id": None}


def test_values_that_hold_themselves_are_refused() -> None:
    circle: dict[str, Any] = {}
    circle["inner"] = circle
    deep: dict[str, Any] = {}
    for _ in range(100_000):  # the depth that json takes is another one in each Python
        deep = {"inner": deep}
    for value in (circle, deep):
        call = {"type": "tool_use", "id": "a", "name": "now", "input": value}
        tool = {"type": "function", "function": {"name": "now", "parameters": value}}
        with pytest.raises(ValueError, match="holds itself or is nested too deeply"):
            count_messages([{"role": "assistant", "content": [call]}], "gpt-4o")
        with pytest.raises(ValueError, match="holds itself or is nested too deeply"):
            count_messages([human("hi")], "gpt-4o", tools=[tool])


@pytest.mark.parametrize(
    "data",
    [PICTURE, bytearray(PICTURE), b64encode(PICTURE).decode(), urlsafe_b64encode(PICTURE).decode()],
)
def test_pictures_of_geminis_sdk_are_measured(data: object) -> None:
    """The SDK takes bytes, and sends them in the alphabet for URLs."""
    part = {"inline_data": {"data": data, "mime_type": "image/png"}, "thought_signature": None}
    content = {"role": "user", "parts": [part]}
    check = tokenkit.preflight(model="gemini-3.5-flash", contents=[content])
    assert check.high is not None
    assert check.high - check.low < 30
    assert [part.tokens for part in check.parts if part.kind == "image"] == [
        tokenkit.image_tokens(1_000, 800, "gemini-3.5-flash")
    ]
    meter = tokenkit.ContextMeter("gemini-3.5-flash")
    meter.add(content)
    meter.add({"role": "model", "parts": [{"text": "Hi", "thought_signature": b"\xfb\xff"}]})
    assert tokenkit.ContextMeter.restore(meter.snapshot()).tokens == meter.tokens
