"""Tables of Markdown: where they are, and their heads in the chunks of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from tokenkit import Chunker
from tokenkit.chunking.tables import Table, tables_of

HEAD = "| port | depth |\n|---|---:|\n"
ROW = "| Piraeus | 12 m |\n"


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        (HEAD + ROW, [Table(0, len(HEAD), len(HEAD + ROW))]),
        ("a | b\n-|-\nc | d", [Table(0, 10, 15)]),
        ("| a \\| b | c |\n|---|---|\n|d|e|\n", [Table(0, 25, 31)]),
        ("| a \\| b | c |\n|---|---|---|\n|d|e|f|\n", []),
        ("| a | b \\|\n|---|---|\n|d|e|\n", [Table(0, 21, 27)]),
        ("| a | b |\n|---|\n|d|e|\n", []),
        (HEAD, []),
        (HEAD + "# A\n", []),
        (f"```\n{HEAD}{ROW}```\n", []),
    ],
)
def test_tables_have_a_head_and_rows(text: str, tables: list[Table]) -> None:
    assert tables_of(text) == tables


PARTS = ["Boats go out. The sea rises, and they return.\n\n", "## Ports\n\n", HEAD + ROW * 9 + "\n"]
PARTS += [HEAD + ROW + "\n", HEAD + ROW * 3 + "Text.\n\n"]


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
@given(
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=8),
    limit=st.integers(44, 70),
    overlap=st.sampled_from([0, 9]),
    trim=st.booleans(),
)
@example([PARTS[1], PARTS[1], PARTS[3], PARTS[2]], 45, 0, True)  # a chunk ends with a head
@example([PARTS[0], PARTS[4], PARTS[2]], 44, 0, False)  # and in a table of less than a chunk
def test_chunks_inside_a_table_have_its_head(
    strategy: Any, parts: list[str], limit: int, overlap: int, trim: bool
) -> None:
    source = "".join(parts)
    chunker = Chunker(
        encoding="o200k_base",
        max_tokens=limit,
        overlap=overlap,
        strategy=strategy,
        trim=trim,
        format="markdown",
        table_header=True,
    )
    count = chunker.encoding.count
    chunks = chunker.chunk(source)
    tables = tables_of(source)
    for chunk in chunks:
        rows = any(table.body <= chunk.start < table.end for table in tables)
        assert chunk.input == (HEAD if rows else "") + chunk.text
        assert chunk.text == source[chunk.start : chunk.end]
        assert count(chunk.input) <= limit
    for chunk, after in pairwise(chunks):
        shared = source[after.start : chunk.end] if after.start < chunk.end else ""
        assert chunk.overlap == count(shared)
