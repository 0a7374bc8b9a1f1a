"""Tables of Markdown whose head is repeated in every chunk of them.

The text is chunked in segments, each of which ends with a table that is split. What such a table
has behind the first chunk is chunked again, with its head as a part of the prefix.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import NamedTuple

from tokenkit.chunking.results import path_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tokenkit.chunking.results import Boundary, Chunk, CoreChunks, HeadingPath

    # Chunks of a text behind a head, which may be empty: what the core gives.
    Split = Callable[[str, str], CoreChunks]
    # Chunks of a text from what the core gave, its offset, the first index, the path and the head.
    Make = Callable[[str, CoreChunks, int, int, HeadingPath, str], list[Chunk]]

# The delimiter row of https://github.github.com/gfm/#tables-extension-
_DELIMITER = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_END = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_OTHER_BLOCK = re.compile(r" {0,3}(?:#|>|```|~~~)|[ \t]*$")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class Table(NamedTuple):
    """Offsets in characters: of the head, of the first row behind it, and of the end."""

    start: int
    body: int
    end: int


def tables_of(text: str) -> list[Table]:
    """List the tables of a Markdown text that have rows; those inside fenced code are none.

    >>> tables_of("| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\nText.")
    [Table(start=0, body=20, end=30)]
    """
    tables = []
    lines = [(match.start(), match.group()) for match in _LINE.finditer(text) if match.group()]
    lines.append((len(text), ""))
    fenced = False
    k = 1
    while k < len(lines) - 1:
        start, head = lines[k - 1]
        fenced ^= _FENCE.match(head) is not None
        k += 1
        if fenced or not _is_head(head.rstrip("\r\n"), lines[k - 1][1].rstrip("\r\n")):
            continue
        body = k
        while k < len(lines) - 1 and not _OTHER_BLOCK.match(lines[k][1].rstrip("\r\n")):
            k += 1
        if k > body:
            tables.append(Table(start, lines[body][0], lines[k][0]))
        k += 1
    return tables


def _is_head(row: str, delimiter: str) -> bool:
    if "|" not in row or "|" not in delimiter or not _DELIMITER.fullmatch(delimiter):
        return False
    return _cells(row) == _cells(delimiter)


def _cells(row: str) -> int:
    inner = row.strip().removeprefix("|")
    return len(_CELL_END.findall(inner)) + (not re.search(r"(?<!\\)\|$", inner))


def chunk_with_heads(
    text: str, split: Split, make: Make, is_long: Callable[[str], bool]
) -> list[Chunk]:
    """Split a text so that each chunk inside a table has its head in `input`."""
    tables = tables_of(text)
    divided = {table for table in tables if is_long(text[table.start : table.end])}
    while True:
        segments = list(_segments(text, sorted(divided)))
        pieces = [split(text[start:end], "") for start, end, _ in segments]
        more = set(_tables_split(tables, segments, pieces)) - divided
        if not more:
            return _joined(text, segments, pieces, split, make)
        divided |= more


def _segments(text: str, tables: Sequence[Table]) -> Iterator[tuple[int, int, Table | None]]:
    start = 0
    for table in tables:
        yield start, table.end, table
        start = table.end
    if start < len(text):
        yield start, len(text), None


def _tables_split(
    tables: Sequence[Table],
    segments: Iterable[tuple[int, int, Table | None]],
    pieces: Iterable[CoreChunks],
) -> Iterator[Table]:
    """Iterate over the tables that a chunk starts inside of."""
    starts = [
        start + span[0]
        for (start, _, _), (spans, _, _) in zip(segments, pieces, strict=True)
        for span in spans
    ]
    for table in tables:
        at = bisect_right(starts, table.start)
        if at < len(starts) and starts[at] < table.end:
            yield table


def _joined(
    text: str,
    segments: Sequence[tuple[int, int, Table | None]],
    pieces: Sequence[CoreChunks],
    split: Split,
    make: Make,
) -> list[Chunk]:
    chunks: list[Chunk] = []
    path: HeadingPath = ()

    def add(part: str, core_chunks: CoreChunks, start: int, head: str) -> None:
        if chunks:  # no chunk repeats what is before its segment
            boundary: Boundary = "line" if head else "fence"
            chunks[-1] = replace(chunks[-1], overlap=0, boundary=boundary)
        chunks.extend(make(part, core_chunks, start, len(chunks), path, head))

    for (start, end, table), core_chunks in zip(segments, pieces, strict=True):
        part, head = text[start:end], ""
        kept, rest, behind = core_chunks, end, None
        if table is not None:
            head = text[table.start : table.body]
            kept, rest = _up_to_rows(text, table, start, core_chunks)
            behind = split(text[rest:end], head) if rest < end else None
        if behind is None or behind[2] is not None or not behind[0]:
            kept, behind = core_chunks, None
        add(part, kept, start, "")
        path = path_at(part, core_chunks[1], path)
        if behind is not None:
            add(text[rest:end], behind, rest, head)
    return chunks


def _up_to_rows(
    text: str, table: Table, start: int, core_chunks: CoreChunks
) -> tuple[CoreChunks, int]:
    """Find the chunks up to the first one behind which there are only rows, and where it ends.

    It is the end of the table if nothing is left.
    """
    spans, headings, failure = core_chunks
    for k, span in enumerate(spans[:-1]):
        end = start + span[1]
        if not text[end : table.body].strip():  # what is behind the last line may be trimmed
            return (spans[: k + 1], headings, failure), end
    return core_chunks, table.end
