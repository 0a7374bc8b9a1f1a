"""Writes the generated parts of the documents, each between two marks:

    <!-- help: tokenkit count -->
    <!-- /help -->

holds the real ``--help`` of a command, ``headline`` the README's table of speeds, ``names`` the
table of public names, ``reference: FOLDER`` the directives of a reference page. Run it after a
change of the command line, the public names or benchmarks/RESULTS.md: tests/test_docs.py fails
while the text differs.
"""

from __future__ import annotations

import re
from pathlib import Path

import public_names
from click.testing import CliRunner
from headline import headline

from tokenkit.cli.shared.app import app

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"<!-- (\w+)(?:: ([^\n]+?))? -->\n.*?<!-- /\1 -->", re.DOTALL)


def documents() -> list[Path]:
    """The files that may hold such marks, and examples."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def help_text(command: str) -> str:
    """Return what ``command --help`` prints on a plain terminal of 80 columns."""
    program, *arguments = command.split()
    environment = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    words = [*arguments, "--help"]  # of 80 columns, click leaves two free
    result = CliRunner().invoke(app, words, env=environment, prog_name=program, terminal_width=78)
    if result.exit_code != 0:
        raise SystemExit(f"{command} --help: {result.output}")
    return "\n".join(line.rstrip() for line in result.stdout.splitlines())


def content(kind: str, subject: str) -> str:
    """Make what belongs between the marks of this kind."""
    if kind == "help":
        return f"```text\n{help_text(subject)}\n```\n"
    if kind == "headline":
        return headline((ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8"))
    if kind == "names":
        return public_names.names_table()
    if kind == "reference":
        return public_names.reference(subject)
    raise SystemExit(f"expected help, headline, names or reference, got the mark {kind!r}")


def updated(text: str) -> str:
    """Return the document with every generated block renewed."""

    def block(match: re.Match[str]) -> str:
        first = match[0].partition("\n")[0]
        return f"{first}\n{content(match[1], match[2] or '')}<!-- /{match[1]} -->"

    return BLOCK.sub(block, text)


def main() -> None:
    for path in documents():
        old = path.read_text(encoding="utf-8")
        new = updated(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"updated {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
