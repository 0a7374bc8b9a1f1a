"""Reads CSV, and its kin with other delimiters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal

from tokenkit._visible import listed
from tokenkit.errors import InputError
from tokenkit.inputs.limits import too_big
from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import PLAIN, RowOptions, RowTexts, column_index
from tokenkit.inputs.sources import opened

__all__ = ["DelimitedText"]

_CHARACTER_BYTES = 4  # what a character of a record takes, in the csv module


class DelimitedText:
    """A header and a row per record, which may go over several lines within quotes."""

    packed = True
    unit: Literal["line", "row"] = "line"
    value: Literal["field", "column"] = "column"

    def __init__(self, delimiter: str, ending: str) -> None:
        self.delimiter = delimiter
        self.endings = (ending,)

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        delimiter = options.delimiter or self.delimiter
        with opened(path, options.decoding) as (file, position):
            text_file = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
            lines = _Lines(text_file, options.most)
            csv.field_size_limit(2**31 - 1)  # of the whole process; `lines` has the limit
            records = csv.reader(
                lines,
                delimiter=delimiter,
                quotechar=options.quote or '"',
                escapechar=options.escape,
            )
            try:
                table = _Table(lines, records, delimiter, options.header)
                table.choose(name, id_name)
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

    def type_of(self, path: str, name: str) -> None:
        return None


class _Lines:
    """The lines of a file, and whether more were asked for than there are.

    `begin()` says that a record begins. Raises InputError for one that takes too much memory.
    """

    def __init__(self, file: io.TextIOWrapper, most: int) -> None:
        self.file = file
        self.most = most
        self.longest = most // _CHARACTER_BYTES
        self.number = 0
        self.ended = False
        self.begin()

    def begin(self) -> None:
        self.first = self.number + 1
        self.left = self.longest  # characters of the record

    def __iter__(self) -> Iterator[str]:
        readline, longest = self.file.readline, self.longest
        while line := readline(longest + 1):
            self.number += 1
            self.left -= len(line)
            if self.left < 0:
                hint = "" if len(line) > longest else "; perhaps a closing quote is missing"
                raise too_big("a row", self.most, f"line {self.first}: ", hint)
            yield line
        self.ended = True


class _Table:
    """The records of a file; the first has the names of the columns unless `header` is False."""

    def __init__(self, lines: _Lines, records: Any, delimiter: str, header: bool | None) -> None:
        self.lines = lines
        self.records = records
        self.delimiter = delimiter
        self.header = header
        self.first: list[str] = next(filter(None, records), [])
        lines.begin()
        self.first_line = records.line_num
        self.columns = len(self.first)
        self.text_index = 0
        self.id_index: int | None = None

    def choose(self, name: str, id_name: str | None) -> None:
        """Find the columns. Raises InputError if one is missing, or not clear."""
        self.text_index = self._index(name)
        self.id_index = None if id_name is None else self._index(id_name)

    def _index(self, name: str) -> int:
        """The index of a column, by its name in the header, or its number from 1."""
        number = int(name) if name.isascii() and name.isdecimal() else 0
        has_number = 0 < number <= self.columns
        if self.header is False:
            if not has_number:
                raise InputError(
                    f"expected the number of a column, from 1 to {self.columns}, got {name!r}"
                )
            return number - 1
        if self.header is None and number and name in self.first:
            raise InputError(
                f"expected a column {name!r}, got a first line that may be a header or a row: "
                f"{self._shown()}; say which, with --header or --no-header"
            )
        if self.header and has_number and name not in self.first:
            return number - 1
        try:
            return column_index(self.first, name)
        except InputError as error:
            raise InputError(f"{error}{self._hint(name, has_number)}") from None

    def _hint(self, name: str, has_number: bool) -> str:
        """Say what to do where no column, or not one alone, has the name."""
        if name in self.first:
            return "; with --header, a column may be named by its number"
        if has_number:
            return "; to name one by its number, give --header or --no-header"
        if "\udc80" <= max("".join(self.first), default="") <= "\udcff":
            return "; the first line is not UTF-8: name its encoding, such as cp1252"
        others = [other for other in (",", ";", "\t", "|") if other != self.delimiter]
        seen = next((other for other in others if other in "".join(self.first)), "")
        if self.columns < 2 and seen:
            return (
                f"; perhaps the delimiter is {'a tab' if seen == chr(9) else repr(seen)}: name it"
            )
        return ""

    def _shown(self) -> str:
        return listed(self.first)

    def fill(self, batch: RowTexts) -> None:
        """Add the next records to a batch, up to its size."""
        size = 0
        if self.header is False and self.first:
            size += self._add(batch, self.first, self.first_line, 1)
            self.first = []
        next_line = self.records.line_num + 1
        for record in self.records:
            self.lines.begin()
            first_line, next_line = next_line, self.records.line_num + 1
            if not record:
                continue
            size += self._add(batch, record, self.records.line_num, first_line)
            if size >= batches.BATCH_BYTES:
                return

    def _add(self, batch: RowTexts, record: list[str], line: int, first_line: int) -> int:
        """Add a record, which begins in `first_line` and ends in `line`; return its size."""
        text: str | bytes | None = None
        problem = self._problem(record, line, first_line)
        if problem:
            batch.errors.append(problem)
        else:
            text = value = record[self.text_index]
            if not value.isascii():
                # Bytes, so that those that are not UTF-8 are noticed when counting.
                text = value.encode("utf-8", "surrogateescape")
        key = None
        if self.id_index is not None and self.id_index < len(record):
            key = record[self.id_index]
        batch.append(text, line, key)
        return len(text or "") + batches.ROW_BYTES

    def _problem(self, record: list[str], line: int, first_line: int) -> tuple[int, str] | None:
        """The line of a broken record, and why its text cannot be trusted; None for a good one."""
        if self.lines.ended:  # within a record
            return first_line, "expected a closing quote, got the end of the file"
        if self.text_index >= len(record) or len(record) > self.columns:
            message = f"expected {self.columns} columns, got {len(record)}"
            if len(record) > self.columns:
                message += "; quote values that hold the delimiter"
            return line, message
        return None
