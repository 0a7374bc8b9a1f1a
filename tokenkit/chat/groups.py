"""Groups of messages that stay or are dropped together.

A group is one message, or an assistant's tool calls with all of their results. A result without
its call, or a call without its results that is not the end of the chat, is an error of the input:
any API would refuse it, and dropping messages around it would only hide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenkit.chat.checks import Message, check_role, fault
from tokenkit.chat.reading import as_read, called_ids, result_id
from tokenkit.shapes import ReadMessage, is_plain_message

__all__ = ["SYSTEM_ROLES", "Group", "check_chat", "check_groups", "group_messages", "in_turns"]

SYSTEM_ROLES = frozenset(("system", "developer"))


@dataclass(slots=True)
class Group:
    """Messages [start, end) of the chat; `role` is the role of the first one."""

    start: int
    end: int
    role: str
    tokens: int = 0
    results: tuple[int, ...] = ()
    is_system: bool = False


def group_messages(
    messages: Sequence[Any],
    read: Mapping[int, ReadMessage] | None = None,
    costs: Sequence[int] | None = None,
) -> list[Group]:
    """Give the groups of a chat. Raises ValueError that names the message that breaks one.

    `read` holds the messages of other shapes, as they were read; `costs` the tokens of each
    message, of which groups get the sums.

    >>> call = {"role": "assistant", "tool_calls": [{"id": "a"}]}
    >>> result = {"role": "tool", "tool_call_id": "a", "content": "4"}
    >>> [(g.start, g.end) for g in group_messages([{"role": "user"}, call, result])]
    [(0, 1), (1, 3)]
    """
    if read:
        chat = [read[i].messages if i in read else (m,) for i, m in enumerate(messages)]
        groups = _group_read(chat, {i: item.calls for i, item in read.items() if item.calls})
        for group in groups if costs else ():
            group.tokens = sum(costs[group.start : group.end])  # type: ignore[index]
        return groups
    if costs is None:
        costs = [0] * len(messages)
    groups = []
    end = 0
    for index, message, tokens in zip(range(len(messages)), messages, costs, strict=True):
        if index < end:  # a result, in the group of its call
            continue
        role = message["role"]
        if role == "assistant":
            if "tool_calls" in message or "function_call" in message:
                group = _call_group(messages, index)
                end = group.end
                group.tokens = sum(costs[index:end])
                groups.append(group)
                continue
        elif role == "tool" or role == "function":
            raise _orphan(index, message)
        elif role in SYSTEM_ROLES:
            groups.append(Group(index, index + 1, role, tokens, is_system=True))
            continue
        groups.append(Group(index, index + 1, role, tokens))
    return groups


def _call_group(messages: Sequence[Message], start: int) -> Group:
    """Give the group of a message that may call tools."""
    message, end = messages[start], start + 1
    if message.get("tool_calls"):
        end = _tool_group(messages, start)
    elif message.get("function_call") is not None:
        end = _function_group(messages, start)
    return Group(start, end, message["role"], 0, tuple(range(start + 1, end)))


def in_turns(groups: Sequence[Group]) -> list[Group]:
    """Join the groups of each turn but the last: what stands from a user's message to the next.

    Some chat templates refuse two messages of one role in a row; whole turns never leave any.

    >>> groups = [Group(i, i + 1, role) for i, role in enumerate(("user", "assistant") * 2)]
    >>> [(g.start, g.end) for g in in_turns(groups)]
    [(0, 2), (2, 3), (3, 4)]
    """
    users = [i for i, group in enumerate(groups) if group.role == "user"]
    last = users[-1] if users else len(groups)
    turns: list[Group] = []
    for index, group in enumerate(groups):
        joins = turns and not (turns[-1].is_system or group.is_system or group.role == "user")
        if joins and users and users[0] < index < last:
            turn = turns[-1]
            results = (*turn.results, *group.results)
            tokens = turn.tokens + group.tokens
            turns[-1] = Group(turn.start, group.end, turn.role, tokens, results)
        else:
            turns.append(group)
    return turns


def check_chat(messages: Sequence[Any]) -> None:
    """Check the roles of a chat of any shape, and that each result of a tool follows its call.

    Raises TypeError, or ValueError that names the faulty message.
    """
    read: dict[int, ReadMessage] = {}
    for index, message in enumerate(messages):
        if type(message) is dict and is_plain_message(message):
            check_role(index, message)
            continue
        reading = read[index] = as_read(index, message)
        for item in reading.messages:
            check_role(index, item)
    check_groups(messages, read)


def check_groups(messages: Sequence[Any], read: Mapping[int, ReadMessage]) -> None:
    """Check that each result of a tool follows its call, in a chat whose roles are right.

    `read` as in `group_messages`. Raises ValueError that names the faulty message.
    """
    if read or any(map(_calls_or_answers, messages)):
        group_messages(messages, read)


def _calls_or_answers(message: Message) -> bool:
    """Return whether a message may call a tool, or is a result."""
    role = message["role"]
    if role == "assistant":
        return "tool_calls" in message or "function_call" in message
    return role in ("tool", "function")


def _group_read(
    chat: Sequence[tuple[Message, ...]], calls: Mapping[int, tuple[object, ...]]
) -> list[Group]:
    """Give the groups of a chat in which one message may be read into none, or into several.

    `calls` are the ids of calls that no message holds. Items without a message, such as reasoning,
    go with what follows them; calls and results may each be a message of their own, and results may
    share one with other content.
    """
    groups: list[Group] = []
    start = 0
    while start < len(chat):
        open_ids: list[object] = []
        end, role = start, ""
        while end < len(chat) and (open_ids or not role):
            answers = any(result_id(message) for message in chat[end])
            asks_alone = chat[end] and all(called_ids(message) for message in chat[end])
            if open_ids and chat[end] and not answers and not asks_alone:
                break
            if end in calls:
                open_ids += calls[end]
                role = role or "assistant"
            for message in chat[end]:
                _take(message, end, open_ids)
                role = role or message["role"]
            end += 1
        if open_ids and end < len(chat):
            raise _open_call(start, open_ids[0])
        results = tuple(range(start + 1, end))
        groups.append(Group(start, end, role or "assistant", 0, results, role in SYSTEM_ROLES))
        start = end
    return groups


def _take(message: Message, index: int, open_ids: list[object]) -> None:
    """Open the calls of a message, or close the one that it answers."""
    for call_id in result_id(message):
        if call_id not in open_ids:
            raise _orphan(index, message)
        open_ids.remove(call_id)
    open_ids += called_ids(message)


def _open_call(index: int, call_id: object) -> ValueError:
    return fault(
        f"messages[{index}]",
        f"expected a result of the tool call {call_id!r} just after it, got none; only calls at "
        "the end of a chat may still be open",
    )


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
    end, count = start + 1, len(messages)
    while end < count:
        message = messages[end]
        if message["role"] != "tool":
            break
        call_id = message.get("tool_call_id")
        if call_id not in open_ids:
            raise _orphan(end, message)
        open_ids.remove(call_id)
        end += 1
    if open_ids and end < count:
        raise _open_call(start, open_ids[0])
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
