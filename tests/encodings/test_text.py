"""Text on its way in: surrogates, and indexes into texts that hold surrogate pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tokenkit.encodings.text import SourceOffsets, as_str, has_surrogates, repaired, utf8

CHARACTERS = "aé漢\U0001f600\ud83d\ude00"


@given(text=st.text(alphabet=CHARACTERS, max_size=20))
def test_repaired(text: str) -> None:
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert repaired(text) == expected
    assert utf8(text) == expected.encode() == repaired(text).encode()
    assert (repaired(text) is text) == (not has_surrogates(text))
    assert as_str(utf8(text)) == as_str(text) == expected


class Str(str):
    """A subclass, as other packages have."""


@pytest.mark.parametrize("widest", CHARACTERS)
@pytest.mark.parametrize("size", [1, 100, 5000])
def test_long_texts_with_and_without_surrogates(widest: str, size: int) -> None:
    """A str keeps characters in 1, 2 or 4 bytes; long ones are looked at without a copy."""
    wanted = 0xD800 <= ord(widest) < 0xE000
    for text in ("a" * size + widest, widest + "b" * size, Str("é" * size + widest + "漢")):
        assert has_surrogates(text) == wanted
    assert has_surrogates("漢" * size + widest + "\U0001f600") == wanted


@given(text=st.text(alphabet=CHARACTERS, max_size=20))
def test_source_offsets(text: str) -> None:
    """The text up to the index of the source is the repaired text up to the index."""
    whole = repaired(text)
    offsets = SourceOffsets(text)
    indexes = np.arange(len(whole) + 1)
    for index in indexes.tolist():
        assert repaired(text[: offsets[index]]) == whole[:index]
    assert offsets.of_array(indexes).tolist() == [offsets[index] for index in indexes.tolist()]
    assert bool(offsets) == (len(text) != len(whole))


def test_text_without_pairs() -> None:
    indexes = np.arange(4)
    for offsets in (SourceOffsets("abc\ud83d"), SourceOffsets("abc", pairless=True)):
        assert not offsets
        assert offsets[3] == 3
        assert offsets.of_array(indexes) is indexes


@pytest.mark.parametrize(
    ("data", "byte"), [(b"\xff", 0), (b"ab\xe6\xbc", 2), (b"a\xed\xa0\x80", 1)]
)
def test_bytes_that_are_not_utf8(data: bytes, byte: int) -> None:
    for text in (data, bytearray(data), memoryview(data)):
        with pytest.raises(ValueError, match=f"^invalid UTF-8 at byte {byte}$"):
            as_str(text)
