"""The lock of what a process makes once, and how forks leave it and our imports whole.

A child has only the thread that forked. What another thread held at that moment stays held in the
child for ever. So a fork waits while another thread holds the lock here, or imports what we import
late: CPython (seen with 3.10 to 3.13) leaves a module locked that is being imported.
"""

from __future__ import annotations

import _frozen_importlib
import os
import sys
from _thread import RLock, get_ident
from time import monotonic, sleep

__all__ = ["made_once", "shared_lock"]

# Held while something is made, or changed, that threads share. One for all, so that there is no
# order to keep. Reentrant, so that a signal handler may call what it interrupts.
shared_lock = RLock()

# What functions import, besides the standard library.
_IMPORTED_LATE = frozenset(("tokenkit", "jinja2", "numpy", "pyarrow", "regex", "tokenizers"))
_LONGEST_WAIT = 10  # seconds; an import that takes longer may be waiting for the thread that forks
# The locks of the modules that are being imported, as weak references.
_module_locks = getattr(_frozen_importlib, "_module_locks", {})


def _importing() -> bool:
    """Whether another thread imports what a child may want to import, too."""
    for name, reference in list(_module_locks.items()):
        root = name.partition(".")[0]
        if root in _IMPORTED_LATE or root in sys.stdlib_module_names:
            module_lock = reference()
            if module_lock is not None and module_lock.owner not in (None, get_ident()):
                return True
    return False


def _before_fork() -> None:
    until = monotonic() + _LONGEST_WAIT
    shared_lock.acquire()
    while _importing() and monotonic() < until:
        shared_lock.release()
        sleep(0.001)
        shared_lock.acquire()


def _after_fork() -> None:
    try:  # noqa: SIM105  # as in bundled.py: no contextlib
        shared_lock.release()
    except RuntimeError:  # a program that forks in C has not called the other function
        pass


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )


TYPE_CHECKING = False
if TYPE_CHECKING:
    from functools import cached_property as made_once
else:

    class made_once:  # used like a decorator
        """A property that is made when it is first asked for, and then kept.

        Unlike `functools.cached_property` of Python 3.11 it has no lock, which a fork may leave
        held. Two threads may both make it, so what is made must be equal.
        """

        def __init__(self, make):
            self._make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, holder, owner=None):
            if holder is None:
                return self
            value = holder.__dict__[self._name] = self._make(holder)
            return value
