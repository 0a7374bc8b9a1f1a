"""Checks of a record's prices: tiers, rates, steps for long prompts, periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tokenkit.models.fields import day, fail, mapping, whole_number
from tokenkit.models.frozen import FrozenDict, freeze

__all__ = ["RATE_UNITS", "checked_periods", "checked_tiers"]

# Rate name -> what one price buys. "cache_write_long" is the longer cache life a vendor offers
# (12 hours at OpenAI, 1 hour at Anthropic).
RATE_UNITS: Mapping[str, str] = {
    "input": "1M tokens",
    "cached_input": "1M tokens",
    "cache_write": "1M tokens",
    "cache_write_long": "1M tokens",
    "output": "1M tokens",
    "audio_input": "1M tokens",
    "cached_audio_input": "1M tokens",
    "audio_output": "1M tokens",
    "image_input": "1M tokens",
    "cached_image_input": "1M tokens",
    "image_output": "1M tokens",
    "training": "1M tokens",
    "training_hour": "hour",
    "minute": "minute of audio",
    "video_second": "second of video",
    "characters": "1M characters",
    "web_search": "1,000 calls",
}
_PLAIN_PRICE = re.compile(r"\d+(\.\d+)?")


def checked_tiers(field: str, value: object) -> dict[str, Any]:
    """Return the prices of all tiers with every price as a decimal string (USD)."""
    tiers = mapping(field, value)
    return {tier: _rates(f"{field}.{tier}", rates) for tier, rates in tiers.items()}


def checked_periods(value: object) -> Iterable[FrozenDict]:
    """Yield the price periods with their days as dates; each says from, to or both."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        fail("price_periods", "a list of tables", value)
    for index, period in enumerate(value):
        field = f"price_periods[{index}]"
        known = {"from", "to", "prices"}
        if not isinstance(period, Mapping) or "prices" not in period or set(period) - known:
            fail(field, "a table with prices and from, to or both", period)
        if "from" not in period and "to" not in period:
            fail(field, "a table with from, to or both", period)
        first = day(f"{field}.from", period.get("from"))
        last = day(f"{field}.to", period.get("to"))
        if first is not None and last is not None and first > last:
            fail(f"{field}.to", f"a day on or after {first}", last)
        prices = freeze(checked_tiers(f"{field}.prices", period["prices"]))
        yield FrozenDict({"from": first, "to": last, "prices": prices})


def _rates(field: str, value: object) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for rate, price in mapping(field, value).items():
        place = f"{field}.{rate}"
        if rate == "long" and not field.endswith(".long"):
            rates[rate] = _rates(place, price)
            if "above" not in rates[rate]:
                fail(f"{place}.above", "the number of prompt tokens where it begins", None)
        elif rate == "above" and field.endswith(".long"):
            rates[rate] = whole_number(place, price)
        elif rate == "images":
            images = mapping(place, price)
            rates[rate] = {size: _price(f"{place}.{size}", usd) for size, usd in images.items()}
        elif rate in RATE_UNITS:
            rates[rate] = _price(place, price)
        else:
            fail(place, "a rate out of " + ", ".join(RATE_UNITS), rate)
    return rates


def _price(field: str, value: object) -> str:
    """Return a price as a decimal string; a float by its shortest digits (0.1 is "0.1")."""
    if isinstance(value, str) and _PLAIN_PRICE.fullmatch(value):
        return value
    from decimal import Decimal, InvalidOperation

    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        fail(field, "a price in USD", value)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        fail(field, "a price in USD", value)
    if not amount.is_finite() or amount < 0:
        fail(field, "a price of 0 USD or more", value)
    return format(amount, "f")
