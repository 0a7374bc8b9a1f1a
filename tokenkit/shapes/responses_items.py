"""Items of OpenAI's responses API: what a conversation holds besides messages.

Source: the types of openai 3.57.0 (PyPI): `ResponseInputItemParam` and `ResponseOutputItem`. What
has text is counted by it; the rest of an item of a hosted tool is not in the request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenkit.shapes.unsure import Keys, MessageBook, json_text, keys, strings_of, words

__all__ = ["ITEMS", "is_item", "read_item"]

_MARKS = "id status created_by agent caller cache_control prompt_cache_breakpoint phase"


def _function_call(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    said = item.get("arguments", item.get("input"))
    book.call(item.get("call_id", item.get("id")), item.get("name"), said)


def _output(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    content = item.get("output")
    if isinstance(content, list):
        content = book.inside(f"{path}.output", content)
    elif isinstance(content, dict) and "type" in content:
        content = book.inside(f"{path}.output", [content])
    elif content is not None and not isinstance(content, str):
        content = json_text(content)
    book.result(item.get("call_id"), content)


def _reasoning(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    text = " ".join(strings_of([item.get("summary"), item.get("content")]))
    for name in ("summary", "content"):
        parts = item.get(name)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                book.account(f"{path}.{name}[{index}]", part, _SUMMARY)
    note = (
        "earlier reasoning is counted by its summary; the model may get all of it, or none: "
        "no upper bound"
    )
    book.doubt(path, note, text=text)


def _image(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    result = item.get("result")
    if isinstance(result, str):
        kind = item.get("output_format") or "png"
        url = result if result.startswith("data:") else f"data:image/{kind};base64,{result}"
        book.part(f"{path}.result", type="image_url", image_url={"url": url})
    note = "whether an image that the model made is sent back is not published: no upper bound"
    book.doubt(path, note, text=" ".join(strings_of(item.get("revised_prompt"))))


def _reference(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    book.doubt(path, "an item by its id, which is not in the request: no upper bound")


def _by_text(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    texts = {key: value for key, value in item.items() if key not in ("role", "created_by")}
    note = f"{item.get('type')} is counted by its text alone: no upper bound"
    book.doubt(path, note, text=" ".join(strings_of(texts)))


def _computer_call(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    """Read a call whose result is a picture: it is told as the result of a tool."""
    _by_text(book, path, item)
    book.opened.append(item.get("call_id"))


_SUMMARY = keys("type text", harmless="annotations")
_Reader = Callable[[MessageBook, str, dict[str, Any]], None]
_CALL = keys(
    "type call_id name arguments input", harmless=f"{_MARKS} async async_", counted="namespace"
)
_OUTPUT = keys(
    "type call_id output",
    harmless=f"{_MARKS} acknowledged_safety_checks name",
    counted="namespace",
)
_HOSTED = keys(
    """type call_id action actions queries query results code outputs container_id operation
    output max_output_length environment name arguments error server_label tools reason approve
    approval_request_id request_id pending_safety_checks encrypted_content execution sources
    logs stdout stderr outcome summary content model role result text reasoning""",
    harmless=f"{_MARKS} response_id fingerprint",
)
ITEMS: dict[str, tuple[Keys, _Reader]] = {
    "function_call": (_CALL, _function_call),
    "custom_tool_call": (_CALL, _function_call),
    **dict.fromkeys(
        ("function_call_output", "custom_tool_call_output", "computer_call_output"),
        (_OUTPUT, _output),
    ),
    "reasoning": (
        keys("type summary content encrypted_content", harmless=_MARKS),
        _reasoning,
    ),
    "image_generation_call": (
        keys(
            "type result revised_prompt output_format error",
            harmless=f"{_MARKS} background quality size action svg_usage",
        ),
        _image,
    ),
    "computer_call": (_HOSTED, _computer_call),
    "item_reference": (keys("type", harmless="id"), _reference),
    **dict.fromkeys(
        words(
            """web_search_call file_search_call code_interpreter_call
        local_shell_call local_shell_call_output shell_call shell_call_output
        apply_patch_call apply_patch_call_output mcp_list_tools mcp_call
        mcp_approval_request mcp_approval_response tool_search_call tool_search_output
        compaction compaction_trigger configuration_update program program_output
        additional_tools"""
        ),
        (_HOSTED, _by_text),
    ),
}


def is_item(message: dict[str, Any]) -> bool:
    """Return whether this is an item and no message: by its type, or a type without a role."""
    kind = message.get("type")
    return isinstance(kind, str) and (message.get("role") is None or kind in ITEMS)


def read_item(book: MessageBook, path: str, item: dict[str, Any]) -> None:
    """Read an item other than a message."""
    kind = str(item["type"])
    if kind not in ITEMS:
        book.foreign(path, item, kind)
        return
    known, read = ITEMS[kind]
    book.account(path, item, known)
    read(book, path, item)
