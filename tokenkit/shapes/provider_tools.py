"""Calls of tools that the provider runs, in the replies that wrappers keep: they have fees.

Usage objects of wrappers do not count them. Sources: the content blocks of langchain-core 1.8.3
(`ServerToolCall`, and OpenAI's items as langchain-openai keeps them), `BuiltinToolCallPart` of
pydantic-ai-slim 2.68.0, and `providerExecuted` of vercel/ai (read 2026-11).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tokenkit.shapes.meanings import fields_of, get
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.unsure import words

__all__ = ["ProviderCalls"]

_SLOTS = {
    "web_search": "web_search_calls",
    "web_search_preview": "web_search_calls",
    "google_search": "web_search_calls",
    "file_search": "done file_search",
    "x_search": "done x_search",
    "code_execution": "done code_execution",
    "bash_code_execution": "done code_execution",
    "text_editor_code_execution": "done code_execution",
    "code_interpreter": "done code_execution",
    "shell": "done code_execution",
}
# No fee beside the tokens that they bring in.
_FREE = words(
    """web_fetch url_context memory mcp mcp_server mcp_list_tools mcp_approval_request tool_search
    tool_search_tool_regex tool_search_tool_bm25 computer local_shell apply_patch custom_tool
    function tool invalid_tool advisor"""
)
_DATED = re.compile(r"_\d{8}$")  # Anthropic's names of the versions of its tools


@dataclass(frozen=True)
class ProviderCalls:
    """A list of blocks, parts or calls, among which those of the provider's tools are paid for.

    `kinds` are the values of the field `kind` that mark such a call, and `endings` those of names
    that are types by themselves, such as "file_search_call"; `name` and `arguments` are its fields.
    """

    kind: str
    kinds: tuple[object, ...]
    name: str
    arguments: str
    endings: tuple[str, ...] = ()

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        for index, item in enumerate(value if isinstance(value, (list, tuple)) else ()):
            kind = get(item, self.kind)
            ending = next((one for one in self.endings if str(kind).endswith(one)), None)
            place = str(get(item, "toolCallId") or f"{path}[{index}]")
            if kind in self.kinds:
                _count(book, place, str(get(item, self.name)), get(item, self.arguments))
            elif ending is not None and fields_of(item) is not None:
                _count(book, place, str(kind).removesuffix(ending), get(item, "action"))


def _count(book: Notebook, path: str, name: str, arguments: Any) -> None:
    """Count a call of a tool by its name."""
    tool = _DATED.sub("", name)
    slot = _SLOTS.get(tool)
    if slot is not None:
        number = _searches(arguments) if slot == "web_search_calls" else 1
        book.count(slot, path, number)
    elif tool not in _FREE:
        reason = "a tool that the provider runs, for which no rate is listed"
        book.unpriced(tool, Decimal(1), "call", reason)


def _searches(arguments: Any) -> int:
    """Return how many searches a call is: none where it opens a page, one for each query."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (RecursionError, ValueError):
            return 1
    action = get(arguments, "type")
    if action is not None:
        return 1 if action == "search" else 0
    queries = get(arguments, "queries")
    return max(1, len(queries)) if isinstance(queries, (list, tuple)) else 1
