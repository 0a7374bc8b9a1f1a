"""Unstable ids and bytes that are not UTF-8, with a pattern of the user's own.

tests/encodings/test_tiktoken_compat.py compares those of the bundled encodings.
"""

from __future__ import annotations

import tiktoken
from own_patterns import make


def test_unstable_and_bytes() -> None:
    ours, theirs = make(r"\w+|\s+"), make(r"\w+|\s+", cls=tiktoken.Encoding)
    for text in ("ab a", "a  ", "!", "", "ab\n\n"):
        stable, completions = ours.encode_with_unstable(text)
        their_stable, their_completions = theirs.encode_with_unstable(text)
        assert stable == their_stable
        assert sorted(completions) == sorted(their_completions)
    for data in (b"ab \xff", b"\xff", b"ab", b"", b"a  \xe6\xbc"):
        assert ours._encode_bytes(data) == theirs._encode_bytes(data)
