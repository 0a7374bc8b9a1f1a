"""Rows of data files, in batches of texts that are ready to be counted."""

from __future__ import annotations

import csv
import io
import os
import queue
import select
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError, loads as json_loads
from typing import Any

from tokenkit.inputs.sources import STDIN, InputError, opened, pyarrow_module

__all__ = ["KINDS", "RowTexts", "ahead", "read_rows"]

BATCH_BYTES = 8 << 20
_READ_BYTES = 1 << 20
# Parquet is decoded in parts of about so many bytes; how many rows that is, is found out by trying.
PART_BYTES = 2 << 20
FIRST_ROWS, LEAST_ROWS = 64, 16
MOST_ROWS = 1 << 16

KINDS = ("jsonl", "csv", "tsv", "parquet", "arrow")


@dataclass
class RowTexts:
    """Rows that follow each other: a list of texts (str, bytes or None), or an Arrow array.

    `errors` says (line or row, from 1, message) of what is wrong, `numbers` the line or row of each
    text, `position` how many bytes of the file, as it lies there, have been read.
    """

    texts: Any
    ids: list[Any] | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    numbers: Sequence[int] = ()
    position: int = 0


def read_rows(path: str, kind: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
    """The field or column `name` of a file, and the one that names the rows.

    Raises InputError if it cannot be read or has no such column.
    """
    readers: dict[str, Callable[[str, str, str | None], Iterator[RowTexts]]] = {
        "jsonl": _json_lines,
        "csv": lambda *words: _csv_rows(*words, delimiter=","),
        "tsv": lambda *words: _csv_rows(*words, delimiter="\t"),
        "parquet": _parquet_rows,
        "arrow": _arrow_rows,
    }
    return readers[kind](path, name, id_name)


def ahead(batches: Iterator[RowTexts]) -> Iterator[RowTexts]:
    """The same batches, the next one being read by another thread meanwhile."""
    ready: queue.Queue[RowTexts | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def put(item: RowTexts | BaseException | None) -> None:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for batch in batches:
                put(batch)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:  # raised again where the batches are used
            put(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while (item := _next(ready)) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        reader.join(0.5)  # not for ever: it may wait for a pipe that says nothing


def _next(ready: queue.Queue[Any]) -> Any:
    while True:
        try:
            return ready.get(timeout=0.2)  # without a limit, Windows would not notice Ctrl-C
        except queue.Empty:
            continue


# JSON lines


def _json_lines(path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
    loads, number = _json_loads(), 0
    with opened(path) as (file, position):
        for lines in _line_batches(file):
            texts: list[Any] = []
            ids: list[Any] = []
            numbers: list[int] = []
            errors: list[tuple[int, str]] = []
            for line in lines:
                number += 1
                if not line or line.isspace():
                    continue
                text = key = None
                try:
                    row = loads(line)
                    text = _picked(row, name)
                    key = _picked(row, id_name) if id_name else None
                    if isinstance(key, float) and id_name:
                        key = _picked(json_loads(line), id_name)  # orjson rounds large integers
                except (ValueError, LookupError, RecursionError) as error:
                    errors.append((number, _json_reason(error)))
                if text is not None and not isinstance(text, str):
                    errors.append((number, f"{name!r} is no text but {type(text).__name__}"))
                    text = None
                texts.append(text)
                ids.append(key)
                numbers.append(number)
            if texts:
                yield RowTexts(texts, ids if id_name else None, errors, numbers, position())


def _line_batches(file: Any) -> Iterator[list[bytes]]:
    """Lines without their ends: of about BATCH_BYTES, or what a slow pipe has given so far."""
    held: list[bytes] = []
    size, whole = 0, False
    try:
        while block := file.read1(_READ_BYTES):
            held.append(block)
            size += len(block)
            whole = whole or b"\n" in block
            if whole and (size >= BATCH_BYTES or not _more_waits(file)):
                *lines, begun = b"".join(held).split(b"\n")
                yield lines
                held, size, whole = [begun], len(begun), False
    except Exception:  # the file ends too early, or is damaged: what came before it counts
        yield b"".join(held).split(b"\n")[:-1]
        raise
    yield b"".join(held).split(b"\n")


def _more_waits(file: Any) -> bool:
    """Whether reading gives something at once; True where that cannot be told."""
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


def _json_reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return str(error.args[0])
    if isinstance(error, JSONDecodeError):
        return f"is not JSON: {error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 text: invalid UTF-8 at byte {error.start} of the line"
    return "is not JSON that can be read: nested too deep"


def _picked(row: Any, name: str) -> Any:
    """A field of a JSON object; dots lead into nested ones unless a field is called so."""
    if isinstance(row, dict) and name in row:
        return row[name]
    value = row
    for part in name.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            has = f"; it has {', '.join(map(str, row))}" if isinstance(row, dict) else ""
            raise LookupError(f"has no field {name!r}{has}")
    return value


# CSV


def _csv_rows(path: str, name: str, id_name: str | None, *, delimiter: str) -> Iterator[RowTexts]:
    csv.field_size_limit(2**31 - 1)
    with opened(path) as (file, position):
        text_file = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
        lines = _Lines(text_file)
        rows = csv.reader(lines, delimiter=delimiter)
        try:
            header = next(rows, [])
            place = _place(header, name)
            key_place = _place(header, id_name) if id_name else None
            while True:
                batch = RowTexts([], None if key_place is None else [])
                try:
                    _csv_batch(batch, rows, lines, len(header), place, key_place)
                except Exception:
                    yield batch  # what came before it counts
                    raise
                batch.position = position()
                if not batch.texts:
                    return
                yield batch
        except csv.Error as error:
            raise InputError(f"cannot be read after line {rows.line_num}: {error}") from None


class _Lines:
    """The lines of a file, and whether more were asked for than there are."""

    def __init__(self, file: Iterable[str]) -> None:
        self.file = file
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self.file
        self.ended = True


def _place(header: list[str], name: str) -> int:
    if name not in header:
        raise InputError(f"has no column {name!r}; it has {', '.join(header)}")
    return header.index(name)


def _csv_batch(
    batch: RowTexts, rows: Any, lines: _Lines, columns: int, place: int, key_place: int | None
) -> None:
    batch.numbers = numbers = list[int]()
    size, begun = 0, rows.line_num + 1
    for row in rows:
        number, begun = begun, rows.line_num + 1
        if not row:
            continue
        text = row[place] if place < len(row) else None
        if lines.ended:  # within a row
            batch.errors.append((number, "a quote is opened here and not closed"))
            text = None
        elif text is None:
            batch.errors.append((rows.line_num, f"has {len(row)} of the header's columns only"))
        elif len(row) > columns:
            message = f"has {len(row)} columns, the header {columns}: is a delimiter not quoted?"
            batch.errors.append((rows.line_num, message))
            text = None
        elif not text.isascii():
            # Bytes, so that those that are not UTF-8 are found when counting.
            text = text.encode("utf-8", "surrogateescape")
        batch.texts.append(text)
        if batch.ids is not None and key_place is not None:
            batch.ids.append(row[key_place] if key_place < len(row) else None)
        numbers.append(rows.line_num)
        size += len(text or "") + 64
        if size >= BATCH_BYTES:
            return


# Parquet and Arrow


def _parquet_rows(path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
    pyarrow = pyarrow_module()
    from pyarrow.parquet import ParquetFile

    if path == STDIN:
        raise InputError("Parquet cannot be read from a pipe: name the file")
    names = [name] + ([id_name] if id_name else [])
    try:
        with ParquetFile(path, memory_map=True, buffer_size=1 << 20, pre_buffer=False) as file:
            for one in names:
                _place(file.schema_arrow.names, one)
            size, rows = os.path.getsize(path), max(1, file.metadata.num_rows)
            parts = _parquet_parts(file, list(dict.fromkeys(names)))
            yield from _arrow_batches(parts, name, id_name, lambda done: size * done // rows)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(_first_line(error)) from None


def _parquet_parts(file: Any, names: list[str]) -> Iterator[Any]:
    """Record batches of about PART_BYTES.

    Rows are as many as the file's own figures allow, which do not tell how often a value of a
    dictionary is repeated. So the first parts are small, and where that was too careful or too
    bold, reading starts anew with another number of rows and goes over those that are done.
    """
    learnt = FIRST_ROWS
    for index in range(file.num_row_groups):
        group = file.metadata.row_group(index)
        most = _most_rows(group, names)
        done, may_grow = 0, True
        while done < group.num_rows:
            rows = min(learnt, most)
            past = done
            for part in file.iter_batches(batch_size=rows, row_groups=[index], columns=names):
                if past >= part.num_rows:
                    past -= part.num_rows
                    continue
                part, past = part.slice(past), 0
                done += part.num_rows
                yield part
                fitting = part.num_rows * PART_BYTES // max(1, part.nbytes)
                learnt = max(LEAST_ROWS, min(MOST_ROWS, fitting))
                wanted = min(learnt, most)
                if wanted * 16 <= rows:
                    may_grow = False  # rows of changing sizes must not make it go to and fro
                elif not may_grow or wanted < 4 * rows:
                    learnt = rows
                    continue
                break


def _most_rows(group: Any, names: list[str]) -> int:
    """How many rows of a row group take about PART_BYTES, if no value is repeated."""
    columns = [group.column(index) for index in range(group.num_columns)]
    size = sum(one.total_uncompressed_size for one in columns if one.path_in_schema in names)
    fitting: int = PART_BYTES * group.num_rows // max(1, size)
    return max(1, min(MOST_ROWS, fitting))


def _arrow_rows(path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
    pyarrow = pyarrow_module()
    names = [name] + ([id_name] if id_name else [])

    def rows(batches: Iterable[Any], schema: Any, tell: Callable[[], int]) -> Iterator[RowTexts]:
        for one in names:
            _place(schema.names, one)
        wanted = list(dict.fromkeys(names))
        parts = _halved(batch.select(wanted) for batch in batches)
        return _arrow_batches(parts, name, id_name, lambda _: tell())

    try:
        if path == STDIN:
            with opened(path) as (file, position):
                stream = pyarrow.ipc.open_stream(pyarrow.PythonFile(file))
                yield from rows(stream, stream.schema, position)
            return
        with pyarrow.memory_map(path) as source:
            try:
                reader = pyarrow.ipc.open_file(source)
            except pyarrow.ArrowInvalid:  # a stream in a file
                source.seek(0)
                stream = pyarrow.ipc.open_stream(source)
                yield from rows(stream, stream.schema, source.tell)
                return
            done = 0

            def numbered() -> Iterator[Any]:
                nonlocal done
                while done < reader.num_record_batches:
                    done += 1
                    yield reader.get_batch(done - 1)

            size, number = source.size(), max(1, reader.num_record_batches)
            yield from rows(numbered(), reader.schema, lambda: size * done // number)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(_first_line(error)) from None


def _halved(batches: Iterable[Any]) -> Iterator[Any]:
    """The same rows, no batch of more than BATCH_BYTES but one of a single row."""
    for batch in batches:
        if batch.nbytes <= BATCH_BYTES or batch.num_rows < 2:
            yield batch
        else:
            half = batch.num_rows // 2
            yield from _halved([batch.slice(0, half), batch.slice(half)])


def _arrow_batches(
    parts: Iterable[Any], name: str, id_name: str | None, position: Callable[[int], int]
) -> Iterator[RowTexts]:
    """Parts joined to batches of BATCH_BYTES; `position` is told the rows that were read."""
    held: list[Any] = []
    done = size = 0
    for part in parts:
        held.append(part)
        size += part.nbytes
        if size >= BATCH_BYTES:
            done += sum(one.num_rows for one in held)
            yield _joined(held, name, id_name, done, position(done))
            held, size = [], 0
    if held:
        done += sum(one.num_rows for one in held)
        yield _joined(held, name, id_name, done, position(done))


def _joined(parts: list[Any], name: str, id_name: str | None, done: int, position: int) -> RowTexts:
    import pyarrow

    texts = pyarrow.chunked_array([part.column(name) for part in parts])
    ids = None
    if id_name:
        ids = [key for part in parts for key in part.column(id_name).to_pylist()]
    return RowTexts(texts, ids, [], range(done - len(texts) + 1, done + 1), position)


def _first_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0] if str(text) else type(error).__name__
