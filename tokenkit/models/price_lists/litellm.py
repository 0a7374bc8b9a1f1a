"""LiteLLM's list: {MODEL: {"litellm_provider", "mode", "input_cost_per_token", ...}}, per token.

Read from the file `model_prices_and_context_window.json` of LiteLLM 1.110.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tokenkit.models.fields import day, mapping
from tokenkit.models.price_lists.listing import (
    Listing,
    PriceList,
    add_steps,
    most,
    multiplied,
    tokens,
    usd,
    vendor,
)

__all__ = ["LiteLLM"]

_KINDS = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "image_generation": "image",
    "responses": "chat",
    "video_generation": "video",
}
_RATES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_long",
    "cache_creation_input_token_cost_above_12hr": "cache_write_long",
    "input_cost_per_audio_token": "audio_input",
    "cache_read_input_audio_token_cost": "cached_audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "cache_read_input_image_token_cost": "cached_image_input",
    "output_cost_per_image_token": "image_output",
}
_TIERS = {
    "": "standard",
    "_batches": "batch",
    "_flex": "flex",
    "_priority": "priority",
    "_fast": "priority",
    "_ultrafast": "ultrafast",
    "_decisions": "decisions",
}
_RATE_KEY = re.compile(rf"({'|'.join(_RATES)})(?:_above_(\d+)k_tokens)?({'|'.join(_TIERS)})")
# Key -> (the mode it has this meaning in, our rate, how many of the list's units our unit holds).
_BY_MODE = {
    "input_cost_per_second": ("audio_transcription", "minute", 60),
    "output_cost_per_second": ("video_generation", "video_second", 1),
    "output_cost_per_video_per_second": ("video_generation", "video_second", 1),
    "input_cost_per_character": ("audio_speech", "characters", 1_000_000),
    "input_cost_per_query": ("rerank", "search_unit", 1000),
    "ocr_cost_per_page": ("ocr", "page", 1000),
    "annotation_cost_per_page": ("ocr", "annotated_page", 1000),
}
_M = 1_000_000
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


class LiteLLM:
    """The reader of LiteLLM's list."""

    name = "LiteLLM"

    def fits(self, data: object) -> bool:
        """Whether most entries name a litellm_provider."""
        return isinstance(data, Mapping) and most(data.values(), "litellm_provider")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read the rows of vendors; hosts' and regions' rows are not theirs and left out."""
        for key, row in data.items():
            if key == "sample_spec":  # explains the fields
                continue
            with into.row(key):
                entry = mapping("row", row)
                name = key.rsplit("/", 1)[-1]
                provider = vendor(entry.get("litellm_provider"), name)
                if provider is None or key.count("/") > 1:  # a longer path is a size or region
                    continue
                into.add(_listing(name, provider, entry, into, key))


def _listing(
    name: str, provider: str, entry: Mapping[str, Any], into: PriceList, key: str
) -> Listing:
    mode = str(entry.get("mode", "chat"))
    listing = Listing(name, provider, _KINDS.get(mode, mode))
    for theirs, ours in (
        ("max_input_tokens", "context_window"),
        ("max_output_tokens", "max_output_tokens"),
    ):
        if entry.get(theirs):
            listing.limits[ours] = tokens(entry[theirs], theirs)
    if entry.get("deprecation_date"):
        leaves = day("deprecation_date", entry["deprecation_date"])
        listing.retires_on = leaves.isoformat() if leaves else None
    steps: dict[str, dict[int, dict[str, str]]] = {}
    for field, value in entry.items():
        if value in (None, 0, "", [], {}) or not ("cost" in field or "pric" in field):
            continue
        match = _RATE_KEY.fullmatch(field)
        if match is None:
            if not _other_price(listing, field, value, entry, mode):
                into.leave(field, key)
            continue
        tier, rate, price = _TIERS[match[3]], _RATES[match[1]], usd(value, _M, field)
        if match[2]:
            steps.setdefault(tier, {}).setdefault(int(match[2]) * 1000, {})[rate] = price
        else:
            listing.prices.setdefault(tier, {})[rate] = price
    for tier, by_length in steps.items():
        add_steps(listing.prices.setdefault(tier, {}), by_length)
    _multipliers(listing, entry)
    return listing


def _other_price(
    listing: Listing, field: str, value: object, entry: Mapping[str, Any], mode: str
) -> bool:
    """Read a key other than a rate per token; False where the registry has no field for it."""
    rates = listing.prices.setdefault("standard", {})
    key = field.removesuffix("_batches")
    if key in _BY_MODE and _BY_MODE[key][0] == mode:
        _, rate, units = _BY_MODE[key]
        tier = "standard" if key == field else "batch"
        listing.prices.setdefault(tier, {})[rate] = usd(value, units, field)
        return True
    if field == "output_cost_per_reasoning_token":
        if value == entry.get("output_cost_per_token"):
            return True
        if entry.get("litellm_provider") == "dashscope":
            rates["thinking_output"] = usd(value, _M, field)
            return True
    if field == "input_cost_per_token_cache_hit":
        return value == entry.get("cache_read_input_token_cost")
    if field == "search_context_cost_per_query":
        by_size = set(mapping(field, value).values())
        billed_by = _search_rate(entry)
        if len(by_size) == 1 and billed_by:
            rates[billed_by] = usd(by_size.pop(), 1000, field)
            return True
    if field == "google_maps_grounding_cost_per_query" and _search_rate(entry) != "web_search":
        rates["maps_grounding"] = usd(value, 1000, field)
        return True
    if field == "tiered_pricing":
        return _tiered(rates, value)
    if field == "off_peak_pricing":
        return _off_peak(listing, value)
    return False


def _search_rate(entry: Mapping[str, Any]) -> str | None:
    """Return what a search is billed by; Gemini's rows without a unit mean prompts, up to 2.5."""
    unit = entry.get("web_search_billing_unit")
    if entry.get("litellm_provider") != "gemini" or unit == "per_query":
        return "web_search" if unit != "per_prompt" else None
    by_size = entry.get("search_context_cost_per_query") or {}
    return "grounded_prompt" if set(by_size.values()) == {0.035} else None


