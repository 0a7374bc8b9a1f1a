"""SentencePiece's precompiled character map, as tokenizer.json and `tokenizer.model` hold it."""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode
from typing import Any

from tokenkit.encodings.formats.faults import Fault, unlike

_UNIT = 4  # bytes of a number in the trie
_LONGEST_BYTES = 1024  # of a text that is looked at from each of its bytes on


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


class Charsmap:
    """A checked map that says of texts whether it changes them.

    The trie is that of `darts-clone` (its `darts.h`): each number holds a label, the way to its
    children, and whether a leaf is among them, whose number is the offset of a text.
    """

    def __init__(self, data: bytes) -> None:
        size = int.from_bytes(data[:_UNIT], "little")
        self._trie = array("I", data[_UNIT : _UNIT + size])
        if sys.byteorder == "big":
            self._trie.byteswap()
        self._texts = data[_UNIT + size :]

    def keeps(self, text: str) -> bool:
        """Return whether the map has nothing else for any part of a text, which is not long."""
        trie, source = self._trie, text.encode()
        if len(source) > _LONGEST_BYTES:
            return False
        for start in range(len(source)):
            at = 0
            unit = trie[0] if trie else 0
            for end in range(start, len(source)):
                at ^= _children(unit) ^ source[end]
                unit = trie[at] if at < len(trie) else 0
                if unit & 0x800000FF != source[end]:
                    break
                leaf = at ^ _children(unit)
                has_leaf = unit >> 8 & 1 and leaf < len(trie)
                if has_leaf and not self._is_same(trie[leaf], source[start : end + 1]):
                    return False
        return True

    def _is_same(self, leaf: int, part: bytes) -> bool:
        return self._texts.startswith(part + b"\0", leaf & 0x7FFFFFFF)


def _children(unit: int) -> int:
    return (unit >> 10) << ((unit & 0x200) >> 6)
