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

from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

__all__ = ["STDIN", "InputError", "MissingPackage", "mapped", "opened", "packing", "pyarrow_module"]

STDIN = "-"
BUFFER_BYTES = 1 << 20


class InputError(TokenkitError):
    """An input cannot be read as text; the message says why, without the input's name."""


class MissingPackage(InputError):
    """Reading this needs a package that is not installed."""


def packing(name: str) -> str:
    """How a file's name says that it is packed: "gz", "zst" or ""."""
    ending = os.path.splitext(name.lower())[1]
    return ending[1:] if ending in (".gz", ".zst") else ""


def pyarrow_module() -> Any:
    """pyarrow. Raises MissingPackage if it is not installed."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingPackage(
            "needs the package pyarrow, which comes with the extra `arrow`: pip install pyarrow"
        ) from None
    return pyarrow


class _Metered(io.RawIOBase):
    """A file that knows how many bytes were read of it, which pipes cannot tell."""

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
def opened(name: str) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """The unpacked bytes of a file, or of standard input for "-", and a function that tells how
    many bytes of it, packed as it lies there, have been read.

    Raises InputError if it cannot be opened; what goes wrong later, while it is read within the
    context, becomes an InputError as well.
    """
    try:
        with _standard_input() if name == STDIN else open(name, "rb", buffering=0) as raw:
            meter = _Metered(raw)
            file = io.BufferedReader(meter, BUFFER_BYTES)
            yield _unpacked(file, packing(name)), lambda: meter.taken
    except _reading_errors(name) as error:
        raise InputError(_reason(name, error)) from None


def _reading_errors(name: str) -> tuple[type[Exception], ...]:
    """What goes wrong with files and what is packed in them."""
    if packing(name) == "zst" and sys.version_info >= (3, 14):
        from compression.zstd import ZstdError

        return (OSError, EOFError, ZstdError)
    return (OSError, EOFError, zlib.error)


def _standard_input() -> Any:
    """Standard input, to be closed without harm."""
    if sys.stdin is None:
        raise InputError("standard input is closed")
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
        return "is a directory; name its files"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        return str(text)
    return f"cannot be read: {text}"


@contextmanager
def mapped(name: str) -> Iterator[mmap.mmap | None]:
    """A file in memory as the system maps it; None for what must be read as a stream: pipes, what
    is packed, empty files, and a standard input of which somebody has read.

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
        yield data
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
