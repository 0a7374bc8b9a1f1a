"""Unstable ids and bytes that are not UTF-8, with a pattern of the user's own.

tests/encodings/test_tiktoken_compat.py compares those of the bundled encodings.
"""

from __future__ import annotations

import tiktoken
from own_patterns import PAIRS, make


def test_unstable_and_bytes() -> None:
    ours, theirs = make(r"\w+|\s+"), make(r"\w+|\s+", cls=tiktoken.Encoding)
    for text in ("ab a", "a  ", "!", "", "ab\n\n"):
        stable, completions = ours.encode_with_unstable(text)
        their_stable, their_completions = theirs.encode_with_unstable(text)
        assert stable == their_stable
        assert sorted(completions) == sorted(their_completions)
    for data in (b"ab \xff", b"\xff", b"ab", b"", b"a  \xe6\xbc"):
        assert ours._encode_bytes(data) == theirs._encode_bytes(data)


def test_the_last_character_may_be_cut_off_if_it_is_white_space() -> None:
    """Of Rust, to which U+001C is none, and U+2000 some, whose last byte is the lowest of those."""
    texts = ["!\x1c", "!\n", "!\u2000", "!\u3000", "! "]
    ranks = PAIRS | {text.encode(): 300 + i for i, text in enumerate(texts)}
    ours, theirs = make(r"\w+|\W+", ranks), make(r"\w+|\W+", ranks, tiktoken.Encoding)
    for text in texts:
        stable, completions = ours.encode_with_unstable(text)
        their_stable, their_completions = theirs.encode_with_unstable(text)
        assert stable == their_stable
        assert sorted(completions) == sorted(their_completions)
