"""Costs of what was used: by usage objects and responses of others, one by one or added up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tokenkit._face import public
from tokenkit.costs.bill import price
from tokenkit.costs.rates import Tier, price_moment, tier_name
from tokenkit.costs.results import Cost, CostLine, total_of
from tokenkit.models import Model, get_model
from tokenkit.shapes import Reading, Usage, read_usage

__all__ = ["CostTracker", "always_searches", "cost_from_usage", "cost_of_reading"]


def cost_from_usage(
    usage: object,
    model: str | Model | None = None,
    *,
    tier: Tier | str | None = None,
    web_searches: int | None = None,
    at: date | str | None = None,
) -> Cost:
    """Price what a request used, by the usage object or the whole response of an API (USD).

    Takes the shapes that docs/cost.md lists: those of OpenAI, Anthropic, Google, Cohere, DeepSeek,
    xAI, Mistral, Moonshot, Groq, Bedrock and OpenRouter, of LiteLLM, LangChain, LlamaIndex,
    pydantic-ai, Vercel's AI SDK and OpenTelemetry, lines of batch results, and rows of OpenAI's
    usage export; as mappings or objects, with integers of any library.

    Left out, the model and the tier are those that the response names; without either, the tier is
    "standard". `tier="auto"` asks for the response's own. Batch results are priced as a batch.
    `web_searches` replaces the number of searches that the response tells. `at` is the day or
    moment whose prices apply; left out, it is that of the response, else now.

    A key of the object that no shape knows makes the cost partial, and `Cost.notes` names its path.

    Raises ValueError for an object without token counts, for a request of a batch that failed, and
    where neither the caller nor the response names the model; and whatever `cost` raises.

    >>> usage = {"prompt_tokens": 1000, "completion_tokens": 500,
    ...          "prompt_tokens_details": {"cached_tokens": 400}}
    >>> print(cost_from_usage(usage, "gpt-4o"))
    0.007 USD
    >>> print(cost_from_usage({"model": "gpt-4o", "usage": usage}))
    0.007 USD
    """
    record = None if model is None else get_model(model)
    reading = read_usage(usage, provider=None if record is None else record.provider)
    if record is None:
        if reading.model is None:
            raise ValueError("model: the usage names none; name it, as in model='gpt-4o'")
        record = get_model(reading.model)
        # What stands inside what may depend on whose model it is.
        reading = read_usage(usage, provider=record.provider)
    return cost_of_reading(reading, record, tier=tier, web_searches=web_searches, at=at)


def cost_of_reading(
    reading: Reading,
    record: Model,
    *,
    tier: Tier | str | None = None,
    web_searches: int | None = None,
    at: date | str | None = None,
) -> Cost:
    """Price what was read of a usage object, with the provider of this model."""
    used = _used(reading, record, web_searches)
    served = _tier(tier, reading, record)
    region = (reading.region or "").lower()
    result = price(
        record,
        used,
        served,
        reading.moment if at is None else at,
        requests=reading.requests,
        longer_than=reading.longer_than,
        region=region or None,
    )
    result = _with_what_was_read(result, reading, record, used)
    when = reading.moment
    if at is None and when is not None and _other_prices(record, when):
        note = f"prices: those of {when:%Y-%m-%d %H:%M} UTC, when the response was made"
        if not isinstance(when, datetime):
            note = f"prices: those of {when}, when the response was made"
        result = replace(result, notes=(*result.notes, f"{note}; at= takes another day"))
    return result


def _other_prices(model: Model, when: date | datetime) -> bool:
    """Return whether the prices of that day or moment are not those of now."""
    return model.prices_on(when) != model.prices_on(price_moment(None))


def _tier(asked: str | None, reading: Reading, model: Model) -> str:
    """Return the tier's own name: the caller's, else the response's, else "standard"."""
    if asked is not None and asked != "auto":
        return tier_name(asked, model)
    try:
        return tier_name(reading.tier or "standard", model)
    except ValueError:
        return str(reading.tier)  # a tier that nobody lists prices for


def _used(reading: Reading, model: Model, web_searches: int | None) -> Usage:
    """Return the quantities, with what only the model tells."""
    usage = reading.usage
    changes: dict[str, Any] = {}
    if reading.total_only and model.kind not in ("embedding", "rerank", "moderation"):
        raise ValueError(
            f"no token counts in this usage object: total_tokens {usage.input_tokens} alone does "
            "not tell input and output apart"
        )
    if model.kind == "image" and not reading.output_kinds:
        # The images API says that its output_tokens are those of the picture.
        changes["image_output_tokens"] = usage.output_tokens
    changes |= _searches(reading, model, web_searches)
    return replace(usage, **changes) if changes else usage


