"""Times columns in data engines: ``python -m benchmarks.columns [FOLDER|FILE...]``; see README.md.

Prints, for each engine, MB of text per processor second and per second of wall time, how many times
tiktoken's that is, and which part of `count_arrow`'s on the same column in memory. Medians over the
rounds, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from benchmarks import column_memory
from benchmarks.chunkers.__main__ import texts_of
from benchmarks.column_engines import ENCODING, ENGINES
from benchmarks.corpus import strings_of
from benchmarks.fresh import ask
from benchmarks.vocabularies import prepare

ROW_BYTES = 1_000
FEW = 8  # one of so many rows is tiktoken's,
ALL_ROWS = ("datasets", "spark", "ray")  # but all where a job takes long, whatever its rows
START_SECONDS = 900  # an engine may take minutes to start
PACKAGES = {"spark": "pyspark", "chunks": "tokenkit"}  # where they have another name


def rows_of(paths: list[Path], megabytes: float) -> list[str]:
    """Rows of about ROW_BYTES from all texts, in an order of chance, `megabytes` in all."""
    texts = texts_of(paths, int(megabytes * 1e6) or 1)
    pieces = [piece for text in texts.values() for piece in strings_of(text.decode(), ROW_BYTES)]
    chance = random.Random(1)
    chance.shuffle(pieces)
    rows: list[str] = []
    size = 0
    while size < megabytes * 1e6:
        rows.append(pieces[len(rows) % len(pieces)])
        size += len(rows[-1].encode())
    return rows


def write_rows(rows: list[str], path: Path) -> str:
    table = pyarrow.table({"id": range(len(rows)), "text": rows})
    # Not Snappy, whose native library does not load everywhere that Spark runs.
    pyarrow.parquet.write_table(table, path, compression="zstd")
    return str(path)


def ratios(one: list[float], other: list[float]) -> str:
    """The ratio of two figures within each round: median, lowest and highest."""
    found = sorted(a / b if b > 0 else float("inf") for a, b in zip(one, other, strict=True))
    return f"{statistics.median(found):.2f} ({found[0]:.2f}-{found[-1]:.2f})"


def lines_of(data: dict[str, Any]) -> list[str]:
    """The figures of one engine: `data` is the answer of its process."""
    sizes = {"usual": data["bytes"][1] / 1e6}
    clocks = {
        clock: {name: [turn[at] for turn in found] for name, found in data["seconds"].items()}
        for at, clock in enumerate(("wall", "processor"))
    }
    lines = []
    for name in data["seconds"]:
        megabytes = sizes.get(name, data["bytes"][0] / 1e6)
        wall, busy = (statistics.median(clocks[clock][name]) for clock in ("wall", "processor"))
        lines.append(
            f"  {name:<12}{megabytes / max(busy, 1e-9):10.1f} MB per processor second "
            f"{megabytes / wall:10.1f} MB/s"
        )
    for clock, seconds in clocks.items():
        lines += [f"  {line}, {clock} time" for line in _comparisons(data, seconds)]
    return lines


def _comparisons(data: dict[str, Any], seconds: dict[str, list[float]]) -> list[str]:
    ours, lines = seconds["tokenkit"], []
    if "usual" in seconds:
        share = data["bytes"][0] / data["bytes"][1]
        same_size = [share * turn for turn in seconds["usual"]]
        lines.append(f"x{ratios(same_size, ours)} of tiktoken")
    if "chunk_batch" in seconds:
        lines.append(f"x{ratios(seconds['chunk_batch'], ours)} of chunk_batch")
    if "raw" in seconds:
        lines.append(f"x{ratios(seconds['raw'], ours)} of count_arrow")
    if "bytes" in seconds:
        net = [a - b for a, b in zip(ours, seconds["bytes"], strict=True)]
        lines.append(f"x{ratios(seconds['raw'], net)} of count_arrow without the engine's own")
    return lines


def chosen(names: str | None) -> list[str]:
    """The engines that were named, or all that are installed."""
    if names is None:
        return [name for name in ENGINES if find_spec(PACKAGES.get(name, name))]
    found = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in found if name not in ENGINES]
    if unknown:
        raise SystemExit(f"unknown engine: {', '.join(unknown)}; there are {', '.join(ENGINES)}")
    return found


def measure(rows: list[str], engines: list[str], rounds: int, folder: Path) -> list[str]:
    """Run each engine in a process of its own, and print its figures; return what failed."""
    paths = [
        write_rows(rows, folder / "whole.parquet"),
        write_rows(rows[:: FEW if len(rows) > FEW else 1], folder / "few.parquet"),
    ]
    vocabularies = folder / "vocabularies"
    prepare(ENCODING, ["tiktoken"], vocabularies)
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": str(vocabularies)}
    failed = []
    for engine in engines:
        chosen_paths = [paths[0], paths[0]] if engine in ALL_ROWS else paths
        job = {"engine": engine, "paths": chosen_paths, "rounds": rounds}
        data = ask("benchmarks.column_engines", job, environment, START_SECONDS)
        print(engine, flush=True)
        if "error" in data:
            failed.append(f"{engine}: {data['error']}")
            print(f"  failed: {data['error']}", flush=True)
            continue
        print("\n".join(lines_of(data)), flush=True)
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("corpus", nargs="*", type=Path, metavar="FOLDER|FILE", help="default: texts made here")
    add("--engines", metavar="A,B", help=f"of {', '.join(ENGINES)} (default: those installed)")
    add("--megabytes", type=float, default=24, help="of text (default: 24)")
    add("--rounds", type=int, default=3, help="how often each job runs (default: 3)")
    add("--gigabytes", type=float, metavar="N", help="stream so much Parquet, and watch memory")
    add("--smoke", action="store_true", help="little text, one round: does everything run?")
    options = parser.parse_args()
    megabytes, rounds = (0.2, 1) if options.smoke else (options.megabytes, options.rounds)
    with tempfile.TemporaryDirectory(prefix="tokenkit-columns-") as name:
        folder = Path(name)
        rows = rows_of(options.corpus, megabytes)
        if options.gigabytes:
            failed = column_memory.measure(rows, options.gigabytes, folder)
        else:
            failed = measure(rows, chosen(options.engines), rounds, folder)
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
