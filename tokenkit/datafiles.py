"""Counts of the rows of data files: JSON lines, CSV, Parquet and Arrow, also compressed.

Files are read in batches of bounded size, so memory does not grow with the file.

>>> import tempfile, pathlib
>>> path = pathlib.Path(tempfile.mkdtemp(), "rows.jsonl")
>>> _ = path.write_text('{"id": 1, "text": "hello world"}\\n{"id": 2, "text": null}\\n')
>>> for batch in count_rows(path, "text", ["o200k_base"], id_name="id"):
...     print(batch.ids, batch.tokens)
[1, 2] [[2, None]]
"""

from __future__ import annotations

import csv
import io
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenkit.encoding import Encoding
from tokenkit.encodings import get_encoding
from tokenkit.files import InputError

__all__ = ["Distribution", "RowBatch", "count_rows", "data_kind"]

BATCH_BYTES = 24 << 20
KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
Path = str | os.PathLike[str]


@dataclass
class RowBatch:
    """Rows that follow each other. `first` is the number of the first one, from 0.

    `tokens` has a list per encoding with a number per row, None where the value is missing or
    wrong; `errors` says (line or row, from 1, message) of what is wrong. `position` is how many
    bytes of the file, as it lies on the disk, have been read.
    """

    first: int
    rows: int
    tokens: list[list[int | None]]
    ids: list[Any] | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    position: int = 0


@dataclass
class _Texts:
    """A batch before it is counted: a list of texts, or an Arrow array."""

    texts: Any
    ids: list[Any] | None
    errors: list[tuple[int, str]]
    numbers: Sequence[int]  # line or row of each text, from 1
    position: int


class Distribution:
    """How many rows have how many tokens: exact sums and percentiles in little memory."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.missing = 0

    def add(self, tokens: Iterable[int | None]) -> None:
        """Takes the counts of more rows."""
        self.counts.update(tokens)  # type: ignore[arg-type]
        self.missing += self.counts.pop(None, 0)  # type: ignore[call-overload]

    @property
    def rows(self) -> int:
        """The number of rows that were counted."""
        return self.counts.total()

    @property
    def total(self) -> int:
        """The tokens of all rows."""
        return sum(tokens * rows for tokens, rows in self.counts.items())

    def percentile(self, percent: float) -> int:
        """The smallest count that at least `percent` of the rows do not exceed (nearest rank).

        Raises ValueError if there are no rows.
        """
        if not self.counts:
            raise ValueError("no rows were counted")
        wanted, seen = max(1.0, self.rows * percent / 100), 0
        for tokens in sorted(self.counts):
            seen += self.counts[tokens]
            if seen >= wanted:
                return tokens
        return max(self.counts)

    def above(self, limit: int) -> int:
        """The number of rows with more than `limit` tokens."""
        return sum(rows for tokens, rows in self.counts.items() if tokens > limit)

    def histogram(self) -> list[tuple[int, int, int]]:
        """(from, to, rows) by powers of two, from the first that has rows to the last."""
        bins: Counter[int] = Counter()
        for tokens, rows in self.counts.items():
            bins[tokens.bit_length()] += rows
        if not bins:
            return []
        return [
            ((1 << power) >> 1, (1 << power) - 1 if power else 0, bins[power])
            for power in range(min(bins), max(bins) + 1)
        ]


def data_kind(path: Path) -> tuple[str | None, str]:
    """(kind, compression) that a file's name tells; the kind is None if it tells none."""
    stem, ending = os.path.splitext(os.fspath(path).lower())
    packed = ending[1:] if ending in (".gz", ".zst") else ""
    if packed:
        ending = os.path.splitext(stem)[1]
    return KINDS.get(ending), packed


def count_rows(
    path: Path,
    name: str,
    encodings: Sequence[str | Encoding],
    *,
    id_name: str | None = None,
    num_threads: int | None = None,
) -> Iterator[RowBatch]:
    """The tokens of a field (dotted for nested ones) or column of each row, in batches.

    The kind of file is told by its name: .jsonl, .ndjson, .csv, .tsv, .parquet, .arrow, .feather,
    .ipc; all but the Parquet and Arrow kinds also as .gz and .zst. Reading runs a batch ahead of
    counting. Raises InputError for a file that cannot be read, or has no such column; rows that
    are wrong are in `RowBatch.errors`. Parquet, Arrow and .zst need pyarrow (extra `arrow`).
    """
    engines = [get_encoding(one) if isinstance(one, str) else one for one in encodings]
    kind, packed = data_kind(path)
    readers: dict[str, Callable[..., Iterator[_Texts]]] = {
        "jsonl": _json_lines,
        "csv": _csv_rows,
        "tsv": _csv_rows,
        "parquet": _parquet_rows,
        "arrow": _arrow_rows,
    }
    if kind is None:
        known = ", ".join(KINDS)
        raise InputError(f"is no data file whose rows can be counted: its name must end in {known}")
    first = 0
    for batch in _ahead(readers[kind](os.fspath(path), packed, name, id_name)):
        size = len(batch.texts)
        columns = [_counted(engine, batch, num_threads) for engine in engines]
        yield RowBatch(first, size, columns, batch.ids, batch.errors, batch.position)
        first += size


