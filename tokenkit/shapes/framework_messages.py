"""Messages of frameworks that have shapes of their own: pydantic-ai, LlamaIndex, Haystack.

Sources: `ModelRequest` and `ModelResponse` of pydantic-ai 2.68.0, `ChatMessage` of llama-index-core
0.14.25 and of haystack-ai 3.4.1 (PyPI). What a framework keeps for itself (times, ids, metadata) is
not sent. A new framework is a function and one line in `FRAMEWORKS`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tokenkit.shapes.unsure import MessageBook, json_text, keys, strings_of

__all__ = ["FRAMEWORKS"]

Messages = list[dict[str, Any]]


def _image(data: object, media_type: object, detail: object = None) -> dict[str, Any]:
    """Return a picture of bytes, or of text in base64, as a part of OpenAI's chat format."""
    if isinstance(data, (bytes, bytearray)):
        data = base64.b64encode(data).decode()
    url = f"data:{media_type or 'image/png'};base64,{data}"
    return {
        "type": "image_url",
        "image_url": {"url": url, **({"detail": detail} if detail else {})},
    }


def _call(call_id: object, name: object, arguments: object) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json_text(arguments or {})
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def _reply(parts: list[Any], calls: list[Any]) -> Messages:
    """Return the message of an assistant."""
    message: dict[str, Any] = {"role": "assistant", "content": parts or None}
    return [{**message, "tool_calls": calls} if calls else message]


# ---- pydantic-ai ------------------------------------------------------------------------

_AI_MESSAGE = keys(
    "kind parts instructions",
    harmless="""timestamp run_id conversation_id metadata state usage model_name model_id
    provider_name provider_url canonical_system provider_details provider_response_id finish_reason
    workspace_ref history_digest failed_attempts""",
)
_AI_PART = keys(
    "part_kind content tool_name args tool_call_id",
    harmless="""timestamp dynamic_ref context_id scope metadata id provider_name provider_details
    citations tool_kind outcome signature retry""",
)


def _pydantic_ai(book: MessageBook, path: str, message: dict[str, Any]) -> Messages:
    book.account(path, message, _AI_MESSAGE)
    asks = message["kind"] == "request"
    messages: Messages = []
    parts: list[Any] = []
    calls: list[Any] = []
    for index, part in enumerate(message.get("parts") or ()):
        where = f"{path}.parts[{index}]"
        kind = part.get("part_kind") if isinstance(part, dict) else None
        if kind not in _AI_KINDS:
            book.foreign(where, part, str(kind))
            continue
        book.account(where, part, _AI_PART)
        content = part.get("content")
        if kind == "tool-call":
            calls.append(_call(part.get("tool_call_id"), part.get("tool_name"), part.get("args")))
        elif kind == "thinking":
            book.doubt(where, _THINKING, text=content if isinstance(content, str) else "")
        elif kind == "text":
            parts.append({"type": "text", "text": content, "where": where})
        elif part.get("tool_name") is not None and kind != "user-prompt":
            text = content if isinstance(content, str) else json_text(content)
            messages.append(
                {"role": "tool", "tool_call_id": part.get("tool_call_id"), "content": text}
            )
        else:
            role = "system" if kind == "system-prompt" else "user"
            messages.append(
                {"role": role, "content": _ai_content(book, f"{where}.content", content)}
            )
    instructions = message.get("instructions")
    if isinstance(instructions, str) and instructions:
        note = "instructions are sent with the newest request alone"
        book.doubt(f"{path}.instructions", note, text=instructions, open=False)
    return messages if asks else _reply(parts, calls)


_THINKING = "thinking of an earlier turn may be sent again or not: no upper bound"
_AI_KINDS = frozenset(
    ("system-prompt", "user-prompt", "tool-return", "retry-prompt", "text", "thinking", "tool-call")
)


def _ai_content(book: MessageBook, path: str, content: Any) -> Any:
    """Read the content of a user's part: a text, or a list of texts, pictures and files."""
    if not isinstance(content, list):
        return content if content is None or isinstance(content, str) else json_text(content)
    parts: list[Any] = []
    for index, item in enumerate(content):
        where = f"{path}[{index}]"
        kind = item.get("kind") if isinstance(item, dict) else None
        media = str(item.get("media_type") or "") if isinstance(item, dict) else ""
        if isinstance(item, str):
            parts.append({"type": "text", "text": item, "where": where})
        elif kind == "text-content":
            parts.append({"type": "text", "text": item.get("content"), "where": where})
        elif kind == "image-url":
            image = {"type": "image_url", "image_url": {"url": item.get("url")}}
            parts.append({**image, "where": where})
        elif kind == "binary" and media.startswith("image/"):
            parts.append({**_image(item.get("data"), media), "where": where})
        elif kind != "cache-point":
            book.foreign(where, {} if kind == "binary" else item, str(kind))
    return parts


# ---- LlamaIndex ------------------------------------------------------------------------

_LI_MESSAGE = keys("role blocks additional_kwargs")
_LI_BLOCK = keys(
    """block_type text image url detail tool_call_id tool_name tool_kwargs content path
    image_mimetype""",
    harmless="num_tokens",
)
_LI_EXTRAS = ("tool_calls", "function_call", "tool_call_id", "name")


