"""Which rates hold: the tier's name, the day's prices, the step for long prompts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Literal, get_args

from tokenkit.models import Model

# Tiers that vendors sell. A tier that a model's prices do not list is reported as unpriced.
SoldTier = Literal["standard", "batch", "flex", "priority", "ultrafast", "decisions", "scale"]
Tier = SoldTier | Literal["default", "on_demand", "fast"]
TIERS: tuple[str, ...] = get_args(SoldTier)
# OpenAI's service_tier "default" is the standard tier, and so is Groq's "on_demand"; OpenAI's
# "priority" was renamed "fast" on 2026-07-30 and both names are accepted.
TIER_NAMES = {"default": "standard", "on_demand": "standard", "fast": "priority"}

# Money must not depend on the caller's decimal context, so every sum is made in this one.
EXACT = Context(prec=60)

# How many units one price buys.
PER = {"1M tokens": 1_000_000, "1M characters": 1_000_000, "1,000 calls": 1_000}


def tier_name(tier: str, model: Model) -> str:
    """Return the tier's own name. Raises ValueError for a name that no vendor uses."""
    if not isinstance(tier, str):
        raise TypeError(f"tier: expected a str, got {tier!r}")
    if tier in model.prices:
        return tier
    name = TIER_NAMES.get(tier, tier)
    if name in TIERS:
        return name
    known = ", ".join(dict.fromkeys((*TIERS, *TIER_NAMES, *model.prices)))
    hint = "; 'auto' asks for a tier, the response names the one used" if tier == "auto" else ""
    raise ValueError(f"tier: expected one of {known}, got {tier!r}{hint}")


def price_day(at: date | str | None) -> date:
    """Return the day whose prices apply: today unless `at` says otherwise."""
    if at is None:
        return date.today()
    if isinstance(at, datetime):
        return at.date()
    if isinstance(at, date):
        return at
    try:
        return date.fromisoformat(at)
    except (TypeError, ValueError):
        raise ValueError(f"at: expected a date or a str such as 2026-11-22, got {at!r}") from None


def prices_on(model: Model, day: date) -> tuple[Mapping[str, Mapping[str, Any]], str | None]:
    """Return the prices of that day, and a note where they are only assumed to hold then."""
    for period in model.price_periods:
        if (period["from"] is None or period["from"] <= day) and (
            period["to"] is None or day <= period["to"]
        ):
            return period["prices"], None
    ended = [period["to"] for period in model.price_periods if period["to"] is not None]
    known_since = max((last for last in ended if last < day), default=None)
    checked = model.verified_on
    if checked is not None and day < checked and known_since is None and model.prices:
        return model.prices, f"no prices of {day} are known: these were checked on {checked}"
    return model.prices, None


def money(quantity: Decimal, price: str, unit: str) -> Decimal:
    """Multiply a quantity by a price per unit: USD, exact."""
    amount = EXACT.multiply(quantity, Decimal(price))
    return EXACT.divide(amount, Decimal(PER.get(unit, 1)))


def plain(amount: Decimal) -> Decimal:
    """Write the same amount without trailing zeros and without an exponent."""
    short = amount.normalize(EXACT)
    return short if short.as_tuple().exponent <= 0 else EXACT.quantize(short, Decimal(1))  # type: ignore[operator]


class Rates:
    """The rates of one tier on one day for a prompt of a certain length."""

    def __init__(self, model: Model, tier: str, day: date, prompt_tokens: int) -> None:
        prices, self.note = prices_on(model, day)
        self.tier = tier
        self._prices = prices
        self._rates: Mapping[str, Any] = prices.get(tier, {})
        self._listed = tier in prices
        # A threshold that only other tiers list counts too: the vendor re-prices long prompts,
        # at rates that this tier does not tell.
        steps = [rates["long"]["above"] for rates in prices.values() if "long" in rates]
        own = self._rates.get("long")
        above = own["above"] if own else min(steps, default=None)
        self._above = above if above is not None and prompt_tokens > above else None

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
        if per_token and self._above is not None:
            rates = rates.get("long", {})
            if rate not in rates:
                return None, (
                    f"no {rate!r} rate is listed for prompts over {self._above} tokens "
                    f"in tier {self.tier!r}"
                )
        if rate not in rates:
            return None, f"no {rate!r} rate is listed in tier {self.tier!r}"
        return rates[rate], ""

    def knows(self, rate: str) -> bool:
        """Whether any tier has a rate of that name."""
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
