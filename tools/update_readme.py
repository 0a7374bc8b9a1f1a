"""Writes the real ``--help`` of commands into the documentation, between marks like these::

    <!-- help: tokenkit count -->
    <!-- /help -->

Run it after a change of the command line; tests/test_readme.py fails while the text differs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELP_BLOCK = re.compile(r"<!-- help: (tokenkit[^\n]*?) -->\n(.*?)<!-- /help -->", re.DOTALL)


def documents() -> list[Path]:
    """The files that may hold such marks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def help_text(command: str) -> str:
    """What ``command --help`` prints on a plain terminal of 80 columns."""
    program, *arguments = command.split()
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    environment["PATH"] = f"{scripts}{os.pathsep}{environment.get('PATH', '')}"
    result = subprocess.run(
        [scripts / program, *arguments, "--help"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in result.stdout.splitlines())


def with_help(text: str) -> str:
    """The document with every help block renewed."""

    def block(match: re.Match[str]) -> str:
        command = match[1]
        return f"<!-- help: {command} -->\n```text\n{help_text(command)}\n```\n<!-- /help -->"

    return HELP_BLOCK.sub(block, text)


def main() -> None:
    for path in documents():
        old = path.read_text(encoding="utf-8")
        new = with_help(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"updated {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
