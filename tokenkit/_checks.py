"""Checks of arguments that several folders need. Each returns the value that it has checked."""

from __future__ import annotations

import operator
import os


def check_tokens(name: str, value: object, least: int = 0) -> int:
    """The value, a whole number of tokens. Raises TypeError, or ValueError below `least`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number of tokens, not {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return value


def check_fraction(name: str, value: object) -> float:
    """The value, at least 0 and below 1. Raises TypeError, or ValueError outside that range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a fraction such as 0.1, not {value!r}")
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, not {value}")
    return float(value)


def checked_threads(num_threads: int | None) -> int:
    """The number of threads, by default as many as processors. Raises ValueError below 1."""
    if num_threads is None:
        return processors()
    if num_threads < 1:
        raise ValueError(f"num_threads must be at least 1, got {num_threads}")
    # A thread takes megabytes of caches, and more of them than processors do not help.
    return min(num_threads, max(_MOST_THREADS, processors()))


_MOST_THREADS = 64
_processors = 0


def processors() -> int:
    """The number of processors."""
    global _processors
    # Asking the system each time would take longer than counting a short text.
    _processors = _processors or os.cpu_count() or 1
    return _processors


def check_count(name: str, value: object, least: int = 0) -> int:
    """The value as an int: an int, or what stands for one (NumPy's and pandas' integers).

    Raises TypeError for anything else, a bool included, and ValueError below `least`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}: expected a whole number, got {value!r}")
    count = operator.index(value)
    if count < least:
        raise ValueError(f"{name}: expected at least {least}, got {count}")
    return count
