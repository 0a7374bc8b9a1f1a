"""The command line. `main` is the entry point of the command `tokenkit`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command; without the extra `cli` it says how to install that."""
    try:
        from tokenkit.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("click", "pathspec", "rich"):
            raise
        print(
            f"The command line needs the package {error.name}, which comes with the extra `cli`.\n"
            "In a checkout of tokenkit: pip install '.[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    app(prog_name="tokenkit")
