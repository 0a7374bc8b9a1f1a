"""A chat and its tools as a template is given them, and the keys that it leaves unread.

Templates expect OpenAI's messages with these differences (documentation of transformers 5.24.0,
"Chat templates", and its `chat_template_utils`): the arguments of a call are an object, not JSON
in a text; keys without a value are left out; reasoning is `reasoning_content`, and under its older
names as well. Messages of other shapes are read into OpenAI's first. Messages in OpenAI's form go
to the template with all their keys, as a template may know more of them than OpenAI does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenkit.chat.checks import fault, wrong_type
from tokenkit.chat.reading import ChatMessage, as_read
from tokenkit.chat.template_views import DictView, ListView, place, unread_items, viewed
from tokenkit.shapes import ReadMessage, Tool, is_plain_message, plain

__all__ = ["Form", "GivenChat", "GivenMessage", "as_object", "given_messages", "given_tools"]

# Keys that say nothing to a model, or what the call of a tool's result says.
_HARMLESS = frozenset(
    ("id", "type", "object", "index", "status", "tool_call_id", "call_id", "strict")
)
_HARMLESS |= {"cache_control", "prompt_cache_breakpoint", "created_at", "annotations"}
_REASONING = ("reasoning_content", "thinking", "reasoning")
_TEXTS = frozenset(("text", "input_text", "output_text", "refusal"))
# Types of parts that templates know; other parts are read into OpenAI's.
_PARTS = frozenset(("text", "image", "image_url", "video", "video_url", "audio", "audio_url"))
_PARTS |= {"input_audio"}


@dataclass(frozen=True)
class Form:
    """How a chat is written for its template.

    `objects`: arguments of calls are objects, else JSON in a text. `flat`: parts of text are one
    text.
    """

    objects: bool = True
    flat: bool = False


@dataclass
class GivenMessage:
    """One message of a chat, as messages that a template may be given.

    `index` is that in the chat, `reading` what it was read into where it is not plain. `own`: the
    fields are those of the message itself.
    """

    index: int
    fields: list[dict[str, Any]]
    reading: ReadMessage | None
    own: bool

    @property
    def where(self) -> str:
        return f"messages[{self.index}]"

    def calls(self) -> Iterator[dict[str, Any]]:
        """Yield the functions that the message calls, with their arguments."""
        for fields in self.fields:
            calls = fields.get("tool_calls")
            for call in calls if isinstance(calls, list) else ():
                function = call.get("function", call) if isinstance(call, dict) else None
                if isinstance(function, dict):
                    yield function

    def parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the path and the fields of each part of its contents."""
        for fields in self.fields:
            content = fields.get("content")
            for number, part in enumerate(content if isinstance(content, list) else ()):
                if isinstance(part, dict):
                    yield part.get("where", f"{self.where}.content[{number}]"), part


def given_messages(messages: Sequence[ChatMessage]) -> list[GivenMessage]:
    """Read a chat. Raises TypeError or ValueError that name the faulty message."""
    return [_given(index, message) for index, message in enumerate(messages)]


def _given(index: int, message: ChatMessage) -> GivenMessage:
    where = f"messages[{index}]"
    if isinstance(message, ReadMessage):
        return GivenMessage(index, list(message.messages), message, False)
    if type(message) is dict and is_plain_message(message):
        return GivenMessage(index, [_checked(where, message)], None, True)
    reading = as_read(index, message)
    fields = plain(message)
    if isinstance(fields, dict) and _in_openais_form(fields):
        return GivenMessage(index, [_checked(where, fields)], reading, True)
    read = [_checked(where, one) for one in reading.messages]
    return GivenMessage(index, read, reading, False)


def _in_openais_form(fields: Mapping[str, Any]) -> bool:
    if not isinstance(fields.get("role"), str) or fields.get("type") not in (None, "message"):
        return False
    if "parts" in fields:  # Gemini's
        return False
    content = fields.get("content")
    if isinstance(content, list):
        return all(isinstance(part, dict) and part.get("type") in _PARTS for part in content)
    return content is None or isinstance(content, str)


def _checked(where: str, fields: object) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise TypeError(f"{where}: expected a dict, got {type(fields).__name__}")
    role = fields.get("role")
    if not isinstance(role, str) or not role:
        got = "none" if role is None else type(role).__name__
        raise fault(f"{where}.role", f"expected the name of a role, got {got}")
    content = fields.get("content")
    if not (content is None or isinstance(content, (str, list))):
        raise wrong_type(f"{where}.content", "str, a list of parts or None", content)
    calls = fields.get("tool_calls")
    if not (calls is None or isinstance(calls, list)):
        raise wrong_type(f"{where}.tool_calls", "a list", calls)
    return fields


