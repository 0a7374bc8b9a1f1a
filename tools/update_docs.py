"""Writes the generated parts of the documents: the real ``--help`` of commands, between marks like

    <!-- help: tokenkit count -->
    <!-- /help -->

and the README's table of speeds, between ``<!-- headline -->`` and ``<!-- /headline -->``. Run it
after a change of the command line or of benchmarks/RESULTS.md: tests/test_docs.py fails while the
text differs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from headline import headline

ROOT = Path(__file__).resolve().parents[1]
HELP_BLOCK = re.compile(r"<!-- help: (tokenkit[^\n]*?) -->\n(.*?)<!-- /help -->", re.DOTALL)
HEADLINE_BLOCK = re.compile(r"<!-- headline -->\n(.*?)<!-- /headline -->", re.DOTALL)


def documents() -> list[Path]:
    """The files that may hold such marks, and examples."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def help_text(command: str) -> str:
    """Return what ``command --help`` prints on a plain terminal of 80 columns."""
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


def updated(text: str) -> str:
    """The document with every generated block renewed."""

    def help_block(match: re.Match[str]) -> str:
        command = match[1]
        return f"<!-- help: {command} -->\n```text\n{help_text(command)}\n```\n<!-- /help -->"

    def headline_block(match: re.Match[str]) -> str:
        results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
        return f"<!-- headline -->\n{headline(results)}<!-- /headline -->"

    return HEADLINE_BLOCK.sub(headline_block, HELP_BLOCK.sub(help_block, text))


def main() -> None:
    for path in documents():
        old = path.read_text(encoding="utf-8")
        new = updated(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"updated {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
