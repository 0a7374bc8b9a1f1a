"""Checks of arguments, for all folders. Each gives back the value that it has checked.

A wrong type raises TypeError, a wrong value ValueError, and both say it in one form: "name:
expected this, got that". Whole numbers are whatever Python takes as an index, so NumPy's are fine;
a bool is no number.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any, TypeVar

    _Choice = TypeVar("_Choice", bound=str)

_LONGEST_SHOWN = 60
# What is wrong with JSON that Python reads, and `strict_json` does not.
NO_NUMBER = "expected a number, got "
TWICE = "expected each key of an object once, got "


def shown(value: object) -> str:
    """Show a value in an error: its repr, or its type where that is long.

    >>> shown("2"), shown([0] * 99)
    ("'2'", 'a list')
    """
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        text = ""
    return text if 0 < len(text) <= _LONGEST_SHOWN else f"a {type(value).__name__}"


def json_fault(error: Exception) -> str:
    """Say what is wrong with JSON; the caller says where.

    >>> json_fault(RecursionError())
    'nested too deep'
    """
    if isinstance(error, RecursionError):
        return "nested too deep"
    message = getattr(error, "msg", None)
    if isinstance(message, str):
        return message.removesuffix(" at")
    told = str(error)
    # Python reads whole numbers of 4,300 digits at most.
    return told if told.startswith((NO_NUMBER, TWICE)) else "a number of too many digits"


def check_whole(name: str, value: object, least: int | None = 0, *, unit: str = "") -> int:
    """Check a whole number, of a unit such as "pixels"; return it as an int.

    Raises TypeError, and ValueError below `least` (None: any number will do).

    >>> check_whole("width", 512, 1, unit="pixels")
    512
    >>> check_whole("width", 0, 1, unit="pixels")
    Traceback (most recent call last):
    ValueError: width: expected at least 1 pixels, got 0
    """
    number = value if type(value) is int else as_whole(value)
    if number is None:
        kind = f"a whole number of {unit}" if unit else "a whole number"
        raise TypeError(f"{name}: expected {kind}, got {shown(value)}")
    if least is not None and number < least:
        raise ValueError(f"{name}: expected at least {f'{least} {unit}'.strip()}, got {number}")
    return number


def _is_bool(value: object) -> bool:
    # NumPy's own was an index, too, before NumPy 2.3.
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def as_whole(value: object) -> int | None:
    """Return a whole number as an int, and None for all else.

    >>> as_whole(7), as_whole(7.0), as_whole(True)
    (7, None, None)
    """
    from operator import index

    try:
        return None if _is_bool(value) else index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def check_tokens(name: str, value: object, least: int | None = 0) -> int:
    """Check a whole number of tokens, as `check_whole` does.

    >>> check_tokens("max_tokens", 2.5)
    Traceback (most recent call last):
    TypeError: max_tokens: expected a whole number of tokens, got 2.5
    """
    return check_whole(name, value, least, unit="tokens")


def check_number(name: str, value: object, least: float | None = None) -> float:
    """Check a number; return it as a float.

    Raises TypeError, and ValueError for NaN and below `least` (None: any number will do).

    >>> check_number("priority", 3)
    3.0
    """
    number = _as_float(name, value, "a number")
    if least is not None and number < least:
        raise ValueError(f"{name}: expected at least {least:g}, got {shown(value)}")
    return number


def _as_float(name: str, value: object, kind: str) -> float:
    if (
        isinstance(value, str)
        or _is_bool(value)
        or not (hasattr(type(value), "__float__") or hasattr(type(value), "__index__"))
    ):
        raise TypeError(f"{name}: expected {kind}, got {shown(value)}")
    number = float(value)  # type: ignore[arg-type]
    if number != number:
        raise ValueError(f"{name}: expected {kind}, got {shown(value)}")
    return number


def check_fraction(name: str, value: object, *, whole: bool = False) -> float:
    """Check a fraction, at least 0 and below 1 (with `whole` also 1); return it as a float.

    Raises TypeError, or ValueError outside that range.

    >>> check_fraction("safety", 5)
    Traceback (most recent call last):
    ValueError: safety: expected a fraction of at least 0 and below 1, got 5
    """
    number = _as_float(name, value, "a fraction such as 0.1")
    if not (0 <= number < 1 or (whole and number == 1)):
        most = "at most 1" if whole else "below 1"
        raise ValueError(
            f"{name}: expected a fraction of at least 0 and {most}, got {shown(value)}"
        )
    return number


def check_str(name: str, value: object) -> str:
    """Check a str. Raises TypeError, which names the type alone: a text may be long or private.

    >>> check_str("text", b"hello")
    Traceback (most recent call last):
    TypeError: text: expected str, got bytes
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected str, got {type(value).__name__}")
    return value


def check_items(name: str, values: Any, of: str) -> Sequence[Any]:
    """Check something of several items, not one text; give an iterator as a list.

    >>> check_items("texts", "hello", "texts")
    Traceback (most recent call last):
    TypeError: texts: expected a sequence of texts, got one str
    >>> check_items("texts", None, "texts")
    Traceback (most recent call last):
    TypeError: texts: expected a sequence of texts, got NoneType
    """
    if isinstance(values, (list, tuple)):
        return values
    kind = type(values).__name__
    if isinstance(values, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"{name}: expected a sequence of {of}, got one {kind}")
    try:
        items = iter(values)
    except TypeError:
        raise TypeError(f"{name}: expected a sequence of {of}, got {kind}") from None
    return list(items)


def check_choice(name: str, value: _Choice, choices: Collection[str]) -> _Choice:
    """Check that a value is one of the choices. Raises ValueError, for every other type as well.

    >>> check_choice("keep", "middle", ("head", "tail", "ends"))
    Traceback (most recent call last):
    ValueError: keep: expected 'head', 'tail' or 'ends', got 'middle'
    """
    if not isinstance(value, str) or value not in choices:
        *others, last = (repr(choice) for choice in choices)
        listed = f"{', '.join(others)} or {last}" if others else last
        raise ValueError(f"{name}: expected {listed}, got {shown(value)}")
    return value


def checked_threads(num_threads: int | None) -> int:
    """Check a number of threads; return how many to use.

    By default one per processor; at most as many, or 64 where there are fewer processors. Raises
    TypeError, or ValueError below 1.
    """
    if num_threads is None:
        return processors()
    # A thread takes megabytes of caches, and more of them than processors do not help.
    return min(check_whole("num_threads", num_threads, 1), max(_MOST_THREADS, processors()))


_MOST_THREADS = 64
_processors = 0


def processors() -> int:
    """Return the number of processors, at least 1."""
    global _processors
    # Asking the system each time would take longer than counting a short text.
    _processors = _processors or os.cpu_count() or 1
    return _processors
