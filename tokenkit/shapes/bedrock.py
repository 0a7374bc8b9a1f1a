"""Amazon Bedrock's Converse API and its batch results.

Source: the service model `bedrock-runtime` of botocore 1.44.8 (PyPI): `TokenUsage`, `CacheDetail`,
`ConverseResponse`, `ServiceTier`. Cache reads and writes stand beside `inputTokens` (Bedrock's
guide to prompt caching).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tokenkit.shapes.meanings import (
    Meaning,
    Table,
    Word,
    counts,
    fields_of,
    get,
    harmless,
    has,
    items_of,
)
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.scalars import as_count

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
            elif has(item, "inputTokens"):
                tokens = as_count(f"{place}.inputTokens", get(item, "inputTokens"))
                book.add(slot, f"{path}.{life}", tokens)


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
    "serverToolUsage": Table({}),  # empty where no tool of the provider's ran
    **harmless("invocationLatency firstByteLatency"),
}


@dataclass(frozen=True)
class Output:
    """`output`: a call of a tool that Bedrock runs (Nova's grounding, say) has a fee of its own."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        content = get(get(value, "message"), "content")
        for block in content if isinstance(content, (list, tuple)) else ():
            call = get(block, "toolUse")
            if get(call, "type") == "server_tool_use":
                reason = "a tool that the provider runs, for which no rate is listed"
                book.unpriced(str(get(call, "name")), Decimal(1), "call", reason)


RESPONSE: dict[str, Meaning] = {
    "output": Output(),
    "serviceTier": Table({"type": Word("tier")}),
    "performanceConfig": Table({"latency": Word("latency")}),
    **harmless("stopReason metrics additionalModelResponseFields trace ResponseMetadata"),
}
