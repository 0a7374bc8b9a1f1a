"""The promises of every list of chunks, and two texts with borders of every kind."""

from __future__ import annotations

import bisect
import itertools
import re
from functools import lru_cache

import wcwidth

from tokenkit import Chunk, Chunker, ContextOverflowError

PROSE = (
    "The first paragraph has two sentences. It is short, but long enough to be cut.\n\n"
    "A second one follows; it has a clause, and another.\nA line stands below it.\n\n"
) * 12
MARKDOWN = (
    "# Guide\n\nSome words about it.\n\n## Install\n\n```sh\npip install it\n\nrun it\n```\n\n"
    "Then do more.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nTitle\n=====\n\nLast words.\n"
)
CHARACTER = re.compile("[\ud800-\udbff][\udc00-\udfff]|.", re.DOTALL)  # a pair of surrogates is one
# Characters with the Unicode property White_Space (PropList.txt of Unicode 16.0.0).
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def check_promises(source: str, chunks: list[Chunk], chunker: Chunker) -> None:
    """Assert all that the documentation promises of the chunks of a text."""
    enc, limit, room = chunker.encoding, chunker.max_tokens, chunker.max_tokens - chunker.reserve
    for index, chunk in enumerate(chunks):
        assert chunk.index == index
        assert chunk.text
        assert chunk.text == source[chunk.start : chunk.end]
        assert chunk.input == chunker.prefix + chunk.text
        assert chunk.tokens == enc.count(chunk.text) <= limit
        assert enc.count(chunk.input) <= room
        assert (chunk.boundary == "end") == (index == len(chunks) - 1)
    for chunk, after in itertools.pairwise(chunks):
        assert chunk.start < after.start
        assert chunk.end < after.end
        shared = enc.count(source[after.start : chunk.end]) if after.start < chunk.end else 0
        assert shared == chunk.overlap <= chunker.overlap
        if source[chunk.end - 1 : chunk.end + 1] == "\r\n":  # only if not even that fits
            assert enc.count("\r\n") > limit or enc.count(chunker.prefix + "\r\n") > room
    check_that_nothing_is_lost(source, chunks, chunker)
    if not any("\ud800" <= character <= "\udfff" for character in source):
        check_clusters(source, chunks, chunker)


def check_that_nothing_is_lost(source: str, chunks: list[Chunk], chunker: Chunker) -> None:
    """Assert that what is in no chunk is white space, with `trim`, and nothing without it."""
    ends = [0, *(chunk.end for chunk in chunks)]
    starts = [*(chunk.start for chunk in chunks), len(source)]
    for end, start in zip(ends, starts, strict=True):
        assert not source[end:start].strip(WHITE_SPACE)
        if not chunker.trim:
            assert start <= end
    if chunker.trim:
        assert all(is_trimmed(chunk.text) or splits_cluster(source, chunk) for chunk in chunks)
    if not chunker.overlap and not chunker.trim:
        assert "".join(chunk.text for chunk in chunks) == source


def is_trimmed(text: str) -> bool:
    """Say whether there is no white space at the ends but what is in one cluster with the rest."""
    words = text.strip(WHITE_SPACE)
    before, after = (len(part) for part in text.split(words, 1)) if words else (2, 2)
    joined = [len(list(wcwidth.iter_graphemes(pair))) == 1 for pair in (text[:2], text[-2:])]
    return before <= joined[0] and after <= joined[1]


def splits_cluster(source: str, chunk: Chunk) -> bool:
    """Say whether a chunk starts or ends inside a cluster, whose white space it may keep."""
    return not {chunk.start, chunk.end} <= set(borders_of_clusters(source))


def check_clusters(source: str, chunks: list[Chunk], chunker: Chunker) -> None:
    """Assert that a grapheme cluster is split only if it is more than a chunk: in 4,000 characters,
    as splitting into clusters takes long."""
    enc, limit, room = chunker.encoding, chunker.max_tokens, chunker.max_tokens - chunker.reserve
    borders = borders_of_clusters(source[:4000])
    for place in {place for chunk in chunks for place in (chunk.start, chunk.end)}:
        after = bisect.bisect_right(borders, place)
        if place > 3900 or borders[after - 1] == place:
            continue
        cluster = source[borders[after - 1] : borders[after]]
        over = enc.count(cluster) > limit or enc.count(chunker.prefix + cluster) > room
        assert over, repr(cluster)


@lru_cache(maxsize=100)
def borders_of_clusters(text: str) -> list[int]:
    return [0, *itertools.accumulate(map(len, wcwidth.iter_graphemes(text)))]


def check_overflow(source: str, error: ContextOverflowError, chunker: Chunker) -> None:
    """Assert that the character that an error names is more than a chunk by itself."""
    offset = re.search(r"at offset (\d+)", str(error))
    assert offset is not None
    match = CHARACTER.match(source, int(offset[1]))
    assert match is not None
    character = match[0]
    alone = chunker.encoding.count(character)
    with_prefix = chunker.encoding.count(chunker.prefix + character) + chunker.reserve
    assert alone > chunker.max_tokens or with_prefix > chunker.max_tokens
    assert error.needed == with_prefix > error.available == chunker.max_tokens
