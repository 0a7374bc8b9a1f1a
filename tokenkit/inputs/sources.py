"""Inputs as bytes: files, standard input, and the text inside what gzip or zstd packed."""

from __future__ import annotations

import io
import mmap
import os
import select
import stat
import sys
import zlib
from contextlib import contextmanager, nullcontext

from tokenkit.errors import InputError, MissingPackage, NotTextError
from tokenkit.inputs.decoding import UTF8, Decoding, marked_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

__all__ = [
    "PACKED_ENDINGS",
    "STDIN",
    "mapped",
    "not_utf8",
    "opened",
    "packing",
    "pyarrow_module",
    "refuse_binary",
    "utf8_error",
]

STDIN = "-"
PACKED_ENDINGS = (".gz", ".zst")
BUFFER_BYTES = 1 << 20


_NAME_IT = "; name its encoding, such as cp1252"


def not_utf8(position: int, where: str = _NAME_IT) -> NotTextError:
    """Make the error of a text with invalid bytes, the first at byte `position` of the input, or
    of the part of it that `where` names, which may say what to do, too."""
    return NotTextError(f"expected UTF-8 text, got invalid UTF-8 at byte {position}{where}")


def utf8_error(
    data: bytes | memoryview | mmap.mmap, before: int = 0, where: str = _NAME_IT
) -> NotTextError:
    """Make the error of bytes that are not UTF-8, and behind `before` others in the input; `where`
    is that of `not_utf8`."""
    try:
        str(data, "utf-8")
    except UnicodeDecodeError as error:
        return not_utf8(before + error.start, where)
    return NotTextError("expected UTF-8 text")


def refuse_binary(data: bytes | mmap.mmap, start: int, end: int, before: int) -> None:
    """Look for a zero byte from `start` to `end`. Raises NotTextError with its position, to
    which the `before` bytes of the input that came earlier are added."""
    # Valid UTF-8 may hold this byte, text files do not; UTF-16 files are full of it.
    zero = data.find(b"\0", start, end)
    if zero >= 0:
        raise NotTextError(
            f"expected UTF-8 text, got a zero byte at byte {before + zero}, as in UTF-16 or binary "
            "files; name its encoding, such as utf-16-le"
        )


def packing(name: str) -> str:
    """How a file is packed, by its name: "gz", "zst" or ""."""
    ending = os.path.splitext(name.lower())[1]
    return ending[1:] if ending in PACKED_ENDINGS else ""


def pyarrow_module() -> Any:
    """Import pyarrow. Raises MissingPackage if it is not installed."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingPackage(
            "needs the package pyarrow, which is not installed; pip install pyarrow, or install "
            "tokenkit with the extra `arrow`"
        ) from None
    return pyarrow


class _Metered(io.RawIOBase):
    """A file that counts the bytes that were read of it; a pipe itself does not."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.taken = 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self.file.fileno()
        return number

    def readinto(self, buffer: Any) -> int:
        while (size := self.file.readinto(buffer)) is None:
            select.select([self.file], [], [])  # somebody made the pipe one that does not wait
        self.taken += size
        return int(size)


@contextmanager
def opened(
    name: str, decoding: Decoding | None = None
) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a file, or standard input for "-": its unpacked bytes, and a function that gives the
    number of bytes read so far, packed as they lie on the disk.

    With a `decoding` the bytes are UTF-8, of whatever text encoding the file has. Raises InputError
    if it cannot be opened; what goes wrong later, while it is read within the context, becomes an
    InputError as well.
    """
    try:
        with _standard_input() if name == STDIN else open(name, "rb", buffering=0) as raw:
            meter = _Metered(raw)
            file = io.BufferedReader(meter, BUFFER_BYTES)
            data = _unpacked(file, packing(name))
            yield data if decoding is None else decoding.opened(data), lambda: meter.taken
    except _reading_errors(name) as error:
        raise InputError(_reason(name, error)) from None


def _reading_errors(name: str) -> tuple[type[Exception], ...]:
    """The errors of reading and unpacking a file."""
    if packing(name) == "zst" and sys.version_info >= (3, 14):
        from compression.zstd import ZstdError

        return (OSError, EOFError, ZstdError)
    return (OSError, EOFError, zlib.error)


def _standard_input() -> Any:
    """Open standard input once more, so that closing it does no harm."""
    if sys.stdin is None:
        raise InputError("standard input is closed; name a file")
    try:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    except io.UnsupportedOperation:  # somebody put in an object of their own
        return nullcontext(sys.stdin.buffer)


def _unpacked(file: BinaryIO, packed: str) -> Any:
    if packed == "gz":
        import gzip

        return gzip.GzipFile(fileobj=file)
    if packed == "zst":
        if sys.version_info >= (3, 14):
            from compression import zstd

            return zstd.ZstdFile(file)
        pyarrow = pyarrow_module()
        stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(file), "zstd")
        return io.BufferedReader(stream, BUFFER_BYTES)
    return file


def _reason(name: str, error: Exception) -> str:
    if name != STDIN and os.path.isdir(name) and os.access(name, os.R_OK):
        return "expected a file, got a directory; name its files"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        return str(text)
    return f"cannot be read: {text}"


@contextmanager
def mapped(name: str, decoding: Decoding = UTF8) -> Iterator[mmap.mmap | None]:
    """Map a file of UTF-8 into memory. None for what must be read as a stream: pipes, packed and
    empty files, text in another encoding, and a standard input of which some was read before.

    Raises InputError if it cannot be opened.
    """
    data = None
    try:
        if name == STDIN:
            with _standard_input() as file:
                data = _map(file) if isinstance(file, io.FileIO) else None
        elif not packing(name) and stat.S_ISREG(os.stat(name).st_mode):
            with open(name, "rb", buffering=0) as file:
                data = _map(file)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    try:
        plain = data is not None and decoding.charset is None and not marked_encoding(data[:4])[0]
        yield data if plain else None
    finally:
        if data is not None:
            data.close()


def _map(file: io.FileIO) -> mmap.mmap | None:
    try:
        if file.tell() != 0:
            return None
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
