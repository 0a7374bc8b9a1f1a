"""The meanings of a key of a foreign object. A shape is a table: key -> one of these meanings.

`Table.read` scans the object, not the table: every key of the input either has a meaning here or is
reported by its path, at every depth. Nothing is skipped because nobody asked for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.scalars import as_amount, as_count, is_absent

__all__ = [
    "HARMLESS",
    "INNER",
    "REPEATED",
    "Amount",
    "ByType",
    "Charged",
    "Count",
    "Each",
    "Fee",
    "Item",
    "Items",
    "Meaning",
    "PaidItem",
    "Table",
    "Word",
    "both_spellings",
    "counts",
    "fields_of",
    "get",
    "harmless",
    "has",
    "items_of",
    "leaves",
    "merged",
]


class Meaning(Protocol):
    """Takes in the value of one key, which is never None."""

    def read(self, book: Notebook, path: str, value: Any) -> None: ...


@dataclass(frozen=True)
class Count:
    """A whole number of `slot`."""

    slot: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.count(self.slot, path, as_count(path, value))


@dataclass(frozen=True)
class Amount:
    """A number of `slot` that may have a fraction, such as seconds."""

    slot: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.amount(self.slot, as_amount(path, value))


@dataclass(frozen=True)
class Word:
    """A name: the model, the tier, the region ... The first one that is found stands."""

    slot: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        if not book.word(self.slot, value):
            book.unknown(path, value)


@dataclass(frozen=True)
class Harmless:
    """Known, and of no effect on the price: what was said, ids, times, the vendor's own sums.

    What lies below it is not scanned.
    """

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)


HARMLESS = Harmless()


@dataclass(frozen=True)
class Inner:
    """An object with a shape of its own, found by its own keys."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.enter(book, path, value)


INNER = Inner()


@dataclass(frozen=True)
class Repeated:
    """The provider's own object inside a wrapper's, whose numbers the wrapper repeats.

    Its keys are accounted for, its fees count, and its numbers of tokens do not count twice. What
    the wrapper does not repeat (kinds of tokens, the tier) is taken from it once all is read.
    """

    def read(self, book: Notebook, path: str, value: Any) -> None:
        inner = Notebook(book.enter)
        inner.enter(inner, path, value)
        if not inner.shapes:  # an object of a provider that has no shape here
            book.opaque.append(path)
            return
        book.unread += inner.unread
        book.notes += inner.notes
        book.opaque += inner.opaque
        book.repeated.append(inner)
        for slot in filter(is_of_fees, inner.counts):
            for place, number in inner.counts[slot].items():
                book.count(slot, place, number)


REPEATED = Repeated()


@dataclass(frozen=True)
class Items:
    """A number of things that are paid for one by one: `item` is one of canonical.ITEMS."""

    item: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.count(f"stated {self.item}", path, as_count(path, value))


@dataclass(frozen=True)
class Item:
    """An entry of a list that stands for one of `Items`; a stated number replaces their sum."""

    item: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.count(f"done {self.item}", path, 1)
        book.opaque.append(path)


@dataclass(frozen=True)
class Fee:
    """A number of things that are paid for and have no rate in the registry."""

    item: str
    unit: str = "call"
    reason: str = "no rate is listed for it"

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.unpriced(self.item, Decimal(as_amount(path, value)), self.unit, self.reason)


