"""Just enough of Protocol Buffers to read a SentencePiece model: fields of one message.

The wire format is that of https://protobuf.dev/programming-guides/encoding. Nothing is allocated
before it is known to be there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tokenkit.encodings.formats.faults import Fault

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10


def fields(data: memoryview, where: str) -> Iterator[tuple[int, int | float | memoryview]]:
    """Yield the number and value of each field: an int of a varint, a float of four bytes, the
    bytes of all else. Raises Fault, which names the offset.

    >>> list(fields(memoryview(b"\\x08\\x96\\x01"), "model"))
    [(1, 150)]
    """
    at, end = 0, len(data)
    while at < end:
        start = at
        tag, at = _varint(data, at, where)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at, where)
            yield number, value
            continue
        if kind == _LENGTH:
            size, at = _varint(data, at, where)
        elif kind in (_FOUR_BYTES, _EIGHT_BYTES):
            size = 4 if kind == _FOUR_BYTES else 8
        else:
            raise Fault(f"{where}, byte {start}: expected a field, got one of the kind {kind}")
        if size > end - at:
            raise Fault(
                f"{where}, byte {start}: expected {size} more bytes, got {end - at}: the file is "
                "truncated or damaged"
            )
        inner = data[at : at + size]
        at += size
        yield number, struct.unpack("<f", inner)[0] if kind == _FOUR_BYTES else inner


def _varint(data: memoryview, at: int, where: str) -> tuple[int, int]:
    if at < len(data) and data[at] < 0x80:  # nearly always
        return data[at], at + 1
    value = 0
    for index, byte in enumerate(data[at : at + _MOST_VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, at + index + 1
    raise Fault(f"{where}, byte {at}: expected a number, got one without an end")
