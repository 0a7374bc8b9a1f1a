"""xAI's chat completions and Responses: OpenAI's keys, server-side tools, and Grok's reasoning.

Source: `SamplingUsage` of xai-sdk 1.21.0 (PyPI), and answers of the API that xAI's users show: in
chat completions `total_tokens` is prompt + completion + reasoning, so that reasoning is beside
the completion. Where there is no total, it is taken so for chat completions of xAI's models.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    Count,
    Fee,
    Items,
    Meaning,
    Table,
    counts,
    harmless,
    items_of,
)
from tokenkit.shapes.notebook import Notebook

_NO_RATE = "no rate is listed for it"
_PREFIX = "SERVER_SIDE_TOOL_"
# `ServerSideTool` of xai-sdk, by its numbers; None for those whose tokens alone are billed.
_TOOLS: dict[str, str | None] = {
    "WEB_SEARCH": "web_search_calls",
    "X_SEARCH": "done x_search",
    "CODE_EXECUTION": "done code_execution",
    "COLLECTIONS_SEARCH": "done file_search",
    "VIEW_IMAGE": None,
    "VIEW_X_VIDEO": None,
    "MCP": None,
}
_NAMES = {
    1: "WEB_SEARCH",
    2: "X_SEARCH",
    3: "CODE_EXECUTION",
    4: "VIEW_IMAGE",
    5: "VIEW_X_VIDEO",
    6: "COLLECTIONS_SEARCH",
    7: "MCP",
    8: "ATTACHMENT_SEARCH",
    10: "IMAGE_SEARCH",
    11: "IMAGE_GENERATION",
}


@dataclass(frozen=True)
class ToolsUsed:
    """`server_side_tools_used` of the SDK: a number, or a name, for each call of a tool."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, item in enumerate(items_of(book, path, value)):
            word = _NAMES.get(item, str(item)) if type(item) is int else str(item)
            tool = word.removeprefix(_PREFIX)
            slot = _TOOLS.get(tool)
            if slot is not None:
                book.count(slot, f"{path}[{index}]", 1)
            elif tool not in _TOOLS:
                book.unpriced(tool.lower(), Decimal(1), "call", _NO_RATE)


USAGE: dict[str, Meaning] = {
    # The SDK's object is flat.
    **counts(
        {
            "reasoning_tokens": "reasoning",
            "cached_prompt_text_tokens": "cached",
            "prompt_text_tokens": "text_in",
            "prompt_image_tokens": "image_in",
        }
    ),
    "num_sources_used": Fee("live_search_sources", "source", _NO_RATE),
    "server_side_tool_usage_details": Table(
        {
            "web_search_calls": Count("web_searches"),
            "x_search_calls": Items("x_search"),
            "code_interpreter_calls": Items("code_execution"),
            "file_search_calls": Items("file_search"),
            "document_search_calls": Fee("document_search", "call", _NO_RATE),
            "image_generation_calls": Fee("image_generation", "call", _NO_RATE),
            "mcp_calls": HARMLESS,  # tokens only
        }
    ),
    # Sums of what stands elsewhere, and what xAI itself charged.
    **harmless("num_server_side_tools_used cost_in_usd_ticks context_details"),
    "server_side_tools_used": ToolsUsed(),
}
RESPONSE: dict[str, Meaning] = harmless("citations debug_output inline_citations")
