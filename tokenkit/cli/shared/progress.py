"""A bar on standard error while files are read, if that is a terminal."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from contextlib import contextmanager

from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any


_PAUSE = 0.05  # seconds between updates


class RowProgress:
    """Shows how much of a data set is done: bytes, rows, rate, and the time that is left.

    Threads may call `add`.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total or None
        self.begin = 0.0  # when it is drawn again
        self.size = self.rows = 0
        self.lock = threading.Lock()
        self.bar: Any = None
        self.task: Any = None

    def add(self, size: int, rows: int) -> None:
        """Say that so many more bytes of the inputs and rows are done."""
        with self.lock:
            self.size += size
            self.rows += rows
            now = time.monotonic()
            if now >= self.begin:
                self.begin = now + _PAUSE
                self._show()

    def _show(self) -> None:
        if self.bar is None:
            from rich.progress import TextColumn

            self.bar = _new_bar(TextColumn("{task.fields[rows]} rows"))
            self.task = self.bar.add_task("", total=self.total, rows="0")
            self.bar.start()
        self.bar.update(self.task, completed=self.size, rows=f"{self.rows:,}")

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self._show()
            self.bar.stop()


@contextmanager
def row_progress(total: int | None, *, shown: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Show how much of `total` bytes is done; gives a function that adds (bytes, rows).

    With `shown` False, or without a terminal on standard error, it does nothing.
    """
    if not shown or not _has_terminal():
        yield lambda _size, _rows: None
        return
    bar = RowProgress(total)
    try:
        yield bar.add
    finally:
        bar.stop()


def _has_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _new_bar(*more: Any) -> Any:
    """Make a bar of bytes, with more columns before the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), *more, TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def progress(
    files: Sequence[str] | None, *, after: float = 0
) -> Iterator[Callable[[str, int | None], None]]:
    """Show a bar; gives a function that moves it: (file, bytes read, or None for all of it).

    The bar begins `after` so many seconds: what is done sooner needs none. Without `files`, or a
    terminal on standard error, the function does nothing.
    """
    if files is None or not _has_terminal():
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
        sizes = [_size(path) for path in files]
        self.whole = None if None in sizes else sum(filter(None, sizes))
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
            position = _size(path) or 0
        self.position = max(self.position, position)
        now = time.monotonic()
        if now >= self.begin:
            if self.bar is None:
                self._start()
            self.bar.update(self.task, completed=self.before + self.position)
            self.begin = now + _PAUSE  # an update for each small file would take longer than it
        if is_end:  # the same file may come again
            self.path = ""

    def _start(self) -> None:
        self.bar = _new_bar()
        self.task = self.bar.add_task("", total=self.whole)
        self.bar.start()

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.update(self.task, completed=self.before + self.position)
            self.bar.stop()


def _size(path: str) -> int | None:
    """The bytes of a file; None for a pipe, a folder, and what is not there, or no longer."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size if path != STDIN and stat.S_ISREG(status.st_mode) else None
