"""A gigabyte of input takes less than 300 MB of memory, however it comes."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import ELSEWHERE

import tokenkit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

MOST_MB = 300
GIGABYTE = 1_000_000_000
TEXT = "The library opens at nine. 図書館は九時に開きます。 Das Haus schließt um sechs!\n" * 10
ROW = json.dumps({"id": 1, "t": TEXT}).encode() + b"\n"
E = ("-e", "o200k_base")


def repeated(block: bytes) -> Iterator[bytes]:
    """A gigabyte of it, in parts."""
    part = block * (1 + (1 << 20) // len(block))
    for _ in range(GIGABYTE // len(part)):
        yield part


def peak_of(arguments: list[str], data: Iterator[bytes] | None = None) -> tuple[str, float]:
    """Return what the command prints, and the most anonymous memory that it held, in MB."""
    command = [sys.executable, "-m", "tokenkit", *arguments]
    peak = 0.0
    with subprocess.Popen(
        command, env=ELSEWHERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        writer = threading.Thread(target=feed, args=(running.stdin, data or iter(())))
        writer.start()
        while running.poll() is None:
            lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
            found = [int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon")]
            peak = max(peak, *found, 0)
            threading.Event().wait(0.02)
        writer.join()
        return running.stdout.read().decode(), peak


def feed(pipe: IO[bytes], data: Iterator[bytes]) -> None:
    with pipe:
        for part in data:
            pipe.write(part)


def test_text_from_a_pipe() -> None:
    shown, peak = peak_of(["count", *E], repeated(TEXT.encode()))
    expected = sum(len(part) for part in repeated(TEXT.encode())) // len(TEXT.encode())
    assert int(shown) == expected * tokenkit.count(TEXT, encoding="o200k_base")
    assert 10 < peak < MOST_MB


@pytest.mark.parametrize("packed", [False, True])
def test_rows(packed: bool, tmp_path: Path) -> None:
    words = ["--field", "t", "--id", "id", "--per-row", str(tmp_path / "o.parquet"), *E]
    if packed:
        path = tmp_path / "rows.jsonl.gz"
        with gzip.open(path, "wb", compresslevel=1) as file:
            for part in repeated(ROW):
                file.write(part)
        shown, peak = peak_of(["count", str(path), *words])
    else:
        shown, peak = peak_of(["count", "-", *words], repeated(ROW))
    rows = sum(len(part) for part in repeated(ROW)) // len(ROW)
    assert f"rows {rows}, missing 0" in shown
    assert 10 < peak < MOST_MB


@pytest.mark.parametrize("options", [{}, {"use_dictionary": False, "compression": "zstd"}])
def test_parquet(options: dict[str, Any], tmp_path: Path) -> None:
    table = pyarrow.table({"t": [f"{n} {TEXT}" for n in range(2000)]})
    path = tmp_path / "rows.parquet"
    number = GIGABYTE // table.nbytes
    with pyarrow.parquet.ParquetWriter(path, table.schema, **options) as writer:
        writer.write_table(pyarrow.concat_tables([table] * number), row_group_size=1 << 20)
    shown, peak = peak_of(["count", str(path), "--column", "t", *E])
    assert f"rows {2000 * number}, missing 0" in shown
    assert 10 < peak < MOST_MB
