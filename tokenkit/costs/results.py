"""`Cost` and `CostLine`: what pricing gives back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit._face import public
from tokenkit.costs.rates import EXACT, plain

__all__ = ["Cost", "CostLine", "total_of"]


@public
@dataclass(frozen=True)
class CostLine:
    """One thing that is paid for: `quantity` of `item`, at `price` USD per `unit`.

    `amount` is USD. An unpriced line has neither price nor amount, and its `reason` says why.
    """

    item: str
    quantity: Decimal
    unit: str
    price: Decimal | None
    amount: Decimal | None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON-like data, numbers as decimal strings."""
        record = {"item": self.item, "quantity": f"{self.quantity:f}", "unit": self.unit}
        if self.price is None or self.amount is None:
            return {**record, "reason": self.reason}
        return {**record, "price": f"{self.price:f}", "amount": f"{self.amount:f}"}


@public
@dataclass(frozen=True)
class Cost:
    """A price made of lines. `total` is USD and covers `lines` only; see `partial`.

    `as_of` is the day whose prices were taken, `verified_on` the day they were last checked.
    Costs add up, with `+` or `sum`: equal lines become one, and the names of several models or
    tiers stand side by side.

    >>> from tokenkit import cost
    >>> for line in cost("gpt-4o", input_tokens=1000, output_tokens=500).lines:
    ...     print(line.item, line.quantity, "at", line.price, "per", line.unit, "=", line.amount)
    input 1000 at 2.5 per 1M tokens = 0.0025
    output 500 at 10 per 1M tokens = 0.005
    >>> print(sum([cost("gpt-4o", input_tokens=1000), cost("gpt-4o", output_tokens=500)]))
    0.0075 USD
    """

    model: str
    tier: str
    lines: tuple[CostLine, ...]
    unpriced: tuple[CostLine, ...]
    as_of: date
    verified_on: date | None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """USD of all priced lines; the least it can cost when `partial` is True."""
        total = Decimal(0)
        for line in self.lines:
            total = EXACT.add(total, line.amount or Decimal(0))
        return plain(total)

    @property
    def partial(self) -> bool:
        """Whether something has no listed price, so that the total is too low."""
        return bool(self.unpriced)

    def __str__(self) -> str:
        text = f"{self.total:f} USD"
        if not self.unpriced:
            return text
        missing = "; ".join(
            f"{line.quantity:f} {line.item}: {line.reason}" for line in self.unpriced
        )
        return f"{text} (partial, unpriced: {missing})"

    def _repr_html_(self) -> str:
        """Draw the total and its lines in a notebook."""
        from tokenkit._notebook import card_html, table_html

        rows = [
            (line.item, f"{line.quantity:f}", f"{line.price:f} per {line.unit}", f"{line.amount:f}")
            if line.price is not None and line.amount is not None
            else (line.item, f"{line.quantity:f}", "", line.reason)
            for line in (*self.lines, *self.unpriced)
        ]
        about = f"{self.model}, {self.tier}, prices of {self.as_of}"
        title = f"{'at least ' if self.partial else ''}{self.total:f} USD"
        table = table_html(("item", "quantity", "price", "USD"), rows)
        return card_html(title, [about, *self.notes], table)

    def __add__(self, other: object) -> Cost:
        if isinstance(other, int) and other == 0:
            return self  # what sum() begins with
        if not isinstance(other, Cost):
            return NotImplemented
        checked = [day for day in (self.verified_on, other.verified_on) if day is not None]
        return Cost(
            model=_joined(self.model, other.model),
            tier=_joined(self.tier, other.tier),
            lines=_merged(self.lines + other.lines),
            unpriced=_merged(self.unpriced + other.unpriced),
            as_of=max(self.as_of, other.as_of),
            verified_on=min(checked, default=None),
            notes=tuple(dict.fromkeys(self.notes + other.notes)),
        )

    __radd__ = __add__

    def to_dict(self) -> dict[str, Any]:
        """Return the cost as JSON-like data: money as decimal strings, days as ISO dates.

        >>> from tokenkit import cost
        >>> record = cost("gpt-4o", input_tokens=1000).to_dict()
        >>> record["total"], record["partial"], record["lines"][0]["amount"]
        ('0.0025', False, '0.0025')
        """
        return {
            "model": self.model,
            "tier": self.tier,
            "as_of": self.as_of.isoformat(),
            "verified_on": None if self.verified_on is None else self.verified_on.isoformat(),
            "lines": [line.to_dict() for line in self.lines],
            "unpriced": [line.to_dict() for line in self.unpriced],
            "partial": self.partial,
            "total": f"{self.total:f}",
            "notes": list(self.notes),
        }


def total_of(costs: Iterable[Cost]) -> Decimal:
    """Add up the totals of costs: USD, exact."""
    total = Decimal(0)
    for cost in costs:
        total = EXACT.add(total, cost.total)
    return plain(total)


def _joined(first: str, second: str) -> str:
    names = [*first.split(" + "), *second.split(" + ")]
    return " + ".join(dict.fromkeys(names))


def _merged(lines: Iterable[CostLine]) -> tuple[CostLine, ...]:
    """Return one line for each item at one price, or unpriced for one reason."""
    kinds: dict[tuple[Any, ...], CostLine] = {}
    for line in lines:
        key = (line.item, line.unit, line.price, line.reason)
        before = kinds.get(key)
        if before is not None:
            amount = None
            if before.amount is not None and line.amount is not None:
                amount = plain(EXACT.add(before.amount, line.amount))
            quantity = plain(EXACT.add(before.quantity, line.quantity))
            line = replace(line, quantity=quantity, amount=amount)
        kinds[key] = line
    return tuple(kinds.values())
