"""`Cost` and `CostLine`: what pricing gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tokenkit._face import public
from tokenkit.costs.rates import EXACT, plain

__all__ = ["Cost", "CostLine"]


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


@public
@dataclass(frozen=True)
class Cost:
    """A price made of lines. `total` is USD and covers `lines` only; see `partial`.

    `as_of` is the day whose prices were taken, `verified_on` the day they were last checked.

    >>> from tokenkit import cost
    >>> for line in cost("gpt-4o", input_tokens=1000, output_tokens=500).lines:
    ...     print(line.item, line.quantity, "at", line.price, "per", line.unit, "=", line.amount)
    input 1000 at 2.5 per 1M tokens = 0.0025
    output 500 at 10 per 1M tokens = 0.005
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
