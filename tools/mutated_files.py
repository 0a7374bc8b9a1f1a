"""Damages data files at random and counts them: right answers, or errors that say why.

    python tools/mutated_files.py [--count N] [--seed N] [--processes N]

`file_seeds.py` makes small files of every kind. Each mutation flips bits, writes numbers, or cuts,
repeats and splices parts of one. Worker processes count them by the command's own roads, so that a
crash or a standstill is seen here; what pyarrow and zlib read from the same file is the right
answer. Prints the totals, and what went wrong with the number of its mutation; then exits with 1.
With `--only NUMBER` a mutation is counted alone, in this process, and its file is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from file_roads import check_file  # noqa: E402
from file_seeds import Seed, file_seeds  # noqa: E402

STANDSTILL = 120  # seconds without a finished mutation
MEMORY = 6 << 30  # bytes of address space of a worker
NUMBERS = (0, 1, -1, 2, 7, 8, 100, 255, 1 << 15, 1 << 20, 2**31 - 1, -(2**31), 2**62, 2**63 - 1)


def mutated(number: int, seed: int, seeds: list[Seed]) -> tuple[Seed, bytes]:
    """A seed file, and its bytes as mutation `number` leaves them; the same in every process."""
    rng = random.Random(f"{seed}:{number}")
    chosen = rng.choice(seeds)
    data = bytearray(chosen.data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice((_flip, _flip, _write, _write, _cut, _repeat, _splice))(data, rng, seeds)
    return chosen, bytes(data)


def _position(data: bytearray, rng: random.Random) -> int:
    """Anywhere, but often in the first or last bytes, where files say how they are laid out."""
    near = rng.choice((len(data), len(data), 64, 1024))
    offset = rng.randrange(min(len(data), near) + 1)
    return offset if rng.random() < 0.5 else len(data) - offset


def _flip(data: bytearray, rng: random.Random, _: list[Seed]) -> None:
    for _bit in range(rng.choice((1, 1, 2, 8))):
        position = _position(data, rng)
        if position < len(data):
            data[position] ^= 1 << rng.randrange(8)


def _write(data: bytearray, rng: random.Random, _: list[Seed]) -> None:
    width = rng.choice((1, 2, 4, 4, 8))
    position = _position(data, rng) // width * width
    number = rng.choice((*NUMBERS, len(data), rng.randrange(1 << 16)))
    data[position : position + width] = (number % (1 << 8 * width)).to_bytes(width, "little")


def _cut(data: bytearray, rng: random.Random, _: list[Seed]) -> None:
    position = _position(data, rng)
    del data[position : rng.choice((len(data), position + rng.randrange(1, 64)))]


def _repeat(data: bytearray, rng: random.Random, _: list[Seed]) -> None:
    start, position = _position(data, rng), _position(data, rng)
    data[position:position] = data[start : start + rng.choice((1, 8, 64, 4096))]


def _splice(data: bytearray, rng: random.Random, seeds: list[Seed]) -> None:
    other = bytearray(rng.choice(seeds).data)
    start, size = _position(other, rng), rng.choice((8, 64, 1024, len(other)))
    position = _position(data, rng)
    data[position : position + rng.choice((0, size))] = other[start : start + size]


# Workers


def work(start: int, stop: int, step: int, seed: int, folder: Path) -> None:
    """Count mutations, and write the name and the outcome of each as a line of JSON."""
    _limit_memory()
    seeds = file_seeds()
    for number in range(start, stop, step):
        chosen, data = mutated(number, seed, seeds)
        path = folder / f"{start % step}-{chosen.name}"
        path.write_bytes(data)
        try:
            outcome = check_file(path, chosen, random.Random(number))
        except Exception as error:  # of another kind than a file may end in
            outcome = f"FAILED: {type(error).__name__}: {error}"
        path.unlink()
        os.write(1, json.dumps([chosen.name, outcome]).encode() + b"\n")


def _limit_memory() -> None:
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    if "ASAN_OPTIONS" not in os.environ:  # it reserves terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass
class Totals:
    """The outcomes of mutations: how many ended in each, and the failures in words."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, number: int, name: str, outcome: str) -> None:
        with self.lock:
            self.outcomes[outcome.partition(":")[0]] += 1
            if outcome.startswith("FAILED"):
                self.failures.append(f"mutation {number} of {name}: {outcome}")

    def line(self, seed: int) -> str:
        parts = ", ".join(
            f"{number} {outcome}" for outcome, number in sorted(self.outcomes.items())
        )
        return f"{sum(self.outcomes.values())} damaged files with seed {seed}: {parts}"


class Worker(threading.Thread):
    """Counts every `step`-th mutation in a process. When that dies, another goes on behind it."""

    def __init__(self, numbers: range, seed: int, folder: Path, totals: Totals) -> None:
        super().__init__(daemon=True)
        self.numbers = numbers
        self.seed = seed
        self.folder = folder
        self.totals = totals
        self.process: subprocess.Popen[bytes] | None = None
        self.last = time.monotonic()

    def run(self) -> None:
        numbers = self.numbers
        while numbers:
            done = self._follow(numbers)
            numbers = numbers[done:]

    def _follow(self, numbers: range) -> int:
        """Start a process; return how many mutations it finished, the one that ended it too."""
        words = map(str, (numbers.start, numbers.stop, numbers.step, self.seed, self.folder))
        done = 0
        with subprocess.Popen(
            [sys.executable, __file__, "--worker", *words], stdout=subprocess.PIPE
        ) as self.process:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                self.last = time.monotonic()
                name, outcome = json.loads(line)
                self.totals.add(numbers[done], name, outcome)
                done += 1
        if done < len(numbers):
            self.totals.add(numbers[done], "a file", died(self.process.returncode))
        return done + 1

    def kill_if_it_stands_still(self) -> None:
        if self.process is not None and time.monotonic() - self.last > STANDSTILL:
            self.last = time.monotonic()
            self.process.kill()


def died(code: int) -> str:
    """Say how a process ended that was not at its end. One that stood still was killed."""
    return f"FAILED: the process ended with {signal.Signals(-code).name if code < 0 else code}"


def run(count: int, seed: int, processes: int) -> Totals:
    """Count `count` mutations in so many processes."""
    totals = Totals()
    with tempfile.TemporaryDirectory() as folder:
        ranges = [range(first, count, processes) for first in range(processes)]
        workers = [Worker(numbers, seed, Path(folder), totals) for numbers in ranges]
        for worker in workers:
            worker.start()
        while workers := [worker for worker in workers if worker.is_alive()]:
            workers[0].join(1)
            for worker in workers:
                worker.kill_if_it_stands_still()
    return totals


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, metavar="NUMBER")
    parser.add_argument("--worker", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        *numbers, folder = options.worker
        start, stop, step, seed = map(int, numbers)
        work(start, stop, step, seed, Path(folder))
        return 0
    if options.only is not None:
        chosen, data = mutated(options.only, options.seed, file_seeds())
        path = Path(f"mutation-{options.only}-{chosen.name}")
        path.write_bytes(data)
        print(path, check_file(path, chosen, random.Random(options.only)))
        return 0
    totals = run(options.count, options.seed, options.processes)
    for failure in totals.failures:
        print(failure)
    print(totals.line(options.seed))
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
