"""Blocks of content in Anthropic's messages.

Source: the types of anthropic 2.14.0 (PyPI): `ContentBlockParam`, `BetaContentBlockParam`. Blocks
of tools that Anthropic runs itself hold text that is counted, and parts that are encrypted: their
numbers have no upper bound.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes.openai_parts import Part, media
from tokenkit.shapes.unsure import Keys, MessageBook, keys, strings_of, words

__all__ = ["PARTS", "by_text"]

_SOURCE = keys("type media_type data url file_id content")
_MARKS = "cache_control"


def _image(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    source = part.get("source")
    if isinstance(source, dict):
        book.account(f"{path}.source", source, _SOURCE)
        _sourced(book, path, source, "image/png")
        return
    # The same block as MCP, LangChain and the AI SDK write it.
    data = part.get("image", part.get("data", part.get("base64", part.get("url"))))
    if data is None and isinstance(part.get("file_id"), str):
        book.part(path, type="input_image", file_id=part["file_id"])
        return
    kind = next((part[key] for key in _KINDS if isinstance(part.get(key), str)), "image/png")
    media(book, path, data, kind if kind.startswith("image/") else "image/png")


_KINDS = ("mime_type", "mimeType", "media_type", "mediaType")


def _sourced(book: MessageBook, path: str, source: dict[str, Any], usual: str) -> None:
    """Read the source of an image or a document."""
    kind = source.get("media_type") or usual
    if source.get("type") == "content":
        book.parts += book.inside(f"{path}.source.content", source.get("content"))
    elif source.get("type") == "text":
        book.text(path, source.get("data"))
    elif isinstance(source.get("data"), str):
        media(book, path, source["data"], str(kind))
    elif isinstance(source.get("url"), str) and usual.startswith("image/"):
        media(book, path, source["url"], usual)
    elif isinstance(source.get("file_id"), str) and usual.startswith("image/"):
        book.part(path, type="input_image", file_id=source["file_id"])
    else:
        book.doubt(f"{path}.source", "a file by reference: no upper bound")


def _document(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    for key in ("title", "context"):
        if isinstance(part.get(key), str):
            book.text(f"{path}.{key}", part[key])
    source = part.get("source")
    if isinstance(source, dict):
        book.account(f"{path}.source", source, _SOURCE)
        _sourced(book, path, source, "application/pdf")
    else:
        book.doubt(path, "a document without a source: no upper bound")
    citations = part.get("citations")
    if isinstance(citations, dict):
        book.account(f"{path}.citations", citations, keys("enabled"))
        if citations.get("enabled"):
            book.doubt(f"{path}.citations", "its instructions are not published: no upper bound")


def _tool_use(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    book.call(part.get("id"), part.get("name"), part.get("input"))


def _tool_result(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    content = part.get("content")
    if isinstance(content, list):
        content = book.inside(f"{path}.content", content)
    book.result(part.get("tool_use_id"), content)


def _thinking(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    text = part.get("thinking", part.get("text", part.get("reasoning")))
    book.doubt(
        path,
        "thinking of an earlier turn may be left out, or be longer than this text: no upper bound",
        text=text if isinstance(text, str) else "",
    )


def _redacted(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    book.doubt(path, "encrypted thinking: no upper bound")


def by_text(known: Keys) -> Part:
    """Make a kind of part that is counted by its text, and may be longer."""

    def read(book: MessageBook, path: str, part: dict[str, Any]) -> None:
        note = f"{part.get('type')} is counted by its text alone: no upper bound"
        book.doubt(path, note, text=" ".join(strings_of(part)))

    return Part(known, read)


_SERVER_KEYS = keys(
    """type id name input caller server_name tool_use_id content is_error cache_control title
    source citations file_id tool_name text error_code from from_ to trigger encrypted_content
    content_blocks model signature tool tools tool_changes mcp_server_name toolset_name"""
)
_SERVER_TYPES = words(
    """server_tool_use mcp_tool_use mcp_tool_result web_search_tool_result
        web_fetch_tool_result code_execution_tool_result bash_code_execution_tool_result
        text_editor_code_execution_tool_result tool_search_tool_result container_upload
        search_result tool_reference compaction fallback advisor_tool_result
        mcp_tool_listing tool_addition tool_removal"""
)
PARTS: dict[str, Part] = {
    "image": Part(
        keys(
            "type source image data base64 url mime_type media_type file_id",
            harmless=f"{_MARKS} annotations _meta source_type id detail",
        ),
        _image,
    ),
    "document": Part(keys("type source title context citations", harmless=_MARKS), _document),
    "tool_use": Part(
        keys("type id name input", harmless=f"{_MARKS} caller", counted="toolset_name"), _tool_use
    ),
    "tool_result": Part(
        keys("type tool_use_id content", harmless=f"{_MARKS} is_error"), _tool_result
    ),
    "thinking": Part(keys("type thinking signature", harmless="cache_control index"), _thinking),
    "reasoning": Part(
        keys("type text reasoning signature", harmless="index id extras provider_options"),
        _thinking,
    ),
    "redacted_thinking": Part(keys("type data"), _redacted),
    **dict.fromkeys(_SERVER_TYPES, by_text(_SERVER_KEYS)),
}
