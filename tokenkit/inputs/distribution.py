"""How counts of rows are spread: sums, percentiles, a histogram, the price."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tokenkit._checks import check_tokens, shown
from tokenkit.costs import Cost, Tier, always_searches, price, price_moment, tier_name
from tokenkit.models import Model, get_model, long_steps
from tokenkit.shapes import Usage

__all__ = ["INVALID", "MISSING", "Distribution", "checked_bins"]

MISSING = -1  # in place of a count
INVALID = -2  # likewise, for a row that is there but is not text
# Counts up to here are counted in an array, which is faster than sorting them.
_COUNTED_IN_ARRAY = 1 << 16


class Distribution:
    """The number of rows for each number of tokens: exact sums and percentiles in little memory.

    `missing` is the number of rows without a count: nulls, and `invalid` rows, such as bytes that
    are not UTF-8. Distributions of the parts of a table, joined by `merge`, are that of the table.

    >>> spread = Distribution()
    >>> spread.add(np.array([3, 5, MISSING, 3]))
    >>> spread.rows, spread.missing, spread.tokens, spread.percentile(50), spread.above(3)
    (3, 1, 11, 3, 1)
    """

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.missing = 0
        self.invalid = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distribution):
            return NotImplemented
        mine = (self.counts, self.missing, self.invalid)
        return mine == (other.counts, other.missing, other.invalid)

    def __repr__(self) -> str:
        return (
            f"<Distribution: {self.rows} rows, {self.tokens} tokens, {self.missing} rows missing>"
        )

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __copy__(self) -> Distribution:
        return deepcopy(self)

    def add(self, tokens: npt.NDArray[np.int64]) -> None:
        """Add the counts of more rows, MISSING and INVALID among them."""
        counted = tokens[tokens >= 0]
        if len(counted) < len(tokens):
            self.missing += len(tokens) - len(counted)
            self.invalid += int((tokens == INVALID).sum())
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

    def merge(self, other: Distribution) -> None:
        """Add the rows of another distribution.

        >>> spread, other = Distribution(), Distribution()
        >>> other.add(np.array([2, 2, INVALID]))
        >>> spread.merge(other)
        >>> spread.tokens, spread.missing, spread.invalid
        (4, 1, 1)
        """
        self.counts.update(other.counts)
        self.missing += other.missing
        self.invalid += other.invalid

    def pairs(self) -> list[tuple[int, int]]:
        """List (tokens, rows), with MISSING and INVALID in place of tokens: all that it holds.

        `add_pairs` makes a distribution of them again, such as in another process.

        >>> spread = Distribution()
        >>> spread.add(np.array([3, 5, MISSING, 3]))
        >>> spread.pairs()
        [(-1, 1), (3, 2), (5, 1)]
        """
        others = [(INVALID, self.invalid), (MISSING, self.missing - self.invalid)]
        return [pair for pair in others if pair[1]] + sorted(self.counts.items())

    def add_pairs(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Add rows by pairs of `pairs`, one after the other or those of several distributions."""
        for tokens, rows in pairs:
            if tokens >= 0:
                self.counts[tokens] += rows
            else:
                self.missing += rows
                self.invalid += rows if tokens == INVALID else 0

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

    def cost(
        self,
        model: str | Model,
        tier: Tier | str = "standard",
        at: date | str | None = None,
        *,
        output_tokens: int = 0,
    ) -> Cost:
        """Price the rows as inputs, each a request of its own, as `tokenkit.cost` prices one.

        Long rows have the rates of long prompts. `output_tokens` are those of the reply to each
        row. Raises as `tokenkit.cost` does.

        >>> spread = Distribution()
        >>> spread.add(np.array([1_000] * 500))
        >>> print(spread.cost("text-embedding-3-small"), spread.cost("gpt-5.4").partial)
        0.01 USD False
        """
        record, moment = get_model(model), price_moment(at)
        tier = tier_name(tier, record)
        listed = record.prices_on(moment).values()
        steps = sorted({step["above"] for rates in listed for step in long_steps(rates)})
        groups = [[0, 0] for _ in range(len(steps) + 1)]
        for tokens, rows in self.counts.items():
            group = groups[bisect_left(steps, tokens)]
            group[0] += tokens * rows
            group[1] += rows
        bills = [
            price(
                record,
                Usage(
                    input_tokens=total,
                    output_tokens=output_tokens * rows,
                    web_searches=rows if always_searches(record) else 0,
                ),
                tier,
                at,
                requests=rows,
                longer_than=above,
            )
            for (total, rows), above in zip(groups, [0, *steps], strict=True)
            if total or (rows and output_tokens)
        ]
        return sum(bills, start=price(record, Usage(), tier, at))

    def histogram(self, bins: Sequence[int] | None = None) -> list[tuple[int, int, int]]:
        """Group the rows: (from, to, rows), from the first group with rows to the last.

        `bins` are the largest counts of the groups, growing; rows above them all are a group more.
        By default the groups are powers of two. Raises ValueError for `bins` that do not grow.

        >>> spread = Distribution()
        >>> spread.add(np.array([1, 5, 6, 900]))
        >>> spread.histogram()[:3], spread.histogram([5, 500])
        ([(1, 1, 1), (2, 3, 0), (4, 7, 2)], [(0, 5, 2), (6, 500, 1), (501, 900, 1)])
        """
        if not self.counts:
            return []
        least, most = min(self.counts), max(self.counts)
        ends = checked_bins(bins) if bins is not None else []
        if bins is None:
            ends = [(1 << power) - 1 for power in range(most.bit_length() + 1)]
        elif most > ends[-1]:
            ends = [*ends, most]
        rows_of: Counter[int] = Counter()
        for tokens, rows in self.counts.items():
            rows_of[bisect_left(ends, tokens)] += rows
        first, last = bisect_left(ends, least), bisect_left(ends, most)
        starts = [0, *(end + 1 for end in ends)]
        return [(starts[at], ends[at], rows_of[at]) for at in range(first, last + 1)]


def checked_bins(bins: Sequence[int]) -> list[int]:
    """Check the ends of a histogram's groups. Raises ValueError unless they grow, and TypeError."""
    if not isinstance(bins, Iterable) or isinstance(bins, str):
        raise TypeError(f"bins: expected growing numbers of tokens, got {shown(bins)}")
    ends = [check_tokens(f"bins[{at}]", end) for at, end in enumerate(bins)]
    if not ends or any(one >= other for one, other in pairwise(ends)):
        raise ValueError(f"bins: expected growing numbers of tokens, got {list(bins)!r}")
    return ends
