"""Checks of single values of a tokenizer file. Each returns the value, or raises `Fault`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tokenkit.encodings.formats.faults import Fault, unknown_key, unlike

# Ids have 32 bits, but no vocabulary is near that: the biggest have 2**18 tokens. Tables are as
# long as the highest id, so a single absurd one would take gigabytes.
MOST_ID = (1 << 24) - 1

Check = Callable[[Any, str], Any]
_REQUIRED = object()


class Field(NamedTuple):
    """How a key's value is checked, and what it is where the key is missing."""

    check: Check
    default: Any = _REQUIRED


def flag(value: Any, where: str) -> bool:
    """Check a bool."""
    if not isinstance(value, bool):
        raise unlike(where, "true or false", value)
    return value


def text(value: Any, where: str) -> str:
    """Check a str."""
    if not isinstance(value, str):
        raise unlike(where, "a string", value)
    return value


def character(value: Any, where: str) -> str:
    """Check a str of one code point."""
    if not isinstance(value, str) or len(value) != 1:
        raise unlike(where, "one character", value)
    return value


def whole(value: Any, where: str) -> int:
    """Check a whole number from 0 that fits into 63 bits."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise unlike(where, "a whole number from 0", value)
    return value


def token_id(value: Any, where: str) -> int:
    """Check the id of a token."""
    if type(value) is not int or not 0 <= value <= MOST_ID:
        raise unlike(where, f"an id from 0 to {MOST_ID}", value)
    return value


def mapping(value: Any, where: str) -> dict[str, Any]:
    """Check a JSON object."""
    if not isinstance(value, dict):
        raise unlike(where, "an object", value)
    return value


def sequence(value: Any, where: str) -> list[Any]:
    """Check a JSON array."""
    if not isinstance(value, list):
        raise unlike(where, "a list", value)
    return value


def or_null(check: Check) -> Check:
    """Make a check that takes null as well."""
    return lambda value, where: None if value is None else check(value, where)


def null_as(default: Any, check: Check) -> Check:
    """Make a check that takes null for a default."""
    return lambda value, where: default if value is None else check(value, where)


def one_of(*choices: str) -> Check:
    """Make a check for one of some strings."""

    def check(value: Any, where: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise unlike(where, f"one of {', '.join(choices)}", value)
        return value

    return check


def token_and_id(value: Any, where: str) -> list[Any]:
    """Check a list of a token's text and its id."""
    if not isinstance(value, list) or len(value) != 2:
        raise unlike(where, "a token and its id", value)
    return [text(value[0], f"{where}[0]"), token_id(value[1], f"{where}[1]")]


def pattern(value: Any, where: str) -> dict[str, str]:
    """Check a pattern: {"String": ...} or {"Regex": ...}."""
    if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"String", "Regex"}:
        raise unlike(where, 'a pattern {"String": ...} or {"Regex": ...}', value)
    return {key: text(inner, f"{where}.{key}") for key, inner in value.items()}


def checked(
    value: Any, where: str, fields: Mapping[str, Field], ignored: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Check an object by a table of its keys; return a copy with the defaults filled in.

    `ignored` are further keys that may be there, each with the reason why it is harmless. They are
    not in the copy. Raises Fault for every other key, and for one that is missing.

    >>> checked({"a": True, "z": 0}, "x", {"a": Field(flag), "b": Field(text, "")}, {"z": "unused"})
    {'a': True, 'b': ''}
    """
    given = mapping(value, where)
    for key in given:
        if key not in fields and key not in (ignored or ()):
            raise unknown_key(where, key, fields)
    out: dict[str, Any] = {}
    for key, (check, default) in fields.items():
        if key in given:
            out[key] = check(given[key], f"{where}.{key}".lstrip("."))
        elif default is _REQUIRED:
            raise Fault(f"{where or 'at the top'}: expected the key {key!r}")
        else:
            out[key] = default
    return out