def _counted(engine: Encoding, batch: _Texts, threads: int | None) -> list[int | None]:
    texts = batch.texts
    if not isinstance(texts, list):
        try:
            counted = engine.count_arrow(texts, num_threads=threads)
        except ValueError:  # bytes that are not UTF-8: find the rows
            texts = texts.to_pylist()
        except TypeError as error:
            raise InputError(str(error)) from None
        else:
            import pyarrow

            rows: list[int | None] = pyarrow.array(counted).to_pylist()
            return rows
    present = [text for text in texts if text is not None]
    try:
        found = iter(engine.count_batch(present, num_threads=threads).tolist())
    except ValueError:
        return [_counted_alone(engine, batch, index, text) for index, text in enumerate(texts)]
    return [None if text is None else next(found) for text in texts]


def _counted_alone(engine: Encoding, batch: _Texts, index: int, text: Any) -> int | None:
    try:
        return None if text is None else engine.count(text)
    except ValueError as error:
        problem = (batch.numbers[index], f"is not UTF-8 text: {error}")
        if problem not in batch.errors:
            batch.errors.append(problem)
        return None


def _ahead(batches: Iterator[_Texts]) -> Iterator[_Texts]:
    """The same batches, the next one being read by another thread meanwhile."""
    ready: queue.Queue[_Texts | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def put(item: _Texts | BaseException | None) -> None:
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
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        reader.join()


# Readers


def _raw(path: str, packed: str) -> tuple[Any, Callable[[], int]]:
    """The bytes of a file, unpacked, and a function that tells the place on the disk."""
    try:
        file = open(path, "rb")  # noqa: SIM115 (the reader closes it)
    except OSError as error:
        raise InputError(error.strerror or str(error)) from None
    if packed == "gz":
        import gzip

        return gzip.GzipFile(fileobj=file), file.tell
    if packed == "zst":
        pyarrow = _pyarrow()
        stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(file), "zstd")
        return io.BufferedReader(stream, 1 << 20), file.tell
    return file, file.tell


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise InputError("needs the package pyarrow: pip install pyarrow") from None
    return pyarrow


def _json_loads() -> Callable[[bytes], Any]:
    try:
        import orjson
    except ModuleNotFoundError:
        import json

        return json.loads
    loads: Callable[[bytes], Any] = orjson.loads
    return loads


def _json_lines(path: str, packed: str, name: str, id_name: str | None) -> Iterator[_Texts]:
    file, tell = _raw(path, packed)
    loads, number = _json_loads(), 0
    with file:
        while lines := _some_lines(file):
            texts: list[Any] = []
            ids: list[Any] = []
            numbers: list[int] = []
            errors: list[tuple[int, str]] = []
            for line in lines:
                number += 1
                if line.isspace():
                    continue
                text = key = None
                try:
                    row = loads(line)
                    text = _picked(row, name)
                    key = _picked(row, id_name) if id_name else None
                except (ValueError, LookupError) as error:
                    errors.append((number, _json_reason(error)))
                if text is not None and not isinstance(text, str):
                    errors.append((number, f"{name!r} is no text but {type(text).__name__}"))
                    text = None
                texts.append(text)
                ids.append(key)
                numbers.append(number)
            yield _Texts(texts, ids if id_name else None, errors, numbers, tell())


def _some_lines(file: Any) -> list[bytes]:
    try:
        lines: list[bytes] = file.readlines(BATCH_BYTES)
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read: {error}") from None
    return lines


def _json_reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return str(error.args[0])
    return f"is not JSON: {error}"


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


