"""Reports of files of requests: totals per model, and problems by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from tokenkit.chat import TokenCount, add_counts
from tokenkit.costs import EXACT, Cost, plain

__all__ = ["Problem", "RequestReport", "RequestTotal"]

# So that a large file does not fill the memory: notes of one model, and problems of a file.
MAX_NOTES = 100
MAX_PROBLEMS = 10_000
_MORE_NOTES = "further notes are left out"


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

    `cost` is that of the input alone, at the rates of `tier` ("batch", "standard" ..., several with
    " + " between them). It is too low where `partial` is True: a price is not listed, or some of
    the input is not in the file; `notes` say which. `max_output` is the sum of the reply limits
    that requests ask for, for all `n` replies; `training_tokens` that of fine-tuning examples, once
    each. A note of a line stands once, with the number of the first.
    """

    model: str
    requests: int = 0
    max_output: int = 0
    training_tokens: int = 0
    cost: Decimal = Decimal(0)
    partial: bool = False
    tier: str = ""

    def plus(
        self,
        count: TokenCount,
        price: Cost,
        *,
        reply: int = 0,
        trained: int = 0,
        partial: bool = False,
    ) -> RequestTotal:
        """Add one request: its input, the limit of its replies, the tokens to train with.

        `partial` says that the price lacks something, as the price's own `partial` does.
        """
        total = add_counts([self, count])
        tiers = dict.fromkeys((*self.tier.split(" + "), price.tier))
        return replace(
            self,
            tokens=total.tokens,
            low=total.low,
            high=total.high,
            exact=total.exact,
            notes=_few(total.notes),
            requests=self.requests + 1,
            max_output=self.max_output + reply,
            training_tokens=self.training_tokens + trained,
            cost=plain(EXACT.add(self.cost, price.total)),
            partial=self.partial or price.partial or partial,
            tier=" + ".join(filter(None, tiers)),
        )


def _few(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Return at most MAX_NOTES notes, the last of which says so where there are more."""
    if len(notes) <= MAX_NOTES:
        return notes
    return (*notes[: MAX_NOTES - 1], _MORE_NOTES)


@dataclass
class RequestReport:
    """A file of requests: `totals` per model, `problems` by line, and the number of `requests`,
    of which `wrong` were not counted. `notes` are those of all totals.

    `problems` holds the first 10,000 of the lines, and all of the file; `more_problems` is the
    number of the others.
    """

    totals: dict[str, RequestTotal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    requests: int = 0
    wrong: int = 0
    more_problems: int = 0

    def add_problem(self, problem: Problem) -> None:
        """Add a problem, or its number alone where there are many."""
        self.wrong += not problem.is_limit
        if len(self.problems) < MAX_PROBLEMS or problem.line == 0:
            self.problems.append(problem)
        else:
            self.more_problems += 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Return all that was assumed or is not in the file; most name a line and a path in it."""
        return tuple(dict.fromkeys(note for total in self.totals.values() for note in total.notes))
