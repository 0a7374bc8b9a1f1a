"""How much memory one row or text may take, and how far a packed file may unpack.

Files from outside may hold gigabytes in one row, or a thousand times their size. What can be
counted in parts is; what must be held as a whole has the limit `MOST_MB`, which callers may raise.

| held | memory that it is taken to need |
|---|---|
| text | 1 byte per byte of ASCII, 2 for other text, 4 with characters beyond U+FFFF |
| a record of CSV | 4 bytes per character |
| JSON | that of its text, 160 bytes per object, 64 per list, 60 per string and comma |
"""

from __future__ import annotations

import io
import sys

from tokenkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

__all__ = [
    "MOST_MB",
    "check_json_memory",
    "check_memory",
    "guarded",
    "json_memory_of",
    "lines_within",
    "memory_of",
    "most_bytes",
    "too_big",
]

MOST_MB = 64
# A file may unpack to so many times its size; gzip does not reach it (1032 is its most), zstd does.
MOST_RATIO = 2000
_FREE_BYTES = 64 << 20  # before the ratio is looked at
_SMALL_BYTES = 1 << 20  # what is shorter is never looked at
_JSON_BYTES = {"[": 64, "{": 160, ",": 60}
_STRING_BYTES = 60
# The first bytes of characters beyond U+FFFF, for each of which a str takes 4 bytes.
_WIDE = tuple(bytes([first]) for first in range(0xF0, 0xF5))


def most_bytes(max_mb: int | None) -> int:
    """The bytes that a limit in MB allows; None is without a limit."""
    return sys.maxsize if max_mb is None else max_mb << 20


def too_big(what: str, most: int, where: str = "", hint: str = "") -> InputError:
    """Make the error of an input that takes more memory than `most` bytes."""
    megabytes = f"{most / (1 << 20):g} MB"
    return InputError(
        f"{where}expected {what} that takes at most {megabytes} of memory, got more{hint}; "
        "max_mb (--max-mb) raises the limit"
    )


def memory_of(text: str | bytes) -> int:
    """About how many bytes a text, or UTF-8, takes as a str.

    >>> memory_of("abcd"), memory_of("é".encode()), memory_of("👩".encode())
    (4, 4, 16)
    """
    if text.isascii():
        return len(text)
    if isinstance(text, str):
        return sys.getsizeof(text)
    return len(text) * (4 if any(first in text for first in _WIDE) else 2)


def json_memory_of(text: str | bytes, most: int = 1 << 62) -> int:
    """At most how many bytes JSON takes, as text and as values; if that is more than `most`, about
    how many.

    >>> json_memory_of(b"[{}]"), json_memory_of('["[,,,"]'), json_memory_of('["[,,,"]', most=100)
    (228, 316, 132)
    """
    size = memory_of(text)
    objects = _objects(text)
    if size + objects <= most:
        return size + objects
    # Not all marks count: those in strings are text.
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    strings = _STRING_BYTES * (text.count(b'"') // 2)
    if strings < objects:
        strings += _objects(b"".join(text.split(b'"')[::2]))
    return size + strings


def _objects(text: str | bytes) -> int:
    """Reckon the lists, objects and values of JSON, wherever their marks are."""
    return sum(
        bytes_each * (text.count(mark) if isinstance(text, str) else text.count(mark.encode()))
        for mark, bytes_each in _JSON_BYTES.items()
    )


def check_memory(text: str | bytes, most: int, what: str, where: str = "") -> None:
    """Raise InputError if a text, or UTF-8, takes more memory than `most` bytes."""
    if len(text) > _SMALL_BYTES and memory_of(text) > most:
        raise too_big(what, most, where)


def check_json_memory(text: str | bytes, most: int, what: str, where: str = "") -> None:
    """Raise InputError if JSON, or its beginning, takes more memory than `most` bytes."""
    if len(text) <= _SMALL_BYTES:
        return
    # The text first: to look for its objects takes copies of it.
    if memory_of(text) > most or json_memory_of(text, most) > most:
        raise too_big(what, most, where)


def lines_within(file: BinaryIO, most: int) -> Iterator[bytes]:
    """The lines of a file, of JSON each. Raises InputError for one that takes too much memory."""
    number = 0
    while line := file.readline(most + 1):
        number += 1
        where = f"line {number}: "
        if len(line) > most:
            raise too_big("a line", most, where)
        check_json_memory(line, most, "a line", where)
        yield line


class _Guarded(io.RawIOBase):
    """Unpacked data that ends in an error once it is too many times what was read of the file."""

    def __init__(self, data: Any, packed_bytes: Callable[[], int]) -> None:
        self.data = data
        self.packed_bytes = packed_bytes
        self.given = 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self.data.fileno()
        return number

    def readinto(self, buffer: Any) -> int:
        block = self.data.read1(len(buffer))
        self.given += len(block)
        if self.given > max(_FREE_BYTES, MOST_RATIO * self.packed_bytes()):
            raise InputError(
                f"expected a packed file, got one that unpacks to more than {MOST_RATIO} times its "
                "size, as those do that are made to fill memory; unpack it first if it is none"
            )
        buffer[: len(block)] = block
        return len(block)


def guarded(data: Any, packed_bytes: Callable[[], int], buffer_bytes: int) -> io.BufferedReader:
    """Read unpacked data as it is, as long as it is not too many times the size of the file."""
    return io.BufferedReader(_Guarded(data, packed_bytes), buffer_bytes)