@dataclass(frozen=True)
class Charged:
    """The charge that the sender states, in USD: it goes to a note, and is never the price."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        charged = get(value, "total_cost") if fields_of(value) is not None else value
        if isinstance(charged, (int, float, Decimal)) and not isinstance(charged, bool):
            book.amount("charged", Decimal(str(charged)))
        book.opaque.append(path)


@dataclass(frozen=True)
class Table:
    """A mapping, or an object with attributes, with these keys."""

    keys: Mapping[str, Meaning]

    def read(self, book: Notebook, path: str, value: Any) -> None:
        entries = fields_of(value)
        if entries is None:
            book.unknown(path, value)
            return
        for key, item in entries:
            inner = f"{path}.{key}" if path else str(key)
            meaning = self.keys.get(key) if isinstance(key, str) else None
            if meaning is None:
                book.unknown(inner, item)
            elif not is_absent(item):
                meaning.read(book, inner, item)


@dataclass(frozen=True)
class Each:
    """A list whose items all have one meaning."""

    item: Meaning

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, item in enumerate(items_of(book, path, value)):
            if not is_absent(item):
                self.item.read(book, f"{path}[{index}]", item)


@dataclass(frozen=True)
class ByType:
    """An object whose field `type` names it; an unknown type may be one more thing to pay for.

    `endings` serves families of types such as "..._tool_use".
    """

    kinds: Mapping[str, Meaning]
    endings: Mapping[str, Meaning] = field(default_factory=dict)

    def read(self, book: Notebook, path: str, value: Any) -> None:
        kind = get(value, "type")
        text = str(getattr(kind, "value", kind))
        meaning = self.kinds.get(text) or next(
            (item for ending, item in self.endings.items() if text.endswith(ending)), None
        )
        if meaning is None:
            book.unknown(f"{path}.type", text)
        else:
            meaning.read(book, path, value)


@dataclass(frozen=True)
class PaidItem:
    """One thing of its own that is paid for and has no rate in the registry."""

    item: str
    unit: str = "call"
    reason: str = "no rate is listed for it"

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.unpriced(self.item, Decimal(1), self.unit, self.reason)
        book.opaque.append(path)


def is_of_fees(slot: str) -> bool:
    """Return whether a slot counts what is paid for beside the tokens."""
    return slot.startswith(("stated ", "done ", "web_search", "ground"))


def items_of(book: Notebook, path: str, value: Any) -> list[Any]:
    """Return the items of a list; for any other value none, and note it as unknown."""
    listed = hasattr(value, "__iter__") or (
        hasattr(value, "__len__") and hasattr(value, "__getitem__")  # a list of protobuf's
    )
    if isinstance(value, (str, bytes, Mapping)) or not listed:
        book.unknown(path, value)
        return []
    return list(value)


def entries_of(book: Notebook, path: str, value: Any) -> list[tuple[Any, Any]]:
    """Return the keys and values of an object; of any other value none, and note it as unknown."""
    entries = fields_of(value)
    if entries is None:
        book.unknown(path, value)
        return []
    return entries


def fields_of(value: object) -> list[tuple[Any, Any]] | None:
    """Return the keys and values of a mapping, or the names and values of an object's attributes.

    None for anything that has neither: numbers, strings, lists.
    """
    if type(value) is dict:
        return list(value.items())
    if value is None or is_scalar(value):
        return None
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        own = {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
        return list({**own, **public(vars(value) if hasattr(value, "__dict__") else {})}.items())
    if hasattr(value, "_asdict"):  # a named tuple
        return list(value._asdict().items())
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):  # a row of pandas, of sqlite
        return [(key, value[key]) for key in value.keys()]  # noqa: SIM118
    if hasattr(value, "DESCRIPTOR") and hasattr(value, "ListFields"):  # protobuf
        return [(field.name, item) for field, item in value.ListFields()]
    slots = [name for kind in type(value).__mro__ for name in slots_of(kind)]
    if hasattr(value, "__dict__") or slots:
        own = {name: getattr(value, name) for name in slots if hasattr(value, name)}
        own |= getattr(value, "__dict__", {})
        own |= getattr(value, "__pydantic_extra__", None) or {}
        return list(public(own).items())
    return None


def is_scalar(value: object) -> bool:
    return isinstance(value, (str, bytes, bytearray, int, float, Decimal, list, tuple, set)) and (
        not hasattr(value, "_asdict")
    )


def slots_of(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def public(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in names.items() if not name.startswith("_")}


def get(value: object, name: str) -> Any:
    """Return the value of a key or attribute, None where it is absent."""
    if isinstance(value, dict):
        return value.get(name)
    if value is None:
        return None
    return next((item for key, item in fields_of(value) or () if key == name), None)


def has(value: object, *names: str) -> bool:
    """Return whether all of these are there and not None."""
    for name in names:  # noqa: SIM110 - a loop, as this runs for every shape that may fit
        if is_absent(get(value, name)):
            return False
    return True


def merged(*tables: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Return one table out of several, which must not give one key two meanings."""
    result: dict[str, Meaning] = {}
    for key, meaning in (entry for table in tables for entry in table.items()):
        present = result.get(key)
        if isinstance(present, Table) and isinstance(meaning, Table):
            result[key] = Table(merged(present.keys, meaning.keys))
        elif present is not None and present != meaning:
            raise ValueError(f"{key!r}: expected one meaning, got {present} and {meaning}")
        else:
            result[key] = meaning
    return result


def both_spellings(table: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Return the table with each snake_case key in camelCase, too."""
    return {spelling: item for key, item in table.items() for spelling in (key, camel(key))}


def camel(key: str) -> str:
    """Write a snake_case key in camelCase.

    >>> camel("prompt_token_count")
    'promptTokenCount'
    """
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)


def harmless(names: str) -> dict[str, Meaning]:
    """Return a table of keys, separated by blanks, that have no effect on the price."""
    return dict.fromkeys(names.split(), HARMLESS)


def counts(slot_of: Mapping[str, str]) -> dict[str, Meaning]:
    """Return a table of keys that hold whole numbers, by their slots."""
    return {key: Count(slot) for key, slot in slot_of.items()}


def leaves(table: Mapping[str, Meaning]) -> Iterator[tuple[str, Meaning]]:
    """Return the dotted keys of a table and the tables inside it, with their meanings."""
    for key, meaning in table.items():
        yield key, meaning
        if isinstance(meaning, Table):
            yield from ((f"{key}.{inner}", item) for inner, item in leaves(meaning.keys))
