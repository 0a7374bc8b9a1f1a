"""Reports of files of requests: totals per model, and problems by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from tokenkit.chat import TokenCount, add_counts
from tokenkit.costs import EXACT, Cost, plain

__all__ = ["Problem", "RequestReport", "RequestTotal"]

MAX_NOTES = 100  # of one model, so that a large file does not fill the memory


@dataclass(frozen=True)
class Problem:
    """Something wrong in a line, counted from 1; 0 stands for the file.

    With `is_limit` the line was counted, but the API will not take it; without, it was not counted.
    """

    line: int
    message: str
    is_limit: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestTotal(TokenCount):
    """The requests of one model: a `TokenCount` of their input, and its cost in USD.

    `cost` is that of the input alone; it is too low where `partial` is True, as a price is not
    listed. `max_output` is the sum of the reply limits that requests ask for, `training_tokens`
    that of fine-tuning examples, once each. `notes` are those of the first requests that have one.
    """

    model: str
    requests: int = 0
    max_output: int = 0
    training_tokens: int = 0
    cost: Decimal = Decimal(0)
    partial: bool = False

    def plus(
        self, count: TokenCount, price: Cost, *, reply: int = 0, trained: int = 0
    ) -> RequestTotal:
        """Add one request: its input, the reply's limit in tokens, and the tokens to train with."""
        total = add_counts([self, count])
        return replace(
            self,
            tokens=total.tokens,
            low=total.low,
            high=total.high,
            exact=total.exact,
            notes=total.notes[:MAX_NOTES],
            requests=self.requests + 1,
            max_output=self.max_output + reply,
            training_tokens=self.training_tokens + trained,
            cost=plain(EXACT.add(self.cost, price.total)),
            partial=self.partial or price.partial,
        )


@dataclass
class RequestReport:
    """A file of requests: `totals` per model, `problems` by line, and the number of `requests`,
    wrong ones included."""

    totals: dict[str, RequestTotal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    requests: int = 0
