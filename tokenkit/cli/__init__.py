"""The command line. `main` is the entry point of the command `tokenkit`."""

from __future__ import annotations

import os
import sys
import warnings


def main() -> None:
    """Run the command; without the extra `cli`, say how to install it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (for as long as it runs)
    try:
        from tokenkit.cli.shared.app import app

        warnings.showwarning = _say
        app(prog_name="tokenkit")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("click", "rich"):
            raise
        print(
            f"The command line needs the package {package}, which comes with the extra `cli`.\n"
            "In a checkout of tokenkit: pip install '.[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    except KeyboardInterrupt:  # before a verb has begun
        sys.exit(130)


def _say(message: Warning | str, *_where: object, **_more: object) -> None:
    """Print a warning, such as of a model that is shut down, without its line in the source."""
    print(f"tokenkit: {message}", file=sys.stderr)
