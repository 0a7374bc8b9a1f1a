"""Contents and parts of Gemini's API, in both of its spellings.

Source: the types of google-genai 3.6.1 (PyPI): `Content`, `Part`, `FunctionCall`,
`FunctionResponse`, `Blob`, `FileData`. Thought signatures count as input when they are sent back
(Gemini's guide to thinking); their length in tokens is not published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenkit.shapes.openai_parts import media
from tokenkit.shapes.unsure import MessageBook, json_text, keys, strings_of, words

__all__ = ["is_content", "is_part", "read_part"]

_BLOB = keys("data mime_type", harmless="display_name")
_FILE = keys("file_uri mime_type", harmless="display_name")
_CALL = keys("id name args", opening="partial_args will_continue")
_RESPONSE = keys("id name response parts", harmless="scheduling will_continue")


def is_content(message: dict[str, Any]) -> bool:
    """Return whether a message is one of Gemini's contents."""
    return "parts" in message and "content" not in message


def _blob(book: MessageBook, path: str, blob: dict[str, Any]) -> None:
    book.account(path, blob, _BLOB)
    kind = blob.get("mime_type", blob.get("mimeType"))
    media(book, path, blob.get("data"), kind if isinstance(kind, str) else "")


def _file(book: MessageBook, path: str, file: dict[str, Any]) -> None:
    book.account(path, file, _FILE)
    book.doubt(path, "a file by reference: no upper bound")


def _call(book: MessageBook, path: str, call: dict[str, Any]) -> None:
    book.account(path, call, _CALL)
    arguments = call.get("args")
    name = call.get("name")
    book.call(call.get("id") or name, name, {} if arguments is None else arguments)


def _response(book: MessageBook, path: str, response: dict[str, Any]) -> None:
    book.account(path, response, _RESPONSE)
    content: list[Any] = [{"type": "text", "text": json_text(response.get("response") or {})}]
    if isinstance(response.get("parts"), list):
        content += book.inside(f"{path}.parts", response["parts"])
    name = response.get("name")
    book.result(response.get("id") or name, content[0]["text"] if len(content) == 1 else content)


def _by_text(book: MessageBook, path: str, value: dict[str, Any]) -> None:
    note = "counted by its text alone: no upper bound"
    book.doubt(path, note, text=" ".join(strings_of(value)))


_READERS: dict[str, Callable[[MessageBook, str, dict[str, Any]], None]] = {
    "inline_data": _blob,
    "inlineData": _blob,
    "file_data": _file,
    "fileData": _file,
    "function_call": _call,
    "functionCall": _call,
    "function_response": _response,
    "functionResponse": _response,
    **dict.fromkeys(
        words(
            """executable_code executableCode code_execution_result codeExecutionResult tool_call
        toolCall tool_response toolResponse"""
        ),
        _by_text,
    ),
}
_PART = keys(
    "text thought " + " ".join(_READERS),
    harmless="part_metadata",
    opening="""thought_signature video_metadata media_resolution media_processing
    audio_transcription speech_metadata""",
)


def is_part(part: dict[str, Any]) -> bool:
    """Return whether a part without a type is one of Gemini's."""
    return "type" not in part and any(key in part for key in ("text", "thought", *_READERS))


def read_part(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    """Read one part; it holds one kind of data."""
    book.account(path, part, _PART)
    text = part.get("text")
    if text is not None:
        if part.get("thought") and isinstance(text, str):
            book.doubt(path, "thoughts of an earlier turn may be left out", text=text, open=False)
        else:
            book.text(path, text)
    for key, read in _READERS.items():
        value = part.get(key)
        if isinstance(value, dict):
            read(book, f"{path}.{key}", value)
        elif value is not None:
            book.unknown(f"{path}.{key}", value)
