"""Counts a data file by tokenkit's roads, and compares with what other libraries read from it."""

from __future__ import annotations

import gzip
import random
import re
import zlib
from pathlib import Path
from typing import Any

import pyarrow
from click.testing import CliRunner
from file_seeds import Seed
from pyarrow import ipc, parquet

import tokenkit
from tokenkit.cli.shared.app import app
from tokenkit.errors import InputError
from tokenkit.inputs import MISSING, count_files, count_rows

ENC = tokenkit.get_encoding("gpt2")
IDS = (None, "id", "day", "key")
COMMAND_EVERY = 25
Counts = list[int | None]  # of each row, None where its text is missing or wrong


class Wrong(AssertionError):
    """An answer that is not right, or an error that says too little."""


def check_file(path: Path, seed: Seed, rng: random.Random) -> str:
    """Count a file; return "counted" or "refused: why". Raises Wrong, or what a road raises that it
    may not."""
    if rng.randrange(COMMAND_EVERY) == 0:
        return _command(path, seed, rng)
    if seed.kind == "packed text":
        return _packed_text(path)
    column = rng.choice(seed.columns)
    if seed.kind == "arrow" and rng.randrange(3) == 0:
        return _arrays(path, column)
    id_name = rng.choice(IDS if len(seed.columns) > 1 else (None, "id", "key"))
    counts, why = _rows(path, column, id_name)
    if seed.kind == "packed rows":
        wanted, all_read = _unpacked_rows(path, column, id_name)
        if why is None and not all_read:
            raise Wrong("counted what does not unpack")
        if why is not None:  # what came before the damage; the last row of each may be cut
            same = min(len(counts), len(wanted)) - 1
            counts, wanted = counts[: max(0, same)], wanted[: max(0, same)]
        _compare(counts, wanted)
    elif why is None:
        _compare(counts, _read_by_pyarrow(path, column))
    return "counted" if why is None else _told(why)


def _told(why: str) -> str:
    if not why.strip() or len(why) > 2_000:
        raise Wrong(f"an error without words, or with too many: {why[:100]!r}")
    return f"refused: {why}"


def _compare(counts: Counts, wanted: Counts) -> None:
    if counts != wanted:
        raise Wrong(f"counted {str(counts)[:200]}, expected {str(wanted)[:200]}")


def _rows(path: Path, column: str, id_name: str | None) -> tuple[Counts, str | None]:
    """The counts of the rows, and why not all were read."""
    counts: Counts = []
    try:
        for batch in count_rows(path, column, [ENC], id_name=id_name, num_threads=1):
            tokens = batch.tokens[0].tolist()
            if batch.ids is not None and len(batch.ids) != len(tokens):
                raise Wrong("other ids than rows")
            counts += [None if number == MISSING else number for number in tokens]
    except InputError as error:
        return counts, str(error)
    return counts, None


def _count(text: str | bytes | None) -> int | None:
    if text is None:
        return None
    try:
        return ENC.count(text)
    except ValueError:  # not UTF-8
        return None


# What others read


def _read_by_pyarrow(path: Path, column: str) -> Counts:
    """The counts of a file of Arrow or Parquet, of which tokenkit has found that it is sound."""
    names = column.split(".")
    if path.suffix == ".parquet":
        file = parquet.ParquetFile(path)
        # Each group alone: pages that hold more rows than their group says would move the next.
        groups = range(file.num_row_groups)
        parts = (
            part for i in groups for part in file.iter_batches(row_groups=[i], columns=[column])
        )
    else:
        parts = _batches(path, names[0])
    texts: list[bytes | None] = []
    for part in parts:
        array = part.column(names[0])
        array.validate()
        for name in names[1:]:
            array = pyarrow.compute.struct_field(array, name)
        # Row by row: a null row may hold anything, such as wrong offsets.
        array = array.view(_as_bytes(array.type))
        texts += [array[row].as_py() for row in range(len(array))]
    return [_count(text) for text in texts]


def _as_bytes(kind: Any) -> Any:
    if pyarrow.types.is_dictionary(kind):
        return pyarrow.dictionary(kind.index_type, _as_bytes(kind.value_type))
    bytes_of = {
        pyarrow.string(): pyarrow.binary(),
        pyarrow.large_string(): pyarrow.large_binary(),
        pyarrow.string_view(): pyarrow.binary_view(),
    }
    return bytes_of.get(kind, kind)


def _batches(path: Path, column: str | None = None) -> Any:
    """The record batches of a file, with one column or with all."""
    data = pyarrow.py_buffer(path.read_bytes())
    options = ipc.IpcReadOptions()
    try:
        if column:
            options.included_fields = [ipc.open_file(data).schema.get_field_index(column)]
        reader = ipc.open_file(data, options=options)
    except pyarrow.ArrowInvalid:
        if column:
            options.included_fields = [ipc.open_stream(data).schema.get_field_index(column)]
        yield from ipc.open_stream(data, options=options)
        return
    for index in range(reader.num_record_batches):
        yield reader.get_batch(index)


def _unpack(path: Path) -> tuple[bytes, bool]:
    """Return what is packed in a file, and whether all of it could be unpacked."""
    data = path.read_bytes()
    out = b""
    if path.suffix == ".zst":
        stream = pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd")
        try:
            while block := stream.read(1 << 12):
                out += block
        except (OSError, pyarrow.ArrowException):
            return out, False
        return out, True
    try:
        return gzip.decompress(data), True
    except (OSError, EOFError, zlib.error):
        pass
    while data:
        member = zlib.decompressobj(31)
        try:
            while data and not member.eof:
                out += member.decompress(data[:64])
                data = data[64:]
        except zlib.error:
            return out, False
        if not member.eof:
            return out, False
        data = (member.unused_data + data).lstrip(b"\0")  # zeros may fill the file's end
    return out, False


def _unpacked_rows(path: Path, column: str, id_name: str | None) -> tuple[Counts, bool]:
    """The counts of the file as it is unpacked, and whether all of it could be unpacked."""
    data, whole = _unpack(path)
    plain = path.with_suffix("")
    plain.write_bytes(data)
    counts, why = _rows(plain, column, id_name)
    plain.unlink()
    return counts, whole and why is None


# Other roads


def _packed_text(path: Path) -> str:
    (counted,) = count_files([path], [ENC])
    if counted.error or counted.tokens is None:
        return _told(counted.error)
    data, whole = _unpack(path)
    if not whole:
        raise Wrong("counted what does not unpack")
    _compare([counted.tokens[0]], [ENC.count(data.decode())])
    return "counted"


def _arrays(path: Path, column: str) -> str:
    """Arrays as pyarrow reads them, not looked at, straight into the core."""
    counts: Counts = []
    try:
        for part in _batches(path):
            array = part.column(column.split(".")[0])
            counts += ENC.count_arrow(array, num_threads=1).to_pylist()
    except (ValueError, TypeError, OSError, MemoryError, KeyError, pyarrow.ArrowException) as error:
        return _told(str(error))
    _compare(counts, _read_by_pyarrow(path, column.split(".")[0]))
    return "counted"


def _command(path: Path, seed: Seed, rng: random.Random) -> str:
    words = ["count", str(path), "-e", "gpt2"]
    if seed.kind != "packed text":
        words += ["--column", rng.choice(seed.columns)]
    result = CliRunner().invoke(app, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code == 0:
        return "counted"
    message = re.sub(r"\s+", " ", result.stderr)
    if result.exit_code != 2 or path.name not in message:
        raise Wrong(f"exit {result.exit_code}, and no name of the file: {message[:300]}")
    return "refused"
