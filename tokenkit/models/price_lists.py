"""Reads price lists in the shape of LiteLLM's or models.dev's JSON into registry fields.

LiteLLM: {MODEL: {"litellm_provider", "mode", "input_cost_per_token", ...}}, USD per token.
models.dev: {PROVIDER: {"models": {MODEL: {"limit", "cost", ...}}}}, USD per 1M tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tokenkit.errors import ModelDataError

# Provider in the list -> provider in the registry. Resellers are left out on purpose: they sell
# the same names at prices of their own.
PROVIDERS = {
    "alibaba": "qwen",
    "amazon-bedrock": "amazon",
    "anthropic": "anthropic",
    "bedrock": "amazon",
    "bedrock_converse": "amazon",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "dashscope": "qwen",
    "deepseek": "deepseek",
    "gemini": "google",
    "google": "google",
    "meta_llama": "meta",
    "mistral": "mistral",
    "openai": "openai",
    "text-completion-openai": "openai",
    "xai": "xai",
}
_MODES = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "image_generation": "image",
    "responses": "chat",
    "video_generation": "video",
}
_LITELLM_RATES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "cache_creation_input_token_cost": "cache_write",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
}
_LITELLM_TIERS = {
    "": "standard",
    "_batches": "batch",
    "_flex": "flex",
    "_priority": "priority",
    "_fast": "priority",
    "_ultrafast": "ultrafast",
}
_LITELLM_FIELD = re.compile(
    rf"({'|'.join(_LITELLM_RATES)})(?:_above_(\d+)k_tokens)?({'|'.join(_LITELLM_TIERS)})"
)
_MODELS_DEV_RATES = {
    "input": "input",
    "output": "output",
    "cache_read": "cached_input",
    "cache_write": "cache_write",
    "input_audio": "audio_input",
    "output_audio": "audio_output",
}


@dataclass
class Listing:
    """The statements of a price list about one model, in registry units."""

    name: str
    provider: str
    kind: str
    limits: dict[str, int] = field(default_factory=dict)
    prices: dict[str, dict[str, Any]] = field(default_factory=dict)
    retires_on: str | None = None
    # LiteLLM's max_input_tokens is the window of some models and an input limit of others, so
    # it is good for a model that nobody knows yet and no ground to change one that is known.
    window_stated: bool = False


def read_listings(data: object, where: str) -> list[Listing]:
    """All models of known providers in a price list; ModelDataError if it is of neither shape."""
    if isinstance(data, Mapping):
        entries = [entry for entry in data.values() if isinstance(entry, Mapping)]
        if any(isinstance(entry.get("models"), Mapping) for entry in entries):
            return list(_models_dev(data, where))
        if any("litellm_provider" in entry for entry in entries):
            return list(_litellm(data, where))
    raise ModelDataError(
        f"{where}: neither a LiteLLM price list (entries with litellm_provider) nor one of "
        "models.dev (providers with models)"
    )


def _litellm(data: Mapping[str, Any], where: str) -> Iterator[Listing]:
    for key, entry in data.items():
        provider = PROVIDERS.get(entry.get("litellm_provider", ""))
        name = key.rsplit("/", 1)[-1]
        # "ft:" apart, a path in the key is a size or region, and "sample_spec" explains fields.
        if provider is None or key.count("/") > 1 or key == "sample_spec":
            continue
        mode = entry.get("mode", "chat")
        listing = Listing(name, provider, _MODES.get(mode, mode))
        for theirs, ours in (("max_input_tokens", "context_window"), ("max_output_tokens",) * 2):
            if entry.get(theirs):
                listing.limits[ours] = _tokens(entry[theirs], f"{where}: {key}.{theirs}")
        for name_of_rate, value in entry.items():
            match = _LITELLM_FIELD.fullmatch(name_of_rate)
            if match and value is not None:
                price = _usd(value, Decimal(1_000_000), f"{where}: {key}.{name_of_rate}")
                rates = listing.prices.setdefault(_LITELLM_TIERS[match[3]], {})
                if match[2]:
                    rates = rates.setdefault("long", {"above": int(match[2]) * 1000})
                rates[_LITELLM_RATES[match[1]]] = price
        listing.retires_on = entry.get("deprecation_date")
        yield _tidy(listing)


def _models_dev(data: Mapping[str, Any], where: str) -> Iterator[Listing]:
    for provider_key, entry in data.items():
        provider = PROVIDERS.get(provider_key)
        models = entry.get("models", {}) if isinstance(entry, Mapping) else {}
        for name, model in models.items() if provider else ():
            place = f"{where}: {provider_key}.{name}"
            kind = "reasoning" if provider == "openai" and model.get("reasoning") else "chat"
            if "embed" in name:
                kind = "embedding"
            listing = Listing(name, str(provider), kind, window_stated=True)
            names = {
                "context": "context_window",
                "input": "max_input_tokens",
                "output": "max_output_tokens",
            }
            for theirs, ours in names.items():
                if model.get("limit", {}).get(theirs):
                    listing.limits[ours] = _tokens(model["limit"][theirs], f"{place}.{theirs}")
            cost = model.get("cost", {})
            rates = _models_dev_rates(cost, place)
            if isinstance(cost.get("context_over_200k"), Mapping):
                long = _models_dev_rates(cost["context_over_200k"], place)
                rates["long"] = {"above": 200_000, **long}
            listing.prices = {"standard": rates} if rates else {}
            yield _tidy(listing)


def _models_dev_rates(cost: Mapping[str, Any], place: str) -> dict[str, Any]:
    return {
        ours: _usd(cost[theirs], Decimal(1), f"{place}.cost.{theirs}")
        for theirs, ours in _MODELS_DEV_RATES.items()
        if cost.get(theirs) is not None
    }


def _tidy(listing: Listing) -> Listing:
    """Drop numbers that say nothing of their own: caps that repeat the window, prices of 0."""
    context = listing.limits.get("context_window")
    for cap in ("max_input_tokens", "max_output_tokens"):
        if context is not None and listing.limits.get(cap, 0) >= context:
            del listing.limits[cap]
    for tier in list(listing.prices):
        rates = listing.prices[tier]
        _drop_zeros(rates)
        if not rates:
            del listing.prices[tier]
    return listing


def _drop_zeros(rates: dict[str, Any]) -> None:
    for rate in list(rates):
        if isinstance(rates[rate], dict):
            _drop_zeros(rates[rate])
            if len(rates[rate]) == 1:  # only "above" is left
                del rates[rate]
        elif rates[rate] == "0":
            del rates[rate]


def _tokens(value: object, place: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ModelDataError(f"{place}: expected a whole number of tokens, got {value!r}")
    return value


def _usd(value: object, factor: Decimal, place: str) -> str:
    """A price times `factor` as plain digits; floats are rounded to what they mean (12 digits)."""
    try:
        amount = Decimal(str(value)) * factor
    except InvalidOperation:
        raise ModelDataError(f"{place}: expected a price in USD, got {value!r}") from None
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        raise ModelDataError(f"{place}: expected a price of 0 USD or more, got {value!r}")
    text = format(round(amount, 12), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
