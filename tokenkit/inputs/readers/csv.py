"""Reads CSV, and its kin with other delimiters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from tokenkit.errors import InputError
from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import RowTexts, column_index
from tokenkit.inputs.sources import opened

__all__ = ["DelimitedText"]

_ROW_BYTES = 64  # what a row takes besides its text, about


class DelimitedText:
    """A header and a row per record, which may go over several lines within quotes."""

    packed = True
    unit: Literal["line", "row"] = "line"
    value: Literal["field", "column"] = "column"

    def __init__(self, delimiter: str, ending: str) -> None:
        self.delimiter = delimiter
        self.endings = (ending,)

    def rows(self, path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
        csv.field_size_limit(2**31 - 1)
        with opened(path) as (file, position):
            text_file = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
            lines = _Lines(text_file)
            records = csv.reader(lines, delimiter=self.delimiter)
            try:
                table = _Table(lines, records, name, id_name)
                while True:
                    batch = RowTexts([], None if id_name is None else [])
                    try:
                        table.fill(batch)
                    except Exception:
                        yield batch  # what came before it counts
                        raise
                    batch.position = position()
                    if not batch.texts:
                        return
                    yield batch
            except csv.Error as error:
                raise InputError(f"invalid CSV after line {records.line_num}: {error}") from None


class _Lines:
    """The lines of a file, and whether more were asked for than there are."""

    def __init__(self, file: Iterable[str]) -> None:
        self.file = file
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self.file
        self.ended = True


class _Table:
    """The records behind a header. Raises InputError if a column is missing."""

    def __init__(self, lines: _Lines, records: Any, name: str, id_name: str | None) -> None:
        header: list[str] = next(records, [])
        self.lines = lines
        self.records = records
        self.columns = len(header)
        self.text_index = column_index(header, name)
        self.id_index = column_index(header, id_name) if id_name is not None else None

    def fill(self, batch: RowTexts) -> None:
        """Add the next records to a batch, up to its size."""
        batch.numbers = numbers = list[int]()
        size, next_line = 0, self.records.line_num + 1
        for record in self.records:
            first_line, next_line = next_line, self.records.line_num + 1
            if not record:
                continue
            text: str | bytes | None = None
            problem = self._problem(record, first_line)
            if problem:
                batch.errors.append(problem)
            else:
                text = value = record[self.text_index]
                if not value.isascii():
                    # Bytes, so that those that are not UTF-8 are noticed when counting.
                    text = value.encode("utf-8", "surrogateescape")
            batch.texts.append(text)
            if batch.ids is not None and self.id_index is not None:
                batch.ids.append(record[self.id_index] if self.id_index < len(record) else None)
            numbers.append(self.records.line_num)
            size += len(text or "") + _ROW_BYTES
            if size >= batches.BATCH_BYTES:
                return

    def _problem(self, record: list[str], first_line: int) -> tuple[int, str] | None:
        """The line of a broken record, and why its text cannot be trusted; None for a good one."""
        if self.lines.ended:  # within a record
            return first_line, "expected a closing quote, got the end of the file"
        if self.text_index >= len(record) or len(record) > self.columns:
            message = f"expected {self.columns} columns, got {len(record)}"
            if len(record) > self.columns:
                message += "; quote values that hold the delimiter"
            return self.records.line_num, message
        return None
