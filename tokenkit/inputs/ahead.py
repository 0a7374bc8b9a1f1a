"""Reading ahead: the next batch is read while the one before is counted."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Give the same items; another thread makes the next one meanwhile.

    What goes wrong there is raised here, behind the items that came before it. A child that is
    forked meanwhile has no such thread; going on there raises RuntimeError.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=1)
    stop = threading.Event()
    process = os.getpid()

    def put(kind: str, value: Any) -> None:
        while not stop.is_set():
            try:
                ready.put((kind, value), timeout=0.1)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for item in items:
                put("item", item)
                if stop.is_set():
                    return
            put("end", None)
        except BaseException as error:  # raised again where the items are used
            put("error", error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            kind, value = _next(ready, process)
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        stop.set()
        reader.join(0.5)  # not for ever: it may wait for a pipe that says nothing


def _next(ready: queue.Queue[tuple[str, Any]], process: int) -> tuple[str, Any]:
    while os.getpid() == process:
        try:
            return ready.get(timeout=0.2)  # without a limit, Windows would not notice Ctrl-C
        except queue.Empty:
            continue
    raise RuntimeError(
        f"expected to go on in the process {process}, which began to read; this one was forked "
        "from it: open the file again here"
    )
