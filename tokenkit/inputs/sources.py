"""Inputs as bytes: files, standard input, and the text inside what gzip or zstd packed."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
import zlib
from contextlib import contextmanager, nullcontext

from tokenkit._files import check_unchanged, open_named, open_regular
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs.decoding import Decoding, marked_encoding
from tokenkit.inputs.limits import guarded
from tokenkit.inputs.remote import (
    Store,
    bare_name,
    check_same,
    is_uri,
    opened_remote,
    pyarrow_module,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

__all__ = [
    "PACKED_ENDINGS",
    "STDIN",
    "arrow_file",
    "lines_of",
    "not_utf8",
    "opened",
    "packing",
    "refuse_binary",
    "utf8_error",
    "whole_file",
]

STDIN = "-"
PACKED_ENDINGS = (".gz", ".zst")
BUFFER_BYTES = 1 << 20
_BIG_READ_BYTES = 8 << 20


_NAME_IT = "; name its encoding, such as cp1252"


def not_utf8(position: int, where: str = _NAME_IT) -> NotTextError:
    """Make the error of a text with invalid bytes, the first at byte `position` of the input, or
    of the part of it that `where` names, which may say what to do, too."""
    return NotTextError(f"expected UTF-8 text, got invalid UTF-8 at byte {position}{where}")


def utf8_error(data: bytes | memoryview, before: int = 0, where: str = _NAME_IT) -> NotTextError:
    """Make the error of bytes that are not UTF-8, and behind `before` others in the input; `where`
    is that of `not_utf8`."""
    try:
        str(data, "utf-8")
    except UnicodeDecodeError as error:
        return not_utf8(before + error.start, where)
    return NotTextError("expected UTF-8 text")


def refuse_binary(data: bytes | bytearray, start: int, end: int, before: int) -> None:
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
    ending = os.path.splitext(bare_name(name).lower())[1]
    return ending[1:] if ending in PACKED_ENDINGS else ""


class _Metered(io.RawIOBase):
    """A file that counts the bytes that were read of it; a pipe itself does not.

    Of a regular file it gives what was there when it was opened, or an OSError where that is no
    longer so at the end.
    """

    def __init__(self, file: Any) -> None:
        self.file = file
        self.taken = 0
        self.before = _status(file)
        self.start = file.tell() if self.before is not None else 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self.file.fileno()
        return number

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._left(len(buffer))]
        while (size := self.file.readinto(view)) is None:
            select.select([self.file], [], [])  # somebody made the pipe one that does not wait
        self.taken += size
        if not size and self.before is not None and len(buffer):
            check_unchanged(self.fileno(), self.before, self.start + self.taken)
        return int(size)

    def readall(self) -> bytes:
        blocks = []
        while block := self.read(BUFFER_BYTES if self.before is None else _BIG_READ_BYTES):
            blocks.append(block)
        return b"".join(blocks)

    def _left(self, size: int) -> int:
        """How many of `size` bytes may still be read."""
        if self.before is None:
            return size
        return max(0, min(size, self.before.st_size - self.start - self.taken))


def _status(file: Any) -> os.stat_result | None:
    """The status of a regular file; None for all else, and for those that state no size, such as
    the files of /proc."""
    try:
        status = os.fstat(file.fileno())
    except (AttributeError, OSError, ValueError):  # an object of somebody's own
        return None
    return status if stat.S_ISREG(status.st_mode) and status.st_size else None


@contextmanager
def opened(
    name: str, decoding: Decoding | None = None, *, packed: bool = False
) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a file, or standard input for "-": its unpacked bytes, and a function that gives the
    number of bytes read so far, packed as they lie on the disk.

    With a `decoding` the bytes are UTF-8, of whatever text encoding the file has; with `packed`
    they are those that lie on the disk. Raises InputError
    if it cannot be opened; what goes wrong later, while it is read within the context, becomes an
    InputError as well.
    """
    try:
        with _raw(name) as raw:
            meter = _Metered(raw)
            file = io.BufferedReader(meter, BUFFER_BYTES)
            data = file if packed else _unpacked(file, packing(name))
            if data is not file:
                data = guarded(data, lambda: meter.taken, BUFFER_BYTES)
            yield data if decoding is None else decoding.opened(data), lambda: meter.taken
    except _reading_errors(name) as error:
        raise InputError(_reason(name, error)) from None


def _raw(name: str) -> Any:
    """Open the bytes of an input as they lie in their place."""
    if name == STDIN:
        return _standard_input()
    return opened_remote(name, seekable=False) if is_uri(name) else open_named(name)


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


def _unpacked(file: io.BufferedReader[_Metered], packed: str) -> Any:
    if packed and not file.peek(1):
        raise EOFError("expected a packed file, got an empty one")
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
def lines_of(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file as it is on the disk. Raises OSError, also for one that changes meanwhile."""
    with open_named(path) as raw, io.BufferedReader(_Metered(raw), BUFFER_BYTES) as file:
        yield file


@contextmanager
def arrow_file(path: str) -> Iterator[Any]:
    """Open a regular file, or one of another store, for pyarrow, which does not map it.

    None for a pipe, and all else. Raises OSError, within the context, too, for one that changes
    meanwhile."""
    pyarrow = pyarrow_module()
    if is_uri(path):
        before = Store(path).info()
        with opened_remote(path, seekable=True) as source:
            yield source
        check_same(path, before)
        return
    if not stat.S_ISREG(os.stat(path).st_mode):
        yield None
        return
    with pyarrow.OSFile(path) as source:
        before = os.fstat(source.fileno())
        try:
            yield source
        except Exception:
            check_unchanged(source.fileno(), before, before.st_size)  # says why, if it did
            raise
        check_unchanged(source.fileno(), before, before.st_size)


def whole_file(name: str, decoding: Decoding, most: int) -> bytes | None:
    """Read a file of UTF-8 in one go. None for what must be read as a stream: standard input,
    pipes, packed files, those of more than `most` bytes, and text in another encoding.

    Raises InputError if it cannot be read, or changes meanwhile.
    """
    if name == STDIN or decoding.charset is not None or packing(name) or is_uri(name):
        return None
    try:
        regular = open_regular(name)
        if regular is None:
            return None
        descriptor, status = regular
        try:
            if status.st_size > most:
                return None
            data = _all_of(descriptor, status)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    except MemoryError:
        raise InputError(
            f"expected a text that fits in memory, got {status.st_size} bytes; count it, which "
            "reads it in parts, or split it"
        ) from None
    return None if data is None or marked_encoding(data[:4])[0] else data


def _all_of(descriptor: int, status: os.stat_result) -> bytes | None:
    """The bytes of a file of that status; None if it states no size but holds some."""
    if not status.st_size:
        return None if os.read(descriptor, 1) else b""
    data = os.read(descriptor, status.st_size)
    while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
        data += more
    check_unchanged(descriptor, status, len(data))
    return data
