"""Width and height of an image from its first bytes: PNG, JPEG, GIF and WebP, nothing decoded.

Rules: PNG (ISO/IEC 15948, IHDR), JPEG (ITU-T T.81, the start-of-frame segment), GIF89a (logical
screen descriptor) and the WebP container (VP8, VP8L and VP8X chunks).
"""

from __future__ import annotations

import base64
import binascii
import struct

__all__ = ["data_url_bytes", "image_size"]

# Every start-of-frame marker but DHT (C4), JPG (C8) and DAC (CC), which share the range.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(data: bytes) -> tuple[int, int] | None:
    """Read (width, height) in pixels, None where the bytes are not a known, readable image.

    >>> image_size(b"GIF89a" + bytes([64, 1, 200, 0]))
    (320, 200)
    """
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            size = struct.unpack(">II", data[16:24])
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            size = struct.unpack("<HH", data[6:10])
        elif data[:2] == b"\xff\xd8":
            return _jpeg_size(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
        else:
            return None
    except (struct.error, IndexError):
        return None
    return _checked(size[0], size[1])


def _checked(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    offset = 2
    while offset + 9 <= len(data):
        if data[offset] != 0xFF:
            return None
        marker = data[offset + 1]
        if marker == 0xFF:  # fill byte
            offset += 1
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[offset + 5 : offset + 9])
            return _checked(width, height)
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a length
            offset += 2
        else:
            offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if len(data) < 30 and not (kind == b"VP8L" and len(data) >= 25):
        return None
    if kind == b"VP8X":
        return _checked(
            1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        )
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return _checked(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return _checked(width & 0x3FFF, height & 0x3FFF)
    return None


def data_url_bytes(url: str, limit: int | None = None) -> bytes:
    """Decode a base64 data URL; with `limit`, about that many of its first bytes.

    Raises ValueError when the URL is not a base64 data URL.

    >>> data_url_bytes("data:text/plain;base64,aGVsbG8=")
    b'hello'
    """
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise ValueError("expected a base64 data URL (data:<type>;base64,<data>)")
    if limit is not None:
        body = body[: (limit + 2) // 3 * 4]
    body += "=" * (-len(body) % 4)
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError(f"expected base64 in the data URL, got {error}") from None
