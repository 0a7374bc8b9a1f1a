"""The chunks of rows as columns, and the files that hold them: JSON lines or Parquet."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, Any, Protocol

from tokenkit.cli.shared.output import as_json, json_key, parquet_key, parquet_text
from tokenkit.encodings import repaired
from tokenkit.errors import ContextOverflowError, InputError
from tokenkit.inputs import pyarrow_module, row_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokenkit.chunking import Chunk, Chunker
    from tokenkit.inputs import OnError, RowTexts

    Columns = dict[str, Sequence[Any]]

__all__ = ["ChunkFile", "JsonLinesFile", "ParquetFile", "chunk_columns", "has_pyarrow", "schema_of"]

_OF_CHUNKS = ("index", "start", "end", "tokens", "text", "headings")


def has_pyarrow() -> bool:
    """Say whether pyarrow is installed."""
    try:
        pyarrow_module()
    except InputError:
        return False
    return True


def chunk_columns(
    chunker: Chunker, batch: RowTexts, first: int, errors: OnError, threads: int, arrow: bool
) -> tuple[Columns, list[tuple[int, str]]]:
    """Split the texts of rows; return the columns of their chunks, and what is wrong with rows.

    `first` is the number of the first row in its file. The columns are `row`, or `id` where rows
    are named, and those of a chunk. With `arrow` they are made by Arrow, of batches without wrong
    rows; both ways give the same values.
    """
    if arrow:
        import pyarrow

        try:
            texts = batch.texts
            if isinstance(texts, list):
                texts = pyarrow.array(texts, pyarrow.large_string())
            table = pyarrow.table(chunker.chunk_arrow(texts, num_threads=threads))
            return _arrow_columns(table, batch.ids, first), batch.errors
        except (ValueError, TypeError, OSError, pyarrow.ArrowException):
            pass  # the other way names the rows that are wrong
    chunks = _chunked(chunker, batch, row_strings(batch, errors), threads)
    return _python_columns(chunks, batch.ids, first), batch.errors


def _arrow_columns(table: Any, ids: list[Any] | None, first: int) -> Columns:
    rows = table["row"].to_numpy()
    columns: Columns = {name: table[name] for name in _OF_CHUNKS}
    if ids is None:
        return {"row": rows + first, **columns}
    return {"id": [ids[row] for row in rows], **columns}


def _chunked(
    chunker: Chunker, batch: RowTexts, texts: list[str | None], threads: int
) -> list[list[Chunk]]:
    """The chunks of each text, none of a row that is wrong, which goes to the batch's errors."""
    whole = ["" if text is None else repaired(text) for text in texts]
    try:
        return chunker.chunk_batch(whole, num_threads=threads)
    except ContextOverflowError:
        return [_chunked_alone(chunker, batch, row, text) for row, text in enumerate(whole)]


def _chunked_alone(chunker: Chunker, batch: RowTexts, row: int, text: str) -> list[Chunk]:
    try:
        return chunker.chunk(text)
    except ContextOverflowError as error:
        batch.errors.append((batch.numbers[row], str(error)))
        return []


def _python_columns(chunks: list[list[Chunk]], ids: list[Any] | None, first: int) -> Columns:
    pairs = [(row, chunk) for row, several in enumerate(chunks) for chunk in several]
    columns: Columns = {
        name: [getattr(chunk, name) for _, chunk in pairs] for name in _OF_CHUNKS[:-1]
    }
    columns["headings"] = [list(chunk.headings) for _, chunk in pairs]
    if ids is None:
        return {"row": [row + first for row, _ in pairs], **columns}
    return {"id": [ids[row] for row, _ in pairs], **columns}


class ChunkFile(Protocol):
    """A file that columns of chunks are written to."""

    def write(self, columns: Columns, name: str) -> None:
        """Write the chunks of rows of the file `name`."""

    def finish(self) -> None:
        """Write what the file ends with."""

    def drop(self) -> None:
        """Write no more, as the file will be removed."""


class JsonLinesFile:
    """A line of JSON for each chunk."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write_text = write

    def write(self, columns: Columns, name: str) -> None:
        values = [_listed(column) for column in columns.values()]
        names = list(columns)
        for key, *others in zip(*values, strict=True):
            known = repaired(key) if isinstance(key, str) else json_key(key)
            record = {names[0]: known, "file": name}
            record.update(zip(names[1:], others, strict=True))
            self.write_text(as_json(record) + "\n")

    def finish(self) -> None:
        """Lines end with nothing."""

    def drop(self) -> None:
        """Nothing is open but the file."""


def _listed(column: Any) -> list[Any]:
    if isinstance(column, list):
        return column
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column.tolist())


def schema_of(id_type: Any) -> Any:
    """The schema of Parquet files of chunks; `id_type` is the type of ids, None for rows."""
    import pyarrow

    string = pyarrow.string()
    return pyarrow.schema(
        [
            ("row", pyarrow.int64()) if id_type is None else ("id", id_type),
            ("file", string),
            ("index", pyarrow.int32()),
            ("start", pyarrow.int64()),
            ("end", pyarrow.int64()),
            ("tokens", pyarrow.int32()),
            ("text", string),
            ("headings", pyarrow.list_(string)),
        ]
    )


class ParquetFile:
    """A row of Parquet for each chunk, with the types of a schema."""

    def __init__(self, file: IO[bytes], schema: Any) -> None:
        from pyarrow.parquet import ParquetWriter

        self.schema = schema
        self.writer = ParquetWriter(file, schema)

    def write(self, columns: Columns, name: str) -> None:
        import pyarrow

        size = len(columns["index"])
        if not size:
            return
        columns = {**columns, "file": [parquet_text(name)] * size}
        if "id" in columns and self.schema.field("id").type == pyarrow.string():
            columns["id"] = [parquet_key(key) for key in columns["id"]]
        arrays = [
            column.cast(field.type)
            if isinstance(column := columns[field.name], pyarrow.ChunkedArray)
            else pyarrow.array(column, field.type)
            for field in self.schema
        ]
        self.writer.write_table(pyarrow.table(arrays, schema=self.schema))

    def finish(self) -> None:
        self.writer.close()

    def drop(self) -> None:
        with suppress(Exception):  # the file may be full
            self.writer.close()
        self.writer.is_open = False  # else it is closed again when it is deleted