def _csv_rows(path: str, packed: str, name: str, id_name: str | None) -> Iterator[_Texts]:
    file, tell = _raw(path, packed)
    csv.field_size_limit(2**31 - 1)
    with (
        file,
        io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text_file,
    ):
        tabbed = data_kind(path)[0] == "tsv"
        rows = csv.reader(text_file, delimiter="\t" if tabbed else ",")
        try:
            header = next(rows, [])
            place = _place(header, name)
            key_place = _place(header, id_name) if id_name else None
            while True:
                batch = _csv_batch(rows, place, key_place)
                batch.position = tell()
                if not batch.texts:
                    return
                yield batch
        except (OSError, EOFError, csv.Error) as error:
            raise InputError(f"cannot be read after line {rows.line_num}: {error}") from None


def _place(header: list[str], name: str) -> int:
    if name not in header:
        raise InputError(f"has no column {name!r}; it has {', '.join(header)}")
    return header.index(name)


def _csv_batch(rows: Any, place: int, key_place: int | None) -> _Texts:
    batch = _Texts([], None if key_place is None else [], [], [], 0)
    numbers: list[int] = []
    size = 0
    for row in rows:
        if not row:
            continue
        text = row[place] if place < len(row) else None
        if text is None:
            batch.errors.append((rows.line_num, f"has {len(row)} of the header's columns only"))
        elif not text.isascii():
            data = text.encode("utf-8", "surrogateescape")
            size += len(data) - len(text)
            batch.texts.append(data)  # so that bytes that are not UTF-8 are found when counting
        if text is None or text.isascii():
            batch.texts.append(text)
        if batch.ids is not None and key_place is not None:
            batch.ids.append(row[key_place] if key_place < len(row) else None)
        numbers.append(rows.line_num)
        size += len(text or "") + 64
        if size >= BATCH_BYTES:
            break
    batch.numbers = numbers
    return batch


def _parquet_rows(path: str, packed: str, name: str, id_name: str | None) -> Iterator[_Texts]:
    _refuse_packed(packed)
    pyarrow = _pyarrow()
    from pyarrow.parquet import ParquetFile

    names = [name] + ([id_name] if id_name else [])
    try:
        with ParquetFile(path, memory_map=True, buffer_size=1 << 20, pre_buffer=False) as file:
            for one in names:
                _place(file.schema_arrow.names, one)
            meta = file.metadata
            size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
            rows = max(1, min(1 << 20, BATCH_BYTES * max(1, meta.num_rows) // max(1, size)))
            done, whole = 0, os.path.getsize(path)
            for batch in file.iter_batches(batch_size=rows, columns=list(dict.fromkeys(names))):
                done += batch.num_rows
                position = whole * done // max(1, meta.num_rows)
                yield _arrow_batch(batch, name, id_name, done, position)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(_first_line(error)) from None


def _arrow_rows(path: str, packed: str, name: str, id_name: str | None) -> Iterator[_Texts]:
    _refuse_packed(packed)
    pyarrow = _pyarrow()
    try:
        with pyarrow.memory_map(path) as source:
            batches, schema = _ipc_batches(pyarrow, source)
            for one in [name] + ([id_name] if id_name else []):
                _place(schema.names, one)
            done = 0
            for batch, position in batches:
                for start in range(0, batch.num_rows, 1 << 16):
                    part = batch.slice(start, 1 << 16)
                    done += part.num_rows
                    yield _arrow_batch(part, name, id_name, done, position)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(_first_line(error)) from None


def _ipc_batches(pyarrow: Any, source: Any) -> tuple[Iterator[tuple[Any, int]], Any]:
    """(batch, place in the file) and schema of an IPC file, or of an IPC stream in a file."""
    try:
        reader = pyarrow.ipc.open_file(source)
    except pyarrow.ArrowInvalid:
        source.seek(0)
        stream = pyarrow.ipc.open_stream(source)
        return ((batch, source.tell()) for batch in stream), stream.schema
    size, parts = source.size(), reader.num_record_batches
    batches = ((reader.get_batch(i), size * (i + 1) // parts) for i in range(parts))
    return batches, reader.schema


def _arrow_batch(batch: Any, name: str, id_name: str | None, done: int, position: int) -> _Texts:
    ids = batch.column(id_name).to_pylist() if id_name else None
    numbers = range(done - batch.num_rows + 1, done + 1)
    return _Texts(batch.column(name), ids, [], numbers, position)


def _refuse_packed(packed: str) -> None:
    if packed:
        raise InputError(f"is a compressed .{packed} of a format that is read in parts; unpack it")


def _first_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0] if str(text) else type(error).__name__
