"""The files that `tokenkit count --per-row` writes."""

from __future__ import annotations

import io
import os
import sys
from shutil import copyfileobj

import click

from tokenkit._writing import WholeFile
from tokenkit.cli.shared.output import (
    Rows,
    as_json,
    json_key,
    parquet_key,
    parquet_text,
    refuse_overwriting,
    say,
    shown_name,
    utf8,
)
from tokenkit.errors import InputError
from tokenkit.inputs import MISSING, STDIN, pyarrow_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import IO, Any, TypeAlias

    from tokenkit.inputs import RowBatch

    Write: TypeAlias = Callable[[str, RowBatch], None]

_ENDINGS = (".csv", ".jsonl", ".ndjson", ".parquet")


class RowFile:
    """A file with the count of each row: CSV, Parquet or JSON lines, by its ending.

    A row has its number, or what names it, and with several inputs the name of its file. It is a
    context manager that puts a complete file in its place at the end. After Ctrl-C that holds the
    rows so far, but a file that was there stays, and they go beside it.
    """

    def __init__(
        self, path: str, labels: Sequence[str], id_name: str | None, inputs: Sequence[str]
    ) -> None:
        ending = os.path.splitext(path)[1].lower()
        if path != STDIN and ending not in _ENDINGS:
            raise click.UsageError(
                f"--per-row takes a file .jsonl, .csv or .parquet, or -, got {path}."
            )
        refuse_overwriting("--per-row", path, inputs)
        self.several = len(inputs) > 1
        heads = ["tokens"] if len(labels) == 1 else list(labels)
        self.names = ["file"] * self.several + [id_name or "row", *heads]
        for name in self.names:
            if self.names.count(name) > 1:
                raise click.UsageError(f"--per-row cannot have two columns called {name}.")
        self.out: WholeFile | None = None
        self.failed = False  # then nothing is put in its place
        self.finish: Callable[[], None] = lambda: None
        if ending == ".parquet":
            try:
                pyarrow_module()
            except InputError as error:
                raise click.UsageError(f"{path} {error}") from None
            self.names = list(map(parquet_text, self.names))
            self.out = WholeFile(path, spooled=True)
            table = _ParquetTable(self.out.file, self.names, self.several, id_name is not None)
            self.finish = table.close
            self.write = self._into_parquet(table)
            return
        file = sys.stdout
        if path != STDIN:
            self.out = WholeFile(path)
            file = io.TextIOWrapper(self.out.file, "utf-8", "surrogateescape", newline="")
            self.finish = file.flush
        self.write = self._into_csv(file) if ending == ".csv" else self._into_lines(file)

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if self.out is None:
            return
        interrupted = isinstance(error, KeyboardInterrupt)
        if self.failed or (error is not None and not interrupted):
            self.out.discard()
            return
        try:
            self.finish()
        except BaseException:
            self.out.discard()
            raise
        if interrupted and self.out.part and not self.out.is_new:
            aside = f"{self.out.target}.part"
            self.out.commit(aside)
            say(f"tokenkit: the counts so far are in {shown_name(aside)}", err=True)
        else:
            self.out.commit()

    def _records(
        self, name: str, batch: RowBatch, keys: Sequence[Any]
    ) -> Iterator[tuple[Any, ...]]:
        head = (name,) * self.several
        counts = [
            [None if tokens == MISSING else tokens for tokens in column.tolist()]
            for column in batch.tokens
        ]
        return ((*head, *row) for row in zip(keys, *counts, strict=True))

    def _into_csv(self, file: IO[str]) -> Write:
        rows = Rows(file)
        rows.add(self.names)

        def write(name: str, batch: RowBatch) -> None:
            rows.add_all(map(_cells, self._records(name, batch, _keys(batch))))

        return write

    def _into_lines(self, file: IO[str]) -> Write:
        def write(name: str, batch: RowBatch) -> None:
            keys = [key if isinstance(key, str) else json_key(key) for key in _keys(batch)]
            for row in self._records(name, batch, keys):
                file.write(as_json(dict(zip(self.names, row, strict=True))) + "\n")
            if file is sys.stdout:
                file.flush()  # the reader of a slow pipe through this one waits for it

        return write

    def _into_parquet(self, table: _ParquetTable) -> Write:
        import pyarrow

        def write(name: str, batch: RowBatch) -> None:
            columns: dict[str, Any] = {}
            if self.several:
                columns["file"] = pyarrow.array([parquet_text(name)] * batch.rows)
            columns[self.names[self.several]] = _keys(batch)
            for head, column in zip(self.names[self.several + 1 :], batch.tokens, strict=True):
                columns[head] = pyarrow.array(column, mask=column == MISSING)
            table.write(columns)

        return write


