"""The bodies of requests of OpenAI's Batch API, in the words of this package.

The fields are those of the API reference of chat completions, responses and embeddings (as in
openai-python 3.54.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit._checks import shown

__all__ = [
    "CHAT",
    "EMBEDDINGS",
    "INPUT_FIELD",
    "RESPONSES",
    "as_chat",
    "embedding_inputs",
    "reply_limit",
]

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
# The field of a body that holds its input.
INPUT_FIELD = {CHAT: "messages", RESPONSES: "input", EMBEDDINGS: "input"}
_REPLY_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def reply_limit(body: Mapping[str, Any]) -> int:
    """The tokens that a request allows for its reply; 0 if it does not say."""
    for name in _REPLY_LIMITS:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0


def embedding_inputs(value: Any) -> list[str | int]:
    """The inputs of an embeddings request: texts, or the numbers of ids where ids are given.

    Raises ValueError for anything else.

    >>> embedding_inputs(["a text", [1, 2, 3]]), embedding_inputs([1, 2, 3])
    (['a text', 3], [3])
    """
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise ValueError(f"body.input: expected a text or a list, got {shown(value)}")
    if value and _are_ids(value):
        return [len(value)]
    inputs: list[str | int] = []
    for index, item in enumerate(value):
        if isinstance(item, str):
            inputs.append(item)
        elif isinstance(item, list) and _are_ids(item):
            inputs.append(len(item))
        else:
            raise ValueError(
                f"body.input[{index}]: expected a text or a list of ids, got {shown(item)}"
            )
    return inputs


def _are_ids(items: list[Any]) -> bool:
    return all(isinstance(item, int) for item in items)


def as_chat(url: str, body: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The messages and options of a request, as `count_messages` takes them.

    Raises ValueError for an item of a responses request that no message says the same as.
    """
    options = {name: body[name] for name in ("tools", "tool_choice") if name in body}
    if url == CHAT:
        if "response_format" in body:
            options["response_format"] = body["response_format"]
        return body["messages"], options
    messages: list[Any] = []
    if body.get("instructions"):
        messages.append({"role": "developer", "content": body["instructions"]})
    value = body["input"]
    items = [{"role": "user", "content": value}] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError(f"body.input: expected a text or a list, got {shown(value)}")
    messages += [_message(item, f"body.input[{i}]") for i, item in enumerate(items)]
    text_options = body.get("text")
    if isinstance(text_options, Mapping) and "format" in text_options:
        options["response_format"] = text_options["format"]
    return messages, options


def _message(item: Any, path: str) -> dict[str, Any]:
    """An input item of the Responses API as a message of a chat."""
    if not isinstance(item, Mapping):
        raise ValueError(f"{path}: expected an object, got {shown(item)}")
    kind = item.get("type", "message")
    if kind == "function_call_output":
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output")}
    if kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if kind != "message":
        raise ValueError(
            f"{path}: expected a message or a function call, got an item of type {kind!r}, which "
            "cannot be counted"
        )
    content = item.get("content")
    if isinstance(content, list):
        content = [_part(part) for part in content]
    return {"role": item.get("role"), "content": content}


def _part(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    if part.get("type") in ("input_text", "output_text"):
        return {"type": "text", "text": part.get("text")}
    if part.get("type") == "input_image":
        image = {"url": part.get("image_url"), "detail": part.get("detail", "auto")}
        return {"type": "image_url", "image_url": image}
    return part
