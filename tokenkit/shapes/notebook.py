"""`Notebook`: what was read out of one foreign object, before it is made into a `Usage`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tokenkit.shapes.scalars import is_absent

__all__ = ["Notebook", "Unread"]


@dataclass(frozen=True)
class Unread:
    """Something in a usage object that has no price here, and why."""

    item: str
    quantity: Decimal
    unit: str
    reason: str


@dataclass
class Notebook:
    """Numbers by slot, with the paths they stand at; names; and what could not be understood.

    `enter` reads an object inside another, by its own shape; `shapes` are those met, outermost
    first; `opaque` are the paths of what was not scanned; `repeated` are the provider's own objects
    inside a wrapper's.
    """

    enter: Callable[[Notebook, str, Any], None]
    shapes: list[str] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    repeated: list[Notebook] = field(default_factory=list)

    def count(self, slot: str, path: str, value: int) -> None:
        """Note a number of tokens, calls ... of a slot, which may stand at several paths."""
        self.counts.setdefault(slot, {})[path] = value

    def add(self, slot: str, path: str, value: int) -> None:
        """Add a number to those of a slot at a path: an item of a list that may repeat its kind."""
        numbers = self.counts.setdefault(slot, {})
        numbers[path] = numbers.get(path, 0) + value

    def amount(self, slot: str, value: Decimal) -> None:
        """Note seconds."""
        self.amounts[slot] = value

    def word(self, slot: str, value: Any) -> bool:
        """Note a name; the first of a slot stands. Return whether the value is one, or a moment."""
        text = getattr(value, "value", value)  # an enum's
        if isinstance(text, (int, float, datetime)):
            text = str(text)  # a moment
        if isinstance(text, str) and text:
            self.words.setdefault(slot, text)
        return isinstance(text, str)

    def unknown(self, path: str, value: Any) -> None:
        """Note a key that no table knows; unless it is empty, the cost is partial."""
        if is_absent(value):
            self.notes.append(f"{path}: this key is not known; it is empty")
            return
        self.notes.append(f"{path}: this key is not known, so the cost is partial")
        quantity = Decimal(1)
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            number = Decimal(str(value))
            quantity = number if number.is_finite() and number > 0 else quantity
        self.unread.append(Unread(path, quantity, "unknown", "this key is not known"))

    def unpriced(self, item: str, quantity: Decimal, unit: str, reason: str) -> None:
        """Note something that is paid for and has no rate; nothing where the quantity is 0."""
        if quantity:
            self.unread.append(Unread(item, quantity, unit, reason))

    def has(self, slot: str) -> bool:
        """Return whether a number of that slot was given, be it 0."""
        return slot in self.counts

    def largest(self, slot: str, default: int = 0) -> int:
        """Return the number of a slot; where paths disagree the largest, and a note says so."""
        given = self.counts.get(slot)
        if not given:
            return default
        values = set(given.values())
        if len(values - {0}) > 1:
            shown = ", ".join(f"{path} {value}" for path, value in given.items())
            reason = f"the numbers for one thing disagree: {shown}"
            self.notes.append(f"{reason}; the largest is taken")
            self.unread.append(Unread(slot, Decimal(max(values)), "tokens", reason))
        return max(values)
