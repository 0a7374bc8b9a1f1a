"""Anthropic's messages API, also as Bedrock and Vertex AI hand it on, and its batch results.

Source: the types of anthropic 2.14.0 (PyPI): `Usage`, `BetaUsage`, `ServerToolUsage`,
`CacheCreation`, `Message`, `MessageBatchIndividualResponse`. "Total input tokens in a request is
the summation of input_tokens, cache_creation_input_tokens, and cache_read_input_tokens": cached
tokens stand beside the input tokens. Fetching a web page has no fee of its own; searches do
(Anthropic's pricing page).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    ByType,
    Count,
    Each,
    Fee,
    Item,
    Items,
    Meaning,
    Table,
    Word,
    counts,
    entries_of,
    get,
    harmless,
    items_of,
)
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.scalars import as_count

# Any of these at the top says that input_tokens are those neither read from a cache nor written.
MARKS = (
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "server_tool_use",
    "inference_geo",
)
WRITES = Table(
    counts(
        {
            "ephemeral_5m_input_tokens": "written_short",
            "ephemeral_1h_input_tokens": "written_long",
            "ephemeral_30m_input_tokens": "written_short",
            "ephemeral_12h_input_tokens": "written_long",
        }
    )
)
SERVER_TOOLS = Table(
    {
        "web_search_requests": Count("web_searches"),
        "code_execution_requests": Items("code_execution"),
        # No fee beside the tokens that they bring in.
        **harmless("web_fetch_requests tool_search_requests browser_open_requests"),
    }
)


@dataclass(frozen=True)
class Iterations:
    """`iterations`: the turns behind one answer. Only some are outside the totals above them.

    Turns of the message itself are summed there; a compaction's tokens are not, and an advisor's
    are those of another model.
    """

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, turn in enumerate(items_of(book, path, value)):
            place = f"{path}[{index}]"
            keys = dict(entries_of(book, place, turn))
            for key in keys:
                if key not in _TURN_KEYS:
                    book.unknown(f"{place}.{key}", keys[key])
            kind = getattr(keys.get("type"), "value", keys.get("type"))
            if keys and kind not in ("message", "fallback_message"):
                tokens = sum(
                    as_count(f"{place}.{key}", item)
                    for key, item in keys.items()
                    if str(key).endswith("_tokens") and item is not None
                )
                Fee(f"{kind}_turn", "token", "its tokens are not in the totals").read(
                    book, place, tokens
                )


@dataclass(frozen=True)
class FallbackCredit:
    """`fallback_credit`: whether a retry is billed as if it had been on its model all along."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        if get(get(value, "status"), "type") != "not_applied":
            reason = "a credit changes the bill"
            book.unpriced("fallback_credit", Decimal(1), "credit", reason)


_TURN_KEYS = harmless(
    """type model input_tokens output_tokens cache_creation cache_creation_input_tokens
    cache_read_input_tokens output_tokens_details"""
)
USAGE: dict[str, Meaning] = {
    **counts(
        {
            "input_tokens": "input",
            "output_tokens": "output",
            "cache_read_input_tokens": "cached",
            "cache_creation_input_tokens": "written",
        }
    ),
    "cache_creation": WRITES,
    "output_tokens_details": Table(counts({"thinking_tokens": "reasoning"})),
    "server_tool_use": SERVER_TOOLS,
    "service_tier": Word("tier"),
    "speed": Word("speed"),
    "inference_geo": Word("region"),
    "iterations": Iterations(),
    "fallback_credit": FallbackCredit(),
}
_CODE = Item("code_execution")
_CONTENT = ByType(
    {
        **harmless(
            """text thinking redacted_thinking tool_use server_tool_use mcp_tool_use
            web_search_tool_result web_fetch_tool_result tool_search_tool_result mcp_tool_result
            container_upload compaction document image tool_reference fallback web_search_result
            advisor_tool_result mcp_tool_listing tool_addition tool_removal"""
        ),
        "code_execution_tool_result": _CODE,
        "bash_code_execution_tool_result": _CODE,
        "text_editor_code_execution_tool_result": _CODE,
    },
    {"_tool_use": HARMLESS},
)
MESSAGE: dict[str, Meaning] = {
    "model": Word("model"),
    "content": Each(_CONTENT),
    **harmless(
        """id type role stop_reason stop_sequence stop_details container diagnostics
        context_management input_transformations amazon_bedrock_invocation_metrics
        amazon-bedrock-invocationMetrics amazon-bedrock-guardrailAction"""
    ),
}
