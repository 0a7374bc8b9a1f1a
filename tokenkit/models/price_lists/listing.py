"""Rows of price lists in the registry's fields, with the rows and keys that are not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from tokenkit._checks import shown
from tokenkit.errors import ModelDataError

__all__ = [
    "PROVIDERS",
    "WRONG_SHAPES",
    "Format",
    "Listing",
    "PriceList",
    "Skipped",
    "add_steps",
    "most",
    "multiplied",
    "tokens",
    "usd",
]

# Provider in a list -> provider in the registry. Resellers are left out on purpose: they sell the
# same names at prices of their own.
PROVIDERS: Mapping[str, str] = {
    "alibaba": "qwen",
    "amazon": "amazon",
    "amazon-bedrock": "amazon",
    "anthropic": "anthropic",
    "aws": "amazon",
    "bedrock": "amazon",
    "bedrock_converse": "amazon",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "dashscope": "qwen",
    "deepseek": "deepseek",
    "gemini": "google",
    "google": "google",
    "llama": "meta",
    "meta": "meta",
    "meta-ai": "meta",
    "meta_llama": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "mistral-ai": "mistral",
    "moonshot": "moonshot",
    "moonshot-ai": "moonshot",
    "moonshotai": "moonshot",
    "open-ai": "openai",
    "openai": "openai",
    "qwen": "qwen",
    "text-completion-openai": "openai",
    "x-ai": "xai",
    "xai": "xai",
    "z-ai": "zai",
    "zai": "zai",
}


def vendor(provider: object, name: str) -> str | None:
    """Return the registry's provider of a row, None where a host sells what others make.

    >>> vendor("bedrock", "amazon.nova-pro-v1:0"), vendor("bedrock", "anthropic.claude-3")
    ('amazon', None)
    """
    known = PROVIDERS.get(provider) if isinstance(provider, str) else None
    return None if known == "amazon" and not name.startswith("amazon.") else known


# What reading a row raises that has another shape than its list's rows have.
WRONG_SHAPES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass
class Listing:
    """Holds what a price list states of one model, in registry units.

    `checked` is the day that the list names for this row. `host` is set where the list is that of
    a host who sells models of others: the prices are then that host's own. `record` is a whole
    record of the registry's own format.
    """

    name: str
    provider: str
    kind: str = "chat"
    limits: dict[str, int] = field(default_factory=dict)
    prices: dict[str, dict[str, Any]] = field(default_factory=dict)
    price_periods: list[dict[str, Any]] = field(default_factory=list)
    price_hours: dict[str, Any] = field(default_factory=dict)
    price_regions: dict[str, str] = field(default_factory=dict)
    retires_on: str | None = None
    other_names: tuple[str, ...] = ()
    checked: date | None = None
    host: str | None = None
    record: dict[str, Any] | None = None
    # Keys of the row that say a price and were not read.
    unread: tuple[str, ...] = ()
    # LiteLLM's max_input_tokens is the window of some models and an input limit of others, so
    # it is good for a model that nobody knows yet and no ground to change one that is known.
    window_stated: bool = False


class Skipped(NamedTuple):
    """A row that was left out, and why."""

    row: str
    reason: str


@dataclass
class PriceList:
    """All that was read from one list: models, rows left out, keys that say a price unread."""

    where: str
    format: str = ""
    dated: date | None = None
    listings: list[Listing] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @contextmanager
    def row(self, name: str) -> Iterator[None]:
        """Read one row: what is wrong with it is noted, and the other rows are read on."""
        self.left = []
        try:
            yield
        except ModelDataError as error:
            self.skipped.append(Skipped(name, str(error)))
        except WRONG_SHAPES as error:
            self.skipped.append(Skipped(name, f"cannot be read: {shown(error)}"))

    def add(self, listing: Listing) -> None:
        """Take the listing of a row, without caps and prices that are none."""
        _tidy(listing)
        listing.unread = tuple(dict.fromkeys(self.left))
        self.listings.append(listing)

    def leave(self, key: str, row: str) -> None:
        """Note that a key which says a price was not read."""
        self.unread.setdefault(key, []).append(row)
        self.left.append(key)


class Format(Protocol):
    """A published price list: its name, whether data has its shape, and how it is read."""

    name: str

    def fits(self, data: object) -> bool:
        """Whether the data has the shape of this list."""
        ...

    def read(self, data: Any, into: PriceList) -> None:
        """Read all rows; one that is wrong is skipped with `into.row`."""
        ...


def most(rows: Iterable[object], *keys: str) -> bool:
    """Return whether more than half of the rows are tables with these keys.

    >>> most([{"id": 1}, {"id": 2}, None], "id"), most([], "id")
    (True, False)
    """
    fitting = [isinstance(row, Mapping) and all(key in row for key in keys) for row in rows]
    return 2 * sum(fitting) > len(fitting)


def usd(value: object, factor: Decimal | int, place: str) -> str:
    """Return a price times `factor` as plain digits, floats rounded to what they mean (12 digits).

    Raises ModelDataError naming the place.

    >>> usd(2.5e-06, 1_000_000, "input")
    '2.5'
    """
    try:
        amount = round(Decimal(str(value)) * factor, 12)
    except (ArithmeticError, RecursionError, ValueError):
        raise ModelDataError(f"expected a price in USD, got {shown(value)}, at {place}") from None
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        raise ModelDataError(f"expected a price of 0 USD or more, got {shown(value)}, at {place}")
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def tokens(value: object, place: str) -> int:
    """Return a whole number of tokens. Raises ModelDataError naming the place."""
    try:
        number = int(str(value)) if isinstance(value, str) else value
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError
    except (RecursionError, ValueError):
        raise ModelDataError(
            f"expected a number of tokens, got {shown(value)}, at {place}"
        ) from None
    return number


def multiplied(rates: Mapping[str, str], factor: object, place: str) -> dict[str, str]:
    """Return token rates times a factor, as lists that state a multiplier mean it."""
    times = Decimal(usd(factor, 1, place))
    return {rate: usd(price, times, place) for rate, price in rates.items() if rate in _TOKENS}


_TOKENS = ("input", "cached_input", "cache_write", "cache_write_long", "output")


def _tidy(listing: Listing) -> None:
    """Drop caps that repeat the window, and prices of 0."""
    context = listing.limits.get("context_window")
    for cap in ("max_input_tokens", "max_output_tokens"):
        if context is not None and listing.limits.get(cap, 0) >= context:
            del listing.limits[cap]
    for prices in (listing.prices, *(period["prices"] for period in listing.price_periods)):
        for tier in list(prices):
            _drop_zeros(prices[tier])
            if not prices[tier]:
                del prices[tier]
    listing.price_periods = [period for period in listing.price_periods if period["prices"]]


def _drop_zeros(rates: dict[str, Any]) -> None:
    for rate in list(rates):
        if rate == "long":
            steps = rates[rate] if isinstance(rates[rate], list) else [rates[rate]]
            for step in steps:
                _drop_zeros(step)
            steps = [step for step in steps if len(step) > 1]  # only "above" is left
            rates[rate] = steps[0] if len(steps) == 1 else steps
            if not steps:
                del rates[rate]
        elif rates[rate] == "0":
            del rates[rate]


def add_steps(rates: dict[str, Any], steps: Mapping[int, Mapping[str, str]]) -> None:
    """Put the rates of long prompts, by where they begin, into a tier's rates."""
    long = [{"above": above, **prices} for above, prices in sorted(steps.items()) if prices]
    if long:
        rates["long"] = long[0] if len(long) == 1 else long


def fold_long_prompts(into: PriceList, pattern: re.Pattern[str]) -> None:
    """Turn rows named for long prompts, such as gemini-2.5-pro-200k, into steps of their model.

    `pattern` matches such a name: its groups are the model's name and thousands of tokens.
    """
    by_name = {(listing.provider, listing.name): listing for listing in into.listings}
    for listing in list(into.listings):
        match = pattern.fullmatch(listing.name)
        base = by_name.get((listing.provider, match[1])) if match else None
        if match and base and "standard" in base.prices and "standard" in listing.prices:
            add_steps(base.prices["standard"], {int(match[2]) * 1000: listing.prices["standard"]})
            into.listings.remove(listing)
