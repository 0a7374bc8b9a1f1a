"""The same rows in data files of every kind."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet

import tokenkit

ENC = tokenkit.get_encoding("o200k_base")
ROWS = [f"row {i}: " + "wörd " * (i % 37) + "漢字\n" * (i % 3) for i in range(500)]


def write_jsonl(path: Path) -> None:
    lines = [json.dumps({"id": i, "a": {"text": row}}) for i, row in enumerate(ROWS)]
    data = "\n".join(lines).encode()
    if path.suffix == ".gz":
        data = gzip.compress(data)
    if path.suffix == ".zst":
        data = pyarrow.compress(data, codec="zstd", asbytes=True)
    path.write_bytes(data)


def write_csv(path: Path) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if ".tsv" in path.name else ",")
        writer.writerows([("id", "a.text"), *enumerate(ROWS)])


def write_arrow(path: Path) -> None:
    table = pyarrow.table({"id": list(range(len(ROWS))), "a.text": ROWS})
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=120)
        return
    make = pyarrow.ipc.new_stream if path.suffix == ".ipc" else pyarrow.ipc.new_file
    with make(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=90)


WRITERS: dict[str, Callable[[Path], None]] = {
    **dict.fromkeys(["d.jsonl", "d.ndjson", "d.jsonl.gz", "d.jsonl.zst"], write_jsonl),
    **dict.fromkeys(["d.csv", "d.tsv", "d.csv.gz"], write_csv),
    **dict.fromkeys(["d.parquet", "d.arrow", "d.ipc"], write_arrow),
}
