"""Jobs on threads side by side: what each gives, as it comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

__all__ = ["side_by_side"]

Job = TypeVar("Job")
Item = TypeVar("Item")
_WAITING = 2  # items for each thread


def side_by_side(
    jobs: Iterable[Job], work: Callable[[Job], Iterator[Item]], threads: int
) -> Iterator[tuple[Job, Item]]:
    """Give (job, item) for each item that `work` gives of a job, those of one job in their order.

    So many `threads` take the next job each; with one, jobs are done here, one after the other.
    What goes wrong in a thread is raised here. Closing this, or an error, stops all threads at
    their next item.

    >>> sorted(side_by_side(["ab", "c"], iter, threads=2))
    [('ab', 'a'), ('ab', 'b'), ('c', 'c')]
    """
    if threads < 2:
        for job in jobs:
            for item in work(job):
                yield job, item
        return
    yield from _Threads(jobs, work, threads).items()


class _Threads:
    def __init__(self, jobs: Iterable[Any], work: Callable[[Any], Iterator[Any]], number: int):
        self.jobs = iter(jobs)
        self.work = work
        self.lock = threading.Lock()  # of the jobs
        self.ready: queue.Queue[tuple[str, Any]] = queue.Queue(_WAITING * number)
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(number)]

    def items(self) -> Iterator[Any]:
        """Start the threads and give what they make."""
        for thread in self.threads:
            thread.start()
        working = len(self.threads)
        try:
            while working:
                try:
                    kind, value = self.ready.get(timeout=0.2)  # else Windows misses Ctrl-C
                except queue.Empty:
                    continue
                if kind == "error":
                    raise value
                if kind == "end":
                    working -= 1
                else:
                    yield value
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join(0.5)  # not for ever: it may wait for another machine

    def _run(self) -> None:
        try:
            while not self.stop.is_set():
                with self.lock:
                    job = next(self.jobs, self)
                if job is self:
                    break
                items = self.work(job)
                for item in items:
                    if not self._put("item", (job, item)):
                        return
            self._put("end", None)
        except BaseException as error:  # raised again where the items are used
            self._put("error", error)

    def _put(self, kind: str, value: Any) -> bool:
        while not self.stop.is_set():
            try:
                self.ready.put((kind, value), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False