def given_tools(functions: Sequence[Tool], tools: object) -> list[dict[str, Any]]:
    """Give the functions of a request in OpenAI's form; one that has it, as it is."""
    originals = plain(tools) if isinstance(tools, (list, tuple)) else []
    given = []
    for tool in functions:
        original = originals[tool.index] if tool.where.startswith("tools[") else None
        if isinstance(original, dict) and isinstance(original.get("function"), dict):
            given.append({"type": "function", **original})
        else:
            given.append({"type": "function", "function": tool.definition})
    return given


@dataclass
class GivenChat:
    """A chat in one form: what its template gets, and what that says of it afterwards."""

    messages: ListView
    tools: ListView | None
    # Of each message of the chat: its views.
    views: dict[int, list[DictView]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Characters of all of it."""
        return self.messages._size + (0 if self.tools is None else self.tools._size)

    @classmethod
    def of(
        cls, messages: Sequence[GivenMessage], tools: Sequence[dict[str, Any]], form: Form
    ) -> GivenChat:
        """Write a chat in a form. Raises ValueError for values that are nested too deeply."""
        listed: list[Any] = []
        views: dict[int, list[DictView]] = {}
        for message in messages:
            own = [
                place(viewed(_in_form(fields, form), message.where), message.index)
                for fields in message.fields
            ]
            views[message.index] = own
            listed += own
        definitions = [
            place(viewed(tool, f"tools[{index}]"), ("tool", index))
            for index, tool in enumerate(tools)
        ]
        tool_size = sum(view._size for view in definitions)
        size = sum(view._size for view in listed)
        shown_tools = ListView(definitions, tool_size) if definitions else None
        return cls(ListView(listed, size), shown_tools, views)

    @property
    def shows_parts(self) -> bool:
        """Whether a list of parts was written as Python writes it: the template wants a text."""
        contents = (dict.get(view, "content") for own in self.views.values() for view in own)
        return any(isinstance(content, ListView) and content._shown for content in contents)

    def unread(self, message: GivenMessage) -> Iterator[tuple[str, Any]]:
        """Yield the path and value of what the template did not read of a message."""
        parts = [path for path, part in message.parts() if part.get("type") not in _TEXTS]
        for fields, view in zip(message.fields, self.views[message.index], strict=True):
            known = view._all or not view._seen.isdisjoint(_REASONING)
            for path, value in unread_items(view, message.where):
                key = path[len(message.where) + 1 :].partition("[")[0].partition(".")[0]
                if path.rpartition(".")[2] in _HARMLESS or path.startswith(tuple(parts)):
                    continue
                if key in _REASONING and (known or key not in fields):
                    continue
                if key == "name" and dict.get(view, "role") == "tool":
                    continue  # that of the call
                yield path, value


def _in_form(fields: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """Write a message as templates expect it."""
    message = {key: value for key, value in fields.items() if value is not None}
    thought = next((message[key] for key in _REASONING if key in message), None)
    if thought is not None:
        message = {"thinking": thought, **message, "reasoning_content": thought}
    if isinstance(message.get("tool_calls"), list):
        message["tool_calls"] = [_call(call, form) for call in message["tool_calls"]]
    content = message.get("content")
    if isinstance(content, list):
        parts = [_without_path(part) for part in content]
        texts = [part.get("text", part.get("refusal")) for part in parts if _is_text(part)]
        if len(texts) == len(parts) and (form.flat or not all("text" in part for part in parts)):
            message["content"] = "\n".join(map(str, texts))
        else:
            message["content"] = parts
    return message


def _without_path(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    part = {key: value for key, value in part.items() if key != "where"}
    return {**part, "type": "text"} if part.get("type") in ("input_text", "output_text") else part


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in _TEXTS


def as_object(arguments: str) -> Any:
    """Give the arguments of a call as an object; the text itself where it is none.

    >>> as_object('{"n": 1}'), as_object("[1]")
    ({'n': 1}, '[1]')
    """
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return arguments
    return value if isinstance(value, dict) else arguments


def _call(call: Any, form: Form) -> Any:
    if not isinstance(call, dict):
        return call
    inside = isinstance(call.get("function"), dict)
    function = dict(call["function"]) if inside else dict(call)
    arguments = function.get("arguments")
    if form.objects and isinstance(arguments, str):
        function["arguments"] = as_object(arguments)
    elif not form.objects and isinstance(arguments, dict):
        function["arguments"] = json.dumps(arguments, ensure_ascii=False, default=str)
    return {**call, "function": function} if inside else function
