"""Parts of chunks and of fitted chats."""

from __future__ import annotations

from typing import Any

import tokenkit
from tokenkit.views.parts import chunk_parts, fit_parts, message_text

ENCODING = tokenkit.get_encoding("o200k_base")


def test_chunks_tell_what_they_repeat() -> None:
    text = "One sentence here. " * 40
    chunks = tokenkit.chunk(text, max_tokens=30, overlap=8, encoding=ENCODING)
    parts = chunk_parts(chunks, limit=30)
    assert len(parts) > 3
    joined = "".join(part.text[part.repeated :] for part in parts)
    assert joined == text
    assert parts[0].repeated == 0
    assert all(0 < part.repeated < len(part.text) for part in parts[1:])
    assert [part.tokens for part in parts] == [one.tokens for one in chunks]


def chat() -> list[dict[str, Any]]:
    call = {"id": "a", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    return [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Tell me all."},
        {"role": "assistant", "content": "old " * 7_000},
        {"role": "user", "content": [{"type": "text", "text": "Look it up."}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "row\n" * 6_000},
    ]


def test_fit_parts() -> None:
    messages = chat()
    fitted = tokenkit.fit(messages, "gpt-4", max_output=2_000)
    parts = fit_parts(messages, fitted)
    assert [part.status for part in parts] == [
        "kept", "kept", "dropped", "kept", "kept", "shortened",
    ]  # fmt: skip
    stay = sum(part.tokens or 0 for part in parts if part.status != "dropped")
    assert stay + 3 == fitted.tokens  # three tokens begin the reply
    assert parts[4].text == "find({})"
    assert parts[5].text == fitted.messages[-1]["content"]
    assert str(fitted.truncated[0].tokens_before) in parts[5].notes[0]


def test_what_is_no_text_is_named() -> None:
    message = {"content": [{"type": "text", "text": "See:"}, {"type": "image_url"}]}
    assert message_text(message) == "See:\n[image_url]"
    assert message_text({"content": None}) == ""
