"""LangChain's messages and tools, as what tokenkit reads, and back; this file imports LangChain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from tokenkit import Model, get_model
from tokenkit.chat import request_rule

__all__ = ["as_sent", "chat_of", "message_counter", "own_messages", "tools_of"]

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}


def chat_of(messages: Any) -> list[Any]:
    """Return the messages of a list, a prompt, or one message; texts and pairs become messages."""
    if isinstance(messages, PromptValue):
        return list(messages.to_messages())
    if isinstance(messages, (BaseMessage, Mapping, str)):
        messages = [messages]
    return [
        message
        if isinstance(message, (BaseMessage, Mapping))
        else convert_to_messages([message])[0]
        for message in messages
    ]


def tools_of(tools: Iterable[Any] | None) -> list[Any] | None:
    """Return tools as definitions; mappings and tools of others stay as they are."""
    if not tools:
        return None
    return [
        convert_to_openai_tool(tool)
        if isinstance(tool, (BaseTool, type)) or callable(tool)
        else tool
        for tool in tools
    ]


def message_counter(model: str | Model, tools: Iterable[Any] | None) -> Callable[[Any], int]:
    """Make a function that counts messages with `tools`."""
    record = get_model(model)
    rule = request_rule(record, tools=tools_of(tools), estimate=True)

    def count(messages: Any) -> int:
        chat = chat_of(messages)
        sent = list(map(as_sent, chat))
        return rule.tally(_named(chat, sent) if record.chat_rule == "harmony" else sent).total

    return count


def _named(chat: Sequence[Any], sent: Sequence[Any]) -> list[Any]:
    """Return messages whose results of tools name them, as gpt-oss is told.

    `trim_messages` counts chats in reverse, and results without their calls.
    """
    calls = [call for message in chat for call in getattr(message, "tool_calls", ())]
    names = {call["id"]: call["name"] for call in calls}
    named: list[Any] = []
    for message, one in zip(chat, sent, strict=True):
        if isinstance(one, dict) and one.get("role") == "tool" and one is not message:
            name = names.get(message.tool_call_id, message.name) or "tool"
            one = {"role": "tool", "name": name, "content": one["content"]}
        named.append(one)
    return named


def as_sent(message: Any) -> Any:
    """Return a message of text and calls alone in OpenAI's form; any other as it is.

    `as_messages` reads it into the same, in ten times the time; `fit` can shorten such results of
    tools.
    """
    role = _ROLES.get(getattr(message, "type", ""))
    if role is None or not isinstance(message.content, str):
        return message
    if role == "tool":
        return {"role": role, "tool_call_id": message.tool_call_id, "content": message.content}
    if any(extra is not None for extra in message.additional_kwargs.values()):
        return message
    sent: dict[str, Any] = {"role": role, "content": message.content}
    if message.name is not None:
        sent["name"] = message.name
    if role == "assistant":
        if message.invalid_tool_calls:
            return message
        try:
            calls = [_call(call) for call in message.tool_calls]
        except (TypeError, ValueError, RecursionError):  # arguments that JSON cannot hold
            return message
        if calls:
            sent["tool_calls"] = calls
    return sent


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    said = json.dumps(call["args"], ensure_ascii=False)
    function = {"name": call["name"], "arguments": said}
    return {"id": call["id"], "type": "function", "function": function}


def own_messages(messages: Sequence[Any], given: Sequence[Any], kept: Sequence[Any]) -> list[Any]:
    """Return those of `messages` that were kept, in their order.

    `given` is what `as_sent` made of them. A shortened result is a copy with the shorter text;
    of two results with one id it is the newer one that is shortened, as older ones are dropped.
    """
    own: list[Any] = []
    left = iter(zip(reversed(messages), reversed(given), strict=True))
    for item in reversed(kept):
        for message, sent in left:
            if item is sent:
                own.append(message)
                break
            if _is_shortened(item, sent):
                own.append(message.model_copy(update={"content": item["content"]}))
                break
    return own[::-1]


def _is_shortened(item: Any, sent: Any) -> bool:
    return (
        isinstance(item, Mapping)
        and isinstance(sent, Mapping)
        and item.get("role") == "tool" == sent.get("role")
        and item.get("tool_call_id") == sent.get("tool_call_id")
    )
