"""How fast the command line reads files: ``python -m benchmarks.files --corpus DIR``.

Makes its own inputs from the texts of the corpus, checks that all roads give the same total, and
prints for each: wall and CPU seconds, MB of text per second, its ratio to `count_arrow` of the same
rows in memory, and the most anonymous memory that the process held (Linux).
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

import pyarrow
import pyarrow.parquet

import tokenkit
from tokenkit.datafiles import count_rows

ENCODING = "o200k_base"


def rows_of(corpus: Path, megabytes: int) -> list[str]:
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
    """Anonymous memory of this process, 0 where it cannot be told."""
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
    return sum(sum(n or 0 for n in one.tokens[0]) for one in count_rows(path, "text", [ENCODING]))


def measure_file(path: Path) -> tuple[int, float, float, float]:
    """Total, wall and CPU seconds, and most anonymous MB, in a process of its own."""
    code = f"from benchmarks.files import *; print(*timed(lambda: count_file(Path({str(path)!r}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of .txt files")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    encoding = tokenkit.get_encoding(ENCODING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_start(folder, options.rounds)
        rows = rows_of(options.corpus, options.megabytes)
        megabytes = sum(len(row.encode()) for row in rows) / 1e6
        paths = write_inputs(rows, folder)
        column = pyarrow.array(rows, pyarrow.large_string())
        expected = sum(pyarrow.array(encoding.count_arrow(column)).to_pylist())  # warms caches
        print(f"{megabytes:.0f} MB of text in {len(rows)} rows, {os.cpu_count()} processors")
        ratios: dict[str, list[float]] = {kind: [] for kind in paths}
        for _ in range(options.rounds):
            _, base, cpu, _ = timed(lambda: pyarrow.array(encoding.count_arrow(column)).__len__())
            print(f"{'count_arrow':12} {base:6.2f} s {cpu:6.2f} s CPU {megabytes / base:7.0f} MB/s")
            for kind, path in paths.items():
                total, wall, cpu, peak = measure_file(path)
                if total != expected:
                    sys.exit(f"{kind}: {total} tokens, expected {expected}")
                ratios[kind].append(base / wall)
                print(
                    f"{kind:12} {wall:6.2f} s {cpu:6.2f} s CPU {megabytes / wall:7.0f} MB/s "
                    f"{base / wall:5.2f} of count_arrow, {peak:.0f} MB anonymous"
                )
        for kind, values in ratios.items():
            print(f"{kind}: median {statistics.median(values):.2f} of count_arrow")


if __name__ == "__main__":
    main()
