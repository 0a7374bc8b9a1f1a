"""`CachePlan`: what a prompt cache saves for the prefix that an agent sends again and again.

Anthropic caches where `cache_control` marks a prefix, at most 4 times, in the order tools, system,
messages (its guide to prompt caching, 2026). OpenAI sets one breakpoint of its own from GPT-5.6 on,
and takes those of `prompt_cache_breakpoint`: 4 in all are written (`PromptCacheOptions` of openai
3.57.0); its earlier models cache by themselves, in steps of 128 tokens, and writing is free (its
guide to prompt caching, 2026). Google and others cache by themselves, without a promise (Google's
guide to context caching, 2026-10-13).

The least tokens of a prefix are `min_cacheable_tokens` of the registry, with a source each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit._checks import check_whole
from tokenkit._face import public
from tokenkit._visible import plural, shown_line
from tokenkit.chat import SYSTEM_ROLES, ChatTally, TokenCount
from tokenkit.costs import EXACT, cost, plain, price_moment
from tokenkit.models import Model
from tokenkit.shapes import Usage

__all__ = ["CacheBreakpoint", "CachePlan", "plan_cache"]

MOST_BREAKPOINTS = 4
_STEP = 128  # of OpenAI's models whose caching is automatic


@public
@dataclass(frozen=True, slots=True)
class CacheBreakpoint:
    """The end of a prefix that a request marks for the cache, and the tokens up to there.

    `path` is that of the last tool, or of the message, of a `ContextMeter`.
    """

    path: str
    tokens: int


@public
@dataclass(frozen=True, kw_only=True)
class CachePlan(TokenCount):
    """Costs and marks of a prompt cache, if `requests` requests begin with the same tools and chat.

    `tokens`, `low`, `high` and `exact` are those of this prefix, as in `TokenCount`. `minimum` is
    what the model caches at least, None where nobody publishes it; `reaches` is True if the prefix
    has as many for sure, False if it has not, None in between. `automatic` says that the vendor
    caches without being asked. `breakpoints` are where to mark the prefix, and `cached_tokens` what
    a later request reads from the cache.

    `cost_without` and `cost_with` are USD of the prefix in all requests, the first of which writes
    the cache; what is added to it, and the replies, cost the same either way. None without a listed
    price or minimum. Where the cache does not pay, the plan has no breakpoints, and both are equal.

    >>> from tokenkit import ContextMeter
    >>> meter = ContextMeter("gpt-5.4")
    >>> _ = meter.add({"role": "system", "content": "word " * 5_000})
    >>> plan = meter.cache_plan(requests=10)
    >>> plan.reaches, plan.cached_tokens, str(plan.cost_without), str(plan.cost_with)
    (True, 4992, '0.125125', '0.024037')
    """

    model: str
    requests: int
    minimum: int | None
    reaches: bool | None
    automatic: bool
    breakpoints: tuple[CacheBreakpoint, ...] = ()
    cached_tokens: int = 0
    cost_without: Decimal | None = None
    cost_with: Decimal | None = None

    @property
    def saving(self) -> Decimal | None:
        """USD that the cache saves; None where a cost is not known."""
        if self.cost_without is None or self.cost_with is None:
            return None
        return plain(EXACT.subtract(self.cost_without, self.cost_with))

    def report(self) -> str:
        """Say in lines of text whether the prefix is cached, where to mark it, and what it costs.

        >>> from tokenkit import ContextMeter
        >>> meter = ContextMeter("gpt-5.4")
        >>> _ = meter.add({"role": "user", "content": "Hello"})
        >>> print(meter.cache_plan(requests=3).report())
        gpt-5.4: a prefix of about 5 tokens is below the minimum of 1024
        3 requests: 0.0000375 USD for this prefix, with and without the cache
        note: message framing of gpt-5.4 is not documented
        """
        about = "" if self.exact else "about "
        lines = [f"{self.model}: a prefix of {about}{self.tokens} tokens {self._verdict()}"]
        lines += [f"mark {one.path}, the end of {one.tokens} tokens" for one in self.breakpoints]
        lines.append(f"{self.requests} {plural(self.requests, 'request')}: {self._costs()}")
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(map(shown_line, lines))

    def _verdict(self) -> str:
        if self.minimum is None:
            return "may be cached: no minimum is published"
        verdicts = {True: "reaches", False: "is below", None: "may reach"}
        return f"{verdicts[self.reaches]} the minimum of {self.minimum}"

    def _costs(self) -> str:
        if self.cost_without is None:
            return "no price is listed"
        without = f"{self.cost_without:f} USD"
        if self.cost_with is None:
            return f"{without} for this prefix without the cache; with it is not known"
        if self.cost_with == self.cost_without:
            return f"{without} for this prefix, with and without the cache"
        return f"{without} for this prefix without the cache, {self.cost_with:f} USD with it"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-like data: money as decimal strings.

        >>> from tokenkit import ContextMeter
        >>> record = ContextMeter("gpt-5.4").cache_plan().to_dict()
        >>> record["reaches"], record["minimum"], record["cost_without"]
        (False, 1024, '0')
        """
        names = "model tokens low high exact requests minimum reaches automatic cached_tokens"
        record: dict[str, Any] = {name: getattr(self, name) for name in names.split()}
        for name in ("cost_without", "cost_with", "saving"):
            usd: Decimal | None = getattr(self, name)
            record[name] = None if usd is None else f"{usd:f}"
        record["breakpoints"] = [
            {"path": one.path, "tokens": one.tokens} for one in self.breakpoints
        ]
        record["notes"] = list(self.notes)
        return record


