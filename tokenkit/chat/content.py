"""The parts of a message's content: text, refusals, images, audio, files.

Texts are given back to be counted; the other parts are counted here. Rules: images in `images`,
beside this file; audio 1 token per 100 ms of the user's speech (OpenAI's realtime cost
guide), its length by `audio`; of a PDF both its text and a picture of every page are counted,
without a published number (OpenAI's file input guide), so a PDF here is an estimate and says so.
What cannot be known here has bounds that hold for all that it may be.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from typing import Any

from tokenkit._checks import check_choice, check_whole, shown
from tokenkit.chat.audio import audio_length
from tokenkit.chat.checks import fault, wrong_type
from tokenkit.chat.image_header import data_url_bytes, image_size
from tokenkit.chat.images import DETAILS, image_span
from tokenkit.chat.tally import ChatTally, CountPart
from tokenkit.models import Model

__all__ = ["ContentCounter"]

# Sizes are within the first bytes, but a camera's JPEG may carry a large preview before them.
_HEAD = 512 * 1024
_AUDIO_MS_PER_TOKEN = 100
_BYTES_PER_SECOND = 16_000  # 128 kbit/s, when the file does not say
# One page: about 500 words of text, and the page as an image of US letter size at 150 dpi.
_PAGE_TEXT_TOKENS = 650
_PAGE_PIXELS = (1275, 1650)
_PDF_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


def _add(numbers: dict[int, int], index: int, more: int) -> None:
    numbers[index] = numbers.get(index, 0) + more


class ContentCounter:
    """Split content into texts, which it gives back, and other parts, which it counts.

    What it counts goes into `tally`: parts, notes and what is uncertain.
    """

    def __init__(
        self, model: Model, image_sizes: Mapping[str, tuple[int, int]] | None, tally: ChatTally
    ) -> None:
        self.model = model
        self.image_sizes = image_sizes or {}
        self.tally = tally

    def texts(self, content: object, index: int) -> tuple[list[str], int]:
        """Give the texts of `content`, and the tokens of everything else in it.

        Raises ValueError that names the faulty part.
        """
        if content is None:
            return [], 0
        if isinstance(content, str):
            return [content], 0
        if not isinstance(content, (list, tuple)):
            raise wrong_type(f"messages[{index}].content", "str, a list of parts or None", content)
        texts: list[str] = []
        tokens = 0
        for number, part in enumerate(content):
            where = f"messages[{index}].content[{number}]"
            if not isinstance(part, Mapping):
                raise wrong_type(where, "a dict with a type", part)
            where = part.get("where", where)  # where it stood in a message of another shape
            tokens += self._part(part, where, index, texts)
        return texts, tokens

    def _part(self, part: Mapping[str, Any], where: str, index: int, texts: list[str]) -> int:
        kind = part.get("type")
        if kind in ("text", "input_text", "output_text", "refusal"):
            key = "refusal" if kind == "refusal" else "text"
            text = part.get(key)
            if not isinstance(text, str):
                raise wrong_type(f"{where}.{key}", "str", text)
            texts.append(text)
            return 0
        if kind in ("image_url", "input_image"):
            tokens, label = self._image(part, where, index), "image"
        elif kind == "input_audio":
            tokens, label = self._audio(part, where, index), "audio"
        elif kind in ("file", "input_file"):
            tokens, label = self._file(part, where, index, texts), "file"
        else:
            known = "text, refusal, image_url, input_audio or file"
            raise fault(f"{where}.type", f"expected {known}, got {shown(kind)}")
        self.tally.details.setdefault(index, []).append(CountPart(where, label, tokens, index))
        return tokens

    def _image(self, part: Mapping[str, Any], where: str, index: int) -> int:
        image = part.get("image_url")
        if isinstance(image, str):  # the form of the responses API
            image = {"url": image, "detail": part.get("detail")}
        if image is None and isinstance(part.get("file_id"), str):
            image = {"url": part["file_id"], "detail": part.get("detail")}
        if not isinstance(image, Mapping) or not isinstance(image.get("url"), str):
            raise wrong_type(f"{where}.image_url", "a dict with a url", image)
        detail = image.get("detail") or "auto"
        size = self._size(image["url"], where)
        try:
            check_choice("detail", detail, DETAILS)
            span, note = image_span(size, self.model, detail)
        except ValueError as error:
            raise fault(where, str(error)) from None
        if note:
            self.tally.note(note)
        if size is None:
            self.tally.note(
                f"{where}: image size unknown, counted as the worst case of {span.tokens} tokens; "
                "give image_sizes={url: (width, height)} for its own number"
            )
        else:
            self.tally.note("image tokens follow the published rule; the API may round by one")
        _add(self.tally.margins, index, 1)
        self._uncertain(index, *span)
        return span.tokens

    def _uncertain(self, index: int, tokens: int, low: int, high: int | None) -> None:
        """Note that `tokens` of message `index` may be from `low` to `high` (None: any number)."""
        if low < tokens:
            _add(self.tally.excess, index, tokens - low)
        if high is None:
            self.tally.unbounded.add(index)
        elif high > tokens:
            _add(self.tally.above, index, high - tokens)

    def _size(self, url: str, where: str) -> tuple[int, int] | None:
        size = self.image_sizes.get(url)
        if size is not None:
            try:
                width, height = (check_whole("side", side, 1) for side in size)
            except (TypeError, ValueError):
                problem = f"expected (width, height) in pixels, got {shown(size)}"
                raise fault(f"{where}: its size in image_sizes", problem) from None
            return width, height
        if not url.startswith("data:"):
            return None
        try:
            return image_size(data_url_bytes(url, _HEAD))
        except ValueError as error:
            raise fault(f"{where}.image_url.url", str(error)) from None

    def _audio(self, part: Mapping[str, Any], where: str, index: int) -> int:
        audio = part.get("input_audio")
        if not isinstance(audio, Mapping) or not isinstance(audio.get("data"), str):
            raise wrong_type(f"{where}.input_audio", "a dict with data in base64", audio)
        try:
            data = base64.b64decode(audio["data"], validate=True)
        except binascii.Error as error:
            raise fault(f"{where}.input_audio.data", f"expected base64, got {error}") from None
        self.tally.note("audio counts 1 token per 100 ms, the rule published for realtime models")
        length = audio_length(data)
        if length is None:
            self.tally.note(
                f"{where}: length of the audio unknown, counted as 128 kbit/s; WAV and MP3 are "
                "measured, other kinds where the extra `audio` is installed"
            )
            tokens = _audio_tokens(len(data) / _BYTES_PER_SECOND)
            self._uncertain(index, tokens, 0, None)
            return tokens
        if length.high is None:
            self.tally.note(f"{where}: some bytes between the MP3 frames cannot be read")
        tokens = _audio_tokens(length.seconds)
        high = None if length.high is None else _audio_tokens(length.high)
        self._uncertain(index, tokens, _audio_tokens(length.low), high)
        _add(self.tally.doubts, index, max(1, tokens))
        return tokens

    def _file(self, part: Mapping[str, Any], where: str, index: int, texts: list[str]) -> int:
        file = part.get("file", part)
        if not isinstance(file, Mapping):
            raise wrong_type(f"{where}.file", "a dict", file)
        data = file.get("file_data")
        if not isinstance(data, str):
            if not isinstance(file.get("file_id") or file.get("file_url"), str):
                keys = "file_data, file_id or file_url"
                raise fault(f"{where}.file", f"expected one of {keys}, got none")
            self.tally.unbounded.add(index)
            self.tally.note(f"{where}: a file by reference cannot be counted here; counted as 0")
            return 0
        try:
            content = data_url_bytes(data if data.startswith("data:") else f"data:;base64,{data}")
        except ValueError as error:
            raise fault(f"{where}.file.file_data", str(error)) from None
        self.tally.unbounded.add(index)  # no published number says what is around a file's text
        if content.startswith(b"%PDF"):
            return self._pdf(content, where, index)
        try:
            texts.append(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.tally.note(f"{where}: a file that is not text cannot be read here; counted as 0")
            return 0
        self.tally.note(f"{where}: counted as the text of the file")
        return 0

    def _pdf(self, content: bytes, where: str, index: int) -> int:
        pages = max(1, len(_PDF_PAGE.findall(content)))
        span, _ = image_span(_PAGE_PIXELS, self.model, "high")
        tokens = pages * (_PAGE_TEXT_TOKENS + span.tokens)
        self._uncertain(index, tokens, 0, None)
        self.tally.note(
            f"{where}: PDF of about {pages} pages estimated; text and a picture of each page "
            "count, by no published number"
        )
        return tokens


def _audio_tokens(seconds: float) -> int:
    return math.ceil(round(seconds * 1000 / _AUDIO_MS_PER_TOKEN, 6))
