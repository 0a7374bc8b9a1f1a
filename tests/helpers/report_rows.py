"""Texts whose report is known, and that report made with plain Python."""

from __future__ import annotations

from typing import Any

import tiktoken

MODEL = "text-embedding-3-small"
# Nulls, an empty text, texts over the model's limit, rare characters, texts of all sizes.
TEXTS: list[str | None] = [
    *("hello world", None, "", "a " * 9_000, "naïve 漢字 👩‍💻", "<|endoftext|>", None),
    *("word " * n for n in range(0, 300, 3)),
    "b " * 9_000,
]


def naive_numbers(twin: tiktoken.Encoding, limit: int = 8_191) -> dict[str, Any]:
    """The numbers of a report, by tiktoken and sorted lists."""
    texts = [text for text in TEXTS if text is not None]
    counts = sorted(len(twin.encode_ordinary(text)) for text in texts)
    bins: dict[int, int] = {}
    for count in counts:
        bins[count.bit_length()] = bins.get(count.bit_length(), 0) + 1
    groups = range(min(bins), max(bins) + 1)
    return {
        "rows": len(counts),
        "nulls": TEXTS.count(None),
        "invalid": 0,
        "tokens": sum(counts),
        "min": counts[0],
        "median": counts[(len(counts) + 1) // 2 - 1],
        "p95": counts[-(-len(counts) * 95 // 100) - 1],
        "max": counts[-1],
        "limit": limit,
        "over_limit": sum(count > limit for count in counts),
        "histogram": [
            {"from": 2**bits >> 1, "to": 2**bits - 1, "rows": bins.get(bits, 0)} for bits in groups
        ],
    }
