"""Counts of the tokens of files, folders and standard input.

>>> import tempfile, pathlib
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "a.txt").write_text("hello world")
>>> [count.tokens for count in count_files([folder], ["o200k_base"])]
[(2,)]
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tokenkit._checks import checked_threads
from tokenkit.encodings import Encoding, encoding_of
from tokenkit.errors import InputError, Interrupted, NotTextError
from tokenkit.inputs.big_texts import BigTextCount
from tokenkit.inputs.decoding import Decoding, OnError, check_decoding
from tokenkit.inputs.find import find_files
from tokenkit.inputs.limits import check_memory, most_bytes, too_big
from tokenkit.inputs.sources import (
    STDIN,
    not_utf8,
    opened,
    packing,
    refuse_binary,
    utf8_error,
    whole_file,
)

__all__ = ["FileCount", "count_files", "read_text", "read_text_within", "text_parts"]

# Files are counted in groups of so many bytes, so that threads have work and memory is bounded.
_GROUP_BYTES = 32 << 20
_GROUP_FILES = 256
_BIG_BYTES = 16 << 20  # a bigger one is counted in parts
_PART_BYTES = 1 << 18


@dataclass(frozen=True)
class FileCount:
    """The count of one file: its tokens under each encoding, or None and the error.

    `size` is in bytes of UTF-8, unpacked. `is_text` is False where the error is that the bytes are
    not text in the expected text encoding.
    """

    name: str
    tokens: tuple[int, ...] | None
    size: int = 0
    error: str = ""
    is_text: bool = True


def read_text(
    name: str,
    *,
    text_encoding: str | None = None,
    errors: Literal["raise", "replace"] = "raise",
    max_mb: int | None = None,
) -> str:
    """Read the text of a file, or of standard input for "-". Files .gz and .zst are unpacked.

    A file with the byte order mark of UTF-16 or UTF-32 is read as such, others as `text_encoding`,
    a name that Python knows, by default UTF-8. Marks are dropped but for that of UTF-8, which is a
    character of the text; "utf-8-sig" drops it. With `errors` "replace", U+FFFD replaces wrong
    bytes. With `max_mb`, no text is read that takes more MB of memory.

    Raises InputError if it cannot be read, or takes too much memory; its subclasses NotTextError if
    it has wrong bytes or holds a zero character, and MissingPackage for .zst without pyarrow before
    Python 3.14. Raises ValueError for an unknown `text_encoding`.

    >>> import gzip, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt.gz")
    >>> _ = path.write_bytes(gzip.compress("漢字".encode()))
    >>> read_text(str(path))
    '漢字'
    """
    most = most_bytes(max_mb)
    return read_text_within(name, text_encoding=text_encoding, errors=errors, most=most)


def read_text_within(
    name: str,
    *,
    text_encoding: str | None = None,
    errors: Literal["raise", "replace"] = "raise",
    most: int,
) -> str:
    """Read a text as `read_text` does, if it takes at most `most` bytes of memory."""
    decoding = check_decoding(text_encoding, errors)
    text = whole_file(name, decoding, most)
    if text is None:
        with opened(name, decoding) as (file, _):
            text = file.read(most + 1 if most < sys.maxsize else -1)
    if len(text) > most:
        raise too_big("a text", most)
    check_memory(text, most, "a text")
    refuse_binary(text, 0, len(text), 0)
    try:
        return text.decode(errors="replace" if errors == "replace" else "strict")
    except UnicodeDecodeError as error:
        raise not_utf8(error.start) from None


def text_parts(
    name: str,
    *,
    text_encoding: str | None = None,
    errors: Literal["raise", "replace"] = "raise",
) -> Iterator[str]:
    """Read a text as `read_text` does, in parts, so that no more than one is held.

    Raises as `read_text` does, when it comes to what is wrong.
    """
    decoding = check_decoding(text_encoding, errors)
    decoder = codecs.getincrementaldecoder("utf-8")("replace" if errors == "replace" else "strict")
    before = 0  # bytes that are decoded, or are the begun character that the decoder holds
    with opened(name, decoding) as (file, _):
        while block := file.read(_PART_BYTES):
            refuse_binary(block, 0, len(block), before)
            yield _decoded(decoder, block, before)
            before += len(block)
        yield _decoded(decoder, b"", before)


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, before: int) -> str:
    """Decode a block behind `before` bytes; an empty one is the end."""
    held = len(decoder.getstate()[0])
    try:
        return decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        raise not_utf8(before - held + error.start) from None


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
    follow_links: bool = False,
    skipped: Callable[[str, str], None] | None = None,
    text_encoding: str | None = None,
    errors: OnError = "raise",
    progress: Callable[[str, int], None] | None = None,
) -> Iterator[FileCount]:
    """Count the tokens of each file under each encoding, in the order of `find_files`, on threads.

    Small files are counted in groups, a big one in parts, with exact results. Standard input
    ("-"), other pipes and packed files (`.gz`, `.zst`, which needs pyarrow before Python 3.14) are
    counted as they come, in bounded memory. A file is counted as it was when it was opened, also
    if it grows meanwhile; one that is truncated or written over while it is read gives an error.
    `include` to `skipped` are those of `find_files`. `text_encoding` is that of `read_text`. A file
    that cannot be counted gives a FileCount with an error and does not stop the others; with
    `errors` "skip", one that is not text goes to `skipped` instead, with "replace" its wrong bytes
    count as U+FFFD. `progress` is called with (path, bytes counted so far, unpacked) for each file,
    for a big one again and again.

    Raises UnknownEncodingError, ValueError for `num_threads` below 1 and for an unknown
    `text_encoding`, what `find_files` raises, and Interrupted, a KeyboardInterrupt with what was
    counted so far, on Ctrl-C in the middle of a big text or a stream.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("hello world")
    >>> _ = (folder / "b.log").write_text("hi")
    >>> for count in count_files([folder], ["o200k_base", "gpt2"], include=["*.txt"]):
    ...     print(pathlib.Path(count.name).name, count.tokens, count.size)
    a.txt (2, 2) 11
    """
    chosen = [encoding_of(None, encoding) for encoding in encodings]
    decoding = check_decoding(text_encoding, errors)
    counter = _Counter(chosen, checked_threads(num_threads), decoding, progress)
    names = find_files(
        paths,
        include=include,
        exclude=exclude,
        gitignore=gitignore,
        hidden=hidden,
        binary=binary,
        follow_links=follow_links,
        skipped=skipped,
        text_encoding=text_encoding,
    )
    for group in _groups(names):
        for count in counter.counts(group):
            if count.is_text or errors != "skip":
                yield count
            elif skipped is not None:
                skipped(count.name, count.error)


def _groups(names: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for name in names:
        with suppress(OSError):  # it is reported where it is opened
            size += os.path.getsize(name)
        group.append(name)
        if size >= _GROUP_BYTES or len(group) >= _GROUP_FILES or name == STDIN:
            yield group
            group, size = [], 0
    yield group


class _Counter:
    """Counts groups of files under some encodings."""

    def __init__(
        self,
        encodings: list[Encoding],
        threads: int,
        decoding: Decoding,
        progress: Callable[[str, int], None] | None,
    ) -> None:
        self.encodings = encodings
        self.threads = threads
        self.decoding = decoding
        self.progress = progress or (lambda _path, _size: None)

    def counts(self, names: list[str]) -> Iterator[FileCount]:
        """Count the files of a group, small ones together."""
        texts = [self._text(name) for name in names]
        counted = self._texts([text for text in texts if isinstance(text, bytes)])
        for name, text in zip(names, texts, strict=True):
            if isinstance(text, InputError):
                count = _failed(name, text)
            elif text is None:
                count = self._big(name)
            else:
                tokens, problem = next(counted)
                count = FileCount(str(name), tokens, len(text), problem, not problem)
                if problem and self.decoding.errors == "replace":
                    count = self._big(name)
            self.progress(name, count.size)
            yield count

    def _text(self, name: str) -> bytes | InputError | None:
        """The text of a small file, or what is wrong with it; None for other inputs."""
        try:
            text = whole_file(name, self.decoding, _BIG_BYTES)
            if text is not None:
                refuse_binary(text, 0, len(text), 0)
        except InputError as error:
            return error
        return text

    def _big(self, name: str) -> FileCount:
        """Count a big file, or a stream of any size, in parts."""
        count = BigTextCount(self.encodings, self.threads, lambda size: self.progress(name, size))
        try:
            with opened(name, self.decoding) as (file, _):
                if _is_file(name):
                    count.count_file(file)
                else:
                    count.count_stream(file)
        except InputError as error:
            return _failed(name, error, count.size)
        except Interrupted as error:
            error.name = name
            raise
        return FileCount(str(name), count.tokens, count.size)

    def _texts(self, texts: list[bytes]) -> Iterator[tuple[tuple[int, ...] | None, str]]:
        """Count each text under each encoding: (tokens, ""), or (None, the error)."""
        try:
            # Not `count_batch`, which loads NumPy: that takes longer than counting most folders.
            columns = [
                memoryview(encoding.engine.count_batch(texts, self.threads)).tolist()
                for encoding in self.encodings
            ]
        except ValueError:
            for text in texts:
                try:
                    yield tuple(encoding.count(text) for encoding in self.encodings), ""
                except ValueError:
                    yield None, str(utf8_error(text))
            return
        for tokens in zip(*columns, strict=True):
            yield tokens, ""


def _is_file(name: str) -> bool:
    """Whether an input gives all that is asked of it without waiting for another program."""
    return name != STDIN and not packing(name) and os.path.isfile(name)


def _failed(name: str, error: InputError, size: int = 0) -> FileCount:
    return FileCount(str(name), None, size, str(error), not isinstance(error, NotTextError))
