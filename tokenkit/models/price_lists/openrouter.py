"""OpenRouter's /api/v1/models: {"data": [{"id": "VENDOR/MODEL", "pricing": {...}}]}, USD per token.

OpenRouter sells the models of others: its prices go under `hosts.openrouter` of a model, never in
the place of the vendor's. An override holds for prompts of a length or for hours; "price keys
absent from an entry inherit the base price" (`PricingOverride`, OpenRouter's SDK reference, 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit.models.fields import fail, mapping
from tokenkit.models.price_lists.listing import Listing, PriceList, add_steps, most, tokens, usd

__all__ = ["OpenRouter"]

_M = 1_000_000
_RATES = {
    "prompt": ("input", _M),
    "completion": ("output", _M),
    "input_cache_read": ("cached_input", _M),
    "input_cache_write": ("cache_write", _M),
    "input_cache_write_1h": ("cache_write_long", _M),
    "audio": ("audio_input", _M),
    "input_audio_cache": ("cached_audio_input", _M),
    "audio_output": ("audio_output", _M),
    "image_token": ("image_input", _M),
    "image_output": ("image_output", _M),
    "web_search": ("web_search", 1000),
}


# Beginnings of the conditions of an override beside the length of the prompt.
_OTHER_IFS = ("utc_", "max_", "min_completion")


class OpenRouter:
    """The reader of OpenRouter's list."""

    name = "OpenRouter"

    def fits(self, data: object) -> bool:
        """Whether most rows under "data" have an id and pricing."""
        rows = data.get("data") if isinstance(data, Mapping) else None
        return isinstance(rows, list) and most(rows, "id", "pricing")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read every row as what the host asks for a model of another vendor."""
        for index, row in enumerate(data["data"]):
            name = row.get("id") if isinstance(row, Mapping) else None
            with into.row(str(name or f"data[{index}]")):
                if not isinstance(name, str):
                    fail("id", "a string", name)
                into.add(_listing(name, row, into))


def _listing(name: str, row: Mapping[str, Any], into: PriceList) -> Listing:
    listing = Listing(f"openrouter/{name}", "openrouter", host="openrouter", window_stated=True)
    base = name.rpartition("/")[2]
    listing.other_names = (base, base.replace(".", "-")) if ":" not in base else ()
    if row.get("context_length"):
        listing.limits["context_window"] = tokens(row["context_length"], "context_length")
    rates: dict[str, Any] = {}
    steps: dict[int, dict[str, str]] = {}
    for key, value in mapping("pricing", row.get("pricing")).items():
        if value is None or value == "":
            continue
        if key == "overrides":
            _overrides(steps, value, name, into)
        elif key in _RATES:
            rate, factor = _RATES[key]
            rates[rate] = usd(value, factor, f"pricing.{key}")
        elif not _costs_nothing_more(key, value, row):
            into.leave(f"pricing.{key}", name)
    # An override replaces the rates that it names; the others are those of shorter prompts.
    shorter = {rate: price for rate, price in rates.items() if rate != "web_search"}
    for above in sorted(steps):
        steps[above] = shorter = {**shorter, **steps[above]}
    add_steps(rates, steps)
    listing.prices["standard"] = rates
    return listing


def _costs_nothing_more(key: str, value: object, row: Mapping[str, Any]) -> bool:
    """Return whether a price is 0, or that of the output for reasoning, which is output."""
    if isinstance(value, (Mapping, list)):
        return False
    as_output = key == "internal_reasoning" and value == row["pricing"].get("completion")
    return as_output or usd(value, 1, f"pricing.{key}") == "0"


def _overrides(steps: dict[int, dict[str, str]], value: object, name: str, into: PriceList) -> None:
    """Read steps by the prompt's length; rates by the hour are listed as unread."""
    for item in value if isinstance(value, list) else ():
        step = mapping("pricing.overrides", item)
        if "min_prompt_tokens" not in step or any(key.startswith(_OTHER_IFS) for key in step):
            into.leave("pricing.overrides by the hour", name)
            continue
        above = tokens(step["min_prompt_tokens"], "pricing.overrides.min_prompt_tokens")
        steps[above] = {
            _RATES[key][0]: usd(price, _RATES[key][1], f"pricing.overrides.{key}")
            for key, price in step.items()
            if key in _RATES
        }
        for key in set(step) - set(_RATES) - {"min_prompt_tokens"}:
            into.leave(f"pricing.overrides.{key}", name)
