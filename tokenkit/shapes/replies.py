"""`reply_of`: what a response adds to a chat, and the usage that it reports.

Sources: the types of openai 3.57.0, anthropic 2.14.0 and google-genai 3.6.1 (PyPI).
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes.detect import shape_of
from tokenkit.shapes.meanings import fields_of, get

__all__ = ["reply_of"]


def reply_of(item: object) -> tuple[list[Any] | None, object]:
    """Return (messages, usage) of a response or a usage object.

    The messages are None for what is a message or an item itself, [] for a usage object alone. The
    usage is None where none is reported.

    >>> message = {"role": "assistant", "content": "Hi"}
    >>> reply_of({"choices": [{"message": message}], "usage": {"prompt_tokens": 8}})[0]
    [{'role': 'assistant', 'content': 'Hi'}]
    >>> reply_of(message)
    (None, None)
    """
    fields = dict(fields_of(item) or ())
    usage = item if fields.get("usage") is not None else None
    if isinstance(fields.get("choices"), (list, tuple)):
        messages = [get(choice, "message") for choice in fields["choices"][:1]]
        return [message for message in messages if message is not None], usage
    if isinstance(fields.get("output"), (list, tuple)) and "type" not in fields:
        return list(fields["output"]), usage
    if isinstance(fields.get("candidates"), (list, tuple)):
        contents = [get(candidate, "content") for candidate in fields["candidates"][:1]]
        seen = fields.get("usage_metadata") or fields.get("usageMetadata")
        return [content for content in contents if content is not None], item if seen else None
    if usage is not None and "role" in fields and "content" in fields:
        return [{"role": fields["role"], "content": fields["content"]}], usage
    if fields.get("usage_metadata") is not None and "content" in fields:  # LangChain's AIMessage
        return [item], item
    if not fields or fields.keys() & {"role", "type", "parts", "kind"}:
        return None, None
    return ([], item) if shape_of(item) is not None else (None, None)
