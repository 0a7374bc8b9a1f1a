"""The bodies of requests: each key is kept for the counter, harmless, or a doubt with its path.

The tables of the APIs are in `chat_request`, `responses_request` and `embeddings_request` beside
this file. The body is scanned, not the table: a key that its table does not know leaves the number
of tokens without an upper bound.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Protocol

from tokenkit._checks import shown
from tokenkit.shapes.meanings import fields_of
from tokenkit.shapes.scalars import is_absent

__all__ = [
    "PLAIN",
    "Fee",
    "Fields",
    "Keep",
    "Open",
    "RequestBook",
    "RequestMeaning",
    "Whole",
    "kept",
    "plain_keys",
    "read_key",
    "unknown_key",
]


def unknown_key(path: str) -> str:
    """Say that no table knows a key.

    >>> unknown_key("body.mood")
    'body.mood: this key is not known, so the number has no upper bound'
    """
    return f"{path}: this key is not known, so the number has no upper bound"


@dataclass
class RequestBook:
    """The content of one request.

    `fields` holds the values to be counted by slot, `paths` where they stand. `doubts` leave the
    number of tokens without an upper bound and `fees` the cost too low; `notes` change neither;
    `problems` are values that the API refuses. All begin with the path of their key.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    fees: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def keep(self, slot: str, path: str, value: Any) -> None:
        """Keep a value for the counter."""
        self.fields[slot] = value
        self.paths[slot] = path

    def unknown(self, path: str, value: Any) -> None:
        """Note a key that no table knows. One that holds null changes nothing, and is named."""
        if is_absent(value):
            self.notes.append(f"{path}: this key is not known; it is empty")
        else:
            self.doubts.append(unknown_key(path))


class RequestMeaning(Protocol):
    """Takes in the value of one key of a request, which is never null."""

    def read(self, book: RequestBook, path: str, value: Any) -> None: ...


@dataclass(frozen=True)
class Plain:
    """Known, and of no effect on the input's tokens or their price; not scanned any deeper."""

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        """Do nothing."""


PLAIN = Plain()


@dataclass(frozen=True)
class Keep:
    """A value that the counter takes, such as messages or tools."""

    slot: str

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        book.keep(self.slot, path, value)


@dataclass(frozen=True)
class Whole:
    """A whole number of `least` or more; another value is a problem, and counts as absent."""

    slot: str
    least: int = 1

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        try:
            number = -1 if isinstance(value, bool) else operator.index(value)
        except TypeError:
            number = -1
        if number < self.least:
            book.problems.append(
                f"{path}: expected a whole number of at least {self.least}, got {shown(value)}"
            )
        else:
            book.keep(self.slot, path, number)


@dataclass(frozen=True)
class Open:
    """Something that adds input which the request does not hold, and why.

    `keys` are those of the value where it is an object: the others are unknown. `slot` keeps the
    value as well.
    """

    reason: str
    keys: Mapping[str, RequestMeaning] = field(default_factory=dict)
    slot: str = ""

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        book.doubts.append(f"{path}: {self.reason}, so the number has no upper bound")
        if self.slot:
            book.keep(self.slot, path, value)
        for key, item in fields_of(value) or ():
            read_key(self.keys, book, path, key, item)


@dataclass(frozen=True)
class Fee:
    """Something that is billed besides the input's tokens, and why; `keys` as in `Open`."""

    reason: str
    keys: Mapping[str, RequestMeaning] = field(default_factory=dict)

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        book.fees.append(f"{path}: {self.reason}, so the cost is partial")
        for key, item in fields_of(value) or ():
            read_key(self.keys, book, path, key, item)


@dataclass(frozen=True)
class Fields:
    """An object with these keys; a value of another type is unknown as a whole.

    `slot` keeps the value as well.
    """

    keys: Mapping[str, RequestMeaning]
    slot: str = ""

    def read(self, book: RequestBook, path: str, value: Any) -> None:
        if self.slot:
            book.keep(self.slot, path, value)
        entries = fields_of(value)
        if entries is None:
            book.unknown(path, value)
        for key, item in entries or ():
            read_key(self.keys, book, path, key, item)


def read_key(
    keys: Mapping[str, RequestMeaning], book: RequestBook, path: str, key: Any, value: Any
) -> None:
    """Read the value of a key by its meaning in a table; an unknown one becomes a doubt.

    NaN and Infinity, which no JSON holds, are problems and count as absent.
    """
    inner = f"{path}.{key}" if path else str(key)
    meaning = keys.get(key) if isinstance(key, str) else None
    if isinstance(value, float) and not isfinite(value):
        book.problems.append(f"{inner}: expected a number that JSON can hold, got {shown(value)}")
    elif meaning is None:
        book.unknown(inner, value)
    elif not is_absent(value):
        meaning.read(book, inner, value)


def plain_keys(names: str) -> dict[str, RequestMeaning]:
    """Make a table of keys, separated by blanks, that add no input and no price."""
    return dict.fromkeys(names.split(), PLAIN)


def kept(names: str) -> dict[str, RequestMeaning]:
    """Make a table of keys, separated by blanks, that are kept under their own names."""
    return {name: Keep(name) for name in names.split()}
