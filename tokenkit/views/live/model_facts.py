"""Models as the live page knows them: their limits, and the prices of text of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tokenkit.encodings import overhead_of
from tokenkit.models import Model, current_registry, list_models, long_steps, resolve_quietly

__all__ = ["model_facts", "prefix_facts"]

_RATES = ("input", "output")
_KINDS = ("completion", "embedding")


def model_facts(day: date) -> list[dict[str, Any]]:
    """List the models, with limits in tokens and prices in USD for 1M tokens.

    Of those that take no texts only the names are there. `otherNames` are aliases and snapshots
    that mean the model. `prices` are those of the standard tier on `day`, None where none are
    listed; `long` are the steps for long prompts, without rates where only other tiers tell them.
    `source` and `checked` say where the prices come from, and when that was read. `hosts` are
    others that sell the model, as far as it is known what they do. `ends` is the day of a shutdown.

    >>> facts = {model["name"]: model for model in model_facts(date(2026, 11, 30))}
    >>> facts["gpt-4o"]["window"], facts["gpt-4o"]["prices"]["input"]
    (128000, '2.5')
    >>> facts["gpt-3.5-turbo"]["otherNames"]
    ['gpt-35-turbo', 'gpt-3.5']
    """
    return [_facts(model, day) for model in list_models(include_retired=True)]


def prefix_facts(day: date) -> dict[str, dict[str, Any]]:
    """Map each documented prefix to what is known of a model whose name begins with it.

    >>> prefix_facts(date(2026, 11, 30))["gpt-4o-"]["encoding"]
    'o200k_base'
    """
    models = current_registry().prefixed_models()
    return {prefix: _facts(model, day) for prefix, model in models.items()}


def _takes_texts(model: Model) -> bool:
    return model.takes_messages or model.kind in _KINDS


def _facts(model: Model, day: date) -> dict[str, Any]:
    takes_texts = _takes_texts(model)
    facts = {
        "name": model.name,
        "otherNames": _other_names(model),
        "provider": model.provider,
        "kind": model.kind,
        "textless": not takes_texts,
        **(_text_facts(model, day) if takes_texts else {}),
    }
    return _known(facts)


def _text_facts(model: Model, day: date) -> dict[str, Any]:
    return {
        **_end(model),
        "encoding": model.encoding,
        "assumed": model.encoding is not None and not model.encoding_exact,
        "window": model.context_window,
        "maxInput": model.max_input_tokens,
        "safeInput": model.safe_input_tokens if model.kind == "embedding" else None,
        "maxOutput": model.max_output_tokens,
        "separate": model.window == "separate",
        "replies": model.writes_reply,
        "overhead": 0 if model.takes_messages else overhead_of(model.encoding),
        "prices": _prices(model, day),
        "hosts": _hosts(model, day) or None,
        "source": model.sources.get("prices"),
        "checked": None if model.verified_on is None else model.verified_on.isoformat(),
    }


def _end(model: Model) -> dict[str, Any]:
    day = model.retires_on
    return {
        "retired": model.retired,
        "ends": None if day is None else day.isoformat(),
        "replacement": model.replacement,
    }


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value not in (None, False, 0, [])}


def _hosts(model: Model, day: date) -> dict[str, dict[str, Any]]:
    named = {*model.hosts, *(item["host"] for item in model.retirements if "host" in item)}
    offers = {}
    for host in sorted(named):
        sold = model.on_host(host)
        offers[host] = _known(
            {
                "names": list(model.hosts.get(host, {}).get("names", ())),
                "prices": _prices(sold, day),
                **_end(sold),
            }
        )
    return offers


def _other_names(model: Model) -> list[str]:
    """List the aliases and snapshots that mean this model, and have no record of their own."""
    names = dict.fromkeys((*model.aliases, *model.snapshots))
    return [name for name in names if resolve_quietly(name).model.name == model.name]


def _prices(model: Model, day: date) -> dict[str, Any] | None:
    tiers = model.prices_on(day)
    if "standard" not in tiers:
        return None
    prices = dict(_rates(tiers["standard"]))
    steps = [
        {"above": step["above"], **dict(_rates(step))} for step in long_steps(tiers["standard"])
    ]
    others = [step["above"] for rates in tiers.values() for step in long_steps(rates)]
    if steps or others:
        prices["long"] = steps or [{"above": min(others)}]
    return prices


def _rates(rates: Any) -> Iterator[tuple[str, Any]]:
    return ((rate, rates[rate]) for rate in _RATES if rate in rates)
