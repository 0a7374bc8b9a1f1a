"""Loading without Python's search for circles of objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """Stop Python's search for circles: half a million new objects would start it again and again,
    which takes longer than what makes them. Threads that overlap leave it as it was."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
