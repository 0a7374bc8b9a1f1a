"""The metadata of a GGUF file: keys and values, as llama.cpp's `ggml/src/gguf.cpp` reads them.

Versions 2 and 3, little-endian. Weights lie behind the metadata and are never looked at. Every size
is compared with what is there before anything is made of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from tokenkit.encodings.formats.contents import GGUF_MAGIC
from tokenkit.encodings.formats.faults import Fault, unlike

_VERSIONS = (2, 3)
_MOST_KEYS = 1 << 16
_MOST_VALUES = 1 << 22  # of an array
_MOST_KEY_BYTES = (1 << 16) - 1
_STRING, _ARRAY = 8, 9
# Type -> the letter that `struct` has for it. All but strings and arrays.
_FIXED = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")


def read_metadata(data: bytes, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """Read the values whose keys are wanted; strings are str, arrays lists or, of bytes, bytes.

    Raises Fault, which names the offset or the key, also where the metadata does not end within
    `data`.
    """
    values = _Values(data)
    if values.bytes(4) != GGUF_MAGIC:
        raise Fault("expected GGUF at the start")
    version = values.number(_U32)
    if version not in _VERSIONS:
        raise unlike("the version of GGUF", "2 or 3, little-endian", version)
    values.number(_U64)  # the number of tensors
    count = values.number(_U64)
    if count > _MOST_KEYS:
        raise unlike("the number of keys", f"at most {_MOST_KEYS}", count)
    out: dict[str, Any] = {}
    seen = set()
    for _ in range(count):
        key = values.key()
        if key in seen:
            raise Fault(f"expected each key once, got {key!r} twice")
        seen.add(key)
        keep = wanted(key)
        try:
            value = values.value(values.number(_U32), keep)
        except UnicodeDecodeError as error:
            raise Fault(
                f"{key}: expected UTF-8, got {error.object[:40]!r}: {error.reason}"
            ) from None
        if keep:
            out[key] = value
    return out


class _Values:
    """The values that follow each other in some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def bytes(self, size: int) -> bytes:
        """Take some bytes. Raises Fault if there are fewer."""
        left = len(self._data) - self._at
        if size > left:
            raise Fault(
                f"byte {self._at}: expected {size} more bytes of metadata, got {left}: the file is "
                "truncated, damaged, or has too much of it"
            )
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, kind: struct.Struct) -> int:
        """Take a whole number."""
        value: int = kind.unpack(self.bytes(kind.size))[0]
        return value

    def key(self) -> str:
        """Take a key."""
        at, size = self._at, self.number(_U64)
        if size > _MOST_KEY_BYTES:
            raise unlike(f"byte {at}: the size of a key", f"at most {_MOST_KEY_BYTES}", size)
        try:
            return self.bytes(size).decode()
        except UnicodeDecodeError:
            raise Fault(f"byte {at}: expected a key in UTF-8") from None

    def value(self, kind: int, keep: bool) -> Any:
        """Take a value of some type."""
        if kind == _STRING:
            return self.bytes(self.number(_U64)).decode()
        if kind == _ARRAY:
            return self._array(keep)
        if kind not in _FIXED:
            raise unlike(f"byte {self._at}: the type of a value", "0 to 12", kind)
        code = struct.Struct("<" + _FIXED[kind])
        return code.unpack(self.bytes(code.size))[0]

    def _array(self, keep: bool) -> Any:
        at = self._at
        kind, count = self.number(_U32), self.number(_U64)
        if kind == _STRING:
            return self._strings(count, keep)
        if kind not in _FIXED:
            raise unlike(f"byte {at}: the type of an array's values", "no array", kind)
        if count > _MOST_VALUES and keep:
            raise unlike(f"byte {at}: the size of an array", f"at most {_MOST_VALUES}", count)
        data = self.bytes(struct.calcsize(_FIXED[kind]) * count)
        if not keep:
            return None
        return data if kind in (0, 1) else list(struct.unpack(f"<{count}{_FIXED[kind]}", data))

    def _strings(self, count: int, keep: bool) -> list[str] | None:
        data, at, end = self._data, self._at, len(self._data)
        if count > (end - at) // 8:  # each has its size in front
            self.bytes(8 * count)
        unpack = _U64.unpack_from
        out = []
        for _ in range(count):
            if at + 8 > end:
                break
            start = at + 8
            at = start + unpack(data, at)[0]
            if at > end:
                break
            if keep:
                out.append(data[start:at].decode())
        else:
            self._at = at
            return out if keep else None
        raise Fault(
            f"byte {self._at}: expected {count} strings, got fewer: the file is truncated, "
            "damaged, or has too much metadata"
        )
