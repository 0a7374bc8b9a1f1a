"""Segments, and hidden characters made visible."""

from __future__ import annotations

from hypothesis import given, strategies as st

import tokenkit
from tokenkit.views.tokens import HIDDEN, hidden_name, segments, visible

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
