"""Which rates hold: the tier's name, the day's prices, the step for long prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Literal, get_args

from tokenkit.models import Model, holidays_known_until, long_steps

# Tiers that vendors sell. A tier that a model's prices do not list is reported as unpriced.
SoldTier = Literal["standard", "batch", "flex", "priority", "ultrafast", "decisions", "scale"]
Tier = SoldTier | Literal["default", "on_demand", "fast"]
TIERS: tuple[str, ...] = get_args(SoldTier)
# OpenAI's service_tier "default" is the standard tier, and so is Groq's "on_demand"; OpenAI's
# "priority" was renamed "fast" on 2026-07-30 and both names are accepted.
TIER_NAMES = {"default": "standard", "on_demand": "standard", "fast": "priority"}

# Money must not depend on the caller's decimal context, so every sum is made in this one.
EXACT = Context(prec=60)

# A change of prices that is nearer than this is noted.
CHANGE_NOTICE_DAYS = 30

# How many units one price buys.
PER = {
    "1M tokens": 1_000_000,
    "1M characters": 1_000_000,
    "1,000 calls": 1_000,
    "1,000 prompts": 1_000,
    "1,000 searches": 1_000,
    "1,000 pages": 1_000,
}
# Why nobody lists a rate for a thing.
REASONS = {
    "code_execution": "no rate is listed for a call: it is billed by time, which a response hides"
}


def tier_name(tier: str, model: Model) -> str:
    """Return the tier's own name. Raises ValueError for a name that no vendor uses."""
    if not isinstance(tier, str):
        raise TypeError(f"tier: expected a str, got {tier!r}")
    if tier in model.prices or (tier == "fast" and model.provider == "anthropic"):
        return tier  # Anthropic's fast mode is not its priority tier
    name = TIER_NAMES.get(tier, tier)
    if name in TIERS:
        return name
    known = ", ".join(dict.fromkeys((*TIERS, *TIER_NAMES, *model.prices)))
    hint = "; 'auto' asks for a tier, the response names the one used" if tier == "auto" else ""
    raise ValueError(f"tier: expected one of {known}, got {tier!r}{hint}")


def price_moment(at: date | str | None) -> date | datetime:
    """Return the day or moment whose prices apply: now unless `at` says otherwise.

    A moment without a time zone is taken as local time, as `datetime.timestamp` does.
    """
    if at is None:
        return datetime.now().astimezone()
    if isinstance(at, date):
        return at
    try:
        if len(at) == 10:
            return date.fromisoformat(at)
        return datetime.fromisoformat(at.replace("Z", "+00:00"))  # Python 3.10 knows no Z
    except (AttributeError, TypeError, ValueError):
        expected = "a date, a datetime or a str such as 2026-11-22 or 2026-11-22T14:30+08:00"
        raise ValueError(f"at: expected {expected}, got {at!r}") from None


