"""Reads JSON lines, and JSON documents: lists of rows, and rows that go over several lines."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from json import JSONDecodeError, loads as json_loads
from typing import Any, Literal

from tokenkit._checks import json_fault
from tokenkit._visible import listed
from tokenkit.errors import InputError
from tokenkit.inputs.json_text import json_items, text_blocks
from tokenkit.inputs.limits import check_json_memory, json_memory_of, too_big
from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import PLAIN, RowOptions, RowTexts
from tokenkit.inputs.sources import not_utf8, opened

__all__ = ["JsonDocument", "JsonLines", "line_batches"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OBJECT_SIZE = 8  # what the objects of JSON take, about, as a multiple of their text


class JsonDocument:
    """A list of rows, or rows one after the other, with line ends anywhere. Dots in a name lead
    into nested objects and lists."""

    endings: tuple[str, ...] = (".json",)
    packed = True
    unit: Literal["line", "row"] = "line"
    value: Literal["field", "column"] = "field"

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        with opened(path, options.decoding) as (file, position):
            yield from _document(file, _Parser(name, id_name, options), position)

    def type_of(self, path: str, name: str) -> None:
        return None


class JsonLines(JsonDocument):
    """A JSON value per line; if the first line shows that the file is a document, it is read as
    one."""

    endings = (".jsonl", ".ndjson")

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        parser, number = _Parser(name, id_name, options), 0
        with opened(path, options.decoding) as (file, position):
            if _is_document(file.peek(batches.READ_BYTES)):  # type: ignore[attr-defined]
                yield from _document(file, parser, position)
                return
            for lines in line_batches(file, options.most, objects=options.values):
                if not number and lines:
                    lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
                batch = parser.batch(lines, number)
                number += len(lines)
                if batch.texts:
                    batch.position = position()
                    yield batch


def _is_document(head: bytes) -> bool:
    """Whether the first bytes of a file begin no line of JSON lines: a list of objects, or a value
    that goes on in the next line."""
    head = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    line, line_end, _ = head.partition(b"\n")
    line = line.strip()
    if not line_end:
        return line[:1] == b"[" and line[1:].lstrip()[:1] in (b"{", b"]")
    try:
        value = json_loads(line)
    except ValueError:
        return line == b"{" or line[:1] == b"["
    except RecursionError:
        return False
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _document(file: Any, parser: _Parser, position: Callable[[], int]) -> Iterator[RowTexts]:
    """The rows of a document, in batches; those before a mistake in its JSON, too."""
    batch, size = parser.empty(), 0
    try:
        blocks = text_blocks(file, batches.READ_BYTES)
        for line, item, row, length in json_items(blocks, parser.most):
            text = parser.add(batch, line, row, f"item {item}: " if item else "")
            size += batches.ROW_BYTES
            is_text = text is None or isinstance(text, str)
            size += len(text or "") if is_text else _OBJECT_SIZE * length
            if size >= batches.BATCH_BYTES:
                batch.position = position()
                yield batch
                batch, size = parser.empty(), 0
    except Exception:
        yield batch
        raise
    batch.position = position()
    if batch.texts:
        yield batch


class _Parser:
    """Makes texts of rows."""

    def __init__(self, name: str, id_name: str | None, options: RowOptions) -> None:
        self.name = name
        self.id_name = id_name
        self.values = options.values
        self.most = options.most
        self.loads = _json_loads()

    def empty(self) -> RowTexts:
        """A batch without rows."""
        return RowTexts([], [] if self.id_name else None)

    def batch(self, lines: list[bytes], number: int) -> RowTexts:
        """The texts of lines that stand behind line `number`. Blank lines are skipped."""
        batch = self.empty()
        is_plain = not self.id_name
        for line in lines:
            number += 1
            if not line or line.isspace():
                continue
            try:
                check_json_memory(line, self.most, "a row")
                row = self.loads(line)
            except (ValueError, RecursionError, InputError) as error:
                batch.errors.append((number, _reason(error)))
                batch.append(None, number, None)
                continue
            text = row.get(self.name) if is_plain and isinstance(row, dict) else None
            if isinstance(text, str):  # as `add` does, for what most lines are
                batch.append(text, number, None)
            else:
                self.add(batch, number, row, line=line)
        return batch

    def add(
        self, batch: RowTexts, number: int, row: Any, where: str = "", line: bytes | None = None
    ) -> Any:
        """Add a row to a batch, read from a `line` of bytes if that is given; return its text."""
        text = key = None
        try:
            text = _picked(row, self.name)  # counts even if the row has no such key
            key = self._key(row, line)
        except LookupError as error:
            batch.errors.append((number, f"{where}{error.args[0]}"))
        if text is not None and not isinstance(text, str) and not self.values:
            problem = f"{where}expected text in {self.name!r}, got {type(text).__name__}"
            if isinstance(text, list):
                problem += "; if these are the messages of chats, count them as such"
            batch.errors.append((number, problem))
            text = None
        batch.append(text, number, key)
        return text

    def _key(self, row: Any, line: bytes | None) -> Any:
        """The value that names a row; None if none is asked for."""
        if not self.id_name:
            return None
        key = _picked(row, self.id_name)
        if isinstance(key, float) and line is not None:
            key = _picked(json_loads(line), self.id_name)  # orjson rounds large integers
        return key


def line_batches(file: Any, most: int, *, objects: bool = False) -> Iterator[list[bytes]]:
    """Lines without their ends: of about BATCH_BYTES, or what a slow pipe has given so far. With
    `objects`, as many as make that much of Python's objects.

    Raises InputError for a line of more than `most` bytes, behind the lines before it.
    """
    held: list[bytes] = []
    size, number, has_line_end = 0, 0, False
    try:
        while block := file.read1(batches.READ_BYTES):
            held.append(block)
            size += len(block) + batches.ROW_BYTES * block.count(b"\n")
            has_line_end = has_line_end or b"\n" in block
            if has_line_end and (size >= batches.BATCH_BYTES or not _more_waits(file)):
                *lines, begun = _lines_of(held)
                number += len(lines)
                yield from _small(lines, objects)
                held, size, has_line_end = [begun], len(begun), False
            elif size > most and not has_line_end:
                held.clear()
                raise too_big("a row", most, f"line {number + 1}: ")
    except Exception:  # the file ends too early, or is damaged: what came before it counts
        if lines := _lines_of(held)[:-1]:
            yield lines
        raise
    yield from _small(_lines_of(held), objects)


def _lines_of(blocks: list[bytes]) -> list[bytes]:
    """Take blocks away, and split what they hold into lines."""
    text = blocks[0] if len(blocks) == 1 else b"".join(blocks)
    blocks.clear()
    return text.split(b"\n")


def _small(lines: list[bytes], objects: bool) -> Iterator[list[bytes]]:
    """Split many short lines, or with `objects` those of many values, into more batches."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += batches.ROW_BYTES + (json_memory_of(line) if objects else len(line))
        if size >= 2 * batches.BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
    if isinstance(error, JSONDecodeError):
        return f"invalid JSON at column {error.colno}: {json_fault(error)}"
    if isinstance(error, UnicodeDecodeError):
        return str(not_utf8(error.start, " of the line; name its encoding, such as cp1252"))
    if isinstance(error, InputError):
        return str(error)
    return f"invalid JSON: {json_fault(error)}"


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
            kind = listed(row) if isinstance(row, dict) else type(row).__name__
            raise LookupError(f"expected a field {name!r}, got {kind or 'an empty object'}")
    return value
