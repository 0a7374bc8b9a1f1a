"""Children of a fork, in tests."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable

SECONDS = 30  # a child that has not ended by then hangs


def fork() -> int:
    """As os.fork, without CPython 3.12's warning that threads are running: that is the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def child(work: Callable[[], object]) -> int:
    """Fork a child that does `work` and ends; return its process id."""
    pid = fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(SECONDS)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return pid


def ended(pid: int) -> int:
    """Wait for a child; return its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ends_well(work: Callable[[], object]) -> bool:
    """Whether a child that does `work` ends, and without an error."""
    return ended(child(work)) == 0