def plan_cache(
    model: Model,
    tally: ChatTally,
    roles: Sequence[str],
    tools: int,
    *,
    requests: int,
    long_life: bool,
    at: date | str | None,
) -> CachePlan:
    """Plan the cache for a counted chat; `roles` are those of its messages, `tools` their number.

    Raises ValueError for fewer requests than 1 and for a day that is none.
    """
    check_whole("requests", requests, 1)
    prefix = _Prefix(model, tally, roles, tools)
    notes = list(tally.notes)
    prices = _Prices(model, price_moment(at), long_life)
    without = _times(prices.usd(prefix.tokens), requests)
    cached, breakpoints = 0, prefix.breakpoints(prices.writes)
    likely = model.min_cacheable_tokens is not None and prefix.tokens >= model.min_cacheable_tokens
    if not prices.reads:
        notes.append(f"cache: no price of cached tokens is listed for {model.name}")
    elif model.min_cacheable_tokens is None:
        notes.append(f"cache: no minimum of cached tokens is published for {model.name}")
    elif likely:
        cached = prefix.cached(breakpoints, prices.writes)
    unknown = model.min_cacheable_tokens is None and prices.reads
    with_cache = None if unknown else prices.sum_with(prefix.tokens, cached, requests)
    if with_cache is not None and without is not None and with_cache >= without:
        if cached and with_cache > without:
            notes.append(_too_dear(model, requests, with_cache))
        cached, with_cache = 0, without
    return CachePlan(
        tokens=prefix.tokens,
        low=prefix.low,
        high=prefix.high,
        exact=tally.exact,
        notes=tuple(notes),
        model=model.name,
        requests=requests,
        minimum=model.min_cacheable_tokens,
        reaches=prefix.reaches if prices.reads else False,
        automatic=prices.reads and model.provider != "anthropic",
        breakpoints=breakpoints if cached else (),
        cached_tokens=cached,
        cost_without=without,
        cost_with=with_cache,
    )


def _too_dear(model: Model, requests: int, usd: Decimal) -> str:
    hint = ""
    if model.provider == "openai":
        hint = "; prompt_cache_options={'mode': 'explicit'} without breakpoints writes nothing"
    times = plural(requests, "request")
    return f"cache: writing it costs {usd:f} USD for {requests} {times}, more than it saves{hint}"


