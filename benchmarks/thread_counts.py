"""Times columns and threads: ``python -m benchmarks.thread_counts [--corpus DIR] [--rounds N]``.

The rows of a text as a list of str and as an Arrow column, and the text as one, each on one thread
and on two. All take turns within a round, in one process, hot. Wall time; medians over the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow

import tokenkit
from benchmarks.corpus import corpora, strings_of

ROW_BYTES = 200
SIZE = 10_000_000
ENCODING = "o200k_base"

Calls = dict[tuple[str, int], Callable[[], object]]


def calls(text: str) -> Calls:
    """(road, threads) -> a call of it; all roads are checked to agree first."""
    enc = tokenkit.get_encoding(ENCODING)
    rows = strings_of(text, ROW_BYTES)
    column = pyarrow.array(rows)
    one = [text.encode()]
    expected = [len(enc.encode_ordinary(row)) for row in rows]
    if not enc.count_batch(rows).tolist() == enc.count_arrow(column).to_pylist() == expected:
        raise SystemExit("the roads do not agree")
    if enc.encode_ragged(one).ids.tolist() != enc.encode_ordinary(text):
        raise SystemExit("the ids of one text are not right")
    found: Calls = {}
    for n in (1, 2):
        found["count_batch", n] = lambda n=n: enc.count_batch(rows, num_threads=n)  # type: ignore[misc]
        found["count_arrow", n] = lambda n=n: enc.count_arrow(column, num_threads=n)  # type: ignore[misc]
        found["count one", n] = lambda n=n: enc.count_batch(one, num_threads=n)  # type: ignore[misc]
        found["encode one", n] = lambda n=n: enc.encode_ragged(one, num_threads=n)  # type: ignore[misc]
    return found


def measure(text: str, rounds: int) -> None:
    size = len(text.encode())
    todo = calls(text)
    seconds: dict[tuple[str, int], list[float]] = {key: [] for key in todo}
    for _ in range(rounds):
        for key, call in todo.items():
            begin = time.perf_counter()
            call()
            seconds[key].append(time.perf_counter() - begin)

    def ratio(key: tuple[str, int], to: tuple[str, int]) -> str:
        """How much faster `key` is than `to`, within each round."""
        pairs = zip(seconds[key], seconds[to], strict=True)
        return f"{statistics.median(b / a for a, b in pairs):.2f}"

    for road in dict.fromkeys(road for road, _ in todo):
        speeds = [f"{size / statistics.median(seconds[road, n]) / 1e6:8.1f}" for n in (1, 2)]
        print(
            f"  {road:<12}{speeds[0]}{speeds[1]} MB/s, two threads x{ratio((road, 2), (road, 1))}"
        )
    for n in (1, 2):
        better = ratio(("count_arrow", n), ("count_batch", n))
        print(f"  count_arrow / count_batch on {n}: x{better}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="folder of *.txt files")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for name, (text, _) in corpora(options.corpus, SIZE).items():
        print(name)
        measure(text * (1 + SIZE // len(text.encode())), options.rounds)


if __name__ == "__main__":
    main()
