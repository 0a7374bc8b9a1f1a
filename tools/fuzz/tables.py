"""Data files of every kind, whole and damaged: rows are counted as they are, or refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

import tokenkit
from tokenkit.inputs import MISSING, count_rows

from .driver import Driver, expect
from .mutations import damaged_bytes, random_text

__all__ = ["DRIVER"]

Texts = list[str | None]
KINDS = ("jsonl", "json", "csv", "tsv", "parquet", "arrow", "arrow stream")
HOLDS_NUL = sys.version_info >= (3, 11)  # CSV that Python writes and reads


def _texts(rng: random.Random, kind: str) -> Texts:
    """Rows of a file; where every row must be UTF-8 there are no lone surrogates, and a text file
    does not hold the difference between nothing and an empty text."""
    texts: Texts = []
    for _ in range(rng.randint(0, rng.choice((4, 30)))):
        text = random_text(rng)
        if kind not in ("json", "jsonl"):
            text = text.encode("utf-8", "replace").decode()
        if kind in ("csv", "tsv") and not HOLDS_NUL:
            text = text.replace("\0", "")
        texts.append(None if kind not in ("csv", "tsv") and rng.random() < 0.2 else text)
    return texts


def _written(rng: random.Random, kind: str, texts: Texts) -> bytes:
    """The content of a file with a column `text`."""
    if kind in ("json", "jsonl"):
        rows = [{"id": number, "text": text} for number, text in enumerate(texts)]
        if kind == "json":
            return json.dumps(rows, indent=rng.choice((None, 1))).encode()
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    if kind in ("csv", "tsv"):
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter="," if kind == "csv" else "\t", quoting=csv.QUOTE_ALL)
        writer.writerows([["id", "text"], *([str(i), text] for i, text in enumerate(texts))])
        return out.getvalue().encode()
    return _arrow_file(rng, kind, texts)


def _arrow_file(rng: random.Random, kind: str, texts: Texts) -> bytes:
    types: list[Any] = [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
    column = pa.array(texts, pa.string()).cast(rng.choice(types))
    table = pa.table({"id": list(range(len(texts))), "text": column})
    sink = pa.BufferOutputStream()
    packing = rng.choice((None, "zstd"))
    if kind == "parquet":
        pa.parquet.write_table(table, sink, compression=packing or "none", row_group_size=7)
    else:
        options = pa.ipc.IpcWriteOptions(compression=packing)
        write = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with write(sink, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=7)
    return bytes(sink.getvalue())


def _packed(rng: random.Random, kind: str, content: bytes) -> tuple[str, bytes]:
    """The ending of the file's name, and its bytes: as they are or packed."""
    if kind in ("parquet", "arrow", "arrow stream") or rng.random() < 0.6:
        return "", content
    if rng.random() < 0.5:
        return ".gz", gzip.compress(content, 1)
    return ".zst", bytes(pa.compress(content, "zstd", asbytes=True))


def attempt(rng: random.Random, folder: Path) -> None:
    kind = rng.choice(KINDS)
    texts = _texts(rng, kind)
    content = _written(rng, kind, texts)
    damaged = rng.random() < 0.7
    inside = damaged and rng.random() < 0.5
    ending, data = _packed(rng, kind, damaged_bytes(rng, content) if inside else content)
    if damaged and not inside:
        data = damaged_bytes(rng, data)
    path = folder / f"rows.{kind.split()[0]}{ending}"
    path.write_bytes(data)
    counts: list[int] = []
    try:
        for batch in count_rows(path, "text", ["o200k_base"], id_name=rng.choice((None, "id"))):
            counts += batch.tokens[0].tolist()
            expect(len(batch.tokens[0]) == batch.rows, "rows without a number", kind, data)
    except (tokenkit.TokenkitError, ValueError) as error:
        expect(damaged or not texts, "a whole file is refused", kind, texts, str(error))
        expect(str(error), "an error without words", kind, data)
        return
    expect(min(counts, default=0) >= MISSING, "a number that counts nothing", kind, data)
    if not damaged:
        encoding = tokenkit.get_encoding("o200k_base")
        wanted = [MISSING if text is None else encoding.count(text) for text in texts]
        expect(counts == wanted, "other counts", kind, texts, counts, wanted)


DRIVER = Driver("tables", "rows are counted as they are, or refused in words", attempt)
