"""Write or check a file of C++ tables: the command that all generators have."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


class TableError(Exception):
    """The source data are not what the generator was written for."""


def first_difference(committed: str, generated: str) -> str:
    """Say where two texts part."""
    old, new = committed.splitlines(), generated.splitlines()
    for number, (have, want) in enumerate(zip(old, new, strict=False), start=1):
        if have != want:
            return f"line {number}: {have.strip()[:60]!r}, generated {want.strip()[:60]!r}"
    return f"{len(old)} lines, generated {len(new)}"


def write_or_check(
    name: str,
    description: str,
    output: Path,
    generate: Callable[[], str],
    arguments: list[str] | None = None,
) -> int:
    """Run the command of the generator `name`; return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--output", type=Path, default=output, help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        generated = generate()
    except TableError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    if not options.check:
        options.output.write_text(generated, encoding="ascii", newline="\n")
        return 0
    try:
        committed = options.output.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        print(f"{name}: cannot read {options.output}: {error}", file=sys.stderr)
        return 1
    if committed == generated:
        return 0
    print(
        f"{name}: {options.output} is not what this generator writes"
        f" ({first_difference(committed, generated)});"
        f" run tools/{name}.py and commit the result",
        file=sys.stderr,
    )
    return 1