def _searches(reading: Reading, model: Model, web_searches: int | None) -> dict[str, Any]:
    """Return the searches, or the prompts that they grounded where the model is billed by those."""
    prompts, queries = reading.grounding
    searches = reading.usage.web_searches + queries if web_searches is None else web_searches
    if not searches and web_searches is None and always_searches(model):
        searches = reading.requests or 0
    by_prompt = any("grounded_prompt" in rates for rates in model.prices.values())
    if by_prompt and searches and reading.requests == 1:
        items = dict(reading.usage.items)
        return {"web_searches": 0, "items": {**items, "grounded_prompt": max(prompts, 1)}}
    return {"web_searches": searches}


def always_searches(model: Model) -> bool:
    """Return whether each request to the model is a web search.

    Source: OpenAI's pricing page, which lists a fee per call for its search models.
    """
    return "always_searches" in model.supports


def region_without_rate(model: Model, region: str | None) -> str:
    """Say that a model has no listed rate for inference in a region; "" where it has one.

    >>> from tokenkit import get_model
    >>> region_without_rate(get_model("claude-opus-5"), "global")
    ''
    """
    name = (region or "").lower()
    if name in ("", "global", "not_available", *model.price_regions):
        return ""
    return f"no rate is listed for inference in the region {name!r}"


def _with_what_was_read(result: Cost, reading: Reading, model: Model, usage: Usage) -> Cost:
    """Return the cost with what could not be read as unpriced lines, and the notes of reading."""
    unread = [
        CostLine(item.item, item.quantity, item.unit, None, None, item.reason)
        for item in reading.unread
    ]
    notes = list(reading.notes)
    if always_searches(model) and reading.requests is None and not usage.web_searches:
        reason = "each request is a web search, and the sum does not say how many there are"
        unread.append(CostLine("web_search", Decimal(1), "sum", None, None, reason))
        notes.append(f"{reason}: the cost is partial")
    reason = region_without_rate(model, reading.region)
    if reason:
        unread.append(CostLine("inference_geo", Decimal(1), "request", None, None, reason))
        notes.append(f"{reason}: the cost is partial")
    if reading.host is not None and reading.host != model.provider:
        notes.append(f"served by {reading.host}; the prices are those of {model.provider}")
    if reading.charged is not None:
        notes.append(f"the sender says that it charged {reading.charged.normalize():f} USD")
    return replace(
        result,
        unpriced=(*result.unpriced, *unread),
        notes=(*result.notes, *notes),
    )


@public
class CostTracker:
    """Adds up what responses cost, one by one. Threads may share it; copies are independent.

    >>> tracker = CostTracker()
    >>> print(tracker.add({"model": "gpt-4o", "usage": {"prompt_tokens": 1000}}))
    0.0025 USD
    >>> print(tracker.add({"model": "gpt-4o-mini", "usage": {"prompt_tokens": 1000}}))
    0.00015 USD
    >>> print(tracker.total, tracker.by_model["gpt-4o-mini"], tracker.partial)
    0.00265 0.00015 False
    """

    def __init__(self) -> None:
        self._costs: dict[str, list[Cost]] = {}

    def add(
        self,
        response: object,
        model: str | Model | None = None,
        *,
        tier: Tier | str | None = None,
        web_searches: int | None = None,
        at: date | str | None = None,
    ) -> Cost:
        """Price a response or usage object as `cost_from_usage` does, add it, return its cost.

        Raises what `cost_from_usage` raises; the sums are then unchanged.
        """
        result = cost_from_usage(response, model, tier=tier, web_searches=web_searches, at=at)
        self._costs.setdefault(result.model, []).append(result)
        return result

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Every cost added, model by model."""
        return tuple(cost for costs in list(self._costs.values()) for cost in costs)

    @property
    def total(self) -> Decimal:
        """USD of everything added; the least it can be where `partial` is True."""
        return total_of(self.costs)

    @property
    def partial(self) -> bool:
        """Whether something added has no listed price or was not understood."""
        return any(cost.partial for cost in self.costs)

    @property
    def by_model(self) -> dict[str, Decimal]:
        """USD by the model's name."""
        return {name: total_of(costs) for name, costs in list(self._costs.items())}

    def __copy__(self) -> CostTracker:
        other = type(self).__new__(type(self))
        costs = {name: list(costs) for name, costs in list(self._costs.items())}
        other.__dict__.update(self.__dict__, _costs=costs)
        return other
