"""The class that `tokenkit.integrations.haystack` makes; importing this file imports Haystack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from haystack.core.serialization import default_to_dict
from haystack.token_counters import TokenCounter
from haystack.tools import flatten_tools_or_toolsets

from tokenkit import TokenCount, as_messages, get_model
from tokenkit.chat import check_messages, request_rule


def _named(messages: Sequence[Any]) -> list[Any]:
    """Return a chat whose results name their tools, as harmony writes them: hooks count results
    without the calls before them."""
    results = (result for message in messages for result in message.tool_call_results)
    names = iter([result.origin.tool_name for result in results])
    return [
        {**message, "name": next(names)} if message.get("role") == "tool" else message
        for message in as_messages(messages)
    ]


class TokenkitTokenCounter(TokenCounter):  # type: ignore[misc,unused-ignore]
    """A token counter for one model; see `tokenkit.integrations.haystack.token_counter`."""

    def __init__(self, model: str, upper: bool = False) -> None:
        self.model = model
        self.upper = upper

    def count(self, messages: Sequence[Any], tools: Any = None) -> int:
        """Count messages, and the tools that are sent with them."""
        count = self.measure(messages, tools)
        return count.high if self.upper and count.high is not None else count.tokens

    def measure(self, messages: Sequence[Any], tools: Any = None) -> TokenCount:
        """Count as `count` does, with bounds and notes."""
        if not messages and not tools:
            return TokenCount(0, 0, 0, True)
        functions = [
            {"type": "function", "function": tool.tool_spec}
            for tool in flatten_tools_or_toolsets(tools)
        ]
        record = get_model(self.model)
        rule = request_rule(record, tools=functions or None, estimate=True)
        chat = _named(messages) if record.chat_rule == "harmony" else messages
        tally = rule.tally(check_messages(chat))
        low, high = tally.bounds()
        return TokenCount(tally.total, low, high, tally.exact, tuple(tally.notes))

    def to_dict(self) -> dict[str, Any]:
        """Return what makes the counter again, as Haystack saves it."""
        saved: dict[str, Any] = default_to_dict(self, model=self.model, upper=self.upper)
        return saved
