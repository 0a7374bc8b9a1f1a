"""The files of `tokenkit cost --usage`: which ones there are, and the values that they hold."""

from __future__ import annotations

import csv
import glob
import io
import json
import os
from typing import Any

from tokenkit._checks import json_fault, shown
from tokenkit._strict_json import strict_json
from tokenkit.cli.shared.inputs import TextReader
from tokenkit.errors import InputError
from tokenkit.inputs import (
    STDIN,
    check_decoding,
    check_json_memory,
    find_files,
    lines_within,
    opened,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    # Where a value stands, the value, and what is wrong with it ("": nothing).
    UsageValue = tuple[str, Any, str]

_BYTE_ORDER_MARK = "\ufeff"
_LINES = (".jsonl", ".ndjson")
_TABLES = {".csv": ",", ".tsv": "\t"}
_MOST_DIGITS = 20
_PACKED = (".gz", ".zst")
_IN_FOLDERS = [f"*{ending}{packed}" for ending in _LINES for packed in ("", *_PACKED)]


def usage_files(names: Iterable[str]) -> Iterator[str]:
    """Give the files of names: a file, a folder (its JSON lines, at any depth), or a pattern.

    Raises InputError for a folder without such files, and a pattern without any.
    """
    for name in names:
        if name == STDIN or os.path.lexists(name) or not glob.has_magic(name):
            matches = [name]
        else:
            matches = sorted(glob.glob(name, recursive=True))
            if not matches:
                raise InputError(f"expected files, got none that match {name}")
        for match in matches:
            files = list(_files_of(match))
            if not files:
                raise InputError(f"expected a folder with {' or '.join(_LINES)} files, got {match}")
            yield from files


def _files_of(name: str) -> Iterator[str]:
    choice: dict[str, Any] = {"gitignore": False, "hidden": True, "binary": True}
    return find_files([name], include=_IN_FOLDERS, **choice)


def usage_values(name: str, options: Mapping[str, Any]) -> Iterator[UsageValue]:
    """Give the JSON values of a file: a value, the items of a list, or a value per line."""
    plain = os.path.splitext(name)[0] if name.lower().endswith(_PACKED) else name
    if plain.lower().endswith(_LINES):
        yield from _lines(name, options)
        return
    reader = TextReader(options, times=4)
    text = reader.text(name)
    kind = os.path.splitext(plain)[1].lower()
    if kind in _TABLES:
        yield from _rows(text, _TABLES[kind])
        return
    check_json_memory(text, reader.most, "JSON")
    yield from _whole(text)


def _rows(text: str, delimiter: str) -> Iterator[UsageValue]:
    """Give the rows of a table, such as the one that OpenAI's dashboard exports, as objects.

    A row of times alone stands for a time in which nothing was used.
    """
    lines = io.StringIO(text.removeprefix(_BYTE_ORDER_MARK), newline="")
    table = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = next(table, [])
        twice = next((name for name in header if name and header.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"expected each column once, got {shown(twice)} twice")
        for row in table:
            cells = {key: _cell(cell) for key, cell in zip(header, row, strict=False) if cell}
            if len(row) > len(header):
                fault = f"expected at most {len(header)} cells, got {len(row)}"
                yield f"line {table.line_num}", None, fault
            elif any("_time" not in key for key in cells):
                yield f"line {table.line_num}", cells, ""
    except csv.Error as error:
        raise InputError(f"expected CSV, got a wrong line {table.line_num}: {error}") from None


def _cell(text: str) -> Any:
    if text.isdecimal() and text.isascii() and len(text) < _MOST_DIGITS:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def _lines(name: str, options: Mapping[str, Any]) -> Iterator[UsageValue]:
    """Read a file line by line, so that its size does not matter."""
    reader = TextReader(options, times=4)
    errors = "replace" if reader.on_error == "replace" else "strict"
    with opened(name, check_decoding(reader.text_encoding, reader.on_error)) as (file, _):
        for number, line in enumerate(lines_within(file, reader.most), 1):
            try:
                text = line.decode("utf-8", errors)
            except UnicodeDecodeError as error:
                fault = f"expected UTF-8 text, got invalid UTF-8 at byte {error.start}"
                yield f"line {number}", None, fault
                continue
            yield from _line(number, text)


def _line(number: int, text: str) -> Iterator[UsageValue]:
    bare = text.strip().removeprefix(_BYTE_ORDER_MARK)
    if not bare:
        return
    try:
        value = strict_json(bare)
    except (RecursionError, ValueError) as error:
        column = f" at column {error.colno}" if hasattr(error, "colno") else ""
        yield f"line {number}", None, f"invalid JSON{column}: {json_fault(error)}"
        return
    yield f"line {number}", value, ""


def _whole(text: str) -> Iterator[UsageValue]:
    text = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        whole = strict_json(text)
    except RecursionError as error:
        raise InputError(f"invalid JSON: {json_fault(error)}") from None
    except ValueError as error:
        if _is_json(text):  # but for a constant, or a key that stands twice
            raise InputError(f"invalid JSON: {json_fault(error)}") from None
        # Not splitlines: JSON's strings may hold what Unicode calls the end of a line.
        for number, line in enumerate(text.split("\n"), 1):
            yield from _line(number, line)
        return
    if isinstance(whole, list):
        for number, item in enumerate(whole, 1):
            yield f"item {number}", item, ""
    else:
        yield "", whole, ""


def _is_json(text: str) -> bool:
    """Return whether Python reads the text as one JSON value."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
