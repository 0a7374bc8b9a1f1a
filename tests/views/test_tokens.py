"""What is shown: segments, parts, figures, the use of a window."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.views.tokens import (
    HIDDEN,
    chunk_parts,
    figures,
    fit_parts,
    hidden_name,
    message_text,
    segments,
    visible,
    window_use,
)

ENCODING = tokenkit.get_encoding("o200k_base")
TEXTS = st.text(st.sampled_from("ab \n\t漢é👩🏽\u200d\u202e\ud800ༀ<"), max_size=30)


@given(TEXTS)
def test_segments_are_the_text(text: str) -> None:
    found = list(segments(text, ENCODING))
    assert "".join(text[one.start : one.end] for one in found) == text
    tokens = [token for one in found for token in one.tokens]
    assert [token.id for token in tokens] == ENCODING.encode_ordinary(text)
    for token in tokens:
        assert token.data == ENCODING.decode_single_token_bytes(token.id)
        assert len(token.data) == token.byte_end - token.byte_start


@given(TEXTS)
def test_segments_are_as_small_as_can_be(text: str) -> None:
    for one in segments(text, ENCODING):
        for earlier, later in zip(one.tokens, one.tokens[1:], strict=False):
            assert later.start < earlier.end


def test_a_split_character_is_one_segment() -> None:
    first, second = segments("a👩", ENCODING)
    assert (first.start, first.end, len(first.tokens)) == (0, 1, 1)
    assert [token.data for token in second.tokens] == [b"\xf0\x9f\x91", b"\xa9"]


def test_hidden_characters_have_names() -> None:
    for character in map(chr, range(0x110000)):
        if HIDDEN.match(character):
            assert not HIDDEN.search(hidden_name(character))
    for character in "\x00\x1b\x85\u00ad\u200b\u202e\u2066\u2028\ufeff\ud83d\U000e0041":
        assert visible(character).startswith("[")
    assert visible("a\tb\r\nc é 漢 👩") == "a\tb\r\nc é 漢 👩"


def test_figures() -> None:
    found = figures(["one two\nthree", "", "é\n"], ENCODING)
    assert (found.tokens, found.characters, found.bytes) == (6, 15, 16)
    assert (found.words, found.lines) == (4, 3)
    assert found.characters_per_token == 2.5
    assert found.rule_tokens == 4
    assert found.rule_error == pytest.approx(-1 / 3)


def test_figures_of_nothing() -> None:
    found = figures([], ENCODING)
    assert (found.tokens, found.lines, found.characters_per_token, found.rule_error) == (
        0,
        0,
        None,
        None,
    )


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
    assert stay + 3 == fitted.input_tokens  # three tokens begin the reply
    assert parts[4].text == "find({})"
    assert parts[5].text == fitted.messages[-1]["content"]
    assert str(fitted.truncated[0].tokens_before) in parts[5].notes[0]


def test_what_is_no_text_is_named() -> None:
    message = {"content": [{"type": "text", "text": "See:"}, {"type": "image_url"}]}
    assert message_text(message) == "See:\n[image_url]"
    assert message_text({"content": None}) == ""


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.2", "text-embedding-3-small", "claude-opus-5"])
@pytest.mark.parametrize("prompt", [0, 10, 100_000, 10_000_000])
@pytest.mark.parametrize("max_output", [None, "auto", 1_000])
def test_stretches_of_the_window(model: str, prompt: int, max_output: Any) -> None:
    use = window_use(model, prompt, max_output=max_output)
    record = tokenkit.get_model(model)
    assert use.free == use.limit - prompt
    inside = use.reserved if record.window == "shared" else 0
    if use.free >= 0:
        assert prompt + use.free + inside + use.beyond == use.window
    if max_output is None:
        assert use.reserved == 0


def test_window_agrees_with_the_budget() -> None:
    for model in ("gpt-4o", "gpt-5.2", "gpt-4.1"):
        budget = tokenkit.Budget.for_model(model, max_output=2_000)
        assert window_use(model, 0, max_output=2_000).limit == budget.input_limit
    with pytest.raises(ValueError, match="max_output"):
        window_use("gpt-4o", 1, max_output=0)
