"""The memory run of ``benchmarks.columns``: gigabytes of Parquet, streamed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.compute
import pyarrow.parquet

import tokenkit
from benchmarks.fresh import ask, reply

ENCODING = "o200k_base"
CHUNK_TOKENS = 512
FILE_BYTES = 512_000_000
GROUP_ROWS = 16_384
BATCH_ROWS = 8_192
SECONDS_PER_GIGABYTE = 300


def write_files(rows: list[str], gigabytes: float, folder: Path) -> list[str]:
    """Write the rows again and again, in new orders, until there is so much text."""
    chance = random.Random(2)
    size = sum(len(row.encode()) for row in rows)
    paths: list[str] = []
    left = gigabytes * 1e9
    while left > 0:
        path = folder / f"part-{len(paths)}.parquet"
        schema = pyarrow.schema({"text": pyarrow.string()})
        with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            written = 0
            while written < FILE_BYTES and left > 0:
                chance.shuffle(rows)
                writer.write_table(pyarrow.table({"text": rows}), row_group_size=GROUP_ROWS)
                written += size
                left -= size
        paths.append(str(path))
    return paths


def batches_of(paths: list[str]) -> Iterator[Any]:
    for path in paths:
        file = pyarrow.parquet.ParquetFile(path, pre_buffer=False)
        yield from file.iter_batches(batch_size=BATCH_ROWS, columns=["text"])


def count(batches: Iterator[Any]) -> dict[str, int]:
    schema = pyarrow.schema({"text": pyarrow.string()})
    reader = pyarrow.RecordBatchReader.from_batches(schema, batches)
    report = tokenkit.token_report(reader, "text", encoding=ENCODING)
    return {"rows": report.rows, "tokens": report.tokens}


def chunk(batches: Iterator[Any]) -> dict[str, int]:
    chunker = tokenkit.Chunker(encoding=ENCODING, max_tokens=CHUNK_TOKENS)
    rows = tokens = chunks = 0
    for batch in batches:
        rows += len(batch)
        stream = chunker.chunk_arrow(batch.column("text"))
        for part in pyarrow.RecordBatchReader.from_stream(stream):
            chunks += len(part)
            tokens += pyarrow.compute.sum(part.column("tokens")).as_py() or 0
    return {"rows": rows, "tokens": tokens, "chunks": chunks}


def peak_bytes() -> int:
    """The most memory of this process that was resident."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except OSError:
        import psutil

        return int(psutil.Process().memory_info().peak_wset)  # Windows


def answer(job: dict[str, Any]) -> dict[str, Any]:
    begin = time.perf_counter()
    found: dict[str, Any] = {"count": count, "chunk": chunk}[job["task"]](batches_of(job["paths"]))
    return {**found, "seconds": time.perf_counter() - begin, "peak": peak_bytes()}


def measure(rows: list[str], gigabytes: float, folder: Path) -> list[str]:
    """Count and chunk, each in a process of its own; return what failed."""
    paths = write_files(rows, gigabytes, folder)
    stored = sum(os.path.getsize(path) for path in paths) / 1e9
    print(f"{gigabytes:g} GB of text in {len(paths)} files of Parquet, {stored:.1f} GB")
    failed = []
    for task in ("count", "chunk"):
        job = {"task": task, "paths": paths}
        timeout = 60 + SECONDS_PER_GIGABYTE * gigabytes
        data = ask("benchmarks.column_memory", job, os.environ, timeout)
        if "error" in data:
            failed.append(f"{task}: {data['error']}")
            continue
        print(
            f"{task}: {data['rows']} rows, {data['tokens']} tokens in {data['seconds']:.0f} s, "
            f"at most {data['peak'] / 1e6:.0f} MB resident",
            flush=True,
        )
    return failed


if __name__ == "__main__":
    reply(answer)
