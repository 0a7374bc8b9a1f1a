"""The length of a recording from its bytes: WAV and MP3 here, other kinds by tinytag.

Rules: WAV (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications", 1991;
RF64: EBU Tech 3306), MP3 frames (ISO/IEC 11172-3 and 13818-3), ID3v2 tags (id3.org, 2.4.0). Tags,
pictures and padding have no length.
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

__all__ = ["Length", "audio_length"]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# kbit/s by index, for the layers of MPEG-1, and for layer 1 and the others of MPEG-2.
_RATES_1 = {
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_RATES_2_LAYER_1 = (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_RATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = (44_100, 48_000, 32_000)
_MPEG_1, _MPEG_2, _MPEG_25 = 3, 2, 0
_TAGS_AT_THE_END = (b"TAG", b"APETAGEX", b"ID3", b"LYRICSBEGIN")
# Bytes between frames among which the next one is looked for.
_MOST_UNREAD = 1 << 20
# Ogg, FLAC, AIFF, WMA; MP4 has its mark behind four bytes.
_TINYTAG_MARKS = (b"OggS", b"fLaC", b"FORM", b"\x30\x26\xb2\x75")


class Length(NamedTuple):
    """Seconds of sound, and the bounds of what they may be (`high` None: no upper bound)."""

    seconds: float
    low: float
    high: float | None


def audio_length(data: bytes) -> Length | None:
    r"""Measure a recording, None where its kind is unknown or cannot be read.

    >>> import struct
    >>> rates = struct.pack("<HHIIHH", 1, 1, 8_000, 8_000, 1, 8)  # one byte for each sample
    >>> wav = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0" + rates + b"data\x10\0\0\0" + bytes(16)
    >>> audio_length(wav)
    Length(seconds=0.002, low=0.002, high=0.002)
    """
    if data[:4] in (b"RIFF", b"RF64"):
        return _wav_length(data) if data[8:12] == b"WAVE" else None
    start = _after_tags(data)
    if start < len(data) and _frame(data, start) is not None:
        return _mp3_length(data, start)
    return _length_by_tinytag(data)


# WAV -----------------------------------------------------------------------------------------


def _wav_length(data: bytes) -> Length | None:
    """Measure the first data chunk by the format chunk before it."""
    offset = 12
    form = size_64 = fact = None
    while offset + 8 <= len(data):
        name, size = (
            data[offset : offset + 4],
            int.from_bytes(data[offset + 4 : offset + 8], "little"),
        )
        body = data[offset + 8 : offset + 8 + min(size, 40)]
        if name == b"fmt " and len(body) >= 16:
            form = body
        elif name == b"ds64" and len(body) >= 16:
            size_64 = int.from_bytes(body[8:16], "little")
        elif name == b"fact" and len(body) >= 4:
            fact = int.from_bytes(body[:4], "little")
        elif name == b"data":
            if size == 0xFFFFFFFF and size_64 is not None:
                size = size_64
            return None if form is None else _sound(form, size, len(data) - offset - 8, fact)
        offset += 8 + size + size % 2
    return None


def _sound(form: bytes, size: int, left: int, fact: int | None) -> Length | None:
    """Measure `size` bytes of sound of which `left` are there, by the format chunk."""
    kind, _, hertz, per_second, block, _ = struct.unpack("<HHIIHH", form[:16])
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    # A program that writes to a pipe does not know the size: it is 0, or as large as can be.
    there = left if size == 0 else min(size, left)
    least = 0 if size == 0 else there
    if kind not in (_PCM, _FLOAT):
        if not fact or not hertz or not per_second:
            return None
        seconds, by_bytes = fact / hertz, there / per_second
        return Length(seconds, min(seconds, by_bytes), max(seconds, by_bytes))
    rates = {rate for rate in (hertz * block, per_second) if rate}
    if not rates:
        return None
    seconds = there / (hertz * block or per_second)
    return Length(seconds, least / max(rates), there / min(rates))


# MP3 -----------------------------------------------------------------------------------------


class _Frame(NamedTuple):
    kind: tuple[int, int, int]  # version, layer, samples per second: the same in all frames
    size: int
    seconds: float


def _after_tags(data: bytes) -> int:
    """Give the offset after the ID3v2 tags and the padding that a file begins with."""
    offset = 0
    while data[offset : offset + 3] == b"ID3" and offset + 10 <= len(data):
        size = 0
        for byte in data[offset + 6 : offset + 10]:
            size = size << 7 | byte & 0x7F
        offset += 10 + size + (10 if data[offset + 5] & 0x10 else 0)
    while data[offset : offset + 1] == b"\0":
        offset += 1
    return offset


def _frame(data: bytes, offset: int) -> _Frame | None:
    """Read the header of the frame at `offset`; None where there is none."""
    if offset + 4 > len(data) or data[offset] != 0xFF or data[offset + 1] < 0xE0:
        return None
    version, layer = data[offset + 1] >> 3 & 3, 4 - (data[offset + 1] >> 1 & 3)
    rate_index, hertz_index = data[offset + 2] >> 4, data[offset + 2] >> 2 & 3
    if version == 1 or layer == 4 or rate_index in (0, 15) or hertz_index == 3:
        return None
    hertz = _HERTZ[hertz_index] >> {_MPEG_1: 0, _MPEG_2: 1, _MPEG_25: 2}[version]
    of_mpeg_2 = _RATES_2_LAYER_1 if layer == 1 else _RATES_2
    rates = _RATES_1[layer] if version == _MPEG_1 else of_mpeg_2
    padding = data[offset + 2] >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and version != _MPEG_1 else 1152
    size = samples // 8 * rates[rate_index - 1] * 1000 // hertz
    if layer == 1:
        size = (12 * rates[rate_index - 1] * 1000 // hertz + padding) * 4
    else:
        size += padding
    return _Frame((version, layer, hertz), size, samples / hertz)


def _mp3_length(data: bytes, start: int) -> Length | None:
    """Add up the frames. Without an upper bound where something between them cannot be read."""
    first = _frame(data, start)
    if first is None:
        return None
    frames, offset, unread = 0, start, False
    end = len(data.rstrip(b"\0"))
    while offset < end:
        frame = _frame(data, offset)
        if frame is not None and frame.kind == first.kind:
            frames += 1
            offset += frame.size
            continue
        if data.startswith(_TAGS_AT_THE_END, offset):
            break
        unread = True
        offset = _next_frame(data, offset + 1, first)
    seconds = frames * first.seconds
    # A first frame that holds a table of the file has no sound; the last may be incomplete.
    least = max(0, frames - 2) * first.seconds
    if _holds_table(data, start, first):
        seconds -= first.seconds
    return Length(seconds, least, None if unread else frames * first.seconds)


def _next_frame(data: bytes, offset: int, first: _Frame) -> int:
    """Give the offset of the next frame that another follows; the end if there is none."""
    last = offset + _MOST_UNREAD
    while (offset := data.find(b"\xff", offset, last)) >= 0:
        frame = _frame(data, offset)
        if frame is not None and frame.kind == first.kind:
            after = _frame(data, offset + frame.size)
            if offset + frame.size >= len(data) or (after and after.kind == first.kind):
                return offset
        offset += 1
    return len(data)


def _holds_table(data: bytes, start: int, first: _Frame) -> bool:
    head = data[start : start + min(first.size, 64)]
    return any(name in head for name in (b"Xing", b"Info", b"VBRI"))


# Others --------------------------------------------------------------------------------------


def _length_by_tinytag(data: bytes) -> Length | None:
    if not data.startswith(_TINYTAG_MARKS) and data[4:8] != b"ftyp":
        return None
    try:
        from tinytag import TinyTag, TinyTagException  # the extra `audio`
    except ImportError:
        return None
    try:
        seconds = TinyTag.get(file_obj=io.BytesIO(data), tags=False).duration
    except TinyTagException:
        return None
    return Length(seconds, seconds, seconds) if seconds and seconds > 0 else None
