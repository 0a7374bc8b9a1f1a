"""SentencePiece's precompiled character map, as tokenizer.json and `tokenizer.model` hold it."""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode
from typing import Any

from tokenkit.encodings.formats.faults import Fault, unlike

_UNIT = 4  # bytes of a number in the trie


def charsmap(value: Any, where: str) -> str:
    """Check a map in base64: the size of a trie in 32 bits, the trie, and texts that end in NUL."""
    if not isinstance(value, str):
        raise unlike(where, "a string in base64", value)
    try:
        check_charsmap(b64decode(value, validate=True), where)
    except ValueError:
        raise unlike(where, "a string in base64", value) from None
    return value


def check_charsmap(data: bytes, where: str) -> None:
    """Check the sizes in a map, and that its texts are UTF-8."""
    size = int.from_bytes(data[:_UNIT], "little")
    if len(data) < _UNIT or size % _UNIT or size > len(data) - _UNIT:
        raise Fault(
            f"{where}: expected a trie whose size its first four bytes give, got {size} of "
            f"{len(data)} bytes"
        )
    try:
        data[_UNIT + size :].decode()
    except UnicodeDecodeError as error:
        raise Fault(
            f"{where}: expected texts in UTF-8 behind the trie, got the byte {error.start}: "
            f"{error.reason}"
        ) from None


def keeps(data: bytes, text: str) -> bool:
    """Return whether a map has nothing else for any part of a text.

    The trie is that of `darts-clone` (its `darts.h`): each number holds a label, the way to its
    children, and whether a leaf is among them, whose number is the offset of a text.
    """
    size = int.from_bytes(data[:_UNIT], "little")
    trie = array("I", data[_UNIT : _UNIT + size])
    if sys.byteorder == "big":
        trie.byteswap()
    source = text.encode()
    for start in range(len(source)):
        at = 0
        unit = trie[0] if trie else 0
        for end in range(start, len(source)):
            at ^= _children(unit) ^ source[end]
            unit = trie[at] if at < len(trie) else 0
            if unit & 0x800000FF != source[end]:
                break
            if unit >> 8 & 1 and (leaf := at ^ _children(unit)) < len(trie):
                place = _UNIT + size + (trie[leaf] & 0x7FFFFFFF)
                same = source[start : end + 1] + b"\0"
                if data[place : place + len(same)] != same:
                    return False
    return True


def _children(unit: int) -> int:
    return (unit >> 10) << ((unit & 0x200) >> 6)
