"""Measure the checks of Arrow columns: ``python -m benchmarks.arrow_checks --before CHECKOUT``.

CHECKOUT is another state of this repository, built in place; that of commit 6aec217^ has no checks.
Processes of each count the same columns in turns, 10 MB each, with tables that know the texts. How
memory happens to lie speeds up or slows down a process as a whole, so there are several pairs of
them; of each process, its quickest turn counts. Prints the median of the ratios of the pairs, the
lowest and the highest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

PAIRS = 7
TURNS = 7
BYTES = 10_000_000
KINDS = ("string", "large_string", "string_view", "dictionary", "with nulls")
SIZES = (5, 60, 1_000)  # characters of a row

# Reads "kind size", and answers with the CPU seconds of one call.
WORKER = f"""
import sys, time
import pyarrow
import tokenkit

enc = tokenkit.get_encoding("o200k_base")
text = open(sys.argv[1], encoding="utf-8").read()
columns = {{}}


def column(kind, size):
    cut = [text[i : i + size] for i in range(0, len(text), size)]
    rows = [cut[i % len(cut)] for i in range({BYTES} // size)]
    if kind == "dictionary":
        return pyarrow.array(rows).dictionary_encode()
    if kind == "with nulls":
        return pyarrow.array([None if i % 9 == 4 else row for i, row in enumerate(rows)])
    return pyarrow.array(rows, getattr(pyarrow, kind)())


for line in sys.stdin:
    kind, _, size = line.strip().rpartition(" ")
    if line not in columns:
        columns[line] = column(kind, int(size))
        enc.count_arrow(columns[line], num_threads=1)
    begin = time.process_time()  # of one thread: less than the wall's time depends on the machine
    enc.count_arrow(columns[line], num_threads=1)
    print(time.process_time() - begin, flush=True)
"""


def worker(checkout: Path) -> subprocess.Popen[str]:
    text = Path(__file__).resolve().parents[1] / "README.md"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(text)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        cwd=checkout,
    )


def seconds(process: subprocess.Popen[str], kind: str, size: int) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{kind} {size}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", type=Path, required=True, help="a checkout without checks")
    options = parser.parse_args()
    now = Path(__file__).resolve().parents[1]
    ratios: dict[tuple[str, int], list[float]] = {(k, s): [] for k in KINDS for s in SIZES}
    for pair in range(PAIRS):
        order = (options.before, now) if pair % 2 else (now, options.before)
        processes = {checkout: worker(checkout) for checkout in order}
        for column, of_column in ratios.items():
            best = dict.fromkeys(order, float("inf"))
            for checkout in order * TURNS:
                best[checkout] = min(best[checkout], seconds(processes[checkout], *column))
            of_column.append(best[now] / best[options.before])
        for process in processes.values():
            process.kill()
            process.wait()
    for (kind, size), of_column in ratios.items():
        change = 100 * (statistics.median(of_column) - 1)
        low, high = min(of_column), max(of_column)
        print(f"{kind}, rows of {size}: {change:+.1f}% ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
