"""Chats fitted into a share of their own size, and what must hold of them."""

from __future__ import annotations

from typing import Any

from hypothesis import reject, strategies as st

from tokenkit.chat.counting import count_messages
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.result import Fit
from tokenkit.models.record import Model

SYSTEM = ("system", "developer")
TOOLS = [{"type": "function", "function": {"name": "search", "description": "Find things."}}]
STRATEGIES = ("recent", "middle_out", "priority")
shares = st.sampled_from((0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0, 1.5))


def model(limit: int, **fields: Any) -> Model:
    """A model whose fit limit is `limit` with max_output="auto" and min_output=0."""
    return Model(
        name="small", kind="chat", encoding="o200k_base", context_window=max(1, limit), **fields
    )


def total(messages: Any, **options: Any) -> int:
    return count_messages(messages, "gpt-4o", **options).tokens


def fitted(chat: list[Any], share: float, **options: Any) -> tuple[Fit, int]:
    """Fit into a share of the chat's own size; another example where that cannot be."""
    limit = int(total(chat, tools=options.get("tools")) * share)
    try:
        return fit(chat, model(limit), min_output=0, **options), limit
    except ContextOverflowError:
        reject()


def kept_indexes(result: Fit, chat: list[Any]) -> list[int]:
    dropped = {loss.index for loss in result.dropped}
    return [index for index in range(len(chat)) if index not in dropped]


def check_groups(messages: list[Any]) -> None:
    """No result without its call, no call without results but at the end."""
    open_ids: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_ids
            open_ids.remove(message["tool_call_id"])
            continue
        assert not open_ids
        open_ids = [call["id"] for call in message.get("tool_calls") or ()]
