"""Parts of content: what each counts, and the notes that say what was assumed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tokenkit.chat.counting import MessageCount, count_messages
from tokenkit.chat.memo import counts_for

ROUNDING = "image tokens follow the published rule; the API may round by one"
SPEECH = "audio counts 1 token per 100 ms, the rule published for realtime models"
LENGTH = (
    "messages[0].content[0]: length of the audio unknown, counted as 128 kbit/s; WAV and MP3 are "
    "measured, other kinds where the extra `audio` is installed"
)
TOOLS = "tools and response formats follow a rule that OpenAI does not publish"
CALLS = "tool calls follow a rule that OpenAI does not publish"
PARALLEL = "parallel tool calls follow a rule that OpenAI does not publish"
WORST = (
    "messages[0].content[0]: image size unknown, counted as the worst case of 1445 tokens; give "
    "image_sizes={url: (width, height)} for its own number"
)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def counted(*parts: dict[str, Any], model: str = "gpt-4o", **options: Any) -> MessageCount:
    return count_messages([{"role": "user", "content": list(parts)}], model, **options)


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def file(data: bytes, kind: str = "text/plain") -> dict[str, Any]:
    url = f"data:{kind};base64,{encoded(data)}"
    return {"type": "file", "file": {"file_data": url}}


def speech(data: bytes) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": encoded(data)}}


GIF = b"GIF89a" + (64).to_bytes(2, "little") * 2
PDF = b"%PDF-1.4 << /Type /Pages >> << /Type /Page >> <</Type/Page>>"
WAV = (
    b"RIFF" + (36 + 8_000).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x01\0"
    + (8_000).to_bytes(4, "little") * 2 + b"\x01\0\x08\0data" + (8_000).to_bytes(4, "little")
    + b"\0" * 8_000
)  # fmt: skip
NO_RATES = WAV[:24] + b"\0" * 8 + WAV[32:]  # a header that gives no rates


@pytest.mark.parametrize(
    ("part", "tokens", "notes"),
    [
        ({"type": "text", "text": "hello"}, 1, ()),
        ({"type": "refusal", "refusal": "hello"}, 1, ()),
        ({"type": "input_text", "text": "hello"}, 1, ()),
        (image(f"data:image/gif;base64,{encoded(GIF)}"), 255, (ROUNDING,)),
        ({"type": "input_image", "image_url": "https://x.org/a"}, 1445, (WORST,)),
        ({"type": "input_image", "file_id": "file-1"}, 1445, (WORST,)),
        (image("https://x.org/a.png"), 1445, (WORST,)),
        (image("data:image/x;base64,aGVsbG8="), 1445, (WORST,)),
        (speech(WAV), 10, (SPEECH,)),
        (speech(b"x" * 16_000), 10, (SPEECH, LENGTH)),
        (speech(NO_RATES), 6, (SPEECH, LENGTH)),
        (
            {"type": "file", "file": {"file_id": "file-1"}},
            0,
            ("messages[0].content[0]: a file by reference cannot be counted here; counted as 0",),
        ),
        (file(b"hello"), 1, ("messages[0].content[0]: counted as the text of the file",)),
        (
            {"type": "input_file", "file_data": encoded(b"hello")},
            1,
            ("messages[0].content[0]: counted as the text of the file",),
        ),
        (
            file(PDF, "application/pdf"),
            2 * (650 + 85 + 4 * 170),
            (
                "messages[0].content[0]: PDF of about 2 pages estimated; text and a picture of "
                "each page count, by no published number",
            ),
        ),
    ],
)
def test_tokens_and_notes_of_parts(
    part: dict[str, Any], tokens: int, notes: tuple[str, ...]
) -> None:
    count = counted(part)
    assert count.tokens == 3 + 1 + tokens + 3
    assert count.notes == notes
    assert count.exact == (not notes)
    assert count.low <= count.tokens
    assert sum(part.tokens for part in count.parts) == count.tokens
    of_parts = [p for p in count.parts if p.where == "messages[0].content[0]"]
    assert all(p.index == 0 and p.in_message for p in of_parts)
    assert len(of_parts) == (part["type"] not in ("text", "refusal", "input_text"))


def test_notes_of_tools_and_calls() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert counted({"type": "text", "text": "x"}, tools=tools).notes == (TOOLS,)
    call = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    asking = {"role": "assistant", "tool_calls": [call]}
    assert count_messages([asking], "gpt-4o").notes == (CALLS,)
    both = {"role": "assistant", "tool_calls": [call, {**call, "id": "b"}]}
    assert count_messages([both], "gpt-4o").notes == (PARALLEL, CALLS)
    assert count_messages([both], "gpt-oss-20b").notes == ()
    spoken = {"role": "assistant", "audio": {"id": "x"}}
    assert count_messages([spoken], "gpt-4o").notes == (
        "messages[0].audio: earlier speech cannot be counted here",
    )
    assert count_messages([spoken], "gpt-4o").high is None


def test_notes_of_models() -> None:
    chat = [{"role": "user", "content": "x"}]
    assert count_messages(chat, "gpt-5").notes == ("message framing of gpt-5 is not documented",)
    assert count_messages(chat, "gpt-6-sol").notes[-1] == (
        "the encoding of gpt-6-sol is assumed to be o200k_base"
    )
    url = f"data:image/gif;base64,{encoded(GIF)}"
    assert counted(image(url), model="gpt-6-sol").notes[0] == (
        "no image rule is published for gpt-6-sol: counted as patch:gpt-6-astra"
    )


def test_bounds_of_what_is_uncertain() -> None:
    """The widths that the rules promise, for each source of doubt."""
    known = counted(image(f"data:image/gif;base64,{encoded(GIF)}"))
    assert (known.low, known.high) == (known.tokens - 1, known.tokens + 1)
    reasoning = count_messages([{"role": "user", "content": "x"}] * 3, "gpt-5")
    assert (reasoning.low, reasoning.high) == (reasoning.tokens - 4, reasoning.tokens + 4)
    tools = [{"type": "function", "function": {"name": "f"}}]
    asking = counted({"type": "text", "text": "word " * 400}, tools=tools)
    assert (asking.low, asking.high) == (asking.tokens - 9, asking.tokens + 9)
    unknown = counted(image("https://x.org/a"), {"type": "text", "text": "word " * 400})
    assert unknown.high == unknown.tokens + 1
    assert unknown.low == unknown.tokens - 1 - (8 * 170 - 170)
    for part, low in (
        ({"type": "file", "file": {"file_id": "file-1"}}, 7),
        (file(PDF, "application/pdf"), 7),
        (file(b"PK\3\4\xff"), 7),
        (file(b"hello"), 8),
        (speech(b"x" * 16_000), 7),
    ):
        count = counted(part)
        assert (count.low, count.high, count.exact) == (low, None, False)
    spoken = count_messages([{"role": "assistant", "audio": {"id": "x"}}], "gpt-4o")
    assert (spoken.low, spoken.high, spoken.exact) == (7, None, False)


def test_several_texts_are_counted_one_by_one() -> None:
    texts = ["hel", "lo", " wor", "ld"]
    count = counted(*({"type": "text", "text": text} for text in texts))
    size = counts_for("o200k_base").count
    assert count.tokens == 7 + sum(map(size, texts))
    whole = count_messages([{"role": "user", "content": "".join(texts)}], "gpt-oss-20b")
    assert counted(*({"type": "text", "text": t} for t in texts), model="gpt-oss-20b") == whole
