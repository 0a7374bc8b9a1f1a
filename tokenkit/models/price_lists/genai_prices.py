"""genai-prices' data.json (v1, v2): [{"id", "models": [{"id", "prices", ...}]}], USD per 1M tokens.

`prices` is one table, or a list of tables with a constraint: `start_date` begins a period,
`start_time` and `end_time` are hours, which are listed as unread. A price is a number, or a base
with tiers by the length of the prompt. `price_variants` hold the rates of other tiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tokenkit.models.fields import day, fail, mapping
from tokenkit.models.price_lists.listing import (
    Listing,
    PriceList,
    add_steps,
    most,
    tokens,
    usd,
    vendor,
)

__all__ = ["GenaiPrices"]

_RATES = {
    "input_mtok": ("input", 1),
    "output_mtok": ("output", 1),
    "cache_read_mtok": ("cached_input", 1),
    "cache_write_mtok": ("cache_write", 1),
    "cache_write_5m_mtok": ("cache_write", 1),
    "cache_write_1h_mtok": ("cache_write_long", 1),
    "input_audio_mtok": ("audio_input", 1),
    "output_audio_mtok": ("audio_output", 1),
    "cache_audio_read_mtok": ("cached_audio_input", 1),
    "input_image_mtok": ("image_input", 1),
    "cache_image_read_mtok": ("cached_image_input", 1),
    "input_mchars": ("characters", 1),
    "output_image_mtok": ("image_output", 1),
    "web_searches_kcount": ("web_search", 1),
}


class GenaiPrices:
    """The reader of genai-prices' list."""

    name = "genai-prices"

    def fits(self, data: object) -> bool:
        """Whether the data is a list of providers, most of which have models."""
        providers = data.get("providers") if isinstance(data, Mapping) else data
        return isinstance(providers, list) and most(providers, "id", "models")

    def read(self, data: Any, into: PriceList) -> None:
        """Read the models of vendors; those of resellers are left out."""
        for index, entry in enumerate(data["providers"] if isinstance(data, Mapping) else data):
            models: Any = ()
            with into.row(f"providers[{index}]"):
                models = mapping("provider", entry).get("models")
                if not isinstance(models, list):
                    fail("models", "a list of tables", models)
            for model in models if isinstance(models, list) else ():
                name = model.get("id") if isinstance(model, Mapping) else None
                with into.row(f"{entry['id']}.{name}"):
                    if not isinstance(name, str):
                        fail("id", "a string", name)
                    provider = vendor(entry["id"], name)
                    if provider is not None:
                        row = f"{entry['id']}.{name}"
                        into.add(_listing(name, provider, model, into, row))


def _listing(
    name: str, provider: str, model: Mapping[str, Any], into: PriceList, row: str
) -> Listing:
    kind = "embedding" if "embed" in name else "chat"
    listing = Listing(name, provider, kind, window_stated=True)
    listing.other_names = tuple(_equals(model.get("match")))
    listing.checked = day("prices_checked", model.get("prices_checked"))
    if model.get("context_window"):
        listing.limits["context_window"] = tokens(model["context_window"], "context_window")
    later: dict[str, dict[str, Any]] = {}
    _tier(listing, later, "standard", model.get("prices", {}), into, row)
    for variant in model.get("price_variants", ()):
        when = mapping("price_variants", variant).get("when")
        tier = _tier_of(when, provider)
        if tier is None:
            into.leave(f"price_variants when {when}", row)
        elif tier != "standard":  # that one is in `prices` already
            _tier(listing, later, tier, variant.get("prices"), into, row)
    for first, prices in sorted(later.items()):
        listing.price_periods.append({"from": first, "prices": prices})
    for period, following in pairwise(listing.price_periods):
        last = date.fromisoformat(following["from"]) - timedelta(days=1)
        period["to"] = last.isoformat()
    return listing


def _tier_of(when: object, provider: str) -> str | None:
    """The tier of a variant by the condition it states, None for another condition."""
    if when == {"processing": "batch"}:
        return "batch"
    if when == {"speed": "fast"}:
        return "fast"
    if isinstance(when, Mapping) and set(when) == {"service_tier"}:
        tier = str(when["service_tier"])
        fast = "priority" if provider == "openai" else "fast"
        names = {"default": "standard", "priority": "priority", "flex": "flex", "fast": fast}
        return names.get(tier)
    return None


def _tier(
    listing: Listing,
    later: dict[str, dict[str, Any]],
    tier: str,
    prices: object,
    into: PriceList,
    row: str,
) -> None:
    """Read the prices of one tier: those in force today, and those that begin on a later day."""
    if isinstance(prices, Mapping):
        listing.prices[tier] = _rates(prices, into, row)
        return
    if not isinstance(prices, list):
        fail("prices", "a table or a list of tables", prices)
    today = date.today()
    began = date.min
    for index, item in enumerate(prices):
        place = f"prices[{index}]"
        constraint = mapping(place, item).get("constraint") or {}
        if set(constraint) - {"start_date"}:
            into.leave(f"prices with the constraint {', '.join(sorted(constraint))}", row)
            continue
        first = day(f"{place}.constraint.start_date", constraint.get("start_date")) or date.min
        rates = _rates(mapping(f"{place}.prices", item.get("prices")), into, row)
        if first > today:
            later.setdefault(first.isoformat(), {})[tier] = rates
        elif first >= began:
            began = first
            listing.prices[tier] = rates


def _rates(prices: Mapping[str, Any], into: PriceList, row: str) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    steps: dict[int, dict[str, str]] = {}
    for key, value in prices.items():
        if value in (None, 0):
            continue
        if key not in _RATES:
            if key != "output_reasoning_mtok" or value != prices.get("output_mtok"):
                into.leave(key, row)
            continue
        rate, factor = _RATES[key]
        if not isinstance(value, Mapping):
            rates[rate] = usd(value, factor, key)
            continue
        rates[rate] = usd(value.get("base"), factor, f"{key}.base")
        for step in value.get("tiers", ()):
            above = tokens(mapping(f"{key}.tiers", step).get("start"), f"{key}.tiers.start")
            steps.setdefault(above, {})[rate] = usd(step.get("price"), factor, f"{key}.tiers.price")
    # A rate without steps of its own holds for prompts of every length.
    flat = {rate: price for rate, price in rates.items() if rate != "web_search"}
    add_steps(rates, {above: {**flat, **prices} for above, prices in steps.items()})
    return rates


def _equals(match: object) -> Iterator[str]:
    """The names that a match clause lists one by one."""
    if isinstance(match, Mapping):
        if isinstance(match.get("equals"), str):
            yield match["equals"]
        for clause in match.get("or", ()):
            yield from _equals(clause)
