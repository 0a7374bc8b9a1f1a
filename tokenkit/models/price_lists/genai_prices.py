"""genai-prices' data.json (v1, v2): [{"id", "models": [{"id", "prices", ...}]}], USD per 1M tokens.

`prices` is one table, or a list of tables with a constraint: `start_date` begins a period,
`start_time` and `end_time` are hours, which are listed as unread. A price is a number, or a base
with tiers by the length of the prompt. `price_variants` hold the rates of batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tokenkit.models.fields import day, fail, mapping
from tokenkit.models.price_lists.listing import (
    Listing,
    PriceList,
    add_steps,
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
    "output_image_mtok": ("image_output", 1),
    "web_searches_kcount": ("web_search", 1),
}


class GenaiPrices:
    """The reader of genai-prices' list."""

    name = "genai-prices"

    def fits(self, data: object) -> bool:
        """Whether the data is a list of providers with models."""
        providers = data.get("providers") if isinstance(data, Mapping) else data
        return (
            isinstance(providers, list)
            and bool(providers)
            and all(isinstance(p, Mapping) and "id" in p and "models" in p for p in providers)
        )

    def read(self, data: Any, into: PriceList) -> None:
        """Read the models of vendors; those of resellers are left out."""
        for entry in data["providers"] if isinstance(data, Mapping) else data:
            for model in entry["models"]:
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
    _standard(listing, model.get("prices", {}), into, row)
    for variant in model.get("price_variants", ()):
        when = mapping("price_variants", variant).get("when")
        if when == {"processing": "batch"} and not isinstance(variant.get("prices"), list):
            rates = _rates(mapping("price_variants.prices", variant.get("prices")), into, row)
            listing.prices["batch"] = rates
        else:
            into.leave(f"price_variants when {when}", row)
    return listing


def _standard(listing: Listing, prices: object, into: PriceList, row: str) -> None:
    """Read the standard tier: one table, or several that begin on a day."""
    if isinstance(prices, Mapping):
        listing.prices["standard"] = _rates(prices, into, row)
        return
    if not isinstance(prices, list):
        fail("prices", "a table or a list of tables", prices)
    dated: list[tuple[date, dict[str, Any]]] = []
    for index, item in enumerate(prices):
        place = f"prices[{index}]"
        constraint = mapping(place, item).get("constraint") or {}
        rates = _rates(mapping(f"{place}.prices", item.get("prices")), into, row)
        if not constraint:
            listing.prices["standard"] = rates
        elif set(constraint) == {"start_date"}:
            first = day(f"{place}.constraint.start_date", constraint["start_date"])
            if first is not None:
                dated.append((first, rates))
        else:
            into.leave(f"prices with the constraint {', '.join(sorted(constraint))}", row)
    dated.sort(key=lambda item: item[0])
    for index, (first, rates) in enumerate(dated):
        period: dict[str, Any] = {"from": first.isoformat(), "prices": {"standard": rates}}
        if index + 1 < len(dated):
            period["to"] = (dated[index + 1][0] - timedelta(days=1)).isoformat()
        listing.price_periods.append(period)


def _rates(prices: Mapping[str, Any], into: PriceList, row: str) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    steps: dict[int, dict[str, str]] = {}
    for key, value in prices.items():
        if value in (None, 0):
            continue
        if key not in _RATES:
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
