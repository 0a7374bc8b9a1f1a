"""Reads JSON lines."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from json import JSONDecodeError, loads as json_loads
from typing import Any, Literal

from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import RowTexts
from tokenkit.inputs.sources import not_utf8, opened

__all__ = ["JsonLines", "line_batches"]


class JsonLines:
    """A JSON value per line. Dots in a name lead into nested objects and lists."""

    endings = (".jsonl", ".ndjson")
    packed = True
    unit: Literal["line", "row"] = "line"
    value: Literal["field", "column"] = "field"

    def rows(self, path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
        parser, number = _Parser(name, id_name), 0
        with opened(path) as (file, position):
            for lines in line_batches(file):
                batch = parser.batch(lines, number)
                number += len(lines)
                if batch.texts:
                    batch.position = position()
                    yield batch


class _Parser:
    """Makes texts of lines."""

    def __init__(self, name: str, id_name: str | None) -> None:
        self.name = name
        self.id_name = id_name
        self.loads = _json_loads()

    def batch(self, lines: list[bytes], number: int) -> RowTexts:
        """The texts of lines that stand behind line `number`. Blank lines are skipped."""
        texts: list[str | None] = []
        ids: list[Any] = []
        numbers: list[int] = []
        errors: list[tuple[int, str]] = []
        for line in lines:
            number += 1
            if not line or line.isspace():
                continue
            text = key = None
            try:
                row = self.loads(line)
                text = _picked(row, self.name)  # counts even if the row has no such key
                key = self._key(row, line)
            except (ValueError, LookupError, RecursionError) as error:
                errors.append((number, _reason(error)))
            if text is not None and not isinstance(text, str):
                kind = type(text).__name__
                errors.append((number, f"expected text in {self.name!r}, got {kind}"))
                text = None
            texts.append(text)
            ids.append(key)
            numbers.append(number)
        return RowTexts(texts, ids if self.id_name else None, errors, numbers)

    def _key(self, row: Any, line: bytes) -> Any:
        """The value that names a row; None if none is asked for."""
        if not self.id_name:
            return None
        key = _picked(row, self.id_name)
        if isinstance(key, float):
            key = _picked(json_loads(line), self.id_name)  # orjson rounds large integers
        return key


def line_batches(file: Any) -> Iterator[list[bytes]]:
    """Lines without their ends: of about BATCH_BYTES, or what a slow pipe has given so far."""
    held: list[bytes] = []
    size, has_line_end = 0, False
    try:
        while block := file.read1(batches.READ_BYTES):
            held.append(block)
            size += len(block)
            has_line_end = has_line_end or b"\n" in block
            if has_line_end and (size >= batches.BATCH_BYTES or not _more_waits(file)):
                *lines, begun = b"".join(held).split(b"\n")
                yield lines
                held, size, has_line_end = [begun], len(begun), False
    except Exception:  # the file ends too early, or is damaged: what came before it counts
        yield b"".join(held).split(b"\n")[:-1]
        raise
    yield b"".join(held).split(b"\n")


def _more_waits(file: Any) -> bool:
    """Whether reading gives something at once; True where the system does not say."""
    try:
        return bool(select.select([file], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _json_loads() -> Callable[[bytes], Any]:
    try:
        from orjson import loads as fast
    except ModuleNotFoundError:
        return json_loads

    def loads(line: bytes) -> Any:
        try:
            return fast(line)
        except ValueError:
            return json_loads(line)  # takes lone surrogates and NaN, which other programs write

    return loads


def _reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return str(error.args[0])
    if isinstance(error, JSONDecodeError):
        return f"invalid JSON at column {error.colno}: {error.msg}"
    if isinstance(error, UnicodeDecodeError):
        return f"{not_utf8(error.start)} of the line"
    return "invalid JSON: nested too deep"


def _picked(row: Any, name: str) -> Any:
    """A field of a JSON object; dots lead into nested ones unless a field has that very name.

    Raises LookupError, which lists the fields that there are.
    """
    if isinstance(row, dict) and name in row:
        return row[name]
    value = row
    for part in name.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            kind = ", ".join(map(str, row)) if isinstance(row, dict) else type(row).__name__
            raise LookupError(f"expected a field {name!r}, got {kind or 'an empty object'}")
    return value
