"""The files that `tokenkit count --per-row` writes."""

from __future__ import annotations

import csv
import json
import os
import sys
from contextlib import ExitStack

import click

from tokenkit.cli.shared.output import refuse_overwriting
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
    context manager; the file is complete when it ends, also by Ctrl-C.
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
        self.closing = ExitStack()
        if ending == ".parquet":
            try:
                pyarrow_module()
            except InputError as error:
                raise click.UsageError(f"{path} {error}") from None
            table = _ParquetTable(path, self.names[: self.several + 1])
            self.closing.callback(table.close)
            self.write = self._into_parquet(table)
            return
        file = sys.stdout
        if path != STDIN:
            opened = open(path, "w", encoding="utf-8", newline="")  # noqa: SIM115 (closed at exit)
            file = self.closing.enter_context(opened)
        if ending == ".csv":
            csv.writer(file, lineterminator="\n").writerow(self.names)
        self.write = self._into_csv(file) if ending == ".csv" else self._into_lines(file)

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.close()

    def _records(self, name: str, batch: RowBatch) -> Iterator[tuple[Any, ...]]:
        head = (click.format_filename(name),) * self.several
        counts = [
            [None if tokens == MISSING else tokens for tokens in column.tolist()]
            for column in batch.tokens
        ]
        return ((*head, *row) for row in zip(_keys(batch), *counts, strict=True))

    def _into_csv(self, file: IO[str]) -> Write:
        rows = csv.writer(file, lineterminator="\n")
        return lambda name, batch: rows.writerows(self._records(name, batch))

    def _into_lines(self, file: IO[str]) -> Write:
        def write(name: str, batch: RowBatch) -> None:
            for row in self._records(name, batch):
                file.write(json.dumps(dict(zip(self.names, row, strict=True))) + "\n")
            if file is sys.stdout:
                file.flush()  # the reader of a slow pipe through this one waits for it

        return write

    def _into_parquet(self, table: _ParquetTable) -> Write:
        import pyarrow

        def write(name: str, batch: RowBatch) -> None:
            columns: dict[str, Any] = {}
            if self.several:
                columns["file"] = pyarrow.array([click.format_filename(name)] * batch.rows)
            columns[self.names[self.several]] = _keys(batch)
            for head, column in zip(self.names[self.several + 1 :], batch.tokens, strict=True):
                columns[head] = pyarrow.array(column, mask=column == MISSING)
            table.write(columns)

        return write


def _keys(batch: RowBatch) -> Sequence[Any]:
    return range(batch.first, batch.first + batch.rows) if batch.ids is None else batch.ids


class _ParquetTable:
    """A Parquet file whose column of ids has the type of the first ones; if others come that do
    not fit, all become strings."""

    def __init__(self, path: str, keys: list[str]) -> None:
        with open(path, "wb"):  # whether it can be written is known before anything is counted
            pass
        self.path = path
        self.key = keys[-1]
        self.writer: Any = None
        self.schema: Any = None

    def write(self, columns: dict[str, Any]) -> None:
        import pyarrow

        keys = list(columns[self.key])
        wanted = None if self.schema is None else self.schema.field(self.key).type
        try:
            columns[self.key] = pyarrow.array(keys, wanted)
        except (pyarrow.ArrowException, OverflowError):
            if wanted != pyarrow.string():
                self._make_strings()
            columns[self.key] = pyarrow.array(map(_as_string, keys), pyarrow.string())
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
            self.writer = ParquetWriter(self.path, self.schema)
        self.writer.write_table(table)

    def _make_strings(self) -> None:
        """Write the rows so far once more, with strings for ids."""
        import pyarrow
        from pyarrow.parquet import ParquetFile

        if self.writer is None:
            return
        self.close()
        aside = f"{self.path}.part"
        os.replace(self.path, aside)
        self.schema = self.writer = None
        try:
            with ParquetFile(aside) as old:
                for batch in old.iter_batches():
                    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
                    keys = map(_as_string, columns[self.key].to_pylist())
                    columns[self.key] = pyarrow.array(keys, pyarrow.string())
                    self._append(pyarrow.table(columns))
        finally:
            os.remove(aside)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def _as_string(key: Any) -> str | None:
    if key is None or isinstance(key, str):
        return key
    return json.dumps(key, default=str)