class _Prefix:
    """The tools and messages of a chat: their tokens up to each place that can be marked."""

    def __init__(self, model: Model, tally: ChatTally, roles: Sequence[str], tools: int) -> None:
        self.model, self.roles, self.number_of_tools = model, roles, tools
        behind = sum(part.tokens for part in tally.fixed if part.kind == "priming")
        ahead = sum(part.tokens for part in tally.fixed) - behind
        self.tool_tokens = ahead
        self.costs = tally.costs
        low, high = tally.bounds()
        self.tokens = ahead + sum(tally.costs)
        self.low = max(0, low - behind)
        self.high = None if high is None else max(self.tokens, high - behind)

    @property
    def reaches(self) -> bool | None:
        """Whether the prefix has the model's minimum for all that it may have."""
        least = self.model.min_cacheable_tokens
        if least is None:
            return None
        if self.low >= least:
            return True
        return False if self.high is not None and self.high < least else None

    def breakpoints(self, writes: bool) -> tuple[CacheBreakpoint, ...]:
        """Return where to mark the prefix: nowhere for vendors that cache by themselves alone."""
        anthropic = self.model.provider == "anthropic"
        if not anthropic and not (self.model.provider == "openai" and writes):
            return ()
        least = self.model.min_cacheable_tokens or 0
        marks: dict[int, CacheBreakpoint] = {}
        for path, tokens in self._ends(anthropic):
            if tokens >= max(least, 1):
                marks.setdefault(tokens, CacheBreakpoint(path, tokens))
        return tuple(marks.values())[-MOST_BREAKPOINTS:]

    def _ends(self, anthropic: bool) -> Iterator[tuple[str, int]]:
        """Yield the ends that stay while the chat grows: tools, system, the turn before, all.

        OpenAI marks no tools, and sets a breakpoint of its own at the end.
        """
        if anthropic and self.number_of_tools:
            yield f"tools[{self.number_of_tools - 1}]", self.tool_tokens
        last = len(self.roles) - 1
        others = [i for i, role in enumerate(self.roles) if role not in SYSTEM_ROLES]
        system = others[0] if others else last + 1
        users = [i for i, role in enumerate(self.roles) if role == "user"]
        before = users[-1] - 1 if users else -1
        ends = [system - 1, before, *([last] if anthropic else [])]
        for index in sorted({index for index in ends if index >= 0}):
            yield f"messages[{index}]", self.tool_tokens + sum(self.costs[: index + 1])

    def cached(self, breakpoints: Sequence[CacheBreakpoint], writes: bool) -> int:
        """Return the tokens that a later request reads from the cache."""
        if self.model.provider == "anthropic":
            return breakpoints[-1].tokens if breakpoints else 0
        if self.model.provider == "openai" and not writes:
            return self.tokens // _STEP * _STEP
        return self.tokens


class _Prices:
    """The rates of a model for a prefix, at a day."""

    def __init__(self, model: Model, moment: Any, long_life: bool) -> None:
        self.model, self.moment, self.long_life = model, moment, long_life
        rates = model.prices_on(moment).get("standard", {})
        self.reads = "cached_input" in rates
        self.writes = "cache_write" in rates

    def usd(self, tokens: int, *, read: int = 0, written: int = 0) -> Decimal | None:
        """Price a prefix, parts of which are read or written; None where a rate is missing."""
        usage = Usage(
            input_tokens=tokens,
            cached_tokens=read,
            cache_write_tokens=written,
            cache_write_long_tokens=written if self.long_life else 0,
        )
        priced = cost(self.model, usage, at=self.moment)
        return None if priced.partial else priced.total

    def sum_with(self, tokens: int, cached: int, requests: int) -> Decimal | None:
        """Price a first request that writes the cache, and the others, which read it."""
        first = self.usd(tokens, written=cached if self.writes else 0)
        later = _times(self.usd(tokens, read=cached), requests - 1)
        return None if first is None or later is None else plain(EXACT.add(first, later))


def _times(usd: Decimal | None, number: int) -> Decimal | None:
    return None if usd is None else plain(EXACT.multiply(usd, Decimal(number)))
