"""The readable twin of the core: what each encoding gives, said as plainly as possible.

A text is cut with the published pattern by the `regex` package; its classes of characters are
written out from Unicode 16.0.0, because the package itself may carry a newer Unicode. Each piece is
merged by looking again and again for the adjacent pair of lowest rank, the leftmost of equals.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import re
import sys

import regex  # type: ignore[import-untyped,unused-ignore]

from tokenkit import Encoding

if sys.version_info >= (3, 14):
    import unicodedata
else:
    import unicodedata2 as unicodedata

if unicodedata.unidata_version != "16.0.0":
    raise ImportError(f"the oracle needs Unicode 16.0.0, not {unicodedata.unidata_version}")


@functools.cache
def runs_of_categories() -> list[tuple[str, int, int]]:
    """The category, first and last character of each run of characters of one category."""
    runs = []
    start = 0
    for category, run in itertools.groupby(map(unicodedata.category, map(chr, range(0x110000)))):
        length = sum(1 for _ in run)
        runs.append((category, start, start + length - 1))
        start += length
    return runs


@functools.cache
def class_ranges(prefix: str) -> str:
    """The characters whose category starts with `prefix`, as the inside of a character class."""
    return "".join(
        rf"\U{first:08x}-\U{last:08x}"
        for category, first, last in runs_of_categories()
        if category.startswith(prefix)
    )


@functools.cache
def compiled(pat_str: str) -> regex.Pattern[str]:
    """The pattern with its classes written out and `$` as the end of the text."""
    out = []
    inside = False
    for part in re.findall(r"\\p\{\w+\}|\\.|.", pat_str):
        if part.startswith(r"\p"):
            ranges = class_ranges(part[3:-1])
            out.append(ranges if inside else f"[{ranges}]")
            continue
        inside = (inside or part == "[") and part != "]"
        out.append(r"\Z" if part == "$" else part)
    return regex.compile("".join(out))


def joined(text: str) -> str:
    """Text with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pieces(enc: Encoding, text: str) -> list[str]:
    """Text cut as the encoding's pattern says."""
    return [match.group() for match in compiled(enc._pat_str).finditer(joined(text))]


def merge(ranks: dict[bytes, int], piece: bytes) -> list[int]:
    """The ids of one piece."""
    if piece in ranks:
        return [ranks[piece]]
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while True:
        pairs = [ranks.get(a + b) for a, b in itertools.pairwise(parts)]
        found = [(rank, i) for i, rank in enumerate(pairs) if rank is not None]
        if not found:
            return [ranks[part] for part in parts]
        _, i = min(found)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


def merge_long(ranks: dict[bytes, int], piece: bytes) -> list[int]:
    """As `merge`, with a heap of pairs: for pieces where looking at all pairs takes too long."""
    ends = list(range(1, len(piece) + 1))  # of the part that starts at each place
    before = list(range(-1, len(piece) - 1))
    heap: list[tuple[int, int, int]] = []

    def offer(start: int) -> None:
        if start >= 0 and ends[start] < len(piece):
            end = ends[ends[start]]
            rank = ranks.get(piece[start:end])
            if rank is not None:
                heapq.heappush(heap, (rank, start, end))

    for start in range(len(piece)):
        offer(start)
    alive = [True] * len(piece)
    while heap:
        _, start, end = heapq.heappop(heap)
        if not alive[start] or ends[start] == len(piece) or ends[ends[start]] != end:
            continue
        alive[ends[start]] = False
        ends[start] = end
        if end < len(piece):
            before[end] = start
        offer(start)
        offer(before[start])
    return [ranks[piece[start : ends[start]]] for start in range(len(piece)) if alive[start]]


def encode(enc: Encoding, text: str) -> list[int]:
    """The ids of text, special tokens being ordinary text; each different piece is merged once."""
    ranks = enc._mergeable_ranks
    merged: dict[str, list[int]] = {}
    ids = []
    for piece in pieces(enc, text):
        if piece not in merged:
            data = piece.encode()
            merged[piece] = (merge if len(data) < 300 else merge_long)(ranks, data)
        ids += merged[piece]
    return ids
