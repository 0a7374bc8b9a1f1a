"""Small data files of every kind, for `mutated_files.py` to damage."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow
from pyarrow import ipc, parquet

Kind = Literal["arrow", "parquet", "packed rows", "packed text"]

ROWS = [
    None if i % 11 == 5 else f"row {i}: " + "wörd " * (i % 7) + "漢字 \n" * (i % 3) + "x" * (i % 40)
    for i in range(60)
]
CODECS = ("none", "snappy", "gzip", "zstd", "brotli", "lz4")


@dataclass(frozen=True)
class Seed:
    """A file, and the columns of text in it."""

    name: str
    data: bytes
    kind: Kind
    columns: tuple[str, ...] = ("t",)


def file_seeds() -> list[Seed]:
    """All seed files, the same in every process."""
    return [*_arrow_files(), *_parquet_files(), *_packed_files()]


def _table() -> Any:
    texts = pyarrow.array(ROWS)
    days = [datetime(2026, 1, 1) + timedelta(hours=i) for i in range(len(ROWS))]
    struct = pyarrow.StructArray.from_arrays(
        [texts, pyarrow.array(range(len(ROWS)))], ["t", "n"], mask=texts.is_null()
    )
    return {
        "string": texts,
        "large": texts.cast(pyarrow.large_string()),
        "view": texts.cast(pyarrow.string_view()),
        "binary": texts.cast(pyarrow.binary()),
        "entry": texts.dictionary_encode(),
        "wide": texts.cast(pyarrow.large_string()).dictionary_encode(),
        "none": pyarrow.nulls(len(ROWS)),
        "struct": struct,
        "list": pyarrow.array([["a", row] for row in ROWS]),
        "id": pyarrow.array(range(len(ROWS))),
        "day": pyarrow.array(days),
        "key": pyarrow.array([f"k{i}" for i in range(len(ROWS))]),
    }


def _arrow_files() -> Iterator[Seed]:
    columns = _table()
    texts = ("string", "large", "view", "binary", "entry", "wide", "none", "struct.t")
    for codec in (None, "lz4", "zstd"):
        table = pyarrow.table(columns)
        options = ipc.IpcWriteOptions(compression=codec)
        for ending, make in (("arrow", ipc.new_file), ("ipc", ipc.new_stream)):
            sink = pyarrow.BufferOutputStream()
            with make(sink, table.schema, options=options) as writer:
                writer.write_table(table, max_chunksize=25)
            name = f"{codec or 'plain'}.{ending}"
            yield Seed(name, sink.getvalue().to_pybytes(), "arrow", texts)
    # Smaller, so that damage hits what is read.
    for column in ("string", "view", "entry"):
        table = pyarrow.table({"t": columns[column], "id": columns["id"], "key": columns["key"]})
        sink = pyarrow.BufferOutputStream()
        with ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        yield Seed(f"{column}.arrow", sink.getvalue().to_pybytes(), "arrow")


def _parquet_files() -> Iterator[Seed]:
    columns = _table()
    names = ("string", "large", "binary", "entry", "struct", "list", "id", "day", "key")
    table = pyarrow.table({name: columns[name] for name in names})
    texts = ("string", "large", "binary", "entry", "struct.t")
    for codec in CODECS:
        for version in ("1.0", "2.0"):
            sink = pyarrow.BufferOutputStream()
            parquet.write_table(
                table,
                sink,
                compression=codec,
                data_page_version=version,
                row_group_size=25,
                use_dictionary=version == "1.0",
                write_page_checksum=codec == "gzip",
            )
            name = f"{codec}-{version}.parquet"
            yield Seed(name, sink.getvalue().to_pybytes(), "parquet", texts)
    for plain in (True, False):
        small = pyarrow.table({"t": columns["string"], "id": columns["id"], "key": columns["key"]})
        sink = pyarrow.BufferOutputStream()
        parquet.write_table(small, sink, use_dictionary=not plain, store_schema=not plain)
        yield Seed(f"small-{plain}.parquet", sink.getvalue().to_pybytes(), "parquet")


def _packed_files() -> Iterator[Seed]:
    rows = [{"t": row, "id": i, "key": f"k{i}"} for i, row in enumerate(ROWS)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    quoted = [(row or "").replace('"', '""') for row in ROWS]
    commas = "t,id,key\n" + "".join(f'"{text}",{i},k{i}\n' for i, text in enumerate(quoted))
    texts = {"jsonl": lines, "csv": commas, "json": json.dumps(rows), "txt": commas}
    for ending, text in texts.items():
        kind: Kind = "packed text" if ending == "txt" else "packed rows"
        data = text.encode()
        half = len(data) // 2
        members = gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)
        yield Seed(f"d.{ending}.gz", gzip.compress(data, mtime=0), kind)
        yield Seed(f"members.{ending}.gz", members, kind)
        yield Seed(f"d.{ending}.zst", pyarrow.compress(data, codec="zstd", asbytes=True), kind)
