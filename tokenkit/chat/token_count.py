"""The one shape of a number of tokens: the number, its bounds, and whether it is exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tokenkit._face import public

__all__ = ["TokenCount", "add_counts", "frozen_of"]


@public
@dataclass(frozen=True)
class TokenCount:
    """A number of tokens and how sure it is.

    `tokens` is the best known number; the true one lies from `low` to `high`. `high` is None where
    there is no upper bound. If `exact` is True, then low == tokens == high. `notes` say what was
    assumed. int() gives `tokens`.

    >>> count = TokenCount(12, 10, None, False, ("the length of the file is unknown",))
    >>> int(count), count.high is None
    (12, True)
    """

    tokens: int
    low: int
    high: int | None
    exact: bool
    notes: tuple[str, ...] = ()

    def __int__(self) -> int:
        return self.tokens

    def _repr_html_(self) -> str:
        """Draw the number, its bounds and notes in a notebook, with its parts if it has any."""
        from tokenkit._notebook import card_html, table_html

        lines = list(self.notes)
        if not self.exact:
            high = "without an upper bound" if self.high is None else f"at most {self.high:,}"
            lines.insert(0, f"at least {self.low:,}, {high}")
        rows = [(part.where, part.kind, part.tokens) for part in getattr(self, "parts", ())]
        table = table_html(("part", "kind", "tokens"), rows) if rows else ""
        return card_html(f"{'' if self.exact else 'about '}{self.tokens:,} tokens", lines, table)


_Count = TypeVar("_Count", bound=TokenCount)


def frozen_of(kind: type[_Count], **fields: Any) -> _Count:
    """Make a count of all its fields at once: what its constructor does, in a third of the time.

    >>> frozen_of(TokenCount, tokens=3, low=3, high=3, exact=True) == TokenCount(3, 3, 3, True)
    True
    """
    count = object.__new__(kind)
    vars(count).update(fields)
    return count


def add_counts(counts: Iterable[TokenCount]) -> TokenCount:
    """Add counts of separate texts or requests. One unbounded count makes the sum unbounded.

    >>> exact = TokenCount(3, 3, 3, True)
    >>> add_counts([exact, TokenCount(5, 4, 7, False, ("estimated",))])
    TokenCount(tokens=8, low=7, high=10, exact=False, notes=('estimated',))
    """
    tokens = low = 0
    high: int | None = 0
    exact = True
    notes: dict[str, None] = {}
    for count in counts:
        tokens += count.tokens
        low += count.low
        high = None if high is None or count.high is None else high + count.high
        exact = exact and count.exact
        notes.update(dict.fromkeys(count.notes))
    return TokenCount(tokens, low, high, exact, tuple(notes))