def price_day(moment: date | datetime) -> date:
    """Return the day of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def notes_on(model: Model, moment: date | datetime) -> Iterator[str]:
    """Yield what must be said of the prices of a moment: assumed, about to change, by the hour."""
    day = price_day(moment)
    begun = [
        period
        for period in model.price_periods
        if (period["from"] is None or period["from"] <= day)
        and (period["to"] is None or day <= period["to"])
    ]
    ended = [period["to"] for period in model.price_periods if period["to"] is not None]
    known_since = max((last for last in ended if last < day), default=None)
    checked = model.verified_on
    if not begun and model.prices and known_since is None and checked is not None and day < checked:
        yield f"no prices of {day} are known: these were checked on {checked}"
    next_from = [
        period["from"]
        for period in model.price_periods
        if period["from"] is not None and 0 < (period["from"] - day).days <= CHANGE_NOTICE_DAYS
    ]
    if next_from:
        yield f"prices: they change on {min(next_from)}"
    hours = model.price_hours
    if hours and not begun:
        if not isinstance(moment, datetime):
            times = ", ".join(hours["hours"])
            yield f"prices: those of {times} ({hours['zone']}); at=datetime prices other hours"
        known = holidays_known_until(hours)
        if known is not None and day > known:
            yield f"prices: public holidays after {known} are not known"


def money(quantity: Decimal, price: str, unit: str) -> Decimal:
    """Multiply a quantity by a price per unit: USD, exact."""
    amount = EXACT.multiply(quantity, Decimal(price))
    return EXACT.divide(amount, Decimal(PER.get(unit, 1)))


def plain(amount: Decimal) -> Decimal:
    """Write the same amount without trailing zeros and without an exponent."""
    short = amount.normalize(EXACT)
    return Decimal(f"{short:f}")


class Rates:
    """The rates of one tier at one moment for a prompt of a certain length.

    `thinking` says that the reply has reasoning tokens, which some vendors price apart. `region`
    multiplies the rates of tokens, where the model's prices list it. `threshold` is the number of
    tokens above which prompts cost more.
    """

    def __init__(
        self,
        model: Model,
        tier: str,
        moment: date | datetime,
        prompt_tokens: int,
        *,
        thinking: bool = False,
        region: str | None = None,
    ) -> None:
        self.notes = tuple(notes_on(model, moment))
        self._factor = None if region is None else model.price_regions.get(region)
        self.tier = tier
        self._thinking = thinking
        self._prices = prices = model.prices_on(moment)
        self._rates: Mapping[str, Any] = prices.get(tier, {})
        self._listed = tier in prices
        # A threshold that only other tiers list counts too: the vendor re-prices long prompts,
        # at rates that this tier does not tell.
        own = long_steps(self._rates)
        others = [step["above"] for rates in prices.values() for step in long_steps(rates)]
        begins = [step["above"] for step in own] or [min(others)] if others else []
        self.threshold: int | None = min(begins, default=None)
        self._above = max((above for above in begins if prompt_tokens > above), default=None)
        self._long: Mapping[str, Any] = {}
        for step in own:
            if step["above"] == self._above:
                self._long = step

    @property
    def long(self) -> bool:
        """Whether the prompt is over the threshold, so that all its tokens cost more."""
        return self._above is not None

    def price(self, rate: str, *, per_token: bool) -> tuple[str | None, str]:
        """Return the price of a rate in USD, or None and why there is none."""
        if not self._prices:
            return None, "no prices are listed for this model"
        if not self._listed:
            return None, f"no prices are listed for tier {self.tier!r}"
        rates = self._rates
        if rate == "output" and self._thinking and "thinking_output" in rates:
            rate = "thinking_output"
        if per_token and self._above is not None:
            rates = self._long
            if rate not in rates:
                return None, (
                    f"no {rate!r} rate is listed for prompts over {self._above} tokens "
                    f"in tier {self.tier!r}"
                )
        if rate not in rates and rate in REASONS:
            return None, REASONS[rate]
        if rate not in rates:
            return None, f"no {rate!r} rate is listed in tier {self.tier!r}"
        if per_token and self._factor is not None:
            return f"{EXACT.multiply(Decimal(rates[rate]), Decimal(self._factor)):f}", ""
        return rates[rate], ""

    def knows(self, rate: str) -> bool:
        """Return whether any tier has a rate of that name."""
        return any(rate in rates for rates in self._prices.values())

    def image_price(self, size: str) -> tuple[str | None, str]:
        """Return the price of one generated image, by "QUALITY/WIDTHxHEIGHT" or "WIDTHxHEIGHT"."""
        if not self._listed:
            return self.price("images", per_token=False)
        images: Mapping[str, str] = self._rates.get("images", {})
        if size in images:
            return images[size], ""
        known = f"; listed: {', '.join(images)}" if images else ""
        return None, f"no price is listed for an image {size!r} in tier {self.tier!r}{known}"
