"""LangChain's messages and tools, as what tokenkit reads, and back; this file imports LangChain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from tokenkit import Model, get_model
from tokenkit.chat import request_rule

__all__ = ["chat_of", "message_counter", "own_messages", "shortenable", "tools_of"]


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
    rule = request_rule(get_model(model), tools=tools_of(tools), estimate=True)

    def count(messages: Any) -> int:
        return rule.tally(chat_of(messages)).total

    return count


def shortenable(messages: Iterable[Any]) -> list[Any]:
    """Return a chat whose results of tools are mappings, which `fit` may shorten."""
    return [
        {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
        if isinstance(message, ToolMessage) and isinstance(message.content, str)
        else message
        for message in messages
    ]


def own_messages(messages: Sequence[Any], given: Sequence[Any], kept: Sequence[Any]) -> list[Any]:
    """Return those of `messages` that were kept, in their order.

    `given` is what `shortenable` made of them. A shortened result is a copy with the shorter text;
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