def _tiered(rates: dict[str, Any], value: object) -> bool:
    """Read steps by the length of the prompt: [{"range": [from, to], "input_cost_per_token"}]."""
    if not isinstance(value, list) or not all(isinstance(step, Mapping) for step in value):
        return False
    steps: dict[int, dict[str, str]] = {}
    for step in value:
        span = step.get("range")
        if not isinstance(span, list) or not span:
            return False
        prices = {
            _RATES[key]: usd(price, _M, f"tiered_pricing.{key}")
            for key, price in step.items()
            if key in _RATES
        }
        thinking = step.get("output_cost_per_reasoning_token")
        if thinking and thinking != step.get("output_cost_per_token"):
            prices["thinking_output"] = usd(thinking, _M, "tiered_pricing")
        unknown = set(step) - set(_RATES) - {"range", "output_cost_per_reasoning_token"}
        if any("cost" in key for key in unknown):
            return False
        steps[tokens(span[0], "tiered_pricing.range")] = prices
    rates.update(steps.pop(min(steps), {}))
    add_steps(rates, steps)
    return True


def _off_peak(listing: Listing, value: object) -> bool:
    """Read the rates of hours without much traffic; False where the hours cannot be said."""
    table = mapping("off_peak_pricing", value)
    rates = {_RATES[key]: usd(table[key], _M, key) for key in table if key in _RATES}
    busy = _busy_hours(table.get("windows"))
    if busy is None or set(table) - set(_RATES) - {"windows"}:
        return False
    listing.price_hours = {**busy, "otherwise": {"standard": rates}}
    return True


def _busy_hours(windows: object) -> dict[str, Any] | None:
    """Return the days and hours outside of these windows, in UTC; None where days differ.

    A window is {"hours_utc": "10:00-00:00" or a list of such, "weekdays": [1 (Monday), ...]}.
    """
    quiet: dict[int, set[int]] = {day: set() for day in range(1, 8)}
    for window in windows if isinstance(windows, list) else ():
        hours = mapping("windows", window).get("hours_utc")
        for span in [hours] if isinstance(hours, str) else hours or ():
            match = _SPAN.fullmatch(span)
            if match is None:
                return None
            first, last = (60 * int(match[n]) + int(match[n + 1]) for n in (1, 3))
            last = last or 24 * 60
            if first >= last:  # over midnight: which weekday is meant is not said
                return None
            for weekday in window.get("weekdays", quiet):
                quiet[weekday].update(range(first, last))
    busy = {day: _spans(set(range(24 * 60)) - minutes) for day, minutes in quiet.items()}
    days = [day for day in busy if busy[day]]
    hours = {tuple(busy[day]) for day in days}
    if len(hours) != 1 or not any(quiet.values()):
        return None
    return {"zone": "UTC", "days": days, "hours": list(hours.pop())}


def _spans(minutes: set[int]) -> list[str]:
    """Write minutes of a day as spans such as 01:00-04:00."""
    begins = sorted(minute for minute in minutes if minute - 1 not in minutes)
    ends = sorted(minute + 1 for minute in minutes if minute + 1 not in minutes)
    return [
        f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}"
        for first, last in zip(begins, ends, strict=True)
    ]


def _multipliers(listing: Listing, entry: Mapping[str, Any]) -> None:
    """Read Anthropic's factors: {"us": 1.1, "fast": 2}."""
    factors = entry.get("provider_specific_entry")
    if not isinstance(factors, Mapping):
        return
    if "us" in factors:
        listing.price_regions["us"] = usd(factors["us"], 1, "provider_specific_entry.us")
    if "fast" in factors and "standard" in listing.prices:
        listing.prices["fast"] = multiplied(
            listing.prices["standard"], factors["fast"], "provider_specific_entry.fast"
        )