def _llama_index(book: MessageBook, path: str, message: dict[str, Any]) -> Messages:
    book.account(path, message, _LI_MESSAGE)
    parts: list[Any] = []
    calls: list[Any] = []
    for index, block in enumerate(message.get("blocks") or ()):
        where = f"{path}.blocks[{index}]"
        kind = block.get("block_type") if isinstance(block, dict) else None
        if kind == "text":
            parts.append({"type": "text", "text": block.get("text"), "where": where})
        elif kind == "image" and (block.get("image") or block.get("url")):
            url = {"url": str(block.get("url")), "detail": block.get("detail") or "auto"}
            image = (
                _image(block["image"], block.get("image_mimetype"), block.get("detail"))
                if block.get("image")
                else {"type": "image_url", "image_url": url}
            )
            parts.append({**image, "where": where})
        elif kind == "tool_call":
            calls.append(
                _call(block.get("tool_call_id"), block.get("tool_name"), block.get("tool_kwargs"))
            )
        elif kind == "thinking":
            book.doubt(where, _THINKING, text=" ".join(strings_of(block.get("content"))))
        else:
            book.foreign(where, block, str(kind))
            continue
        book.account(where, block, _LI_BLOCK)
    extras = message.get("additional_kwargs") or {}
    role = message.get("role")  # "model" is for Gemini, "chatbot" for Cohere
    role = "assistant" if role in ("model", "chatbot") else role
    kept: dict[str, Any] = {"role": role, "content": parts or None}
    if calls:
        kept["tool_calls"] = calls
    for key, item in extras.items() if isinstance(extras, dict) else ():
        if key in _LI_EXTRAS:
            kept.setdefault(key, item)
        else:
            book.unknown(f"{path}.additional_kwargs.{key}", item)
    return [kept]


# ---- Haystack ------------------------------------------------------------------------

_HS_MESSAGE = keys("_role _content _name", harmless="_meta")
_HS_PART = keys(
    """text tool_name arguments id result origin base64_image base64_data filename mime_type detail
    reasoning_text""",
    harmless="error meta extra validation",
)


def _haystack(book: MessageBook, path: str, message: dict[str, Any]) -> Messages:
    book.account(path, message, _HS_MESSAGE)
    parts: list[Any] = []
    calls: list[Any] = []
    results: Messages = []
    for index, part in enumerate(message.get("_content") or ()):
        where = f"{path}._content[{index}]"
        if not isinstance(part, dict) or not part.keys() & _HS_PART.read:
            book.foreign(where, part, type(part).__name__)
            continue
        book.account(where, part, _HS_PART)
        if "tool_name" in part:
            arguments = part.get("arguments") or {}
            if not isinstance(arguments, str):
                arguments = json_text(arguments, spaced=True)  # as Haystack writes them
            calls.append(_call(part.get("id"), part["tool_name"], arguments))
        elif "result" in part:
            call = part.get("origin") or {}
            content = _haystack_result(book, f"{where}.result", part["result"])
            results.append({"role": "tool", "tool_call_id": call.get("id"), "content": content})
        elif "reasoning_text" in part:
            book.doubt(where, _THINKING, text=str(part["reasoning_text"] or ""))
        else:
            parts.append(_haystack_part(part, where))
    if results and not (parts or calls):
        return results
    kept: dict[str, Any] = {"role": message.get("_role"), "content": parts or None}
    if calls:
        kept["tool_calls"] = calls
    if message.get("_name") is not None:
        kept["name"] = message["_name"]
    return [*results, kept]


def _haystack_part(part: dict[str, Any], where: str) -> dict[str, Any]:
    """Read a picture, a file or a text."""
    media = part.get("mime_type")
    if "base64_image" in part:
        return {**_image(part["base64_image"], media, part.get("detail")), "where": where}
    if "base64_data" in part:
        data = f"data:{media or 'application/pdf'};base64,{part['base64_data']}"
        file = {"file_data": data, "filename": part.get("filename") or "filename"}
        return {"type": "file", "file": file, "where": where}
    return {"type": "text", "text": part.get("text"), "where": where}


def _haystack_result(book: MessageBook, path: str, result: object) -> Any:
    """Read what a tool gave back: a text, or a list of parts."""
    if not isinstance(result, list):
        return result if isinstance(result, str) else json_text(result)
    parts: list[Any] = []
    for index, part in enumerate(result):
        where = f"{path}[{index}]"
        if isinstance(part, dict) and part.keys() & {"text", "base64_image", "base64_data"}:
            book.account(where, part, _HS_PART)
            parts.append(_haystack_part(part, where))
        else:
            book.foreign(where, part, type(part).__name__)
    return parts


_Reader = Callable[[MessageBook, str, dict[str, Any]], Messages]
# The keys that mark a message, and its reader.
FRAMEWORKS: tuple[tuple[frozenset[str], _Reader], ...] = (
    (frozenset(("kind", "parts")), _pydantic_ai),
    (frozenset(("role", "blocks", "additional_kwargs")), _llama_index),
    (frozenset(("_role", "_content")), _haystack),
)
