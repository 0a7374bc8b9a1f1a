"""Outputs of all verbs: lines for people, records, tables, texts and bytes.

Nothing else writes to standard output and standard error. A terminal is never controlled by what
is written: lines for people have names for control characters, and so has all else that goes to a
terminal. To files and pipes, records and texts go as they are.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from math import isfinite

import click

from tokenkit._visible import escaped, shown_line, visible
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import IO, Any

LONGEST_LINE = 10_000  # characters of a line for people
# Surrogates but those by which Python writes bytes that are not UTF-8.
_NO_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
# Python 3.10 takes NUL for an escape character where none is named. Half a character is in no text
# but by mistake; the writer doubles it.
_ESCAPE = "\ud800" if sys.version_info < (3, 11) else None


def say(line: str = "", *, err: bool = False) -> None:
    """Print a line for people, of bounded length and with names for what is hidden."""
    print_painted(shown_line(line, LONGEST_LINE), err=err)


def complain(name: str, error: object) -> None:
    """Say on standard error what is wrong with an input."""
    say(f"tokenkit: {shown_name(name)}: {error}", err=True)


def shown_name(name: str) -> str:
    """Write a file's name so that it stays on one line and controls no terminal."""
    return shown_line(click.format_filename(name))


def print_name(name: str) -> None:
    """Print the name of a file: for people on one line, to a pipe as it is."""
    if sys.stdout.isatty():
        say(shown_name(name))
    else:
        write_text(f"{name}\n")


def print_painted(text: str, *, err: bool = False, end: str = "\n") -> None:
    """Print text that was made visible before; its colours stay."""
    stream = sys.stderr if err else sys.stdout
    try:
        stream.write(text + end)
    except UnicodeEncodeError:
        charset = stream.encoding or "ascii"
        stream.write((text + end).encode(charset, "backslashreplace").decode(charset))
    stream.flush()


def write_text(text: str, *, err: bool = False) -> None:
    """Write text as UTF-8, nothing added and line ends as they are; a terminal gets names for
    control characters."""
    stream = sys.stderr if err else sys.stdout
    if stream.isatty():
        shown = visible(text).replace("\r\n", "\n").replace("\r", "[U+000D]")
        print_painted(shown, err=err, end="")
        return
    _write(stream, utf8(text))


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output; see `write_text` for a terminal."""
    if sys.stdout.isatty():
        write_text(data.decode("utf-8", "backslashreplace"))
    else:
        _write(sys.stdout, data)


def _write(stream: IO[str], data: bytes) -> None:
    stream.flush()
    buffer = getattr(stream, "buffer", None)
    if buffer is None:  # somebody put in an object of their own
        stream.write(data.decode("utf-8", "replace"))
        stream.flush()
        return
    buffer.write(data)
    buffer.flush()


def utf8(text: str) -> bytes:
    """Encode text as UTF-8: names of files as the bytes that they are, with U+FFFD for surrogates
    that stand for no byte."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _NO_BYTES.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def parquet_text(name: str) -> str:
    """Make a text for Parquet, which holds UTF-8 alone."""
    return utf8(name).decode("utf-8", "replace")


def json_key(key: Any) -> Any:
    """Give what names a row as JSON has it: text for what it has not, such as dates and NaN, and
    for bytes, those that are not UTF-8 as \\xff.

    >>> from datetime import date
    >>> json_key({"day": date(2026, 1, 31), "pairs": [("a", b"\\xff"), ("b", float("nan"))]})
    {'day': '2026-01-31', 'pairs': [['a', '\\\\xff'], ['b', 'NaN']]}
    """
    if isinstance(key, dict):
        return {str(name): json_key(value) for name, value in key.items()}
    if isinstance(key, list | tuple):
        return [json_key(value) for value in key]
    if isinstance(key, bytes):
        return key.decode("utf-8", "backslashreplace")
    if isinstance(key, float) and not isfinite(key):
        return json.dumps(key)
    return key if key is None or isinstance(key, bool | int | float | str) else str(key)


def parquet_key(key: Any) -> str | None:
    """Write what names a row as a text for Parquet; None stays."""
    if key is None or isinstance(key, str):
        return key and parquet_text(key)
    return json.dumps(key, default=str)


def as_json(
    value: Any, *, indent: int | None = None, ascii: bool = True, allow_nan: bool = True
) -> str:
    """Write a value as JSON in which all hidden characters are escaped: in ASCII, so that it can be
    read whatever encoding a pipe is taken to have, or with the letters of all languages. Raises
    ValueError for NaN and infinity, which JSON has not, unless `allow_nan`."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii, allow_nan=allow_nan)
    return text.replace("\x7f", "\\u007f") if ascii else escaped(text)


def print_json(value: Any, *, err: bool = False) -> None:
    """Print a value as indented JSON."""
    write_text(as_json(value, indent=2) + "\n", err=err)


def print_records(records: Sequence[Mapping[str, Any]], form: str, *, err: bool = False) -> None:
    """Print records as "json" or "jsonl", or as "csv" or "tsv" with a header, where None is an
    empty cell."""
    if form == "json":
        print_json(records, err=err)
    elif form == "jsonl":
        write_text("".join(f"{as_json(record)}\n" for record in records), err=err)
    else:
        keys = list(dict.fromkeys(key for record in records for key in record))
        print_separated(keys, ([record.get(key) for key in keys] for record in records), form, err)


class Rows:
    """Writes rows as CSV or TSV to a file: cells as they are, in quotes where a reader needs them.

    Nothing is put before a cell that a spreadsheet would take for a formula.
    """

    def __init__(self, file: IO[str], delimiter: str = ",") -> None:
        self.file = file
        # With this line end, the writer also quotes cells that hold only one half of it.
        self.table = csv.writer(
            self, delimiter=delimiter, lineterminator="\r\n", escapechar=_ESCAPE
        )
        self.add, self.add_all = self.table.writerow, self.table.writerows

    def write(self, line: str) -> int:
        """Write a line of the table."""
        if _ESCAPE is not None:
            line = line.replace(_ESCAPE * 2, _ESCAPE)
        return self.file.write(f"{line[:-2]}\n")


def print_separated(
    header: Sequence[str], rows: Iterable[Sequence[Any]], form: str, err: bool = False
) -> None:
    """Print a header and rows as "csv" or "tsv"."""
    out = io.StringIO()
    table = Rows(out, "," if form == "csv" else "\t")
    table.add(header)
    table.add_all(rows)
    write_text(out.getvalue(), err=err)


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows for people, each column as wide as its widest cell."""
    shown = [tuple(map(shown_line, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def same_file(target: str, name: str) -> bool:
    """Whether two names, or a name and standard input ("-"), are one existing file."""
    if target == STDIN:
        return False
    try:
        status = os.fstat(sys.stdin.fileno()) if name == STDIN else os.stat(name)
        return os.path.samestat(os.stat(target), status) and not os.path.isdir(target)
    except (OSError, AttributeError):
        return False


def refuse_overwriting(option: str, target: str, inputs: Iterable[str]) -> None:
    """Exit with 2 if the file to write is one of those to read."""
    if any(same_file(target, name) for name in inputs):
        raise click.UsageError(
            f"{option} would write over its own input {shown_name(target)}; name another file."
        )
