"""Write the results of `.ci/long` into docs/trust.md, with the day, the commit and the machine.

    python3 tools/keep_results.py RESULTS

RESULTS has a line per part: name, passed or FAILED, seconds, last line of output, tab between them.
The newest result stands first. Each part has one, whatever was run since.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trust.md"
MARK = "<!-- results of .ci/long, newest first -->\n"
HEADER = """\
| part | result | day | commit | machine | seconds | last line |
|---|---|---|---|---|---:|---|
"""


def rows_of(lines: Iterable[str], day: str, commit: str, machine: str) -> list[str]:
    """The results as rows of the table."""
    rows = []
    for line in lines:
        name, result, seconds, last = line.split("\t")
        rows.append(f"| {name} | {result} | {day} | {commit} | {machine} | {seconds} | {last} |")
    return rows


def part_of(row: str) -> str:
    """The part of a row; behind a comma there may be how it was run."""
    return row.removeprefix("| ").partition(" |")[0].partition(",")[0]


def with_results(page: str, rows: list[str]) -> str:
    """The page with these rows in front of those of other parts."""
    head, mark, rest = page.partition(MARK + HEADER)
    if not mark:
        wanted = (MARK + HEADER).splitlines()
        raise SystemExit(f"{PAGE.name}: expected the lines {wanted}, got none")
    new = {part_of(row) for row in rows}
    earlier = [row for row in rest.splitlines() if part_of(row) not in new]
    return head + mark + "".join(f"{row}\n" for row in [*rows, *earlier])


def main(path: str) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    machine = f"{platform.machine()}, {platform.system()}"
    lines = Path(path).read_text("utf-8").splitlines()
    rows = rows_of(lines, str(date.today()), commit, machine)
    PAGE.write_text(with_results(PAGE.read_text("utf-8"), rows), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
