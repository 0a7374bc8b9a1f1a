"""Measure the checks of Arrow columns: ``python -m benchmarks.arrow_checks --before CHECKOUT``.

CHECKOUT is another state of this repository, built in place; that of commit 6aec217^ has no checks.
A process for each counts the same columns in turns, 10 MB each, with tables that know the texts.
Prints the median of the ratios of the turns, and between what the middle half of them lies.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

TURNS = 41
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
    before, now = worker(options.before), worker(Path(__file__).resolve().parents[1])
    for kind in KINDS:
        for size in SIZES:
            ratios = []
            for turn in range(TURNS):
                pair = (before, now) if turn % 2 else (now, before)
                times = {process: seconds(process, kind, size) for process in pair}
                ratios.append(times[now] / times[before])
            low, middle, high = statistics.quantiles(ratios, n=4)
            print(f"{kind}, rows of {size}: {100 * (middle - 1):+.1f}% ({low:.3f} to {high:.3f})")
    for process in (before, now):
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
