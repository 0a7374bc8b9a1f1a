"""A chat cut into groups that may only stay or go as a whole.

A group is one message, or an assistant's tool calls with all of their results. A result without
its call, or a call without its results that is not the end of the chat, is an error of the input:
any API would refuse it, and dropping around it would only hide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SYSTEM_ROLES", "Group", "group_messages"]

SYSTEM_ROLES = frozenset(("system", "developer"))


@dataclass(slots=True)
class Group:
    """Messages [start, end) of the chat; `role` is the role of the first one."""

    start: int
    end: int
    role: str
    tokens: int = 0
    results: tuple[int, ...] = ()

    is_system: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_system = self.role in SYSTEM_ROLES


def group_messages(messages: Sequence[Mapping[str, Any]]) -> list[Group]:
    """The groups of a chat; raises ValueError naming the message that breaks one.

    >>> call = {"role": "assistant", "tool_calls": [{"id": "a"}]}
    >>> result = {"role": "tool", "tool_call_id": "a", "content": "4"}
    >>> [(g.start, g.end) for g in group_messages([{"role": "user"}, call, result])]
    [(0, 1), (1, 3)]
    """
    groups: list[Group] = []
    index, count = 0, len(messages)
    while index < count:
        message = messages[index]
        role = message["role"]
        if role == "tool" or role == "function":
            raise ValueError(_orphan(index, message))
        if role == "assistant" and ("tool_calls" in message or "function_call" in message):
            end = index + 1
            if message.get("tool_calls"):
                end = _tool_group(messages, index)
            elif message.get("function_call") is not None:
                end = _function_group(messages, index)
            groups.append(Group(index, end, role, 0, tuple(range(index + 1, end))))
            index = end
            continue
        groups.append(Group(index, index + 1, role))
        index += 1
    return groups


def _orphan(index: int, message: Mapping[str, Any]) -> str:
    named = f" {message['tool_call_id']!r}" if message.get("tool_call_id") else ""
    return f"messages[{index}]: a tool result without its call{named} just before it"


def _tool_group(messages: Sequence[Mapping[str, Any]], start: int) -> int:
    """The end of a group of tool calls and results."""
    open_ids = [call.get("id") for call in messages[start]["tool_calls"]]
    end = start + 1
    while end < len(messages) and messages[end]["role"] == "tool":
        call_id = messages[end].get("tool_call_id")
        if call_id not in open_ids:
            raise ValueError(_orphan(end, messages[end]))
        open_ids.remove(call_id)
        end += 1
    if open_ids and end < len(messages):
        raise ValueError(
            f"messages[{start}]: the tool call {open_ids[0]!r} has no result; only the calls at "
            "the end of a chat may still be open"
        )
    return end


def _function_group(messages: Sequence[Mapping[str, Any]], start: int) -> int:
    end = start + 1
    if end < len(messages):
        name = messages[start]["function_call"].get("name")
        result = messages[end]
        if result["role"] != "function" or result.get("name") != name:
            raise ValueError(f"messages[{start}]: the function call {name!r} has no result")
        end += 1
    return end
