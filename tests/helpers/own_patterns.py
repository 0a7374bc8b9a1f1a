"""Encodings with a pattern of the user's own, on a small vocabulary."""

from __future__ import annotations

from tokenkit import Encoding

BYTES = {bytes([i]): i for i in range(256)}
PAIRS = BYTES | {
    token: 256 + i
    for i, token in enumerate(
        [b"ab", b"  ", b"\n\n", b"\n ", b" a", b"\r\n", b"aa", b"aaaa", b"\n  ", "é".encode()]
    )
}


def make(pat_str: str, ranks: dict[bytes, int] = PAIRS, cls: type = Encoding) -> Encoding:
    enc: Encoding = cls("own", pat_str=pat_str, mergeable_ranks=ranks, special_tokens={"<s>": 999})
    return enc
