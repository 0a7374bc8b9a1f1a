"""Files of other stores, named by the URIs of `pyarrow.fs`: s3://, gs://, hdfs://, abfss://, file://.

https://arrow.apache.org/docs/python/filesystems.html says what such a URI may hold.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import quote, unquote

from tokenkit.errors import InputError, MissingPackage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = [
    "Store",
    "bare_name",
    "check_same",
    "is_uri",
    "local_name",
    "opened_remote",
    "pyarrow_module",
    "shown_uri",
]

# Two letters or more: a drive of Windows has one.
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://([^/?]*)(/?[^?]*)(?:\?(.*))?", re.DOTALL)
_PASSWORD = re.compile(r"(?<=:)[^@]*(?=@)")


def is_uri(name: str) -> bool:
    """Say whether a name is a URI.

    >>> is_uri("s3://bucket/rows.parquet"), is_uri("C://rows.parquet"), is_uri("rows.parquet")
    (True, False, False)
    """
    return _URI.match(name) is not None


def bare_name(name: str) -> str:
    """Drop what a URI has behind its path, so that the ending of the name is that of the file.

    >>> bare_name("s3://bucket/rows.parquet?region=eu-west-1"), bare_name("why?.csv")
    ('s3://bucket/rows.parquet', 'why?.csv')
    """
    return name.partition("?")[0] if is_uri(name) else name


def shown_uri(name: str) -> str:
    """Write a name as outputs may have it: of a URI without a password and its options.

    >>> shown_uri("s3://key:secret@bucket/a.csv?region=eu-west-1"), shown_uri("why?.csv")
    ('s3://key:...@bucket/a.csv', 'why?.csv')
    """
    match = _URI.fullmatch(name)
    if match is None:
        return name
    scheme, authority, path, _ = match.groups()
    return f"{scheme}://{_PASSWORD.sub('...', authority)}{path}"


def local_name(name: str) -> str:
    """Turn a URI file:// into the name of the file; others stay.

    >>> local_name("file:///data/a%20b.csv"), local_name("s3://bucket/a.csv")
    ('/data/a b.csv', 's3://bucket/a.csv')
    """
    if not name.lower().startswith("file://"):
        return name
    return str(_from_uri(name)[1])


class Store:
    """The file system behind a URI, and where in it the URI points.

    `path` is what the file system calls it. Raises InputError for a URI that pyarrow does not know,
    and for a store that does not answer.
    """

    def __init__(self, uri: str) -> None:
        match = _URI.fullmatch(uri)
        if match is None:
            raise InputError(f"expected a URI, got {shown_uri(uri)!r}")
        scheme, authority, path, self._query = match.groups()
        self._root = f"{scheme}://{authority}"
        self.system, above = _from_uri(f"{self._root}/{self._options()}")
        self._above = above.rstrip("/")
        self.path = f"{self._above}/{unquote(path.strip('/'))}".rstrip("/") or "/"
        if not self._above:
            self.path = self.path if above.startswith("/") else self.path.lstrip("/")

    def _options(self) -> str:
        return f"?{self._query}" if self._query else ""

    def uri_of(self, path: str) -> str:
        """Make the URI of another path of the same file system."""
        inside = path[len(self._above) :].lstrip("/")
        return f"{self._root}/{quote(inside)}{self._options()}"

    def info(self) -> Any:
        """Ask the store for the type, size and time of the path."""
        with _said_by_store():
            return self.system.get_file_info(self.path)

    def listed(self, path: str | None = None) -> list[Any]:
        """All files below a path, at any depth, sorted by their paths."""
        from pyarrow.fs import FileSelector, FileType

        with _said_by_store():
            selector = FileSelector(self.path if path is None else path, recursive=True)
            infos = self.system.get_file_info(selector)
        files = (info for info in infos if info.type == FileType.File)
        return sorted(files, key=lambda info: str(info.path).split("/"))


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


@lru_cache(maxsize=64)  # a client asks the store for its region
def _from_uri(uri: str) -> tuple[Any, str]:
    pyarrow_module()
    from pyarrow.fs import FileSystem

    with _said_by_store():
        system, path = FileSystem.from_uri(uri)
    return system, path


@contextmanager
def _said_by_store() -> Iterator[None]:
    """Turn errors of pyarrow into an InputError with the first line of their message."""
    try:
        yield
    except (OSError, ValueError, NotImplementedError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot be read: {_URI.sub(lambda m: shown_uri(m[0]), first)}") from None


@contextmanager
def opened_remote(name: str, *, seekable: bool) -> Iterator[Any]:
    """Open a file of another store as its bytes are; `seekable` ones are read by offsets.

    Raises InputError if it cannot be opened.
    """
    store = Store(name)
    with _said_by_store():
        if seekable:
            file = store.system.open_input_file(store.path)
        else:
            # Not unpacked by pyarrow: the callers do that, within limits.
            file = store.system.open_input_stream(store.path, compression=None)
    with file:
        yield file


def check_same(name: str, before: Any) -> None:
    """Raise OSError if what the store says of a file is no longer what it said `before`."""
    now = Store(name).info()
    if (now.size, now.mtime_ns) != (before.size, before.mtime_ns):
        raise OSError(
            f"expected a file that stays as it is, got {before.size} bytes before and {now.size} "
            "after, or a new time: it was written over while it was read; read it again"
        )
