"""Counts of the tokens of files, folders and standard input.

>>> import tempfile, pathlib
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "a.txt").write_text("hello world")
>>> [count.tokens for count in count_files([folder], ["o200k_base"])]
[(2,)]
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from tokenkit._checks import checked_threads
from tokenkit.encodings import Encoding, encoding_of
from tokenkit.errors import InputError, Interrupted
from tokenkit.inputs.big_texts import BigTextCount
from tokenkit.inputs.find import find_files
from tokenkit.inputs.sources import (
    STDIN,
    mapped,
    not_utf8,
    opened,
    refuse_binary,
    utf8_error,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import TypeGuard

__all__ = ["FileCount", "count_files", "read_text"]

# Files are counted in groups of so many bytes, so that threads have work and memory is bounded.
_GROUP_BYTES = 32 << 20
_GROUP_FILES = 256
_BIG_BYTES = 64 << 20  # a bigger one is counted in parts


@dataclass(frozen=True)
class FileCount:
    """The count of one file: its tokens under each encoding, or None and the error.

    `size` is in bytes, unpacked.
    """

    name: str
    tokens: tuple[int, ...] | None
    size: int = 0
    error: str = ""


def read_text(name: str) -> str:
    """Read the text of a file, or of standard input for "-". Files .gz and .zst are unpacked.

    Raises InputError if it cannot be read, is not UTF-8, or holds a zero byte; its subclass
    MissingPackage for .zst without pyarrow before Python 3.14.

    >>> import gzip, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt.gz")
    >>> _ = path.write_bytes(gzip.compress("漢字".encode()))
    >>> read_text(str(path))
    '漢字'
    """
    try:
        with mapped(name) as data:
            if data is not None:
                refuse_binary(data, 0, len(data), 0)
                with memoryview(data) as view:
                    return str(view, "utf-8")
        with opened(name) as (file, _):
            text = file.read()
        refuse_binary(text, 0, len(text), 0)
        return text.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error.start) from None


def count_files(
    paths: Iterable[str | os.PathLike[str]],
    encodings: Sequence[str | Encoding],
    *,
    num_threads: int | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    hidden: bool = False,
    binary: bool = False,
    skipped: Callable[[str, str], None] | None = None,
) -> Iterator[FileCount]:
    """Count the tokens of each file under each encoding, in the order of `find_files`, on threads.

    Files are memory-mapped and counted in groups, a big one in parts, with exact results. Standard
    input ("-"), other pipes and packed files (`.gz`, `.zst`, which needs pyarrow before Python
    3.14) are counted as they come, in bounded memory. `include` to `skipped` are those of
    `find_files`. A file that cannot be counted gives a FileCount with an error and does not stop
    the others.

    Raises UnknownEncodingError, ValueError for `num_threads` below 1, what `find_files` raises, and
    Interrupted, a KeyboardInterrupt with what was counted so far, on Ctrl-C in the middle of a big
    text or a stream.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("hello world")
    >>> _ = (folder / "b.log").write_text("hi")
    >>> for count in count_files([folder], ["o200k_base", "gpt2"], include=["*.txt"]):
    ...     print(pathlib.Path(count.name).name, count.tokens, count.size)
    a.txt (2, 2) 11
    """
    chosen = [encoding_of(None, encoding) for encoding in encodings]
    threads = checked_threads(num_threads)
    group: list[str] = []
    size = 0
    names = find_files(
        paths,
        include=include,
        exclude=exclude,
        gitignore=gitignore,
        hidden=hidden,
        binary=binary,
        skipped=skipped,
    )
    for name in names:
        with suppress(OSError):  # it is reported where it is opened
            size += os.path.getsize(name)
        group.append(name)
        if size >= _GROUP_BYTES or len(group) >= _GROUP_FILES or name == STDIN:
            yield from _count_group(group, chosen, threads)
            group, size = [], 0
    yield from _count_group(group, chosen, threads)


def _count_group(names: list[str], encodings: list[Encoding], threads: int) -> Iterator[FileCount]:
    with ExitStack() as stack:
        inputs: list[mmap | InputError | None] = []
        for name in names:
            try:
                text = stack.enter_context(mapped(name))
                if _small(text):
                    refuse_binary(text, 0, len(text), 0)
                inputs.append(text)
            except InputError as error:
                inputs.append(error)
        counted = _count_texts([data for data in inputs if _small(data)], encodings, threads)
        for name, data in zip(names, inputs, strict=True):
            if isinstance(data, InputError):
                yield FileCount(name, None, error=str(data))
            elif data is not None and _small(data):
                tokens, problem = next(counted)
                yield FileCount(name, tokens, len(data), problem)
            else:
                yield _count_big(name, data, encodings, threads)


def _small(data: mmap | InputError | None) -> TypeGuard[mmap]:
    return data is not None and not isinstance(data, InputError) and len(data) <= _BIG_BYTES


def _count_big(name: str, data: mmap | None, encodings: list[Encoding], threads: int) -> FileCount:
    """Count a big mapped file, or a stream of any size, in parts."""
    count = BigTextCount(encodings, threads)
    try:
        if data is not None:
            count.count_mapped(data)
        else:
            with opened(name) as (file, _):
                count.count_stream(file)
    except InputError as error:
        return FileCount(name, None, count.size, str(error))
    except Interrupted as error:
        error.name = name
        raise
    return FileCount(name, count.tokens, count.size)


def _count_texts(
    texts: list[mmap], encodings: list[Encoding], threads: int
) -> Iterator[tuple[tuple[int, ...] | None, str]]:
    """Count each text under each encoding: (tokens, ""), or (None, the error)."""
    try:
        # Not `count_batch`, which loads NumPy: that takes longer than counting most folders.
        columns = [
            memoryview(encoding.engine.count_batch(texts, threads)).tolist()
            for encoding in encodings
        ]
    except ValueError:
        for text in texts:
            try:
                yield tuple(encoding.count(text) for encoding in encodings), ""
            except ValueError:
                yield None, str(utf8_error(text))
        return
    for tokens in zip(*columns, strict=True):
        yield tokens, ""
