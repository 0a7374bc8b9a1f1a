"""A bar on standard error while files are read, if that is a terminal."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager

from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any


@contextmanager
def progress(
    files: Sequence[str] | None, *, after: float = 0
) -> Iterator[Callable[[str, int | None], None]]:
    """Show a bar; gives a function that moves it: (file, bytes read, or None for all of it).

    The bar begins `after` so many seconds: what is done sooner needs none. Without `files`, or a
    terminal on standard error, the function does nothing.
    """
    if files is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _path, _position: None
        return
    bar = _Bar(files, after)
    try:
        yield bar.seen
    finally:
        bar.stop()


class _Bar:
    """A bar that begins when reading has taken `after` seconds."""

    def __init__(self, files: Sequence[str], after: float) -> None:
        self.begin = time.monotonic() + after
        # The length of a pipe is unknown, as is what a folder holds: then the bar only shows that
        # something happens.
        known = all(path != STDIN and os.path.isfile(path) for path in files)
        self.whole = sum(map(os.path.getsize, files)) if known else None
        self.before = 0
        self.path = ""
        self.position = 0
        self.bar: Any = None
        self.task: Any = None

    def seen(self, path: str, position: int | None) -> None:
        """Move to a position in a file, or with None to its end."""
        if path != self.path:
            self.before += self.position
            self.path, self.position = path, 0
        is_end = position is None
        if position is None:
            position = os.path.getsize(path) if os.path.isfile(path) else 0
        self.position = max(self.position, position)
        if self.bar is None and time.monotonic() >= self.begin:
            self._start()
        if self.bar is not None:
            self.bar.update(self.task, completed=self.before + self.position)
        if is_end:  # the same file may come again
            self.path = ""

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self.bar = Progress(
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task("", total=self.whole)
        self.bar.start()

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
