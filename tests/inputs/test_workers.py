"""Jobs on threads side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from tokenkit.inputs import side_by_side


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_item_of_every_job(threads: int) -> None:
    def work(job: int) -> Iterator[int]:
        yield from range(job)

    given = list(side_by_side(iter(range(20)), work, threads))
    for job in range(20):
        assert [item for other, item in given if other == job] == list(range(job))
    assert len(given) == sum(range(20))
    assert list(side_by_side([], work, threads)) == []


def test_jobs_are_done_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=20)

    def work(job: int) -> Iterator[int]:
        together.wait()  # for the other thread
        yield job

    assert sorted(side_by_side([1, 2], work, 2)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize("threads", [1, 3])
def test_errors_and_closing_stop_all_threads(threads: int) -> None:
    def fail(job: int) -> Iterator[int]:
        yield job
        raise KeyError(job)

    before = threading.active_count()
    with pytest.raises(KeyError):
        list(side_by_side(range(10), fail, threads))

    def endless(job: int) -> Iterator[int]:
        while True:
            yield job

    items = side_by_side(range(10), endless, threads)
    assert next(items)[0] in range(10)
    items.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() == before
