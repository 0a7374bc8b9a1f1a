"""The slow twin of `cost`: each unit looked up for itself in the plain record, summed as fractions.

It shares no code with `tokenkit.costs` and reads `Model.to_record()`, not `Model`.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

NAMES = {"fast": "priority", "default": "standard", "on_demand": "standard"}
UNITS = {
    "minute": Fraction(1, 60),
    "active_minute": Fraction(1, 60),
    "standby_minute": Fraction(1, 60),
    "characters": Fraction(1, 10**6),
    "web_search": Fraction(1, 1000),
    "video_second": Fraction(1),
    "training": Fraction(1, 10**6),
    "training_hour": Fraction(1),
}
OTHER = {
    "audio_seconds": "minute",
    "active_seconds": "active_minute",
    "standby_seconds": "standby_minute",
    "video_seconds": "video_second",
    "characters": "characters",
    "web_searches": "web_search",
    "training_hours": "training_hour",
}


def naive_cost(
    record: dict[str, Any], used: dict[str, Any], tier: str, day: str
) -> tuple[Fraction, set[str]]:
    """(USD of what has a listed rate, the items that have none)."""
    prices = record.get("prices", {})
    for period in record.get("price_periods", ()):
        if (period.get("from") or "") <= day <= (period.get("to") or "9999"):
            prices = period["prices"]
            break
    tier = tier if tier in prices else NAMES.get(tier, tier)
    rates = prices.get(tier, {})
    prompt = whole(used, "input")
    token_rates = rates_of_length(prices, rates, prompt)
    if used.get("reasoning_tokens") and "thinking_output" in token_rates:
        token_rates = {**token_rates, "output": token_rates["thinking_output"]}
    total, missing = Fraction(0), set()
    for item, number in token_kinds(used).items():
        usd = token_rates.get(rate_of(item, prices))
        if usd is None:
            missing.add(item)
        else:
            total += number * Fraction(usd) / 10**6
    others = {rate: used.get(name, 0) for name, rate in OTHER.items()}
    others["training"] = used.get("training_tokens", 0) * used.get("epochs", 1)
    for rate, number in others.items():
        if number and rate in rates:
            total += Fraction(number) * Fraction(rates[rate]) * UNITS[rate]
        elif number:
            name = next((name for name, listed in OTHER.items() if listed == rate), rate)
            missing.add(name if rate.endswith("minute") else rate)
    for name, number in dict(used.get("items", ())).items():
        if number and name in rates:
            total += Fraction(number) * Fraction(rates[name]) / (1 if name == "song" else 1000)
        elif number:
            missing.add(name)
    return total, missing


def long_steps(rates: dict[str, Any]) -> list[dict[str, Any]]:
    long = rates.get("long", [])
    return long if isinstance(long, list) else [long]


def rates_of_length(prices: dict[str, Any], rates: dict[str, Any], prompt: int) -> dict[str, Any]:
    """The rates of the highest step below the prompt; none where only other tiers have steps."""
    reached = rates
    for step in long_steps(rates):
        if prompt > step["above"]:
            reached = step
    others = [step["above"] for listed in prices.values() for step in long_steps(listed)]
    if not long_steps(rates) and others and prompt > min(others):
        return {}
    return reached


def whole(used: dict[str, Any], side: str) -> int:
    audio, image = used.get(f"audio_{side}_tokens", 0), used.get(f"image_{side}_tokens", 0)
    return int(used.get(f"{side}_tokens", 0) or audio + image)


def rate_of(item: str, prices: dict[str, Any]) -> str:
    if item == "reasoning":
        return "output"
    if "image_input" in item and not any("image_input" in rates for rates in prices.values()):
        return {"image_input": "input", "cached_image_input": "cached_input"}[item]
    return item


def token_kinds(used: dict[str, Any]) -> Counter[str]:
    """How many tokens are of which kind: those that are nothing else stand in the last lines."""
    kinds = Counter(
        cached_audio_input=used.get("cached_audio_tokens", 0),
        cached_image_input=used.get("cached_image_tokens", 0),
        cache_write_long=used.get("cache_write_long_tokens", 0),
        reasoning=used.get("reasoning_tokens", 0),
        audio_output=used.get("audio_output_tokens", 0),
        image_output=used.get("image_output_tokens", 0),
    )
    kinds["cached_input"] = (
        used.get("cached_tokens", 0) - kinds["cached_audio_input"] - kinds["cached_image_input"]
    )
    kinds["cache_write"] = used.get("cache_write_tokens", 0) - kinds["cache_write_long"]
    kinds["audio_input"] = used.get("audio_input_tokens", 0) - kinds["cached_audio_input"]
    kinds["image_input"] = used.get("image_input_tokens", 0) - kinds["cached_image_input"]
    replies = kinds["reasoning"] + kinds["audio_output"] + kinds["image_output"]
    kinds["output"] = whole(used, "output") - replies
    kinds["input"] = whole(used, "input") - (kinds.total() - replies - kinds["output"])
    return +kinds
