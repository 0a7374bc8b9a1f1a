"""Chats of any shape: their messages read into OpenAI's format, one reading for each message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tokenkit.chat.checks import Message
from tokenkit.shapes import ReadMessage, is_plain_message, plain, read_message

__all__ = [
    "ChatMessage",
    "as_messages",
    "as_read",
    "called_ids",
    "read_chat",
    "result_id",
    "without_orphans",
]

# A message of a chat as it is counted: plain, or read from another shape.
ChatMessage: TypeAlias = Message | ReadMessage


def as_messages(anything: Any) -> list[dict[str, Any]]:
    """Read messages of any system into plain dicts of OpenAI's chat format.

    `anything` is a list of messages, one message, a text (the user's), or an object that holds
    `messages`, `input` or `contents`: dicts, objects of SDKs, of LangChain, LlamaIndex, Haystack
    and pydantic-ai, items of the responses API, contents of Gemini. Results of tools become
    messages of their own. What such a message cannot hold (an encrypted part, an unknown key) is
    left out: `count_messages` names it, so count the originals.

    Raises TypeError for what holds no messages, naming the one that is none.

    >>> block = {"type": "tool_use", "id": "a", "name": "now", "input": {}}
    >>> as_messages([{"role": "assistant", "content": [block]}])[0]["tool_calls"][0]["id"]
    'a'
    """
    if isinstance(anything, str):
        return [{"role": "user", "content": anything}]
    if not isinstance(anything, (list, tuple)):
        fields = plain(anything)
        if isinstance(fields, dict):
            held = [key for key in ("messages", "input", "contents") if key in fields]
            anything = fields[held[0]] if held else [anything]
            if isinstance(anything, str):
                return as_messages(anything)
    if not isinstance(anything, Iterable):
        raise TypeError(f"messages: expected a list of messages, got {type(anything).__name__}")
    chat: list[dict[str, Any]] = []
    for index, message in enumerate(anything):
        if isinstance(message, str):
            message = {"role": "user", "content": message}
        read = as_read(index, message).messages
        for one in read:
            if not isinstance(one, dict) or "role" not in one:
                kind = type(message).__name__
                raise TypeError(f"messages[{index}]: expected a message with a role, got {kind}")
        chat += [_without_paths(one) for one in read]
    return chat


def _without_paths(message: Any) -> Any:
    """Return a message whose parts do not say where they stood before."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    parts = [
        {key: part[key] for key in part if key != "where"} if isinstance(part, dict) else part
        for part in content
    ]
    return {**message, "content": parts}


def as_read(index: int, message: Any, harmony: bool = False) -> ReadMessage:
    """Return what a message is read into; itself where it is plain."""
    if isinstance(message, ReadMessage):
        return message
    if type(message) is dict and is_plain_message(message, harmony):
        return ReadMessage((message,))
    return read_message(message, f"messages[{index}]", harmony)


def read_chat(messages: Iterable[Any], harmony: bool = False) -> list[ChatMessage]:
    """Return the chat with a `ReadMessage` in place of each message of another shape."""
    return [
        message
        if type(message) is dict and is_plain_message(message, harmony)
        else as_read(index, message, harmony)
        for index, message in enumerate(messages)
    ]


def called_ids(message: Message) -> list[object]:
    """Return the ids of the calls in a message; a call of the older form has its name for one."""
    calls = message.get("tool_calls") or ()
    ids = [call.get("id") for call in calls if isinstance(call, Mapping)]
    call = message.get("function_call")
    return [*ids, ("function", call.get("name"))] if isinstance(call, Mapping) else ids


def result_id(message: Message) -> tuple[object, ...]:
    """Return the id of the call whose result this message is, in a tuple; () for all others."""
    role = message.get("role")
    if role == "tool":
        return (message.get("tool_call_id"),)
    return (("function", message.get("name")),) if role == "function" else ()


def without_orphans(
    messages: Sequence[Any], harmony: bool = False
) -> tuple[list[ChatMessage], list[str]]:
    """Drop results whose call is not in the chat before them, and parts of unknown types.

    Returns the chat, in which a dropped message has no tokens, and a note for each loss.

    >>> without_orphans([{"role": "tool", "tool_call_id": "a", "content": "4"}])[1]
    ['messages[0]: dropped, as the call of this tool result is not in the chat']
    """
    chat: list[ChatMessage] = []
    notes: list[str] = []
    called: list[object] = []
    for index, message in enumerate(messages):
        reading = as_read(index, message, harmony)
        kept = []
        called += reading.calls
        for item in reading.messages:
            if not isinstance(item, Mapping):
                kept.append(item)  # for the counter to refuse
                continue
            ids = result_id(item)
            if ids and ids[0] not in called:
                notes.append(
                    f"messages[{index}]: dropped, as the call of this tool result is not in the "
                    "chat"
                )
                continue
            for call_id in ids:
                called.remove(call_id)
            called += called_ids(item)
            kept.append(item)
        foreign = [part for part in reading.unsure if part.foreign]
        notes += [f"{part.path}: dropped, as its type is not known" for part in foreign]
        unsure = tuple(part for part in reading.unsure if not part.foreign)
        if len(kept) == len(reading.messages) and not foreign and reading.messages == (message,):
            chat.append(message)
        else:
            chat.append(ReadMessage(tuple(kept), unsure, reading.empty, reading.calls))
    return chat, notes
