"""SentencePiece's precompiled character map, as tokenizer.json and `tokenizer.model` hold it."""

from __future__ import annotations

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
