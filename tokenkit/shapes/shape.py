"""`Shape`: how an object is recognised by its keys, and the table that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import INNER, Meaning, Table, fields_of, get

__all__ = ["Shape", "all_of", "any_of", "around", "names", "with_object"]


@dataclass(frozen=True)
class Shape:
    """A name, how to tell it by its keys, and what its keys mean.

    `host` and `tier` are what the shape itself says of who served the request, and how.
    """

    name: str
    fits: Callable[[Any], bool]
    table: Meaning
    host: str | None = None
    tier: str | None = None


def names(value: Any) -> set[str]:
    """Return the keys at the top that are strings and not empty."""
    return {
        key for key, item in fields_of(value) or () if isinstance(key, str) and item is not None
    }


def any_of(*keys: str) -> Callable[[Any], bool]:
    return lambda value: any(get(value, key) is not None for key in keys)


def all_of(*keys: str) -> Callable[[Any], bool]:
    return lambda value: all(get(value, key) is not None for key in keys)


def with_object(*kinds: str) -> Callable[[Any], bool]:
    return lambda value: str(get(value, "object") or "").startswith(kinds)


def around(table: Mapping[str, Meaning], *keys: str) -> Table:
    """Return a table of a response, one of whose keys holds the object to read on."""
    return Table({**table, **dict.fromkeys(keys, INNER)})
