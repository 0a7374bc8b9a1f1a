"""Numbers as other libraries hand them over: NumPy's, pandas', floats that stand for counts."""

from __future__ import annotations

import operator
from decimal import Decimal, InvalidOperation
from typing import Any

from tokenkit._checks import shown

__all__ = ["as_amount", "as_count", "is_absent"]

_PRESENT = frozenset((str, int, bool, dict, list, tuple))  # what JSON holds, but for its floats


def is_absent(value: Any) -> bool:
    """Return whether it says "no value": None, NaN, pandas' NA and NaT, and similar marks."""
    if type(value) in _PRESENT:
        return False
    if value is None:
        return True
    kind = type(value).__name__
    if kind in ("NAType", "NaTType", "Unset", "NotGiven", "Omit"):
        return True
    if not hasattr(type(value), "__float__") or getattr(value, "ndim", None):
        return False
    return bool(value != value)


def as_count(path: str, value: Any) -> int:
    """Return the value as a whole number of 0 or more.

    Takes an integer of any library, or a float without a fraction, which is how data frames hold
    integers next to gaps.

    Raises TypeError for another type and ValueError for a fraction or a negative number.
    """
    if isinstance(value, (bool, str, bytes)):
        raise TypeError(f"{path}: expected a whole number, got {shown(value)}")
    if hasattr(type(value), "__index__"):
        number = operator.index(value)
    elif hasattr(type(value), "__float__"):
        if value != value // 1:
            raise ValueError(f"{path}: expected a whole number, got {shown(value)}")
        number = int(value)
    else:
        raise TypeError(f"{path}: expected a whole number, got {shown(value)}")
    if number < 0:
        raise ValueError(f"{path}: expected at least 0, got {number}")
    return number


def as_amount(path: str, value: Any) -> Decimal:
    """Return the value as an exact decimal of 0 or more. Raises TypeError and ValueError."""
    if isinstance(value, (bool, str, bytes)) or not hasattr(type(value), "__float__"):
        raise TypeError(f"{path}: expected a number, got {shown(value)}")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise TypeError(f"{path}: expected a decimal number, got {shown(value)}") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{path}: expected a number of 0 or more, got {shown(value)}")
    return amount
