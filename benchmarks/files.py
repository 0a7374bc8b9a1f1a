"""How fast the command line reads files: ``python -m benchmarks.files --corpus DIR``.

Makes its own inputs from the texts of the corpus, checks that all roads give the same total, and
prints for each: wall and CPU seconds, MB of text per second, its ratio to `count_arrow` of the same
rows in memory, and the most anonymous memory that the process held (Linux). Every time is taken in
a process of its own, from the loading of the encoding on: all roads start with cold tables.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

import tokenkit
from benchmarks.corpus import built_in
from tokenkit.inputs.rows import count_rows

ENCODING = "o200k_base"


def rows_of(corpus: Path, megabytes: float) -> list[str]:
    """Rows of about 1,000 characters, in an order of chance, `megabytes` in all."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(corpus.glob("*.txt"))]
    cut = [text[i : i + 1000] for text in texts for i in range(0, len(text), 1000)]
    chance = random.Random(1)
    rows: list[str] = []
    size = 0
    while size < megabytes * 1_000_000:
        rows.append(chance.choice(cut))
        size += len(rows[-1].encode())
    return rows


def write_inputs(rows: list[str], folder: Path) -> dict[str, Path]:
    paths = {kind: folder / f"rows.{kind}" for kind in ("parquet", "jsonl")}
    table = pyarrow.table({"id": range(len(rows)), "text": rows})
    pyarrow.parquet.write_table(table, paths["parquet"])
    with paths["jsonl"].open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            file.write(json.dumps({"id": number, "text": row}, ensure_ascii=False) + "\n")
    return paths


def anonymous_mb() -> float:
    """Anonymous memory of this process, 0 where it is unknown."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon"))


@contextmanager
def watched() -> Iterator[list[float]]:
    """A list whose only item is the most anonymous memory seen."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], anonymous_mb())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def count_file(path: Path) -> int:
    batches = count_rows(path, "text", [ENCODING])
    return sum(int(one.tokens[0][one.tokens[0] >= 0].sum()) for one in batches)


def count_column(column: Any) -> int:
    return int(tokenkit.get_encoding(ENCODING).count_arrow(column).to_numpy().sum())


# What is timed of each road, and before it what is not.
ROADS = {
    "count_arrow": ("column = pyarrow.parquet.read_table(path)['text']", "count_column(column)"),
    "parquet": ("pass", "count_file(path)"),
    "jsonl": ("pass", "count_file(path)"),
}


def measure(road: str, path: Path) -> tuple[int, float, float, float]:
    """Total, wall and CPU seconds, and most anonymous MB, in a process of its own."""
    before, work = ROADS[road]
    code = (
        f"from benchmarks.files import *; path = Path({str(path)!r}); {before}\n"
        f"print(*timed(lambda: {work}))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    total, wall, cpu, peak = done.stdout.split()
    return int(total), float(wall), float(cpu), float(peak)


def timed(work: Callable[[], int]) -> tuple[int, float, float, float]:
    with watched() as peak:
        wall, cpu = time.perf_counter(), time.process_time()
        total = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return total, wall, cpu, peak[0]


def measure_start(folder: Path, rounds: int) -> None:
    path = folder / "small.txt"
    path.write_text("Twenty bytes of text")
    commands = {
        "python -c pass": ["-c", "pass"],
        "tokenkit count": ["-m", "tokenkit", "count", str(path), "-e", ENCODING],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, arguments in commands.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - begin)
    for name, taken in times.items():
        print(f"{name:16} {1000 * statistics.median(taken):7.1f} ms")


def measure_roads(paths: dict[str, Path], megabytes: float, rounds: int) -> None:
    shares: dict[str, list[float]] = {road: [] for road in ROADS}
    for _ in range(rounds):
        base = 0.0
        totals = set()
        for road in ROADS:
            path = paths.get(road, paths["parquet"])
            total, wall, cpu, peak = measure(road, path)
            totals.add(total)
            base = base or wall
            shares[road].append(base / wall)
            print(
                f"{road:12} {wall:6.2f} s {cpu:6.2f} s CPU {megabytes / wall:7.0f} MB/s "
                f"{base / wall:5.2f} of count_arrow, {peak:.0f} MB anonymous"
            )
        if len(totals) > 1:
            sys.exit(f"totals differ: {sorted(totals)}")
    for road, values in shares.items():
        print(f"{road}: median {statistics.median(values):.2f} of count_arrow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="a folder of .txt files")
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="a short run on texts of its own")
    options = parser.parse_args()
    if options.smoke:
        options.megabytes, options.rounds = 1, 1
    elif options.corpus is None:
        parser.error("--corpus DIR: which texts?")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder if options.smoke else options.corpus
        if options.smoke:
            for title, text in built_in(100_000).items():
                (folder / f"{title}.txt").write_text(text, "utf-8")
        rows = rows_of(corpus, options.megabytes)
        megabytes = sum(len(row.encode()) for row in rows) / 1e6
        print(f"{megabytes:.0f} MB of text in {len(rows)} rows, {os.cpu_count()} processors")
        measure_start(folder, options.rounds)
        measure_roads(write_inputs(rows, folder), megabytes, options.rounds)


if __name__ == "__main__":
    main()
