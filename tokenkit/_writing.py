"""Outputs that are whole or not there: written beside their place, and put there at the end.

Whatever ends the writing early, such as a signal or a full disk, leaves the file that was there, or
none. A process that is killed may leave the part that it wrote, `.tokenkit-*.part`, beside it.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any

__all__ = ["WholeFile", "is_part", "whole_text"]

_DESCRIPTORS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_FOLDERS_OF_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")
_MOST_LINKS = 40
_MOUNTED = (errno.EBUSY, errno.EXDEV)  # a file that is a mount of its own cannot be replaced
_NO_FOLDER_FOR_PARTS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT)  # as in /proc


class WholeFile:
    """A file of bytes that is written beside its place; `commit` puts it there.

    A symbolic link stays, and what it leads to is written. The file keeps its owner and its
    permissions; a new one has those of the umask. Written as they are: pipes, devices, open files
    by number (/dev/stdout), files in a folder that takes no other, and those of an owner who cannot
    be kept. As a context manager it commits at the end, and discards what was written after an
    error. All methods raise OSError, which names the file.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    >>> with WholeFile(path) as out:
    ...     _ = out.file.write(b"whole")
    ...     path.exists()
    False
    >>> path.read_bytes()
    b'whole'
    """

    def __init__(self, path: str | os.PathLike[str], *, spooled: bool = False) -> None:
        """With `spooled`, `file` can be read and sought whatever the target is."""
        self.path = os.fspath(path)
        self.part = ""  # the path that is written; "" for the target itself
        self.file: Any = None
        self.direct: Any = None  # the target, if that is open
        self.is_new = True
        with _naming(self.path):
            self._open(spooled)

    def _open(self, spooled: bool) -> None:
        self.target, descriptor = _resolved(self.path)
        if descriptor is not None:
            self.direct = os.fdopen(os.dup(descriptor), "wb")
        else:
            status = _status(self.target)
            self.is_new = status is None
            if status is None or stat.S_ISREG(status.st_mode):
                self._open_part(status)
            else:
                self.direct = open(self.target, "wb")  # noqa: SIM115 (closed at the end)
        if self.direct is not None:
            self.file = self.direct
            if spooled:
                import tempfile

                self.file = tempfile.TemporaryFile()  # noqa: SIM115 (closed at the end)

    def _open_part(self, status: os.stat_result | None) -> None:
        if status is not None and not os.access(self.target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self.path)
        name = f".tokenkit-{os.getpid():x}-{os.urandom(6).hex()}.part"
        part = os.path.join(os.path.dirname(self.target), name)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(part, flags, 0o666)
        except OSError as error:
            if status is None or error.errno not in _NO_FOLDER_FOR_PARTS:
                raise
            self.direct = open(self.target, "wb")  # noqa: SIM115 (closed at the end)
            return
        self.part = part
        self.file = os.fdopen(descriptor, "w+b")
        if status is not None and not _is_like(descriptor, part, status):
            self.discard()
            self.direct = open(self.target, "wb")  # noqa: SIM115 (closed at the end)

    def commit(self, path: str | None = None) -> None:
        """Put the file in its place, or at another `path` beside it."""
        with _naming(self.path):
            try:
                self.file.flush()
                if self.direct is not None and self.file is not self.direct:
                    self.file.seek(0)
                    _copy(self.file, self.direct)
                self._close()
                if self.part:
                    self._replace(path or self.target)
                    self.part = ""
            finally:
                self.discard()

    def _replace(self, target: str) -> None:
        try:
            os.replace(self.part, target)
        except OSError as error:
            if error.errno not in _MOUNTED:
                raise
            with open(self.part, "rb") as source, open(target, "wb") as copy:
                _copy(source, copy)
            os.remove(self.part)

    def discard(self) -> None:
        """Drop what was written; does nothing after `commit`."""
        with suppress(OSError):
            self._close()
        if self.part:
            with suppress(OSError):
                os.remove(self.part)
            self.part = ""

    def _close(self) -> None:
        try:
            self.file.close()
        finally:
            if self.direct is not None:
                self.direct.close()

    def __enter__(self) -> WholeFile:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self.commit()
            return
        self.discard()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = self.path


@contextmanager
def whole_text(path: str | os.PathLike[str], errors: str = "strict") -> Iterator[IO[str]]:
    """Open a `WholeFile` for text in UTF-8, whose line ends stay as they are.

    `errors` is that of `open`. Raises OSError, which names the file.
    """
    from io import TextIOWrapper

    with WholeFile(path) as out:
        text = TextIOWrapper(out.file, "utf-8", errors, newline="")
        try:
            yield text
            text.flush()
        finally:
            with suppress(OSError, ValueError):
                text.detach()


def is_part(name: str) -> bool:
    """Say whether a file's name is that of an output on its way.

    >>> is_part("docs/.tokenkit-1f-00c0ffee.part"), is_part("part")
    (True, False)
    """
    last = os.path.basename(name)
    return last.startswith(".tokenkit-") and last.endswith(".part")


def _resolved(path: str) -> tuple[str, int | None]:
    """Follow the links that a file's name is; return the file's own name, and the number of an
    open file if it is one."""
    for _ in range(_MOST_LINKS):
        absolute = os.path.abspath(path)
        number = absolute.rpartition("/")[2]
        if absolute in _DESCRIPTORS:
            return path, _DESCRIPTORS[absolute]
        if absolute.startswith(_FOLDERS_OF_DESCRIPTORS) and number.isdecimal():
            return path, int(number)
        if absolute.startswith("/proc/") or not os.path.islink(path):
            return path, None
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def _is_like(descriptor: int, part: str, status: os.stat_result) -> bool:
    """Give a part the owner and the permissions of the file whose place it takes; return whether
    that could be done."""
    own = os.fstat(descriptor)
    try:
        if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
            os.chown(part, status.st_uid, status.st_gid)
        os.chmod(part, stat.S_IMODE(status.st_mode))
    except (OSError, AttributeError):  # Windows has no owners
        return False
    return True


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _copy(source: Any, target: Any) -> None:
    from shutil import copyfileobj

    copyfileobj(source, target)
    target.flush()


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let errors name the file that was asked for, not its part."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise
