"""The registry as LiteLLM's `model_cost`.

Names of fields, tiers and providers: `model_prices_and_context_window_backup.json` and
`litellm_core_utils/llm_cost_calc/utils.py` of litellm 1.110.2 (PyPI).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit import Model, UnknownModelError, get_model, list_models
from tokenkit.models import resolve_quietly

__all__ = ["cost_map"]

# Our provider -> LiteLLM's, and what its names begin with.
_PROVIDERS = {
    "openai": ("openai", ""),
    "anthropic": ("anthropic", ""),
    "google": ("gemini", "gemini/"),
    "mistral": ("mistral", "mistral/"),
    "xai": ("xai", "xai/"),
    "deepseek": ("deepseek", "deepseek/"),
    "cohere": ("cohere_chat", ""),
    "qwen": ("dashscope", "dashscope/"),
    "moonshot": ("moonshot", "moonshot/"),
    "zai": ("zai", "zai/"),
    "minimax": ("minimax", "minimax/"),
    "meta": ("meta_llama", "meta_llama/"),
}
_MODES = {
    "chat": "chat",
    "reasoning": "chat",
    "audio": "chat",
    "embedding": "embedding",
    "completion": "completion",
    "realtime": "realtime",
}
_TIERS = {
    "standard": "",
    "batch": "_batches",
    "flex": "_flex",
    "priority": "_priority",
    "ultrafast": "_ultrafast",
}
_RATES = {
    "input": "input_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "output": "output_cost_per_token",
    "audio_input": "input_cost_per_audio_token",
    "cached_audio_input": "cache_read_input_audio_token_cost",
    "audio_output": "output_cost_per_audio_token",
    "image_input": "input_cost_per_image_token",
    "cached_image_input": "cache_read_input_image_token_cost",
    "image_output": "output_cost_per_image_token",
}
# The longer life that a vendor's cache offers.
_LONG_WRITES = {"anthropic": "_above_1hr", "openai": "_above_12hr"}
_SUPPORTS = {
    "tools": "supports_function_calling",
    "vision": "supports_vision",
    "pdf_input": "supports_pdf_input",
    "prompt_caching": "supports_prompt_caching",
    "reasoning": "supports_reasoning",
    "structured_outputs": "supports_response_schema",
}


def cost_map(models: Iterable[str | Model] | None) -> dict[str, dict[str, Any]]:
    """Return an entry for every name of every model that has prices LiteLLM has fields for."""
    known = list_models() if models is None else map(get_model, models)
    entries: dict[str, dict[str, Any]] = {}
    for model in known:
        entry = _entry(model)
        if entry is not None:
            prefix = _PROVIDERS.get(model.provider, ("", ""))[1]
            entries |= {prefix + name: dict(entry) for name in _names(model)}
    return entries


def _names(model: Model) -> list[str]:
    """Return the names of a model, without those of snapshots that have records of their own."""
    names = [model.name]
    for name in (*model.aliases, *model.snapshots):
        try:
            if resolve_quietly(name).model.name == model.name:
                names.append(name)
        except UnknownModelError:  # of a record that is not registered
            names.append(name)
    return names


def _entry(model: Model) -> dict[str, Any] | None:
    tiers = model.prices_on(date.today())
    standard = tiers.get("standard", {})
    needed = ("input", "output") if model.writes_reply else ("input",)
    if model.kind not in _MODES or model.provider not in (*_PROVIDERS, "custom"):
        return None
    if not all(rate in standard for rate in needed):
        return None
    if any("thinking_output" in rates for rates in tiers.values()):
        return None
    entry: dict[str, Any] = {"mode": _MODES[model.kind]}
    if model.provider in _PROVIDERS:
        entry["litellm_provider"] = _provider(model)
    entry |= _limits(model)
    entry |= {_SUPPORTS[one]: True for one in sorted(model.supports & _SUPPORTS.keys())}
    if model.retires_on is not None:
        entry["deprecation_date"] = model.retires_on.isoformat()
    for tier, suffix in _TIERS.items():
        entry |= _prices(model, tiers.get(tier, {}), suffix)
    if not model.writes_reply:
        entry["output_cost_per_token"] = 0.0
    if "web_search" in standard:
        each = float(Decimal(standard["web_search"]) / 1000)
        sizes = ("low", "medium", "high")
        entry["search_context_cost_per_query"] = {f"search_context_size_{s}": each for s in sizes}
    return entry


def _provider(model: Model) -> str:
    if model.provider == "cohere" and not model.takes_messages:
        return "cohere"
    return _PROVIDERS[model.provider][0]


def _limits(model: Model) -> dict[str, int]:
    most = model.max_input_tokens or model.context_window
    if model.kind == "embedding":
        most = model.safe_input_tokens
    reply = model.max_output_tokens
    limits = {"max_input_tokens": most, "max_output_tokens": reply, "max_tokens": reply or most}
    return {key: tokens for key, tokens in limits.items() if tokens is not None}


def _prices(model: Model, rates: Mapping[str, Any], tier: str) -> dict[str, float]:
    """Return the prices per token of one tier, for short prompts and for each longer step."""
    prices = _per_token(model, rates, tier)
    steps = rates.get("long", ())
    for step in (steps,) if isinstance(steps, Mapping) else steps:
        above = step["above"]
        shown = f"{above // 1000}k" if above % 1000 == 0 else str(above)
        prices |= _per_token(model, step, f"_above_{shown}_tokens{tier}")
    return prices


def _per_token(model: Model, rates: Mapping[str, Any], suffix: str) -> dict[str, float]:
    fields = dict(_RATES)
    if model.provider in _LONG_WRITES:
        fields["cache_write_long"] = fields["cache_write"] + _LONG_WRITES[model.provider]
    return {
        fields[rate] + suffix: float(Decimal(price) / 1_000_000)
        for rate, price in rates.items()
        if rate in fields
    }
