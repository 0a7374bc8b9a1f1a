"""Files that users name, for all folders: looked at before they are opened, read as they were then.

No user's file is mapped into memory. Where another program truncates a mapped file, the process
ends with SIGBUS and not a word; a read file gives an error.
"""

from __future__ import annotations

import errno
import io
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Path: TypeAlias = str | os.PathLike[str]

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)
_BLOCK_BYTES = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISLNK, "link"),
)


class Found(str):
    """The name of a file that was found in a folder, regular then. A name of a user's own may be
    that of a pipe, which is waited for; this one is only read if it is a regular file still."""

    __slots__ = ()


def special_kind(mode: int) -> str:
    """Say what the mode of a status means, such as "pipe"; "" for a regular file.

    >>> special_kind(os.stat(os.curdir).st_mode)
    'folder'
    """
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "")


def open_regular(path: Path) -> tuple[int, os.stat_result] | None:
    """Open a regular file for reading; return its descriptor, which the caller closes, and its
    status. None for pipes, devices and all else, which is never opened. Raises OSError."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        return None
    # It may have become a pipe in the meantime: that must not wait.
    descriptor = os.open(path, _FLAGS | _NOT_WAITING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _wrong_kind(path, status)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, status


def open_named(path: Path) -> io.FileIO:
    """Open what a user has named for reading, as a file without a buffer.

    A pipe may be the output of another program, so it is opened and waits for that program. Raises
    OSError, also for a folder, and for what is not a regular file though it was `Found` as one.
    """
    regular = open_regular(path)
    if regular is None and isinstance(path, Found):
        raise _wrong_kind(path, os.stat(path))
    descriptor = regular[0] if regular else os.open(path, _FLAGS)
    try:
        return io.FileIO(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def read_named(path: Path, most: int, *, only_regular: bool = False) -> bytes:
    """Read all of a file that a user has named, up to `most` bytes.

    Raises OSError if it cannot be read, is longer, or changes while it is read; with
    `only_regular` for pipes and devices, too.

    >>> read_named(os.devnull, 10)
    b''
    """
    return read_with_status(path, most, only_regular=only_regular)[0]


def read_with_status(
    path: Path, most: int, *, only_regular: bool = False, only_start: bool = False
) -> tuple[bytes, os.stat_result]:
    """Read all of a file as `read_named` does; return it with the status that the file had when it
    was opened. With `only_start` a longer file is fine, and what is behind `most` is not read."""
    regular = open_regular(path)
    if regular is None and only_regular:
        raise _wrong_kind(path, os.stat(path))
    descriptor, status = regular or _opened(path)
    try:
        blocks, size = [], 0
        asked = most if only_start else most + 1
        while block := os.read(descriptor, min(_BLOCK_BYTES, asked - size)):
            blocks.append(block)
            size += len(block)
            if size > most:
                raise OSError(
                    errno.EFBIG, f"expected at most {most} bytes, got more", os.fspath(path)
                )
        check_unchanged(descriptor, status, size)
        return b"".join(blocks), status
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    finally:
        os.close(descriptor)


def check_unchanged(descriptor: int, before: os.stat_result, end: int) -> None:
    """Check that a file, of which all up to the offset `end` was read, is what it was before.

    One that only grew is fine: what was read is the file as it was. Pipes and devices always are.
    Raises OSError for a file that was truncated or written over in the meantime.
    """
    if not stat.S_ISREG(before.st_mode):
        return
    now = os.fstat(descriptor)
    if now.st_size > before.st_size and end >= before.st_size:
        return
    # Windows notes the time when the writer closes the file, which may have nothing to do with us.
    written = os.name != "nt" and now.st_mtime_ns != before.st_mtime_ns
    if now.st_size == before.st_size and not written:
        return  # some systems give files fewer bytes than they state, such as those of /sys
    if min(end, now.st_size) < before.st_size:
        raise OSError(
            errno.EIO,
            f"expected {before.st_size} bytes, got {min(end, now.st_size)}: the file was truncated "
            "while it was read; read it again",
        )
    raise OSError(
        errno.EIO,
        "expected a file that stays as it is, got one that was written over while it was read; "
        "read it again",
    )


def _opened(path: Path) -> tuple[int, os.stat_result]:
    descriptor = os.open(path, _FLAGS)
    return descriptor, os.fstat(descriptor)


def _wrong_kind(path: Path, status: os.stat_result) -> OSError:
    kind = special_kind(status.st_mode) or "changed file"
    return OSError(errno.EINVAL, f"expected a regular file, got a {kind}", os.fspath(path))
