"""Checks of a record's prices: tiers, rates, steps for long prompts, periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tokenkit.models.fields import day, fail, mapping, whole_number
from tokenkit.models.frozen import FrozenDict, freeze

__all__ = ["RATE_UNITS", "checked_periods", "checked_regions", "checked_tiers", "long_steps"]

# Rate name -> what one price buys. "cache_write_long" is the longer cache life a vendor offers
# (12 hours at OpenAI, 1 hour at Anthropic). "thinking_output" is all output of a reply with
# thinking, where a vendor (Alibaba for some Qwen models) has a rate of its own for it. A search
# of Google's is billed by "grounded_prompt" up to Gemini 2.5 and by "web_search" from Gemini 3 on.
RATE_UNITS: Mapping[str, str] = {
    "input": "1M tokens",
    "cached_input": "1M tokens",
    "cache_write": "1M tokens",
    "cache_write_long": "1M tokens",
    "output": "1M tokens",
    "thinking_output": "1M tokens",
    "audio_input": "1M tokens",
    "cached_audio_input": "1M tokens",
    "audio_output": "1M tokens",
    "image_input": "1M tokens",
    "cached_image_input": "1M tokens",
    "image_output": "1M tokens",
    "training": "1M tokens",
    "training_hour": "hour",
    "minute": "minute of audio",
    "active_minute": "minute of a session",
    "standby_minute": "minute of a session",
    "video_second": "second of video",
    "characters": "1M characters",
    "web_search": "1,000 calls",
    "file_search": "1,000 calls",
    "x_search": "1,000 calls",
    "code_execution": "1,000 calls",
    "grounded_prompt": "1,000 prompts",
    "maps_grounding": "1,000 prompts",
    "search_unit": "1,000 searches",
    "page": "1,000 pages",
    "annotated_page": "1,000 pages",
    "song": "song",
}
_MOST_DIGITS = 30
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


def checked_regions(value: object) -> FrozenDict:
    """Return the factors by region, such as {"us": "1.1"}: all token rates are multiplied."""
    regions = mapping("price_regions", value)
    return FrozenDict({name: _price(f"price_regions.{name}", by) for name, by in regions.items()})


def _rates(field: str, value: object) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for rate, price in mapping(field, value).items():
        place = f"{field}.{rate}"
        if rate == "long" and ".long" not in field:
            rates[rate] = _long(place, price)
        elif rate == "above" and ".long" in field:
            rates[rate] = whole_number(place, price)
        elif rate == "images":
            images = mapping(place, price)
            rates[rate] = {size: _price(f"{place}.{size}", usd) for size, usd in images.items()}
        elif rate in RATE_UNITS:
            rates[rate] = _price(place, price)
        else:
            fail(place, "a rate out of " + ", ".join(RATE_UNITS), rate)
    return rates


def _long(field: str, value: object) -> object:
    """Return the rates of long prompts: a table for one step, a list for several."""
    if isinstance(value, Mapping):
        step = _rates(field, value)
        if "above" not in step:
            fail(f"{field}.above", "the number of prompt tokens where it begins", None)
        return step
    if not isinstance(value, (list, tuple)) or not value:
        fail(field, "a table, or a list of tables in the order of their `above`", value)
    steps = [mapping(f"{field}[{index}]", step) for index, step in enumerate(value)]
    checked = [_long(f"{field}[{index}]", step) for index, step in enumerate(steps)]
    begins = [step["above"] for step in steps]
    if begins != sorted(set(begins)):
        fail(field, "steps in the order of their `above`", begins)
    return checked


def long_steps(rates: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the steps for long prompts of one tier's rates, in the order of their `above`.

    >>> [step["above"] for step in long_steps({"long": {"above": 200_000, "input": "4"}})]
    [200000]
    """
    long = rates.get("long", ())
    return (long,) if isinstance(long, Mapping) else tuple(long)


def _price(field: str, value: object) -> str:
    """Return a price as a decimal string; a float by its shortest digits (0.1 is "0.1")."""
    if isinstance(value, str) and len(value) < _MOST_DIGITS and _PLAIN_PRICE.fullmatch(value):
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
    if amount.adjusted() > _MOST_DIGITS or int(amount.as_tuple().exponent) < -_MOST_DIGITS:
        fail(field, f"a price of at most {_MOST_DIGITS} digits before and behind the point", value)
    return format(amount, "f")
