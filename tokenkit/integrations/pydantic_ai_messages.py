"""pydantic-ai's messages as `fit` and `preflight` take them, one part of a request at a time."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["SpreadHistory", "output_format", "tool_dicts"]


@dataclass(frozen=True)
class SpreadHistory:
    """A history, its instructions, and what both are as a chat.

    Each part of a request is a message of the chat, so that parts can go and results of tools be
    shortened; `origins` are the indexes of (message, part), with None for a whole reply and (-1,
    None) for instructions.
    """

    messages: Sequence[Any]
    chat: list[Any]
    origins: list[tuple[int, int | None]]

    @classmethod
    def of(
        cls, messages: Sequence[Any], instructions: Sequence[Any] | None = None
    ) -> SpreadHistory:
        """Spread a history; without `instructions` (parts), with those of its newest request."""
        texts = _newest_instructions(messages) if instructions is None else instructions
        chat: list[Any] = [
            {"role": "system", "content": getattr(text, "content", text)} for text in texts
        ]
        origins: list[tuple[int, int | None]] = [(-1, None)] * len(chat)
        for index, message in enumerate(messages):
            if message.kind != "request":
                chat.append(_as_reply(message))
                origins.append((index, None))
                continue
            for position, part in enumerate(message.parts):
                chat.append(_as_message(message, part))
                origins.append((index, position))
        return cls(messages, chat, origins)

    def kept(self, kept: Mapping[int, Any]) -> list[Any]:
        """Return the history of what stays of the chat: its messages by their index in `chat`.

        Messages that stay whole are the same objects.
        """
        parts: dict[int, list[Any]] = {}
        for place, message in kept.items():
            index, position = self.origins[place]
            if index < 0:
                continue
            stay = parts.setdefault(index, [])
            if position is not None:
                part = self.messages[index].parts[position]
                same = message is self.chat[place]
                stay.append(part if same else replace(part, content=message["content"]))
        return [self._with_parts(self.messages[index], stay) for index, stay in parts.items()]

    def _with_parts(self, message: Any, parts: list[Any]) -> Any:
        if message.kind != "request":
            return message
        same = len(parts) == len(message.parts) and all(map(operator.is_, parts, message.parts))
        return message if same else replace(message, parts=parts)

    def places(self, chat: Sequence[Any]) -> dict[int, Any]:
        """Return what stays by its index in `chat`, from messages in the same order.

        They are found from the end: what stays there is whole, so ids that were used twice are
        those of the newest calls.
        """
        found: dict[int, Any] = {}
        place = len(self.chat) - 1
        for message in reversed(chat):
            while not _is_version(message, self.chat[place]):
                place -= 1
            found[place] = message
            place -= 1
        return dict(sorted(found.items()))


def _is_version(message: Any, before: Any) -> bool:
    """Return whether a message is the one before, or a shortened copy of it."""
    if message is before:
        return True
    both = isinstance(message, dict) and isinstance(before, dict)
    return both and "tool_call_id" in message and _call(message) == _call(before)


def _call(message: Mapping[str, Any]) -> Any:
    return message.get("tool_call_id")


def _newest_instructions(messages: Sequence[Any]) -> list[str]:
    """Return the instructions that the newest request carries, if any does."""
    for message in reversed(messages):
        if message.kind == "request" and message.instructions:
            return [message.instructions]
    return []


def _as_reply(message: Any) -> Any:
    """Return a reply of one text as a plain message, which is counted faster."""
    parts = message.parts
    if len(parts) == 1 and parts[0].part_kind == "text":
        return {"role": "assistant", "content": parts[0].content}
    return message


_ROLES = {"user-prompt": "user", "system-prompt": "system"}


def _as_message(message: Any, part: Any) -> Any:
    """Return a part of a request as a message: a result of text in the form that `fit` shortens."""
    parts = [part]
    if part.part_kind in _ROLES and isinstance(part.content, str):
        return {"role": _ROLES[part.part_kind], "content": part.content}
    if part.part_kind == "tool-return":
        text, files = part.model_response_str_and_user_content()
        if not files:
            return {"role": "tool", "tool_call_id": part.tool_call_id, "content": text}
        from pydantic_ai.messages import UserPromptPart

        parts = [replace(part, content=text), UserPromptPart(files)]
    return replace(message, parts=parts, instructions=None)


def tool_dicts(definitions: Iterable[Any], native: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """Return definitions of tools, and tools of the vendor, in OpenAI's chat format."""
    tools: list[dict[str, Any]] = []
    for tool in definitions:
        schema = tool.parameters_json_schema
        named = {"name": tool.name, "description": tool.description or "", "parameters": schema}
        tools.append({"type": "function", "function": named})
    return [*tools, *({"type": tool.kind} for tool in native)]


def output_format(parameters: Any) -> dict[str, Any] | None:
    """Return the schema of the output as a response format, where it is sent as one."""
    output = parameters.output_object
    if parameters.output_mode != "native" or output is None:
        return None
    named = {"name": output.name or "final_result", "schema": output.json_schema}
    if output.description:
        named["description"] = output.description
    return {"type": "json_schema", "json_schema": named}
