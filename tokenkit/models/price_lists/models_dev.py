"""models.dev's api.json: {PROVIDER: {"models": {MODEL: {"limit", "cost"}}}}, USD per 1M tokens.

`cost.tiers` says exactly where a step begins; `context_over_200k` is an older reading of the same,
with a threshold that may be another one, and is taken only where no tiers are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit.models.fields import mapping
from tokenkit.models.price_lists.listing import (
    Listing,
    PriceList,
    add_steps,
    most,
    tokens,
    usd,
    vendor,
)

__all__ = ["ModelsDev"]

_RATES = {
    "input": "input",
    "output": "output",
    "cache_read": "cached_input",
    "cache_write": "cache_write",
    "input_audio": "audio_input",
    "output_audio": "audio_output",
}
_LIMITS = {"context": "context_window", "input": "max_input_tokens", "output": "max_output_tokens"}


class ModelsDev:
    """The reader of models.dev's list."""

    name = "models.dev"

    def fits(self, data: object) -> bool:
        """Whether most entries are providers with models."""
        return isinstance(data, Mapping) and most(data.values(), "models")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read the models of vendors; those of resellers are left out."""
        for provider_key, entry in data.items():
            models: Mapping[str, Any] = {}
            with into.row(provider_key):
                models = mapping("models", mapping("provider", entry).get("models"))
            for name, row in models.items():
                provider = vendor(provider_key, name)
                if provider is None:
                    continue
                with into.row(f"{provider_key}.{name}"):
                    model = mapping("row", row)
                    into.add(_listing(name, provider, model, into, f"{provider_key}.{name}"))


def _listing(
    name: str, provider: str, model: Mapping[str, Any], into: PriceList, row: str
) -> Listing:
    kind = "reasoning" if provider == "openai" and model.get("reasoning") else "chat"
    listing = Listing(name, provider, "embedding" if "embed" in name else kind, window_stated=True)
    limits = mapping("limit", model.get("limit", {}))
    for theirs, ours in _LIMITS.items():
        if limits.get(theirs):
            listing.limits[ours] = tokens(limits[theirs], f"limit.{theirs}")
    cost = mapping("cost", model.get("cost", {}))
    rates: dict[str, Any] = _rates(cost, "cost")
    steps: dict[int, dict[str, str]] = {}
    for index, step in enumerate(cost.get("tiers", ())):
        place = f"cost.tiers[{index}]"
        tier = mapping(f"{place}.tier", mapping(place, step).get("tier"))
        if tier.get("type") != "context":
            into.leave(f"cost.tiers of type {tier.get('type')!r}", row)
            continue
        steps[tokens(tier.get("size"), f"{place}.tier.size")] = _rates(step, place)
    if not steps and isinstance(cost.get("context_over_200k"), Mapping):
        steps[200_000] = _rates(cost["context_over_200k"], "cost.context_over_200k")
    add_steps(rates, steps)
    if rates:
        listing.prices["standard"] = rates
    for key, value in cost.items():
        same = key == "reasoning" and value == cost.get("output")
        if value and not same and key not in (*_RATES, "tiers", "context_over_200k"):
            into.leave(f"cost.{key}", row)
    _modes(listing, model, into, row)
    return listing


def _modes(listing: Listing, model: Mapping[str, Any], into: PriceList, row: str) -> None:
    """Read the fast mode as the tier that its request names."""
    experimental = model.get("experimental")
    modes = experimental.get("modes", {}) if isinstance(experimental, Mapping) else {}
    for name, mode in mapping("experimental.modes", modes).items():
        if not mapping(f"experimental.modes.{name}", mode).get("cost"):
            continue
        if name == "fast":
            tier = "priority" if listing.provider == "openai" else "fast"
            listing.prices[tier] = _rates(mode["cost"], f"experimental.modes.{name}.cost")
        else:
            into.leave(f"experimental.modes.{name}.cost", row)


def _rates(cost: Mapping[str, Any], place: str) -> dict[str, str]:
    return {
        ours: usd(cost[theirs], 1, f"{place}.{theirs}")
        for theirs, ours in _RATES.items()
        if cost.get(theirs) is not None
    }
