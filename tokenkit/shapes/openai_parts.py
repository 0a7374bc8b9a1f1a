"""Parts of content in OpenAI's chat and responses formats, and in those that follow them.

Source: the types of openai 3.57.0 (PyPI): `ChatCompletionContentPartParam`,
`ResponseInputContentParam`, `ResponseOutputMessageParam`.
"""

from __future__ import annotations

import base64
from typing import Any

from tokenkit.shapes.unsure import Keys, MessageBook, keys

__all__ = ["PARTS", "PLAIN_PARTS", "Part", "are_plain_parts"]

# The keys of parts that the counter reads as they are.
PLAIN_PARTS = {
    "text": frozenset(("type", "text")),
    "input_text": frozenset(("type", "text")),
    "output_text": frozenset(("type", "text")),
    "refusal": frozenset(("type", "refusal")),
    "image_url": frozenset(("type", "image_url")),
    "input_image": frozenset(("type", "image_url", "file_id", "detail")),
    "input_audio": frozenset(("type", "input_audio")),
    "file": frozenset(("type", "file")),
    "input_file": frozenset(("type", "file_data", "file_id", "file_url", "filename", "detail")),
}
_INSIDE = {
    "image_url": frozenset(("url", "detail")),
    "input_audio": frozenset(("data", "format")),
    "file": frozenset(("file_data", "file_id", "filename")),
}


def are_plain_parts(content: object) -> bool:
    """Return whether content is a list of parts that hold no key but OpenAI's."""
    if type(content) is not list:
        return False
    for part in content:
        if type(part) is not dict:
            return False
        kind = part.get("type")
        known = PLAIN_PARTS.get(kind) if type(kind) is str else None
        if known is None or not part.keys() <= known:
            return False
        if kind in _INSIDE and type(part.get(kind, "")) is not str:
            inner = part[kind]
            if type(inner) is not dict or not inner.keys() <= _INSIDE[kind]:
                return False
    return True


class Part:
    """One kind of part: its keys, and how it is read."""

    def __init__(self, known: Keys, read: Any) -> None:
        self.keys = known
        self.read = read


_TEXT_MARKS = "annotations citations logprobs cache_control prompt_cache_breakpoint id parsed index"


def _text(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    book.text(path, part.get("text"))


def _refusal(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    book.part(path, type="refusal", refusal=part.get("refusal"))


_IMAGE = keys("url detail", harmless="format cache_control prompt_cache_breakpoint")
_AUDIO = keys("data", harmless="format id transcript expires_at")
_FILE = keys("file_data file_id file_url", harmless="filename format detail")


def _image(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    image = part.get("image_url")
    if isinstance(image, dict):
        book.account(f"{path}.image_url", image, _IMAGE)
        image = {key: image[key] for key in ("url", "detail") if key in image}
    fields = {key: part[key] for key in ("file_id", "detail") if part.get(key) is not None}
    book.part(path, type="input_image", image_url=image, **fields)


def _audio(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    audio = part.get("input_audio")
    if isinstance(audio, dict):
        book.account(f"{path}.input_audio", audio, _AUDIO)
    book.part(path, type="input_audio", input_audio=audio)


def _file(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    if "file" in part or part.get("type") != "file":
        file = part.get("file", part)
        if isinstance(file, dict) and file is not part:
            book.account(f"{path}.file", file, _FILE)
        book.part(path, type="file", file=file)
        return
    data, kind = part.get("data"), part.get("mediaType", part.get("media_type"))
    if data is None:
        book.part(path, type="file")
    else:
        media(book, path, data, kind if isinstance(kind, str) else "")


_PLAIN64 = str.maketrans("-_", "+/")


def media(book: MessageBook, path: str, data: object, kind: str) -> None:
    """Add data of a media type as an image, a sound or a file; others without a bound.

    The data are bytes, or base64 in either of its alphabets.
    """
    if isinstance(data, (bytes, bytearray)):
        data = base64.b64encode(data).decode()
    if not isinstance(data, str) or data.startswith(("http://", "https://", "gs://")):
        if kind.startswith("image/") and isinstance(data, str):
            book.part(path, type="image_url", image_url={"url": data})
        else:
            book.doubt(path, f"{kind or 'a file'} of unknown length: no upper bound")
        return
    url = data if data.startswith("data:") else f"data:{kind};base64,{data.translate(_PLAIN64)}"
    if kind.startswith("image/"):
        book.part(path, type="image_url", image_url={"url": url})
    elif kind.startswith("audio/"):
        sound = {"data": url.partition(",")[2], "format": kind.removeprefix("audio/")}
        book.part(path, type="input_audio", input_audio=sound)
    elif kind.startswith("text/") or kind in ("application/pdf", "application/json"):
        book.part(path, type="file", file={"file_data": url})
    else:
        book.doubt(path, f"the tokens of {kind or 'this data'} are not published: no upper bound")


def _video(book: MessageBook, path: str, part: dict[str, Any]) -> None:
    book.doubt(path, "the length of this video is not known: no upper bound")


_FILE_KEYS = keys(
    "type file file_data file_id file_url data media_type",
    harmless="filename detail cache_control prompt_cache_breakpoint",
)
_TEXT_PART = Part(keys("type text", harmless=_TEXT_MARKS), _text)
_IMAGE_PART = Part(
    keys("type image_url file_id detail", harmless="cache_control prompt_cache_breakpoint"), _image
)
PARTS: dict[str, Part] = {
    **dict.fromkeys(("text", "input_text", "output_text"), _TEXT_PART),
    "refusal": Part(keys("type refusal"), _refusal),
    **dict.fromkeys(("image_url", "input_image"), _IMAGE_PART),
    "computer_screenshot": _IMAGE_PART,
    "input_audio": Part(
        keys("type input_audio", harmless="cache_control prompt_cache_breakpoint"), _audio
    ),
    **dict.fromkeys(("file", "input_file"), Part(_FILE_KEYS, _file)),
    **dict.fromkeys(
        ("video_url", "input_video", "video"),
        Part(keys("type video_url input_video video", harmless="cache_control"), _video),
    ),
}
