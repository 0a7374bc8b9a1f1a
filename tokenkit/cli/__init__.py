"""The command line. `main` is the entry point of the command `tokenkit`."""

from __future__ import annotations

import os
import signal
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def main() -> None:
    """Run the command; without the extra `cli`, say how to install it."""
    _open_closed_outputs()
    try:
        from tokenkit.cli.shared.app import app

        warnings.showwarning = _say
        sys.excepthook = _report
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP, and `nohup` ignores it
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
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


def _open_closed_outputs() -> None:
    """Open what the caller has closed: standard output so that writing to it is an error, standard
    error so that messages are lost."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (for as long as it runs)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of an error of our own, which may quote texts of others."""
    import traceback

    from tokenkit.cli.shared.output import say

    for line in "".join(traceback.format_exception(kind, error, trace)).rstrip().split("\n"):
        say(line, err=True)


def _end(number: int, _frame: object) -> None:
    """End as the signal asks, but let outputs on their way be removed."""
    sys.exit(128 + number)


def _say(message: Warning | str, *_where: object, **_more: object) -> None:
    """Print a warning, such as of a model that is shut down, without its line in the source."""
    from tokenkit.cli.shared.output import say

    say(f"tokenkit: {message}", err=True)
