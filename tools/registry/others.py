"""Models of other providers: a record for each one picked in other_decisions.py."""

from __future__ import annotations

import re
from decimal import Decimal

from registry import other_decisions as others
from registry.common import RATES, Record, finish, no_cap_note, source_key, usd


def other_record(fact: Record, provider: str, names: str) -> Record:
    sources: dict[str, str] = {}
    notes: list[str] = []
    listed_kind = fact.get("kind") or guess_kind(fact["id"])
    kind = "chat" if listed_kind in ("responses", "completion") else listed_kind
    record: Record = {"name": fact["id"], "provider": provider, "kind": kind}
    snapshots, _, aliases = names.partition("/")
    record.update(aliases=aliases.split(), snapshots=snapshots.split())
    other_limits(fact, record, sources, notes)
    supports = {name for name, value in (fact.get("supports") or {}).items() if value}
    renamed = {"caching": "prompt_caching", "pdf": "pdf_input"}
    record["supports"] = sorted(renamed.get(name, name) for name in supports)
    other_prices(fact, record, sources, notes)
    other_image_rule(record, sources)
    notes.insert(0, tokenizer_note(fact["tokenizer"]))
    if fact.get("deprecation_date"):
        record["retires_on"] = fact["deprecation_date"]
        sources["retires_on"] = "litellm"
    elif fact.get("status") == "removed":
        record["retired"] = True
        sources["retired"] = "model-prices"
    elif fact.get("status"):
        notes.append(f"status in model-prices: {fact['status']}")
    return finish(record, sources, notes, others.FIXES.get(fact["id"]))


def tokenizer_note(tokenizer: Record) -> str:
    name = tokenizer["tokenizer"].replace(" (memory, unverified)", "").split("; tokenizer.json")[0]
    interface = tokenizer.get("count_api", "")
    if tokenizer["public"]:
        return f"tokenizer: public, not in this package: {name}"
    if interface and "unverified" not in interface:
        return f"tokenizer: {name}; the vendor's own count: {interface}"
    return f"tokenizer: {name}"


def guess_kind(name: str) -> str:
    if "image" in name:
        return "image"
    return "speech" if "tts" in name else "chat"


def other_limits(fact: Record, record: Record, sources: Record, notes: list[str]) -> None:
    context, most, longest = fact["context_window"], fact.get("max_input"), fact["max_output"]
    by_litellm = most is not None and most == longest  # litellm writes the window three times
    if context is not None and most is not None and by_litellm and most != context:
        smaller = min(context, most)
        notes.append(
            f"context_window: sources differ ({context}, litellm {most}); taken: {smaller}"
        )
        if smaller == most:
            fact = {**fact, "context_window_source": "litellm"}
        context = most = smaller
    if record["name"].startswith("claude-sonnet-4-5"):
        notes.append(
            "context_window: sources differ (models.dev 1000000, litellm 200000); taken: 200000"
        )
        context = most
        fact = {**fact, "context_window_source": "litellm"}
    if context is not None:
        record["context_window"] = context
        first = fact["context_window_source"] or "litellm"
        sources["context_window"] = source_key(first)
    if most is not None and context is not None and most < context:
        record["max_input_tokens"] = most
        sources["max_input_tokens"] = "litellm"
    elif most is not None:
        notes.append(no_cap_note("max_input_tokens", "litellm", most, context))
    if record["kind"] in ("embedding", "rerank") or longest is None:
        return
    if longest in (context, most) or by_litellm:
        notes.append(no_cap_note("max_output_tokens", "litellm", longest, context))
        return
    record["max_output_tokens"] = longest
    sources["max_output_tokens"] = "litellm" if fact.get("max_input") else "model-prices"
    if context is not None and longest > context:
        record["window"] = "separate"
        notes.append("window: the output cap exceeds the input limit, so each has its own room")
    for conflict in fact["conflict"]:
        if conflict["field"] == "max_output":
            said = ", ".join(f"{k} {v}" for k, v in conflict["values"].items())
            notes.append(f"max_output_tokens: sources differ ({said}); taken: {longest}")


def other_prices(fact: Record, record: Record, sources: Record, notes: list[str]) -> None:
    listed_prices: Record = others.PRICES.get(fact["id"], fact["prices_usd_per_1m"] or {})
    rates: Record = {RATES.get(rate, rate): usd(price) for rate, price in listed_prices.items()}
    if record["kind"] in ("embedding", "rerank"):
        rates.pop("output", None)
    if rates and not any(Decimal(price) for price in rates.values()):
        notes.append("prices: listed as 0, which is no price per token")
        rates = {}
    rates = {rate: price for rate, price in rates.items() if not ("cache" in rate and price == "0")}
    if fact["id"] in others.IMAGE_OUTPUT:
        rates["image_output"] = others.IMAGE_OUTPUT[fact["id"]]
    long = other_long(fact.get("long_context") or {})
    if long and rates:
        rates["long"] = long
    if not rates:
        return
    prices = {"standard": rates}
    if fact.get("batch"):
        batch = {rate: usd(price) for rate, price in fact["batch"].items()}
        if record["kind"] in ("embedding", "rerank"):
            batch.pop("output", None)
        prices["batch"] = batch
    record["prices"] = prices
    sources["prices"] = source_key(fact["price_source"])
    if fact["id"] in others.PRICES:
        sources["prices"] = "model-prices"
    for conflict in fact["conflict"]:
        if conflict["field"].startswith("price."):
            said = ", ".join(f"{k} {v}" for k, v in conflict["values"].items())
            rate = conflict["field"].removeprefix("price.")
            notes.append(f"prices: {rate} differs ({said}); taken: {rates.get(rate)}")


def other_long(fields: Record) -> Record:
    rates = {
        "input_cost_per_token": "input",
        "cache_read_input_token_cost": "cached_input",
        "cache_creation_input_token_cost": "cache_write",
        "cache_creation_input_token_cost_above_1hr": "cache_write_long",
        "output_cost_per_token": "output",
    }
    long: Record = {}
    for field, price in fields.items():
        match = re.fullmatch(r"(.*)_above_(\d+)k_tokens", field)
        if match and match[1] in rates:
            long["above"] = int(match[2]) * 1000
            long[rates[match[1]]] = usd(price)
    return long


def other_image_rule(record: Record, sources: Record) -> None:
    name = record["name"]
    rule = None
    if name.startswith("claude"):
        rule = "claude:2576" if re.match(others.CLAUDE_NEW_IMAGES, name) else "claude:1568"
    elif name.startswith("gemini-2") and record["kind"] == "chat":
        rule = "gemini:2"
    elif name.startswith("gemini-3") and record["kind"] == "chat":
        rule = "gemini:3"
    if rule:
        record["image_rule"] = rule
        sources["image_rule"] = "anthropic-docs" if rule[0] == "c" else "gemini-docs"
