"""Add what fuzz drivers tried to the totals in docs/trust.md.

    python3 tools/keep_totals.py FILE...

Each FILE holds last lines of drivers: `NAME: N inputs with seed S, VERDICT`. A driver's row has the
inputs of all its runs, their seeds, and the days of the first and the last. A seed makes the same
inputs again, so a seed that is in a row is refused. A driver that met a fault writes no such line.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trust.md"
MARK = "<!-- totals of the fuzz drivers -->\n"
HEAD = "| driver | inputs | seeds | days |\n|---|---:|---|---|\n"
_LINE = re.compile(r"(\w+): (\d+) inputs with seed (\d+), ")
_TABLE = re.compile(r"\A(?:\|.*\n)*")
_ROW = re.compile(r"\| (\w+) \| ([\d,]+) \| ([\d, ]+) \| (\S+) to (\S+) \|")

# Of each driver: inputs, seeds, first and last day.
Rows = dict[str, tuple[int, list[str], str, str]]


def rows_of(page: str) -> Rows:
    """Read the rows of the page's table."""
    table = _TABLE.match(page.partition(MARK)[2])
    return {
        name: (int(inputs.replace(",", "")), seeds.split(", "), first, last)
        for name, inputs, seeds, first, last in _ROW.findall(table[0] if table else "")
    }


def with_runs(page: str, output: str, today: str) -> str:
    """The page with the runs of the output added. Raises SystemExit for a seed that is there."""
    head, mark, rest = page.partition(MARK)
    if not mark:
        raise SystemExit(f"{PAGE.name}: expected the line {MARK.strip()!r}, got none")
    rows = rows_of(page)
    for name, inputs, seed in _LINE.findall(output):
        total, seeds, first, _ = rows.get(name, (0, [], today, today))
        if seed in seeds:
            raise SystemExit(f"{name}: expected a new seed, got {seed}, which is in the table")
        rows[name] = total + int(inputs), [*seeds, seed], first, today
    table = HEAD + "".join(
        f"| {name} | {total:,} | {', '.join(seeds)} | {first} to {last} |\n"
        for name, (total, seeds, first, last) in sorted(rows.items())
    )
    return head + mark + table + _TABLE.sub("", rest)


def main(paths: list[str]) -> None:
    output = "".join(Path(path).read_text("utf-8") for path in paths)
    PAGE.write_text(with_runs(PAGE.read_text("utf-8"), output, str(date.today())), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
