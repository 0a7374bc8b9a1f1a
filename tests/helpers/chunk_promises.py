"""The promises of every list of chunks, and two texts with borders of every kind."""

from __future__ import annotations

import itertools
from typing import Any

import pyuegc

import tokenkit
from tokenkit import Chunk

PROSE = (
    "The first paragraph has two sentences. It is short, but long enough to be cut.\n\n"
    "A second one follows; it has a clause, and another.\nA line stands below it.\n\n"
) * 12
MARKDOWN = (
    "# Guide\n\nSome words about it.\n\n## Install\n\n```sh\npip install it\n\nrun it\n```\n\n"
    "Then do more.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nTitle\n=====\n\nLast words.\n"
)


def check_promises(source: str, chunks: list[Chunk], chosen: dict[str, Any]) -> None:
    enc = chosen["encoding"]
    if isinstance(enc, str):
        enc = tokenkit.get_encoding(enc)
    limit, reserve = chosen["max_tokens"], chosen.get("reserve", 0)
    prefix, overlap = chosen.get("prefix") or "", chosen.get("overlap", 0)
    for index, c in enumerate(chunks):
        assert c.index == index
        assert c.text
        assert c.text == source[c.start : c.end]
        assert c.input == prefix + c.text
        assert c.tokens == enc.count(c.text) <= limit
        assert enc.count(c.input) + reserve <= limit
    for a, b in itertools.pairwise(chunks):
        assert a.start < b.start
        assert a.end < b.end
        shared = enc.count(source[b.start : a.end]) if b.start < a.end else 0
        assert shared == a.overlap <= overlap
        if source[a.end - 1 : a.end + 1] == "\r\n":  # only if not even that fits
            assert max(enc.count("\r\n"), enc.count(prefix + "\r\n")) > limit - reserve
    if not overlap and not chosen.get("trim"):
        assert "".join(c.text for c in chunks) == source
    if any("\ud800" <= c <= "\udfff" for c in source):
        return
    borders = {0}
    for cluster in pyuegc.EGC(source[:4000]):
        borders.add(max(borders) + len(cluster))
    for c in chunks[:-1]:
        if c.end in borders or c.end > 3900:
            continue
        first = max(b for b in borders if b < c.end)
        cluster = source[first : min(b for b in borders if b > c.end)]
        room = limit - reserve
        assert enc.count(cluster) > limit or enc.count(prefix + cluster) > room, repr(cluster)