def _keys(batch: RowBatch) -> Sequence[Any]:
    return range(batch.first, batch.first + batch.rows) if batch.ids is None else batch.ids


def _cells(row: tuple[Any, ...]) -> list[Any]:
    """The values of a row of CSV. Bytes of names that are not UTF-8 stay what they are."""
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, str) and not value.isascii():
        value = utf8(value)
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


class _ParquetTable:
    """A Parquet file whose column of ids has the type of the first ones.

    If some do not fit, or are of a type that Parquet does not hold, all become strings. Without
    rows it has its columns all the same.
    """

    def __init__(self, file: Any, names: list[str], several: bool, has_ids: bool) -> None:
        self.file = file
        self.key = names[several]
        self.text_names = names[: several + has_ids]  # of a file without rows
        self.names = names
        self.writer: Any = None
        self.schema: Any = None

    def write(self, columns: dict[str, Any]) -> None:
        import pyarrow

        keys = list(columns[self.key])
        wanted = None if self.schema is None else self.schema.field(self.key).type
        try:
            columns[self.key] = pyarrow.array(keys, wanted)
            can_be = wanted is not None or _is_of_parquet(columns[self.key].type)
        except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):
            can_be = False
        if not can_be:
            if wanted != pyarrow.string():
                self._make_strings()
            columns[self.key] = pyarrow.array(map(parquet_key, keys), pyarrow.string())
        self._append(pyarrow.table(columns))

    def _append(self, table: Any) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        if self.schema is None:
            if table.schema.field(self.key).type == pyarrow.null():
                index = table.schema.get_field_index(self.key)
                string = pyarrow.field(self.key, pyarrow.string())
                table = table.cast(table.schema.set(index, string))
            self.schema = table.schema
        if self.writer is None:
            self.writer = ParquetWriter(self.file, self.schema)
        self.writer.write_table(table)

    def _make_strings(self) -> None:
        """Write the rows so far once more, with strings for ids."""
        import tempfile

        import pyarrow
        from pyarrow.parquet import ParquetFile

        if self.writer is None:
            return
        self.writer.close()
        self.schema = self.writer = None
        with tempfile.TemporaryFile() as aside:
            self.file.seek(0)
            copyfileobj(self.file, aside)
            self.file.seek(0)
            self.file.truncate()
            with ParquetFile(aside) as old:
                for batch in old.iter_batches():
                    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
                    keys = map(parquet_key, columns[self.key].to_pylist())
                    columns[self.key] = pyarrow.array(keys, pyarrow.string())
                    self._append(pyarrow.table(columns))

    def close(self) -> None:
        """Write what a Parquet file ends with."""
        import pyarrow

        if self.writer is None:
            kinds = [
                (name, pyarrow.string() if name in self.text_names else pyarrow.int64())
                for name in self.names
            ]
            self._append(pyarrow.schema(kinds).empty_table())
        self.writer.close()


def _is_of_parquet(kind: Any) -> bool:
    """Whether Parquet can hold values of a type of Arrow; some, such as durations, it cannot."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    try:
        ParquetWriter(pyarrow.BufferOutputStream(), pyarrow.schema([("id", kind)])).close()
    except pyarrow.ArrowException:
        return False
    return True
