"""Amazon Bedrock's Converse API and its batch results.

Source: the service model `bedrock-runtime` of botocore 1.44.8 (PyPI): `TokenUsage`, `CacheDetail`,
`ConverseResponse`, `ServiceTier`. Cache reads and writes stand beside `inputTokens` (Bedrock's
guide to prompt caching).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import (
    Count,
    Meaning,
    Table,
    Word,
    counts,
    fields_of,
    get,
    harmless,
    items_of,
)
from tokenkit.shapes.notebook import Notebook

METRICS = "amazon-bedrock-invocationMetrics"  # in the last chunk of a stream
MARKS = (
    "cacheReadInputTokens",
    "cacheWriteInputTokens",
    "cacheReadInputTokenCount",
    "cacheWriteInputTokenCount",
    "cacheDetails",
)


@dataclass(frozen=True)
class CacheDetails:
    """`cacheDetails`: the written tokens by their life, "5m" or "1h"."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, item in enumerate(items_of(book, path, value)):
            place = f"{path}[{index}]"
            for key, part in fields_of(item) or ():
                if key not in ("ttl", "inputTokens"):
                    book.unknown(f"{place}.{key}", part)
            life = get(item, "ttl")
            slot = {"5m": "written_short", "1h": "written_long"}.get(str(life))
            if slot is None:
                book.unknown(f"{place}.ttl", life)
            elif get(item, "inputTokens") is not None:
                Count(slot).read(book, f"{path}.{life}", get(item, "inputTokens"))


USAGE: dict[str, Meaning] = {
    **counts(
        {
            "inputTokens": "input",
            "outputTokens": "output",
            "totalTokens": "total",
            "cacheReadInputTokens": "cached",
            "cacheWriteInputTokens": "written",
            # The same, as InvokeModel's metrics and Nova's own API call them.
            "inputTokenCount": "input",
            "outputTokenCount": "output",
            "cacheReadInputTokenCount": "cached",
            "cacheWriteInputTokenCount": "written",
        }
    ),
    "cacheDetails": CacheDetails(),
    **harmless("serverToolUsage invocationLatency firstByteLatency"),
}
RESPONSE: dict[str, Meaning] = {
    "serviceTier": Table({"type": Word("tier")}),
    "performanceConfig": Table({"latency": Word("latency")}),
    **harmless("output stopReason metrics additionalModelResponseFields trace ResponseMetadata"),
}
