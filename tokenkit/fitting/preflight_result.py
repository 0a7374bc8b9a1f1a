"""`Preflight`: what is known of a request before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from tokenkit._face import public
from tokenkit._visible import shown_line
from tokenkit.chat import CountPart, LaterParts, TokenCount
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.request_cost import RequestCost
from tokenkit.fitting.sent_request import SentRequest

__all__ = ["Preflight", "RequestProblem", "Severity"]

Severity: TypeAlias = Literal["error", "warning"]


@public
@dataclass(frozen=True, slots=True)
class RequestProblem:
    """Something wrong with a request: the path of the field, and what is wrong with it.

    An "error" is what the API refuses, or what leaves the request uncounted; a "warning" may be
    meant so.
    """

    path: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@public
@dataclass(frozen=True, kw_only=True)
class Preflight(TokenCount):
    """A request before it is sent: its tokens, the limit it meets, its cost, and its problems.

    `tokens`, `low`, `high`, `exact` and `notes` are those of the input, as in `TokenCount`, and
    `parts` add up to them. `limit` is the limit (tokens) that leaves the input the least room, and
    `limit_name` its name; None where none is published. `max_output` is the reply that the request
    asks for, in tokens, None where it asks for no number. `fits` is about the request as it was
    given: True if `high` and the reply are within the limit, False if `low` and the reply are
    over it, None in between and where there is no upper bound or no limit.

    >>> import tokenkit
    >>> chat = [{"role": "user", "content": "Hello"}]
    >>> check = tokenkit.preflight(model="gpt-4", messages=chat, max_tokens=8_190)
    >>> check.tokens, check.limit, check.fits, check.request["max_tokens"]
    (8, 8192, False, 8184)
    """

    model: str
    api: str
    limit: int | None
    limit_name: str
    fits: bool | None
    max_output: int | None
    problems: tuple[RequestProblem, ...] = ()
    parts: tuple[CountPart, ...] = LaterParts()  # type: ignore[assignment]
    room: int | None = field(default=None, repr=False)
    sent: SentRequest = field(repr=False, compare=False)
    reply: tuple[str, int] = field(default=("", 0), repr=False)
    price: RequestCost | None = field(default=None, repr=False, compare=False)

    @property
    def headroom(self) -> int | None:
        """Tokens of the limit that the input and the reply leave; negative if they are over it."""
        return None if self.room is None else self.room - self.tokens

    @property
    def cost_low(self) -> Decimal | None:
        """USD of the least input and no reply; None where something has no listed price.

        What a cache may hold of the input is read from it.
        """
        return None if self.price is None else self.price.low

    @property
    def cost_high(self) -> Decimal | None:
        """USD of the most input and the longest reply; None if unbounded or without a price.

        The longest reply is `max_output`, the model's own cap where the request names none.
        """
        return None if self.price is None else self.price.high

    @property
    def request(self) -> dict[str, Any]:
        """A copy of the request whose reply is clamped to what fits; the same where all fits.

        Lists and dicts at the top are copied, what they hold is shared.
        """
        body = {key: _copied(value) for key, value in self.sent.body.items()}
        path, tokens = self.reply
        if path:
            *outer, last = path.removeprefix(f"{self.sent.prefix}.").split(".")
            inside = body
            for key in outer:
                inside[key] = dict(inside[key])
                inside = inside[key]
            inside[last] = tokens
        return self.sent.with_body(body)

    def raise_if_over(self) -> Preflight:
        """Raise ContextOverflowError if the request is over a limit for sure; else return this.

        >>> import tokenkit
        >>> chat = [{"role": "user", "content": "Hello"}]
        >>> tokenkit.preflight(model="gpt-4", messages=chat).raise_if_over().fits
        True
        """
        if self.fits is False:
            raise ContextOverflowError(
                "; ".join(str(problem) for problem in self.problems if problem.severity == "error"),
                needed=self.low,
                available=max(0, self.room or 0),
                limit_name=self.limit_name,
            )
        return self

    def report(self) -> str:
        """Say in lines of text what the request holds, costs, and what is wrong with it.

        >>> import tokenkit
        >>> chat = [{"role": "user", "content": "Hello"}]
        >>> print(tokenkit.preflight(model="gpt-4", messages=chat, max_tokens=100).report())
        gpt-4, chat.completions: 8 tokens, reply up to 100, fits (context_window 8192, 8084 left)
        cost: 0.00024 to 0.00624 USD
        warning: model: gpt-4 was shut down on 2026-10-23; gpt-5.6-sol replaces it
        """
        reply = "" if self.max_output is None else f", reply up to {self.max_output}"
        lines = [f"{self.model}, {self.api}: {self._tokens()} tokens{reply}, {self._verdict()}"]
        lines.append(f"cost: {self._cost()}")
        lines += [f"{problem.severity}: {problem}" for problem in self.problems]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(map(shown_line, lines))

    def _repr_html_(self) -> str:
        """Draw the report and the parts in a notebook."""
        from tokenkit._notebook import card_html, table_html

        title = {True: "fits", False: "does not fit", None: "may not fit"}[self.fits]
        rows = [(part.where, part.kind, part.tokens) for part in self.parts]
        table = table_html(("part", "kind", "tokens"), rows)
        return card_html(f"{self._tokens()} tokens: {title}", self.report().split("\n"), table)

    def _tokens(self) -> str:
        if self.exact:
            return str(self.tokens)
        high = "no upper bound" if self.high is None else f"at most {self.high}"
        return f"about {self.tokens} (at least {self.low}, {high})"

    def _verdict(self) -> str:
        verdict = {True: "fits", False: "does not fit", None: "may not fit"}[self.fits]
        if self.limit is None:
            return f"{verdict}: no limit is known"
        return f"{verdict} ({self.limit_name} {self.limit}, {self.headroom} left)"

    def _cost(self) -> str:
        low, high = self.cost_low, self.cost_high
        if low is None:
            return "no price is listed"
        if high is None:
            return f"at least {low:f} USD, without an upper bound"
        return f"{low:f} USD" if low == high else f"{low:f} to {high:f} USD"

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-like data: money as decimal strings, without the request.

        >>> import tokenkit
        >>> chat = [{"role": "user", "content": "Hello"}]
        >>> record = tokenkit.preflight(model="gpt-4o", messages=chat, max_tokens=100).to_dict()
        >>> record["tokens"], record["fits"], record["cost_high"]
        (8, True, '0.00102')
        """
        names = "model api tokens low high exact limit limit_name fits headroom max_output"
        record: dict[str, Any] = {name: getattr(self, name) for name in names.split()}
        for name in ("cost_low", "cost_high"):
            cost: Decimal | None = getattr(self, name)
            record[name] = None if cost is None else f"{cost:f}"
        record["problems"] = [
            {"path": one.path, "severity": one.severity, "message": one.message}
            for one in self.problems
        ]
        record["notes"] = list(self.notes)
        return record


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
