"""Files and folders: which ones there are, and how many tokens each holds.

>>> import tempfile, pathlib
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "a.txt").write_text("hello world")
>>> [count.tokens for count in count_files([folder], ["o200k_base"])]
[(2,)]
"""

from __future__ import annotations

import mmap
import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from tokenkit._vocabulary import checked_threads
from tokenkit.encodings import get_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from tokenkit.encoding import Encoding

__all__ = ["STDIN", "FileCount", "InputError", "count_files", "find_files", "opened"]

STDIN = "-"
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
# Files are counted in groups of so many bytes, so that threads have work and memory is bounded.
_GROUP_BYTES = 32 << 20
_GROUP_FILES = 256
_SNIFFED = 8192


class InputError(Exception):
    """An input cannot be read as text; the message says why, without the input's name."""


@dataclass(frozen=True)
class FileCount:
    """What became of one file: its tokens under each encoding, or None and the error.

    `size` is in bytes.
    """

    name: str
    tokens: tuple[int, ...] | None
    size: int = 0
    error: str = ""


@contextmanager
def opened(name: str) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a file, mapped where that is possible, or of standard input for "-".

    Raises InputError if there is no such file, or if it is not text.
    """
    try:
        descriptor = sys.stdin.fileno() if name == STDIN else os.open(name, _FLAGS)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    data: bytes | mmap.mmap
    try:
        data = _mapped(descriptor) or _read(descriptor)
    except OSError as error:
        raise InputError(_reason(name, error)) from None
    finally:
        if name != STDIN:
            os.close(descriptor)
    try:
        _refuse_binary(data)
        yield data
    finally:
        if isinstance(data, mmap.mmap):
            data.close()


def _mapped(descriptor: int) -> mmap.mmap | None:
    """The file mapped from its start, None if it is a pipe, empty, or read in part."""
    try:
        if os.lseek(descriptor, 0, os.SEEK_CUR) != 0:
            return None
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None


def _read(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read()


def _reason(name: str, error: OSError) -> str:
    if name != STDIN and os.path.isdir(name):
        return "is a directory; name its files"
    return error.strerror or str(error)


def _refuse_binary(data: bytes | mmap.mmap) -> None:
    # Valid UTF-8 may hold this byte, text files do not; UTF-16 files are full of it.
    zero = data.find(b"\0")
    if zero >= 0:
        raise InputError(f"is not text: a zero byte at byte {zero}")


# Finding files


def find_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    hidden: bool = False,
    skipped: Callable[[str, str], None] | None = None,
) -> Iterator[str]:
    """The files under `paths`, sorted within each folder; a path that is no folder comes as it is.

    In folders, what a `.gitignore` excludes is left out (also those of the folders above, up to
    the root of the work tree), as are hidden and binary files and links to folders. `include` and
    `exclude` are patterns as in a `.gitignore`, relative to the folder that is named. `skipped` is
    told (path, reason) of hidden and binary files. Needs the package pathspec (extra `cli`).
    """
    for path in paths:
        name = os.fspath(path)
        if name == STDIN or not os.path.isdir(name):
            yield name
        else:
            yield from _Walk(name, include, exclude, gitignore, hidden, skipped).files()


class _Walk:
    """One folder with its patterns."""

    def __init__(
        self,
        root: str,
        include: Sequence[str],
        exclude: Sequence[str],
        gitignore: bool,
        hidden: bool,
        skipped: Callable[[str, str], None] | None,
    ) -> None:
        from pathspec import GitIgnoreSpec

        self.parse = GitIgnoreSpec.from_lines
        self.root = root
        self.include = self.parse(include) if include else None
        self.exclude = self.parse(exclude)
        self.gitignore = gitignore
        self.hidden = hidden
        self.skipped = skipped or (lambda _path, _reason: None)

    def files(self) -> Iterator[str]:
        above = self._rules_above() if self.gitignore else []
        yield from self._folder(self.root, above)

    def _folder(self, folder: str, above: list[tuple[str, Any]]) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.skipped(folder, error.strerror or str(error))
            return
        rules = above + (self._rules(os.path.abspath(folder)) if self.gitignore else [])
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name == ".git" or self._ignored(entry.path, is_folder, rules):
                continue
            if entry.name.startswith(".") and not self.hidden:
                self.skipped(entry.path, "hidden")
            elif is_folder:
                yield from self._folder(entry.path, rules)
            elif entry.is_file() and self._wanted(entry.path):
                yield entry.path

    def _wanted(self, path: str) -> bool:
        inner = _slashed(os.path.relpath(path, self.root))
        if self.include is not None and not self.include.match_file(inner):
            return False
        if _is_binary(path):
            self.skipped(path, "binary")
            return False
        return True

    def _ignored(self, path: str, is_folder: bool, rules: list[tuple[str, Any]]) -> bool:
        end = "/" if is_folder else ""
        if self.exclude.match_file(_slashed(os.path.relpath(path, self.root)) + end):
            return True
        if not rules:
            return False
        place = os.path.abspath(path)
        for base, spec in reversed(rules):  # the nearest file that says anything decides
            verdict = spec.check_file(_slashed(os.path.relpath(place, base)) + end).include
            if verdict is not None:
                return bool(verdict)
        return False

    def _rules(self, folder: str, name: str = ".gitignore") -> list[tuple[str, Any]]:
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                return [(folder, self.parse(file.read().splitlines()))]
        except OSError:
            return []

    def _rules_above(self) -> list[tuple[str, Any]]:
        """The rules of the folders above, if they belong to the same work tree."""
        folder = os.path.abspath(self.root)
        found: list[list[tuple[str, Any]]] = []
        while not os.path.exists(os.path.join(folder, ".git")):
            parent = os.path.dirname(folder)
            if parent == folder:
                return []  # outside a work tree only the folder's own files speak
            folder = parent
            found.append(self._rules(folder))
        found.append(self._rules(folder, os.path.join(".git", "info", "exclude")))
        return [rule for rules in reversed(found) for rule in rules]


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _is_binary(path: str) -> bool:
    """Whether the first bytes hold a zero; what cannot be read is left to whoever counts."""
    try:
        with open(path, "rb") as file:
            return b"\0" in file.read(_SNIFFED)
    except OSError:
        return False


# Counting


def count_files(
    paths: Iterable[str | os.PathLike[str]],
    encodings: Sequence[str | Encoding],
    *,
    num_threads: int | None = None,
    **options: Any,
) -> Iterator[FileCount]:
    """The tokens of each file under each encoding, in the order of `find_files`, on threads.

    Files are memory-mapped and counted in groups, a big one in parts, with exact results.
    `options` are those of `find_files`. A file that cannot be counted gives a FileCount with an
    error and does not stop the others.
    """
    engines = [get_encoding(one) if isinstance(one, str) else one for one in encodings]
    threads = checked_threads(num_threads)
    group: list[str] = []
    size = 0
    for name in find_files(paths, **options):
        with suppress(OSError):  # it is reported where it is opened
            size += os.path.getsize(name)
        group.append(name)
        if size >= _GROUP_BYTES or len(group) >= _GROUP_FILES or name == STDIN:
            yield from _count_group(group, engines, threads)
            group, size = [], 0
    yield from _count_group(group, engines, threads)


def _count_group(names: list[str], engines: list[Encoding], threads: int) -> Iterator[FileCount]:
    with ExitStack() as stack:
        inputs: list[bytes | mmap.mmap | FileCount] = []
        for name in names:
            try:
                inputs.append(stack.enter_context(opened(name)))
            except InputError as error:
                inputs.append(FileCount(name, None, error=str(error)))
        texts = [data for data in inputs if not isinstance(data, FileCount)]
        counted = _count_texts(texts, engines, threads)
        for name, data in zip(names, inputs, strict=True):
            if isinstance(data, FileCount):
                yield data
                continue
            found = next(counted)
            if isinstance(found, str):
                yield FileCount(name, None, len(data), found)
            else:
                yield FileCount(name, found, len(data))


def _count_texts(
    texts: list[bytes | mmap.mmap], engines: list[Encoding], threads: int
) -> Iterator[tuple[int, ...] | str]:
    """Counts of each text, or what is wrong with it."""
    try:
        # Not `count_batch`, which loads NumPy: that takes longer than counting most folders.
        columns = [
            memoryview(encoding._engine.count_batch(texts, threads)).tolist()
            for encoding in engines
        ]
    except ValueError:
        for text in texts:
            try:
                yield tuple(encoding.count(text) for encoding in engines)
            except ValueError as error:
                yield f"is not UTF-8 text: {error}"
        return
    yield from zip(*columns, strict=True)
