"""Makes the README's small table of speeds from benchmarks/RESULTS.md."""

from __future__ import annotations

import re

LIBRARIES = ("tokenkit", "gigatoken", "toktok", "tiktoken", "tokenizers")
# Column of the README's table -> title of the table in the results.
COLUMNS = {
    "encode, first pass": "Encode to an array, first pass (MB/s)",
    "encode, again": "Encode to an array, hot (MB/s)",
    "count, first pass": "Count, first pass (MB/s)",
}


def headline(results: str) -> str:
    """The table, with one line on how its figures were measured.

    A cell is the speed over all texts of the results, each of the same length, one after the other:
    the harmonic mean of their medians.
    """
    speeds = {column: speeds_of(results, title) for column, title in COLUMNS.items()}
    lines = [f"| MB/s | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    for library in LIBRARIES:
        cells = (rounded(harmonic_mean(speeds[column][library])) for column in COLUMNS)
        lines.append(f"| {library} {version_of(results, library)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", method(results)]) + "\n"


def speeds_of(results: str, title: str) -> dict[str, list[float]]:
    """Library -> the medians of one table, text by text."""
    _, _, rest = results.partition(f"### {title}\n\n")
    if not rest:
        raise SystemExit(f"benchmarks/RESULTS.md: expected a table {title!r}, found none")
    rows = [line.strip("| ").split(" | ") for line in rest.partition("\n\n")[0].splitlines()[2:]]
    return {name: [float(cell.split()[0]) for cell in cells] for name, *cells in rows}


def harmonic_mean(values: list[float]) -> float:
    return len(values) / sum(1 / value for value in values)


def rounded(speed: float) -> str:
    """Two digits: the next run on another day has others after them."""
    return f"{float(f'{speed:.2g}'):g}"


def version_of(results: str, library: str) -> str:
    return found(rf"[;,] {library} ([\d.]+\d)", results)


def method(results: str) -> str:
    date = found(r"Measured on (\S+)", results)
    rounds = found(r"\(here (\d+)\)", results)
    python = found(r"Python ([\d.]+\d)", results)
    encoding = found(r"^## (\w+)$", results)
    texts = len(speeds_of(results, COLUMNS["count, first pass"])["tokenkit"])
    return (
        f"Measured on {date}: {encoding}, one thread, CPU time, Python {python}, {texts} texts of "
        f"1 MB in a row, medians of {rounds} interleaved rounds, a fresh process each."
    )


def found(pattern: str, results: str) -> str:
    match = re.search(pattern, results, re.MULTILINE)
    if match is None:
        raise SystemExit(f"benchmarks/RESULTS.md: expected text that matches {pattern!r}")
    return match[1]
