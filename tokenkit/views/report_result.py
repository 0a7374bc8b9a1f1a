"""`TokenReport`: how many tokens the texts of a column have, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit._face import public
from tokenkit.chunking import PackedRequests
from tokenkit.costs import Cost
from tokenkit.inputs import Distribution

__all__ = ["TokenReport"]


@public
@dataclass(frozen=True)
class TokenReport:
    """The tokens of a column: their sums and spread, a limit, costs and embedding requests.

    Each row is counted as a text of its own. `exact` is False where the model's encoding is
    assumed, and `notes` say so. `limit` is the most tokens that a row should have, named by
    `limit_name`; both are None where no limit is known. `costs` are USD by tier, if there is a
    model: of the rows as inputs, each a request of its own, without replies. `requests` are those
    that an embeddings API needs, None for other models and where its limits are not known.
    `distribution` has the number of rows for each number of tokens.

    >>> import pyarrow, tokenkit
    >>> table = pyarrow.table({"text": ["hello world", "", None]})
    >>> report = tokenkit.token_report(table, "text", "text-embedding-3-small")
    >>> report.rows, report.nulls, report.tokens, report.max, report.over_limit
    (2, 1, 2, 2, 0)
    >>> report.requests.requests, report.requests.empty
    (1, 1)
    """

    column: str
    encoding: str
    model: str | None
    distribution: Distribution
    exact: bool
    limit: int | None
    limit_name: str | None
    costs: Mapping[str, Cost]
    requests: PackedRequests | None
    notes: tuple[str, ...] = ()
    bins: tuple[int, ...] | None = None

    @property
    def rows(self) -> int:
        """The number of rows that were counted: all but nulls and invalid ones."""
        return self.distribution.rows

    @property
    def missing(self) -> int:
        """The number of rows without a count: nulls and invalid ones."""
        return self.distribution.missing

    @property
    def invalid(self) -> int:
        """The number of rows that are not text, such as bytes that are not UTF-8."""
        return self.distribution.invalid

    @property
    def nulls(self) -> int:
        """The number of rows that are null."""
        return self.missing - self.invalid

    @property
    def tokens(self) -> int:
        """The tokens of all rows."""
        return self.distribution.tokens

    @property
    def min(self) -> int | None:
        """The fewest tokens of a row; None without rows."""
        return self.percentile(0)

    @property
    def median(self) -> int | None:
        """The median of the rows' tokens, by nearest rank; None without rows."""
        return self.percentile(50)

    @property
    def p95(self) -> int | None:
        """The number of tokens that 95% of the rows do not exceed; None without rows."""
        return self.percentile(95)

    @property
    def max(self) -> int | None:
        """The most tokens of a row; None without rows."""
        return self.percentile(100)

    def percentile(self, percent: float) -> int | None:
        """Find the fewest tokens that at least `percent` of the rows do not exceed; None without
        rows."""
        return self.distribution.percentile(percent) if self.distribution.counts else None

    @property
    def over_limit(self) -> int | None:
        """The number of rows with more tokens than `limit`; None without a limit."""
        return None if self.limit is None else self.distribution.above(self.limit)

    @property
    def histogram(self) -> list[tuple[int, int, int]]:
        """The rows in groups: (fewest tokens, most tokens, rows)."""
        return self.distribution.histogram(self.bins)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-like data: money as decimal strings, days as ISO dates.

        >>> import pyarrow, tokenkit
        >>> table = pyarrow.table({"text": ["hello world", "hi"]})
        >>> data = tokenkit.token_report(table, "text", encoding="o200k_base").to_dict()
        >>> data["rows"], data["tokens"], data["histogram"]
        (2, 3, [{'from': 1, 'to': 1, 'rows': 1}, {'from': 2, 'to': 3, 'rows': 1}])
        """
        return {
            "column": self.column,
            "model": self.model,
            "encoding": self.encoding,
            "exact": self.exact,
            "rows": self.rows,
            "nulls": self.nulls,
            "invalid": self.invalid,
            "tokens": self.tokens,
            "min": self.min,
            "median": self.median,
            "p95": self.p95,
            "max": self.max,
            "limit": self.limit,
            "limit_name": self.limit_name,
            "over_limit": self.over_limit,
            "histogram": [
                {"from": low, "to": high, "rows": rows} for low, high, rows in self.histogram
            ],
            "costs": {tier: cost.to_dict() for tier, cost in self.costs.items()},
            "requests": None if self.requests is None else self.requests.to_dict(),
            "notes": list(self.notes),
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Write `to_dict` as JSON, in ASCII.

        >>> import pyarrow, tokenkit
        >>> table = pyarrow.table({"text": ["hello world"]})
        >>> tokenkit.token_report(table, "text", "gpt-5.4").to_json()[:39]
        '{"column": "text", "model": "gpt-5.4", '
        """
        return json.dumps(self.to_dict(), indent=indent)

    def to_html(self, *, title: str = "") -> str:
        """Write a page with the numbers and a plot of the histogram; it loads nothing.

        >>> import pyarrow, tokenkit
        >>> table = pyarrow.table({"text": ["hello world"]})
        >>> tokenkit.token_report(table, "text", "gpt-5.4").to_html()[:15]
        '<!doctype html>'
        """
        from tokenkit.views.report_html import report_page

        return report_page([self], title=title)

    def _repr_html_(self) -> str:
        """Draw the numbers and the histogram in a notebook."""
        from tokenkit._notebook import card_html, table_html

        most = max((rows for _, _, rows in self.histogram), default=1)
        bars = [
            (
                f"{low:,}" if low == high else f"{low:,} to {high:,}",
                f"{rows:,}",
                "█" * (30 * rows // most),
            )
            for low, high, rows in self.histogram
        ]
        about = "" if self.exact else "about "
        table = table_html(("tokens", "rows", ""), bars) if bars else ""
        return card_html(f"{about}{self.tokens:,} tokens", str(self).split("\n"), table)

    def __str__(self) -> str:
        name = self.encoding if self.model is None else f"{self.model}, {self.encoding}"
        about = "" if self.exact else "about "
        lines = [
            f"{self.column} ({name}): rows {self.rows}, nulls {self.nulls}, invalid {self.invalid}",
            f"tokens {about}{self.tokens}",
        ]
        if self.rows:
            lines[1] += f", min {self.min}, median {self.median}, p95 {self.p95}, max {self.max}"
        if self.limit is not None:
            lines.append(f"rows over {self.limit} tokens ({self.limit_name}): {self.over_limit}")
        lines += [f"{tier}: {cost}" for tier, cost in self.costs.items()]
        if self.requests is not None:
            packed = self.requests
            lines.append(
                f"embedding requests: {packed.requests} (in any order {packed.low} to "
                f"{packed.high}; rows left out: {packed.empty} empty, {packed.too_long} too long)"
            )
        return "\n".join(lines + list(self.notes))
