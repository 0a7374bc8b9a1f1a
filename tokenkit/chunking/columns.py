"""Columns of texts to columns of chunks, through Arrow's C data interface.

No Arrow library is needed, and with a native encoding no str is made of a row.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from tokenkit._core import ArrowChunkRows, stream_capsule
from tokenkit._face import public
from tokenkit.chunking.results import in_row
from tokenkit.encodings import ArrowColumn, arrow_ids, arrow_texts
from tokenkit.errors import ContextOverflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NoReturn, TypeAlias

    from tokenkit._core import ArrowColumn as CoreColumn
    from tokenkit.chunking.results import Chunk
    from tokenkit.encodings import ArrowArray, Errors

    # The batches of the chunks of the rows.
    Batches: TypeAlias = Callable[[ArrowChunkRows], Iterator[CoreColumn]]

_ONE_STREAM = (
    "expected to be read once, as the column, or the ids, came as a stream that has no length, got "
    "a second reading; call chunk_arrow again, with a new stream"
)


@public
class ArrowChunks:
    """The chunks of an Arrow column: a table, as a stream of record batches.

    `Chunker.chunk_arrow` makes it. Columns are `row` (int64: the number of the row that the chunk
    is of; or `id`, of the type of the ids), `index` (int32: the number of the chunk in its row),
    `start` and `end` (int64: characters of the row's text), `tokens` (int32), `text` (string) and
    `headings` (list of string).

    It exports itself through Arrow's C stream interface: `pyarrow.table(chunks)`,
    `pyarrow.RecordBatchReader.from_stream(chunks)`, `polars.DataFrame(chunks)` and whatever else
    knows `__arrow_c_stream__` take it. Batches are made as they are asked for, so that a column
    that comes as a stream is never in memory as a whole.

    It can be read as often as its input: many times if column and ids have a length (`len()`), and
    it chunks again each time; once if one of them is a stream without one. A second reading then
    raises ValueError.

    >>> import tokenkit
    >>> import pyarrow
    >>> chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=3)
    >>> chunks = chunker.chunk_arrow(pyarrow.array(["One sentence. Another one.", None]))
    >>> pyarrow.table(chunks).select(["row", "index", "text"]).to_pylist()[1]
    {'row': 0, 'index': 1, 'text': ' Another one.'}
    """

    __slots__ = ("_batches", "_next", "_once", "_open", "_rows", "_schema")

    def __init__(self, open_rows: Callable[[], ArrowChunkRows], batches: Batches, once: bool):
        self._open, self._batches, self._once = open_rows, batches, once
        self._rows = open_rows()
        self._schema = self._rows.take()  # nothing yet, but it has the types
        # The first batch is made now: most of what may go wrong is raised to the caller.
        rest = batches(self._rows)
        self._next: Iterator[CoreColumn] | None = chain([*_first(rest)], rest)

    def _reading(self) -> Iterator[CoreColumn]:
        reading, self._next = self._next, None
        if reading is None:
            if self._once:
                raise ValueError(f"chunks: {_ONE_STREAM}")
            self._rows = self._open()
            reading = self._batches(self._rows)
        return reading

    @property
    def invalid_count(self) -> int:
        """The number of rows that gave no chunks as they are not UTF-8: with errors="null" only.

        Those that were read so far: all of them when the last batch is there.

        >>> import tokenkit
        >>> import pyarrow
        >>> chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=3)
        >>> column = pyarrow.array([b"\\xff", b"a b"])
        >>> chunks = chunker.chunk_arrow(column, errors="null")
        >>> chunks.to_pylist()[0]["row"], chunks.invalid_count
        (1, 1)
        """
        return self._rows.invalid_count

    def to_pylist(self) -> list[dict[str, Any]]:
        """Make a list of a dict for each chunk, by the names of the columns.

        Raises TypeError for ids other than strings, int64, int32, uint32 and booleans, which an
        Arrow library can list.

        >>> import tokenkit
        >>> import pyarrow
        >>> chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=3)
        >>> ids = pyarrow.array(["a"])
        >>> chunker.chunk_arrow(pyarrow.array(["# A\\n\\nb"]), ids=ids).to_pylist()[0]["headings"]
        ['A']
        """
        return [row for batch in self._reading() for row in batch.tolist()]

    def __arrow_c_schema__(self) -> object:
        return self._schema.schema()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        # The protocol allows to give what one has, whatever was requested.
        return stream_capsule(self._schema, self._reading())

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "expected something that copies and pickles, got ArrowChunks, which are made as they "
            "are read; read them into a table, or pickle chunker and column"
        )

    def __repr__(self) -> str:
        fields: Any = self._schema.type[1]
        return f"<ArrowChunks: {', '.join(name for name, _ in fields)}>"


def _first(batches: Iterator[CoreColumn]) -> Iterator[CoreColumn]:
    for batch in batches:
        yield batch
        return


def chunk_table(
    array: ArrowArray, ids: ArrowArray | None, errors: Errors, batches: Batches
) -> ArrowChunks:
    """Chunk a column to a table; see `Chunker.chunk_arrow`."""
    sizes = [_size(array)] if ids is None else [_size(array), _size(ids)]

    def open_rows() -> ArrowChunkRows:
        texts = arrow_texts(array, errors, lists="chunk_batch")
        if ids is None:
            return ArrowChunkRows(texts, None, False)
        read = arrow_ids(ids)
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(f"ids: expected one for each of the {sizes[0]} rows, got {sizes[1]}")
        return ArrowChunkRows(texts, read, False)

    return ArrowChunks(open_rows, batches, None in sizes)


def chunk_lists(array: ArrowArray, errors: Errors, batches: Batches) -> ArrowColumn:
    """Chunk a column to a column of lists; see `Chunker.chunk_arrow_lists`."""
    rows = ArrowChunkRows(arrow_texts(array, errors, lists="chunk_batch"), None, True)
    for _ in batches(rows):
        raise AssertionError("lists have no batches")
    return ArrowColumn(rows.take(), rows.invalid_count)


def _size(array: Any) -> int | None:
    """Return how many rows an Arrow object says that it has; None if it does not say."""
    try:
        return len(array)
    except TypeError:
        return None


def row_by_row(rows: ArrowChunkRows, chunk: Callable[[str], list[Chunk]]) -> Iterator[CoreColumn]:
    """Chunk a column text by text, for what the core does not chunk by itself.

    This is the readable twin of csrc/arrow/chunk.cpp.
    """
    while (texts := rows.next_rows()) is not None:
        for row, data in enumerate(texts):
            try:
                chunks = [] if data is None else chunk(data.decode())
            except ContextOverflowError as error:
                raise in_row(rows.first_row + row, error) from None
            for c in chunks:
                full = rows.push(row, c.index, c.start, c.end, c.tokens, c.text, c.headings)
                if full is not None:
                    yield full
            rows.close(row)
        if rows.has_batch:
            yield rows.take()
