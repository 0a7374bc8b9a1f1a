"""Write the results of `.ci/long` into docs/trust.md, with the day, the commit and the machine.

    python3 tools/keep_results.py RESULTS

RESULTS has a line per part: name, passed or FAILED, seconds, last line of output, tab between them.
The newest run stands first; a part that was not run keeps its place in the runs before.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trust.md"
MARK = "<!-- results of .ci/long, newest first -->\n"
KEPT_RUNS = 5


def table(lines: list[str], heading: str) -> str:
    """One run as a section with a table."""
    rows = ["| part | result | seconds | last line |", "|---|---|---:|---|"]
    rows += [f"| {' | '.join(line.split(chr(9)))} |" for line in lines]
    return "\n".join([f"### {heading}", "", *rows]) + "\n"


def with_run(page: str, run: str) -> str:
    """The page with this run in front of the earlier ones, of which a few are kept."""
    head, mark, rest = page.partition(MARK)
    if not mark:
        raise SystemExit(f"{PAGE.name}: expected the line {MARK.strip()!r}, got none")
    earlier = [f"### {part.strip()}\n" for part in rest.split("### ")[1:]]
    return head + mark + "\n" + "\n".join([run, *earlier][:KEPT_RUNS])


def main(path: str) -> None:
    lines = Path(path).read_text("utf-8").splitlines()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    heading = f"{date.today()}, commit {commit}, {platform.machine()}, {platform.system()}"
    PAGE.write_text(with_run(PAGE.read_text("utf-8"), table(lines, heading)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
