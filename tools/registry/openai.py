"""OpenAI's models: one registry record per gathered fact."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from registry import openai_decisions as decided
from registry.common import (
    RATES,
    Record,
    finish,
    no_cap_note,
    source_key,
    source_name,
    usd,
)

KINDS = {
    "audio_chat": ("audio", ()),
    "search_chat": ("chat", ("web_search",)),
    "deep_research": ("reasoning", ("deep_research",)),
    "computer_use": ("reasoning", ("computer_use",)),
    "open_weight_reasoning": ("reasoning", ("open_weights",)),
    "tts": ("speech", ()),
    "realtime_translation": ("realtime", ("translation",)),
}
OTHER_RATES = {
    "input_cost_per_audio_token": "audio_input",
    "cache_read_input_audio_token_cost": "cached_audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "cache_read_input_image_token_cost": "cached_image_input",
    "cached_image_input": "cached_image_input",
    "output_cost_per_image_token": "image_output",
}
FIELDS = {
    "max_input": "max_input_tokens",
    "max_output": "max_output_tokens",
    "shutdown_date": "retires_on",
}


def openai_record(fact: Record, facts: dict[str, Record]) -> Record:
    kind, extra = KINDS.get(fact["kind"], (fact["kind"], ()))
    sources: dict[str, str] = {}
    notes: list[str] = []
    record: Record = {"name": fact["id"], "provider": "openai", "kind": kind}
    record.update(openai_names(fact, facts))
    openai_encoding(fact, record, sources, notes)
    openai_limits(fact, facts, record, sources, notes)
    for field, values in (("input", "modalities_in"), ("output", "modalities_out")):
        if fact[values]:
            record.setdefault("modalities", {})[field] = fact[values]
    supports = {name for name, value in (fact["supports"] or {}).items() if value}
    record["supports"] = sorted(supports | set(extra))
    openai_prices(fact, record, sources, notes)
    openai_rules(fact, record, sources, notes)
    openai_retirement(fact, facts, record, sources, notes)
    openai_conflicts(fact, record, notes)
    return finish(record, sources, notes, decided.FIXES.get(fact["id"]))


def openai_names(fact: Record, facts: dict[str, Record]) -> Record:
    """Dated versions, the current one first; names that are records themselves are no aliases."""
    name = fact["id"]
    snapshots = decided.SNAPSHOTS.get(name) or fact["snapshots"]
    ordered = sorted(snapshots, key=lambda one: one != fact["current_snapshot"])
    aliases = [*decided.ALIASES.get(name, ()), *(a for a in fact["aliases"] if a not in facts)]
    return {"aliases": aliases, "snapshots": [one for one in ordered if one != name]}


def openai_encoding(fact: Record, record: Record, sources: Record, notes: list[str]) -> None:
    if fact["encoding"] is None:
        return
    key = source_key(fact["encoding_source"])
    record["encoding"] = fact["encoding"]
    record["encoding_exact"] = key != "assumed"
    sources["encoding"] = key
    if key == "assumed":
        notes.append(
            f"encoding: OpenAI does not state it and tiktoken 0.14.0 has no entry; "
            f"{fact['encoding']} is what other libraries fall back to"
        )
    elif fact["id"].startswith("ft:") and any(c["field"] == "encoding" for c in fact["conflict"]):
        notes.append("encoding: that of the base model; tiktoken 0.14.0 answers otherwise")


def openai_limits(
    fact: Record, facts: dict[str, Record], record: Record, sources: Record, notes: list[str]
) -> None:
    if fact["id"] in ("ft:gpt-4o", "ft:gpt-4o-mini"):
        fact = {**facts[fact["id"][3:]], "context_window_source": "copied from"}
        notes.append("limits: those of the base model")
    context, most, longest = fact["context_window"], fact["max_input"], fact["max_output"]
    if context is not None:
        record["context_window"] = context
        sources["context_window"] = source_key(fact["context_window_source"])
    if most is not None and context is not None and most >= context:
        if record["kind"] == "embedding":
            record["safe_input_tokens"] = 8191
            sources["safe_input_tokens"] = "litellm"
            notes.append(
                "max_input_tokens: sources say 8192 or 8191 per input; the first is the window, "
                "the second the safe value"
            )
        else:
            notes.append(no_cap_note("max_input_tokens", "one source", most, context))
    elif most is not None:
        record["max_input_tokens"] = most
        sources["max_input_tokens"] = source_key(fact["max_input_source"])
    no_cap = "no separate output cap" in str((fact["notes"] or {}).get("max_output", ""))
    if longest is not None and no_cap:
        notes.append("max_output_tokens: none published; prompt and completion share the window")
    elif longest is not None:
        record["max_output_tokens"] = longest
        sources["max_output_tokens"] = output_source(fact)


def output_source(fact: Record) -> str:
    """The facts took limits from the first of these sources that has the model."""
    if fact["context_window_source"].startswith(("OpenAI", "secondary", "copied")):
        return source_key(fact["context_window_source"])
    have = {source_key(s) for s in fact["sources"] if "literal" not in s or "docstring" in s}
    for key in ("gpt-tokenizer", "litellm", "models.dev", "langchain-openai", "genai-prices"):
        if key in have:
            return key
    return source_key(fact["context_window_source"])


# All models of this window charge more for a prompt of more tokens than this, by every source that
# tells; where the rates were not found, none may be taken for them.
LONG_WINDOW, LONG_PROMPT = 1_050_000, 272_000


def openai_prices(fact: Record, record: Record, sources: Record, notes: list[str]) -> None:
    name, other = fact["id"], fact["other_prices"] or {}
    gathered = {} if name == "dall-e-3" else fact["prices_usd_per_1m"] or {}
    prices: Record = {
        tier: {RATES.get(rate, rate): usd(price) for rate, price in rates.items()}
        for tier, rates in gathered.items()
    }
    if record["kind"] == "embedding":
        for rates in prices.values():
            rates.pop("output", None)
    if name == "ft:gpt-4o-2024-11-20":  # filed under cache write by the source, see the conflict
        prices["standard"]["cached_input"] = prices["standard"].pop("cache_write")
    if name == "text-babbage-001":
        prices["standard"]["output"] = "0.5"
    add_long(prices, fact["long_context"])
    if fact["context_window"] == LONG_WINDOW and not any("long" in r for r in prices.values()):
        for rates in prices.values():
            rates["long"] = {"above": LONG_PROMPT}
            notes.append("prices: no rates of prompts over 272000 tokens were found")
    standard: dict[str, Any] = {}
    add_other_rates(standard, prices, other, notes)
    add_image_prices(name, standard, fact["image_size_prices"] or {})
    if fact["web_search_per_query"]:
        per_query = set(fact["web_search_per_query"].values())
        standard["web_search"] = usd(Decimal(per_query.pop()) * 1000)
    if standard:
        prices.setdefault("standard", {}).update(standard)
    if name.endswith("tts") or ("-tts-" in name and "audio_output" in standard):
        notes.append("output: the audio rate; litellm's text rate is 10")
    if prices:
        sources["prices"] = source_key(fact["price_source"] or fact["sources"][0])
        if not fact["price_source"]:
            sources["prices"] = "litellm"
        if any(image.startswith(("low/1024x1024",)) for image in standard.get("images", ())):
            sources["prices.images"] = "litellm" if fact["image_size_prices"] else "openai-pricing"
    add_training(name, prices, sources)
    periods = price_periods(fact, prices, notes)
    if prices:
        record["prices"] = prices
    if periods:
        record["price_periods"] = periods
        sources["price_periods"] = "genai-prices" if fact["price_history"] else "openai-page"
    if fact["regional_uplift"]:
        notes.append("prices: regional processing costs 10% more, which is not included")
    if name.startswith("gpt-oss") and prices:
        notes.append("prices: a third-party host's; OpenAI sells no API access to this model")


def add_long(prices: Record, long_context: Record | None) -> None:
    for tier, rates in (long_context or {}).items():
        if tier in prices and isinstance(rates, dict):
            prices[tier]["long"] = {
                "above": long_context["threshold_input_tokens"],  # type: ignore[index]
                **{RATES.get(rate, rate): usd(price) for rate, price in rates.items()},
            }


def add_other_rates(standard: Record, prices: Record, other: Record, notes: list[str]) -> None:
    for field, rate in OTHER_RATES.items():
        if field in other:
            standard[rate] = usd(other[field].split()[0])
    write = other.get("cache_creation_input_audio_token_cost")
    if write and "cached_audio_input" not in standard:
        standard["cached_audio_input"] = usd(write.split()[0])
        notes.append("cached_audio_input: litellm files this price as a cache write")
    if "input_cost_per_image_token_batches" in other:
        batch = usd(other["input_cost_per_image_token_batches"].split()[0])
        prices.setdefault("batch", {})["image_input"] = batch
    per_second = other.get("input_cost_per_second") or other.get("output_cost_per_second")
    if per_second:  # the vendor's price is per minute; the thirds in the source are rounded away
        standard["minute"] = usd((Decimal(per_second) * 60).quantize(Decimal("0.000001")))
    if "output_cost_per_video_per_second" in other:
        standard["video_second"] = usd(other["output_cost_per_video_per_second"])
    if "input_cost_per_character" in other:
        standard["characters"] = usd(Decimal(other["input_cost_per_character"]) * 1_000_000)


def add_image_prices(name: str, standard: Record, sizes: Record) -> None:
    images = {}
    for key, entry in sizes.items():
        size = key.removesuffix(f"/{name}").replace("-x-", "x")
        if "input_cost_per_image" in entry:
            images[size] = usd(entry["input_cost_per_image"])
        else:
            width, height = (int(n) for n in size.rsplit("/", 1)[-1].split("x"))
            price = Decimal(entry["input_cost_per_pixel"]) * width * height
            images[size] = usd(price.quantize(Decimal("0.001")))
    if name.startswith("gpt-image-2"):
        images = dict(decided.IMAGE_2_PRICES)
    if images:
        standard["images"] = images


def add_training(name: str, prices: Record, sources: Record) -> None:
    base = name.removeprefix("ft:")
    tables = ((decided.TRAINING, "training"), (decided.TRAINING_PER_HOUR, "training_hour"))
    for table, rate in tables:
        for price, names in table.items():
            if base in names.split():
                prices.setdefault("standard", {})[rate] = price
                sources.setdefault("prices", "fine-tuning-docs")
                sources["prices.training"] = "fine-tuning-docs"


def price_periods(fact: Record, prices: Record, notes: list[str]) -> list[Record]:
    """Earlier prices (genai-prices keeps them) and the one announced change."""
    if fact["id"] == "gpt-6.2-sol":
        doubled = json.loads(json.dumps(prices))
        scale(doubled["ultrafast"], 2)
        notes.append("ultrafast: 3x standard through 2027-02-28, then 6x")
        return [{"from": "2027-03-01", "prices": doubled}]
    history = fact["price_history"] or []
    periods = []
    for old, following in pairwise(history):
        period: Record = {} if old["from"] is None else {"from": old["from"]}
        period["to"] = day_before(following["from"])
        period["prices"] = {"standard": genai_rates(old["prices"])}
        periods.append(period)
    if fact["id"].startswith("o3"):
        for period in periods:
            period["prices"]["standard"].pop("cached_input", None)
        notes.append("price_periods: the earlier cached rate is left out, its source repeats 0.5")
    return periods


def scale(rates: Record, factor: int) -> None:
    for rate, price in rates.items():
        if isinstance(price, dict):
            scale(price, factor)
        elif rate != "above":
            rates[rate] = usd(Decimal(price) * factor)


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def genai_rates(gathered: Record) -> Record:
    names = {
        "input_mtok": "input",
        "cache_read_mtok": "cached_input",
        "cache_write_mtok": "cache_write",
        "output_mtok": "output",
    }
    rates: Record = {}
    for key, rate in names.items():
        price = gathered.get(key)
        if isinstance(price, dict):
            rates[rate] = usd(price["base"])
            for step in price["tiers"]:
                long = rates.setdefault("long", {"above": step["above"]})
                long[rate] = usd(step["price"])
        elif price is not None:
            rates[rate] = usd(price)
    if "web_searches_kcount" in gathered:
        rates["web_search"] = usd(gathered["web_searches_kcount"])
    return rates


def openai_rules(fact: Record, record: Record, sources: Record, notes: list[str]) -> None:
    name, encoding = fact["id"], fact["encoding"]
    if record["kind"] in ("chat", "reasoning", "audio"):
        old = name in ("gpt-3.5-turbo-0301", "gpt-3.5-0301")
        by_encoding = {"cl100k_base": "gpt-4", "o200k_base": "gpt-4o", "o200k_harmony": "harmony"}
        record["chat_rule"] = "gpt-3.5-turbo-0301" if old else by_encoding[encoding]
    sees = "image" in (fact["modalities_in"] or ()) or (fact["supports"] or {}).get("vision")
    if not sees:
        return
    for pattern, rule, documented in decided.IMAGE_RULES:
        if re.fullmatch(pattern, name):
            record["image_rule"] = rule
            sources["image_rule"] = "image-docs" if documented else "assumed"
            if not documented:
                notes.append(f"image_rule: no table lists {name}; its family's rule is assumed")
            return
    if record["kind"] != "image":
        notes.append("image_rule: in no sizing table found")


def openai_retirement(
    fact: Record, facts: dict[str, Record], record: Record, sources: Record, notes: list[str]
) -> None:
    name = fact["id"]
    if fact["shutdown_date"]:
        record["retires_on"] = fact["shutdown_date"]
        told = fact["shutdown_note"] or ""
        old = any(s.startswith("OpenAI deprecations page") for s in fact["sources"])
        sources["retires_on"] = "openai-sdk" if told else "deprecations-2024" if old else "litellm"
    else:
        for alias in facts.values():
            if name in alias["snapshots"] and alias["shutdown_date"] and alias["id"] != name:
                notes.append(f"retires_on: {alias['id']} goes on {alias['shutdown_date']}")
    for source, table in decided.REPLACEMENTS.items():
        for replacement, names in table.items():
            if name in names.split():
                record["replacement"] = replacement
                sources["replacement"] = source


def openai_conflicts(fact: Record, record: Record, notes: list[str]) -> None:
    for conflict in fact["conflict"] or ():
        field = FIELDS.get(conflict["field"], conflict["field"])
        said = conflict.get("values")
        remark = conflict.get("note", "")
        if field == "encoding" or (field == "price.output" and record["kind"] == "speech"):
            continue  # said above
        if said:
            values = ", ".join(f"{source_name(key)} {value}" for key, value in said.items())
            rate = field.removeprefix("price.")
            if rate != field:
                chosen = record.get("prices", {}).get("standard", {}).get(rate)
                field = f"prices: {rate}"
            else:
                chosen = record.get(field)
            notes.append(f"{field}: sources differ ({values}); taken: {chosen}")
        elif "repeats 10/30" in remark:
            notes.append("ignored prices: gpt-tokenizer repeats one price over many models")
        elif "OpenAI's page gives no price" in remark:
            notes.append("ignored prices: gpt-tokenizer has one, OpenAI's page never did")
        elif "promotional" in remark:
            notes.append(
                "prices: 4 in, 20 out since 2026-08-21 is promotional, at least through "
                "2026-11-21; no later source confirms it"
            )
        elif "derived from" in remark:
            notes.append(
                "prices: cached_input is derived (60% below gpt-6-astra's); cache writes, other "
                "tiers and long prompts were not found"
            )
        elif "doubtful for first-generation" in remark:
            notes.append("context_window: gpt-tokenizer's 8191 is doubtful here and not used")
        elif "dropped" in remark:
            notes.append("max_input_tokens: gpt-tokenizer's 272000 exceeds the window; not used")
        elif "cache_creation" in remark:
            notes.append("cached_input: litellm files 1.875 as a cache write; its sibling's name")
        elif "8192 / max_output 4097" in remark:
            notes.append("context_window: litellm says 8192, genai-prices 16385; taken: 4096")
