"""The class that `tokenkit.integrations.haystack` makes; importing this file imports Haystack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from haystack.core.serialization import default_to_dict
from haystack.token_counters import TokenCounter
from haystack.tools import flatten_tools_or_toolsets

from tokenkit import TokenCount, get_model
from tokenkit.chat import check_messages, request_rule


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
        rule = request_rule(get_model(self.model), tools=functions or None, estimate=True)
        tally = rule.tally(check_messages(messages))
        low, high = tally.bounds()
        return TokenCount(tally.total, low, high, tally.exact, tuple(tally.notes))

    def to_dict(self) -> dict[str, Any]:
        """Return what makes the counter again, as Haystack saves it."""
        saved: dict[str, Any] = default_to_dict(self, model=self.model, upper=self.upper)
        return saved
