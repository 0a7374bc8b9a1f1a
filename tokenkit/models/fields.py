"""Checks of a record's fields. Each raises ModelDataError: expected X, got Y, at the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from tokenkit._checks import as_whole, shown
from tokenkit.errors import ModelDataError

__all__ = [
    "check_plain",
    "day",
    "fail",
    "flag",
    "mapping",
    "one_of",
    "strings",
    "text",
    "whole_number",
]


_MOST = 10**15  # far above any limit of a model; a float still holds it exactly
_DEEPEST = 20  # a record has seven tables in each other


def check_plain(field: str, value: object, depth: int = 0) -> None:
    """Check that all names and texts in a record are whole characters, and that it ends soon."""
    if depth > _DEEPEST:
        fail(field, f"at most {_DEEPEST} tables or lists in each other", value)
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            fail(field, "a string of whole characters", value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                fail(field, "names that are strings", key)
            check_plain(field, key, depth)
            check_plain(f"{field}.{key}" if field else key, item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            check_plain(f"{field}[{index}]", item, depth + 1)


def fail(field: str, expected: str, value: object) -> NoReturn:
    """Raise ModelDataError for a field that holds something else than expected."""
    raise ModelDataError(f"field '{field}': expected {expected}, got {shown(value)}")


def strings(field: str, value: object) -> tuple[str, ...]:
    """Return the items of a list of non-empty strings."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        fail(field, "a list of strings", value)
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            fail(field, "a list of non-empty strings", item)
        text(field, item)
    return items


def text(field: str, value: object) -> None:
    """Check that the value is a string with something in it, and no half of a surrogate pair."""
    if not isinstance(value, str) or not value.strip():
        fail(field, "a non-empty string", value)
    check_plain(field, value)


def one_of(field: str, value: object, known: Iterable[str]) -> None:
    """Check that the value is one of the known words."""
    words = tuple(known)
    if value not in words:
        fail(field, "one of " + ", ".join(words), value)


def flag(field: str, value: object) -> None:
    """Check that the value is True, False or None."""
    if value is not None and not isinstance(value, bool):
        fail(field, "true or false", value)


def whole_number(field: str, value: object, of_what: str = "tokens") -> int:
    """Return the value if it is a whole number above 0."""
    number = as_whole(value)
    if number is None or number <= 0:
        fail(field, f"a whole number of {of_what} above 0", value)
    if number > _MOST:
        fail(field, f"at most {_MOST} {of_what}", value)
    return number


def day(field: str, value: object) -> date | None:
    """Return the day of a date, a datetime or a text such as 2026-11-22; None stays None."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        fail(field, "a date such as 2026-11-22", value)


def mapping(field: str, value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping."""
    if not isinstance(value, Mapping):
        fail(field, "a table", value)
    return value
