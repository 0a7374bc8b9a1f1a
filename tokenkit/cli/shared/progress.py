"""A bar on standard error while files are read, if that is a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@contextmanager
def progress(files: Sequence[str] | None) -> Iterator[Callable[[str, int | None], None]]:
    """Show a bar; gives a function that moves it: (file, bytes read, or None for all of it).

    Without `files`, or a terminal on standard error, the function does nothing.
    """
    if files is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _path, _position: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    sizes = {path: os.path.getsize(path) if os.path.isfile(path) else 0 for path in files}
    # The length of a pipe is unknown: then the bar only shows that something happens.
    whole = None if any(path == STDIN or not os.path.isfile(path) for path in files) else 0
    before = last = 0
    with Progress(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=whole if whole is None else sum(sizes.values()))

        def seen(path: str, position: int | None) -> None:
            nonlocal before, last
            if position is None:
                before += max(sizes[path], last)
            last = position or 0
            bar.update(task, completed=before + last)

        yield seen
