"""`read_message`: a message of any shape into messages of OpenAI's chat format.

A shape is found by its keys: Gemini's contents have `parts`, items of the responses API a `type`
and no `role`; OpenAI's and Anthropic's messages differ by the types of the parts in their content,
and may be mixed. A new type of part is one line in the table of its system.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes import anthropic_parts, gemini_parts, openai_parts
from tokenkit.shapes.framework_messages import FRAMEWORKS
from tokenkit.shapes.openai_messages import read_openai
from tokenkit.shapes.openai_parts import Part
from tokenkit.shapes.responses_items import is_item, read_item
from tokenkit.shapes.sdk_objects import plain
from tokenkit.shapes.unsure import MessageBook, ReadMessage, json_text, keys, words

__all__ = ["read_message"]

PARTS: dict[str, Part] = {
    **openai_parts.PARTS,
    **anthropic_parts.PARTS,
    "summary_text": openai_parts.PARTS["text"],
    "reasoning_text": openai_parts.PARTS["text"],
    "logs": Part(keys("type logs"), lambda book, path, part: book.text(path, part.get("logs"))),
}
_CONTENT = keys("role parts")
_ROLES = {"model": "assistant"}  # as Gemini calls it
_LANGCHAIN = {
    **{"human": "user", "ai": "assistant", "system": "system", "tool": "tool"},
    **{"function": "function", "chat": None},  # a ChatMessage names its own role
    **{"HumanMessageChunk": "user", "AIMessageChunk": "assistant", "ChatMessageChunk": None},
    **{"SystemMessageChunk": "system", "ToolMessageChunk": "tool"},
    "FunctionMessageChunk": "function",
}
# Keys of LangChain's messages that are not sent to a model.
_LANGCHAIN_KEYS = words(
    "response_metadata usage_metadata example artifact chunk_position tool_call_chunks"
)
# Parts of content that repeat a call of `tool_calls` in the vendor's own form.
_REPEATS = frozenset(("tool_use", "tool_call", "function_call"))
# Extras that LangChain sends as OpenAI's own keys, and one that it does not send: read from
# `_convert_message_to_dict` of langchain-openai 1.7.4 (PyPI).
_LANGCHAIN_EXTRAS = ("tool_calls", "function_call", "audio", "name")
_LANGCHAIN_UNSENT = "refusal"


def read_message(value: object, where: str, harmony: bool = False) -> ReadMessage:
    """Read a message, an item or a content of any shape; `where` is its path in the request.

    `harmony` says that the model is one of gpt-oss, whose messages have more keys.

    What is wrong in a known place (a role that does not exist, a text that is a number) stays as
    it is, for the counter to refuse.

    >>> block = {"type": "tool_use", "id": "a", "name": "now", "input": {}}
    >>> read_message({"role": "assistant", "content": [block]}, "messages[0]").messages[0]["role"]
    'assistant'
    """
    message = plain(value)
    if not isinstance(message, dict):
        return ReadMessage((message,))
    book = MessageBook(enter, harmony)
    for marks, read in FRAMEWORKS:
        if marks <= message.keys():
            return _reading(book, read(book, where, message))
    if gemini_parts.is_content(message):
        kept = _content(book, where, message)
    elif is_item(message) and not _is_langchains(message):
        read_item(book, where, message)
        kept = {"role": "assistant" if book.calls else "user"}
        if not (book.calls or book.parts):
            return _reading(book, book.results)
    else:
        kept = _message(book, where, message)
    if book.parts:
        kept["content"] = book.parts
    if book.calls:
        kept["tool_calls"] = book.calls
    if book.results and len(kept) == 1:  # nothing but results of tools
        return _reading(book, book.results)
    return _reading(book, [*book.results, kept])


def _reading(book: MessageBook, messages: list[dict[str, Any]]) -> ReadMessage:
    return ReadMessage(tuple(messages), tuple(book.unsure), tuple(book.empty), tuple(book.opened))


def enter(book: MessageBook, path: str, part: Any) -> None:
    """Read one part of content. What has neither a type nor a known key is left as it is."""
    if not isinstance(part, dict):
        book.parts.append(part)
        return
    kind = part.get("type")
    if kind is None and gemini_parts.is_part(part):
        gemini_parts.read_part(book, path, part)
    elif not isinstance(kind, str):
        book.parts.append({**part, "where": path})
    elif kind in PARTS:
        book.account(path, part, PARTS[kind].keys)
        PARTS[kind].read(book, path, part)
    elif kind.endswith(("_tool_use", "_tool_result")):
        anthropic_parts.PARTS["server_tool_use"].read(book, path, part)
    else:
        book.foreign(path, part, kind)


def _content(book: MessageBook, where: str, message: dict[str, Any]) -> dict[str, Any]:
    """Read one of Gemini's contents; without a role it is the user's."""
    book.account(where, message, _CONTENT)
    role = message.get("role") or "user"
    parts = message["parts"]
    for index, part in enumerate(parts if isinstance(parts, list) else [parts]):
        if isinstance(part, str):
            part = {"text": part}
        enter(book, f"{where}.parts[{index}]", part)
    if role == "function" and book.results:  # an older name of the user's
        role = "user"
    return {"role": _ROLES.get(role, role)}


def _sent_by_langchain(book: MessageBook, where: str, message: dict[str, Any]) -> dict[str, Any]:
    """Read what LangChain sends of one of its messages; its extras may be sent or not."""
    sent = {key: item for key, item in message.items() if key not in _LANGCHAIN_KEYS}
    for key in ("additional_kwargs", "invalid_tool_calls"):
        extras = sent.pop(key, None)
        if key == "additional_kwargs" and isinstance(extras, dict):
            for name in _LANGCHAIN_EXTRAS:
                if name in extras and not sent.get(name):
                    sent[name] = extras[name]
            known = (*_LANGCHAIN_EXTRAS, _LANGCHAIN_UNSENT)
            extras = {name: extras[name] for name in extras if name not in known}
        if extras:
            note = "LangChain may send this or not, by the model's package: no upper bound"
            book.doubt(f"{where}.{key}", note, maybe=json_text(extras))
    return sent


def _is_langchains(message: dict[str, Any]) -> bool:
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _LANGCHAIN:
        return False
    return (message.get("role") is None) == (_LANGCHAIN[kind] is not None)


def _repeats_a_call(part: Any, calls: list[Any]) -> bool:
    """Return whether a part of content is one of the message's `tool_calls` once more."""
    if not calls or not isinstance(part, dict) or part.get("type") not in _REPEATS:
        return False
    known = [call.get("id") for call in calls if isinstance(call, dict)]
    own = part.get("call_id") or part.get("id")
    return own is not None and own in known


def _message(book: MessageBook, where: str, message: dict[str, Any]) -> dict[str, Any]:
    role = message.get("role")
    if _is_langchains(message):
        role = _LANGCHAIN[message["type"]] or role
        message = {**_sent_by_langchain(book, where, message), "role": role}
    elif message.get("type") not in (None, "message"):
        book.doubt(f"{where}.type", "this type of a message is not known: no upper bound")
    kept = read_openai(book, where, message, role if isinstance(role, str) else "")
    if role is None and "role" not in message:
        del kept["role"]  # for the error that says so
    else:
        kept["role"] = role
    content = message.get("content")
    if isinstance(content, list):
        calls = list(book.calls)
        for index, part in enumerate(content):
            if not _repeats_a_call(part, calls):
                enter(book, f"{where}.content[{index}]", part)
    elif content is not None or "content" in message:
        kept["content"] = content
    return kept
