"""How counts of rows are spread: sums, percentiles, a histogram, the price."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from tokenkit.costs import EXACT, cost, plain
from tokenkit.models import Model

__all__ = ["MISSING", "Distribution"]

MISSING = -1  # in place of a count
# Counts up to here are counted in an array, which is faster than sorting them.
_COUNTED_IN_ARRAY = 1 << 16


class Distribution:
    """The number of rows for each number of tokens: exact sums and percentiles in little memory.

    `missing` is the number of rows without a count.

    >>> spread = Distribution()
    >>> spread.add(np.array([3, 5, MISSING, 3]))
    >>> spread.rows, spread.missing, spread.tokens, spread.percentile(50), spread.above(3)
    (3, 1, 11, 3, 1)
    """

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.missing = 0

    def __copy__(self) -> Distribution:
        return deepcopy(self)

    def add(self, tokens: npt.NDArray[np.int64]) -> None:
        """Add the counts of more rows, MISSING among them."""
        counted = tokens[tokens >= 0]
        self.missing += len(tokens) - len(counted)
        if not len(counted):
            return
        if counted.max() < _COUNTED_IN_ARRAY:
            rows_by_count = np.bincount(counted)
            values = rows_by_count.nonzero()[0]
            rows = rows_by_count[values]
        else:
            values, rows = np.unique(counted, return_counts=True)
        for value, number in zip(values.tolist(), rows.tolist(), strict=True):
            self.counts[value] += number

    @property
    def rows(self) -> int:
        """The number of rows that were counted."""
        return self.counts.total()

    @property
    def tokens(self) -> int:
        """The tokens of all rows."""
        return sum(tokens * rows for tokens, rows in self.counts.items())

    def percentile(self, percent: float) -> int:
        """Find the smallest count that at least `percent` of the rows do not exceed (nearest rank).

        Raises ValueError if there are no rows.
        """
        if not self.counts:
            raise ValueError("expected rows that were counted, got none")
        wanted, seen = max(1.0, self.rows * percent / 100), 0
        for tokens in sorted(self.counts):
            seen += self.counts[tokens]
            if seen >= wanted:
                return tokens
        return max(self.counts)

    def above(self, limit: int) -> int:
        """Count the rows with more than `limit` tokens."""
        return sum(rows for tokens, rows in self.counts.items() if tokens > limit)

    def cost(self, model: str | Model) -> tuple[Decimal, bool]:
        """Price the rows as inputs, each a request of its own: USD, and whether that is too low
        because a price is not listed. Raises UnknownModelError."""
        total, partial = Decimal(0), False
        for tokens, rows in self.counts.items():
            price = cost(model, input_tokens=tokens)
            total = EXACT.add(total, EXACT.multiply(price.total, Decimal(rows)))
            partial = partial or price.partial
        return plain(total), partial

    def histogram(self) -> list[tuple[int, int, int]]:
        """Group the rows by powers of two: (from, to, rows), from the first group with rows to the
        last."""
        bins: Counter[int] = Counter()
        for tokens, rows in self.counts.items():
            bins[tokens.bit_length()] += rows
        if not bins:
            return []
        return [
            ((1 << power) >> 1, (1 << power) - 1 if power else 0, bins[power])
            for power in range(min(bins), max(bins) + 1)
        ]
