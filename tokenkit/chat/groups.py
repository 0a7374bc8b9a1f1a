"""Groups of messages that stay or are dropped together.

A group is one message, or an assistant's tool calls with all of their results. A result without
its call, or a call without its results that is not the end of the chat, is an error of the input:
any API would refuse it, and dropping messages around it would only hide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenkit.chat.checks import Message, fault

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


def group_messages(messages: Sequence[Message]) -> list[Group]:
    """Give the groups of a chat. Raises ValueError that names the message that breaks one.

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
            raise _orphan(index, message)
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


def _orphan(index: int, message: Message) -> ValueError:
    call = f" {message['tool_call_id']!r}" if message.get("tool_call_id") else ""
    return fault(
        f"messages[{index}]",
        f"expected the call{call} of this tool result just before it, got none; add the call or "
        "drop the result",
    )


def _tool_group(messages: Sequence[Message], start: int) -> int:
    """Give the end of a group of tool calls and results."""
    open_ids = [call.get("id") for call in messages[start]["tool_calls"]]
    end = start + 1
    while end < len(messages) and messages[end]["role"] == "tool":
        call_id = messages[end].get("tool_call_id")
        if call_id not in open_ids:
            raise _orphan(end, messages[end])
        open_ids.remove(call_id)
        end += 1
    if open_ids and end < len(messages):
        raise fault(
            f"messages[{start}]",
            f"expected a result of the tool call {open_ids[0]!r} just after it, got none; only "
            "calls at the end of a chat may still be open",
        )
    return end


def _function_group(messages: Sequence[Message], start: int) -> int:
    end = start + 1
    if end < len(messages):
        name = messages[start]["function_call"].get("name")
        result = messages[end]
        if result["role"] != "function" or result.get("name") != name:
            problem = f"expected a result of the function call {name!r} just after it, got none"
            raise fault(f"messages[{start}]", problem)
        end += 1
    return end
