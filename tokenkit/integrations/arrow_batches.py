"""Batches of Arrow, as clusters send them to their workers: with counts, or divided into chunks.

Ray Data, datasets, Spark, Dask and Daft all use these. An `Encoding` in them travels by name, so
that the pickle of one has some hundred bytes; a worker maps the vocabulary when it counts first.
Each batch is read on one thread, as a cluster runs a task on each processor.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tokenkit import Chunker, Encoding, Model
from tokenkit._checks import check_choice, check_str, shown
from tokenkit.encodings import encoding_of
from tokenkit.errors import TokenkitWarning, nearest

if TYPE_CHECKING:
    import pyarrow

    Batch: TypeAlias = pyarrow.Table | pyarrow.RecordBatch

Errors: TypeAlias = Literal["raise", "null"]

# The columns of chunks, after the one that says which document a chunk is of.
CHUNK_COLUMNS = ("index", "start", "end", "tokens", "text", "headings")
_ROW = re.compile(r"row (\d+)\b")


class CountTokens:
    """Adds a column with the number of tokens of each text: a function from batch to batch.

    `column` holds the texts, strings or UTF-8 in binary. What counts is `model`, a name or a
    `Model`, or `encoding`, a name or an `Encoding`. `output` is the column to add, int64, null
    where the text is null. With errors="null" it is also null where bytes are not UTF-8.

    Raises TypeError and ValueError for options, and as `encoding_for_model` does. When called:
    ValueError if there is no such column, `output` is there already, or bytes are not UTF-8;
    TypeError if the column holds no texts. Messages name the column and the row of the batch.
    """

    def __init__(
        self,
        column: str,
        *,
        model: str | Model | None = None,
        encoding: str | Encoding | None = None,
        output: str = "tokens",
        errors: Errors = "raise",
    ) -> None:
        self.column = check_str("column", column)
        self.output = check_str("output", output)
        self.encoding = encoding_of(model, encoding)
        self.errors = errors
        self.count = TextFunction("count_arrow", self.encoding, column, errors)

    @property
    def used(self) -> list[str]:
        """The columns that are read."""
        return [self.column]

    def __call__(self, batch: Batch) -> Batch:
        if _has_nothing(batch):
            return batch
        texts = column_of(batch, self.column)
        self.check_output(batch.schema.names)
        return batch.append_column(self.output, self.count(texts))

    def check_output(self, names: Sequence[str]) -> None:
        """Raise ValueError if there is a column already by the name of the one to add."""
        if self.output in names:
            raise ValueError(
                f"output: expected the name of a new column, got {self.output!r}, which is there "
                "already; name another one"
            )

    def __repr__(self) -> str:
        return f"<CountTokens: {self.column!r} by {self.encoding.name} to {self.output!r}>"


class TextFunction:
    """A function from an Arrow array of texts to one of results, for workers.

    `road` names the method of an encoding or a chunker, such as "count_arrow", and `arguments` are
    those that follow the texts. `column` is for messages.
    """

    def __init__(
        self, road: str, encoding: Any, column: str, errors: Errors, *arguments: Any, **named: Any
    ) -> None:
        self.road = road
        self.encoding = encoding
        self.column = column
        check_choice("errors", errors, ("raise", "null"))
        self.named = named | {"errors": errors}
        self.arguments = arguments

    def __call__(self, texts: pyarrow.Array) -> pyarrow.Array:
        import pyarrow

        method: Callable[..., Any] = getattr(self.encoding, self.road)
        with errors_of(self.column, len(texts)):
            return pyarrow.array(method(texts, *self.arguments, num_threads=1, **self.named))


class ChunkDocuments:
    """Splits the text of each row into chunks, a row each: a function from batch to batch.

    `column` holds the texts, `id` says which document a chunk is of: any column. The result has
    the columns id, index, start, end, tokens, text and headings, as `Chunker.chunk_arrow` gives
    them, and then those of `columns`, with the value of the document at each of its chunks. Nulls
    and empty texts have no chunks. With errors="null" neither have bytes that are not UTF-8; a
    `TokenkitWarning` says how many rows these were.

    Raises TypeError and ValueError for options. When called: ValueError if there is no such column
    or bytes are not UTF-8, TypeError if the column holds no texts, and ContextOverflowError as
    `Chunker.chunk` does. Messages name the column, the row of the batch, and its id.
    """

    def __init__(
        self,
        column: str,
        *,
        id: str,
        chunker: Chunker,
        columns: Sequence[str] = (),
        errors: Errors = "raise",
    ) -> None:
        self.column = check_str("column", column)
        self.id = check_str("id", id)
        if not isinstance(chunker, Chunker):
            raise TypeError(f"chunker: expected a Chunker, got {shown(chunker)}")
        self.chunker = chunker
        self.columns = _checked_columns(columns)
        self.errors = check_choice("errors", errors, ("raise", "null"))

    @property
    def used(self) -> list[str]:
        """The columns that are read, each once."""
        return list(dict.fromkeys((self.id, self.column, *self.columns)))

    def __call__(self, batch: Batch) -> pyarrow.Table:
        import pyarrow

        return batch if _has_nothing(batch) else pyarrow.concat_tables(self.parts(batch))

    def parts(self, batch: Batch) -> Iterator[pyarrow.Table]:
        """Give the chunks of a batch in parts, in order; the first has no rows."""
        import pyarrow

        kept = {name: column_of(batch, name) for name in self.used}
        texts = kept[self.column]
        with errors_of(self.column, len(texts), kept[self.id]):
            chunks = self.chunker.chunk_arrow(texts, num_threads=1, errors=self.errors)
            reader = pyarrow.RecordBatchReader.from_stream(chunks)
            yield self._beside(reader.schema.empty_table(), kept)
            for part in reader:
                yield self._beside(part, kept)
        if invalid := chunks.invalid_count:
            warnings.warn(
                f"column {self.column!r}: {invalid} of a batch of {len(texts)} rows are not UTF-8 "
                "and have no chunks",
                TokenkitWarning,
                stacklevel=2,
            )

    def _beside(self, part: Batch, kept: dict[str, Any]) -> pyarrow.Table:
        """Put the chunks beside what belongs to their documents."""
        import pyarrow

        rows = part.column("row")
        named = {"id": kept[self.id].take(rows)}
        named |= {name: part.column(name) for name in CHUNK_COLUMNS}
        return pyarrow.table(named | {name: kept[name].take(rows) for name in self.columns})

    def __repr__(self) -> str:
        return f"<ChunkDocuments: {self.column!r} by {self.chunker!r}>"


def column_of(batch: Batch, name: str) -> Any:
    """Get a column of a batch. Raises ValueError, listing those that are there."""
    check_column(name, batch.schema.names)
    return batch.column(name)


def check_column(name: str, names: Sequence[str]) -> None:
    """Raise ValueError, listing the columns, unless one has this name."""
    if (found := list(names).count(name)) != 1:
        number = "twice or more" if found else "none"
        raise ValueError(
            f"expected one column {name!r}, got {number}.{nearest(name, names)} "
            f"Columns: {', '.join(map(repr, names)) or 'none'}"
        )


@contextmanager
def errors_of(column: str, rows: int, ids: Any = None) -> Iterator[None]:
    """Name the column in errors of what reads its texts, and the id of the row that they name."""
    try:
        yield
    except (TypeError, ValueError, OSError) as error:
        found = _ROW.search(str(error))
        of_id = ""
        if found and ids is not None and int(found[1]) < len(ids):
            of_id = f", id {ids[int(found[1])].as_py()!r}"
        if len(error.args) == 1:
            error.args = (f"column {column!r}{of_id}, in a batch of {rows} rows: {error}",)
        raise


def _has_nothing(batch: Batch) -> bool:
    """Whether a batch has neither rows nor columns, as empty partitions of some engines. Raises
    TypeError for what is not of Arrow, such as Ray's batches by default."""
    if not hasattr(batch, "num_rows"):
        raise TypeError(
            f"batch: expected a Table or RecordBatch of pyarrow, got {type(batch).__name__}; with "
            'Ray, write map_batches(..., batch_format="pyarrow")'
        )
    return not batch.num_rows and not batch.schema.names


def _checked_columns(columns: Sequence[str]) -> tuple[str, ...]:
    if isinstance(columns, str) or not isinstance(columns, Sequence):
        raise TypeError(f"columns: expected a list of names, got {shown(columns)}")
    taken = {"id", *CHUNK_COLUMNS}
    for name in columns:
        if check_str("columns", name) in taken:
            raise ValueError(
                f"columns: expected names that differ from each other and from id, "
                f"{', '.join(CHUNK_COLUMNS)}, got {name!r}; rename it"
            )
        taken.add(name)
    return tuple(columns)
