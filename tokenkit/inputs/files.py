"""Files and folders: which ones there are, and how many tokens each holds.

>>> import tempfile, pathlib
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "a.txt").write_text("hello world")
>>> [count.tokens for count in count_files([folder], ["o200k_base"])]
[(2,)]
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from tokenkit._checks import checked_threads
from tokenkit.encodings import get_encoding
from tokenkit.inputs.big_texts import Interrupted, Tally, refuse_binary
from tokenkit.inputs.sources import STDIN, InputError, MissingPackage, mapped, opened, packing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from mmap import mmap
    from typing import Any, TypeGuard

    from tokenkit.encodings import Encoding

__all__ = [
    "STDIN",
    "FileCount",
    "InputError",
    "Interrupted",
    "count_files",
    "find_files",
    "read_text",
]

# Files are counted in groups of so many bytes, so that threads have work and memory is bounded.
_GROUP_BYTES = 32 << 20
_GROUP_FILES = 256
_BIG_BYTES = 64 << 20  # a bigger one is counted in parts
_SNIFFED = 8192


@dataclass(frozen=True)
class FileCount:
    """What became of one file: its tokens under each encoding, or None and the error.

    `size` is in bytes.
    """

    name: str
    tokens: tuple[int, ...] | None
    size: int = 0
    error: str = ""


def read_text(name: str) -> str:
    """The text of a file, unpacked if it is packed, or of standard input for "-".

    Raises InputError, also for bytes that are not UTF-8.
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
        raise InputError(f"is not UTF-8 text: invalid UTF-8 at byte {error.start}") from None


# Finding files


def find_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    hidden: bool = False,
    binary: bool = False,
    skipped: Callable[[str, str], None] | None = None,
) -> Iterator[str]:
    """The files under `paths`, sorted within each folder; a path that is no folder, or one that
    cannot be read, comes as it is.

    In folders, what a `.gitignore` excludes is left out (also those of the folders above, up to
    the root of the work tree), as are hidden and binary files, unless they are asked for, and links
    to folders. `include` and `exclude` are patterns as in a `.gitignore`, relative to the folder
    that is named. `skipped` is told (path, reason) of hidden and binary files. Needs the
    package pathspec (extra `cli`). Raises InputError for a pattern that is none.
    """
    for path in paths:
        name = os.fspath(path)
        if name == STDIN or not os.path.isdir(name):
            yield name
        else:
            yield from _Walk(name, include, exclude, gitignore, hidden, binary, skipped).files()


class _Walk:
    """One folder with its patterns."""

    def __init__(
        self,
        root: str,
        include: Sequence[str],
        exclude: Sequence[str],
        gitignore: bool,
        hidden: bool,
        binary: bool,
        skipped: Callable[[str, str], None] | None,
    ) -> None:
        from pathspec import GitIgnoreSpec

        self.parse = GitIgnoreSpec.from_lines
        self.root = root
        try:
            self.include = self.parse(include) if include else None
            self.exclude = list(self.parse(map(_in_git_words, exclude)).patterns)
        except ValueError as error:
            raise InputError(str(error)) from None
        self.gitignore = gitignore
        self.hidden = hidden
        self.binary = binary
        self.skipped = skipped or (lambda _path, _reason: None)

    def files(self) -> Iterator[str]:
        above = self._rules_above() if self.gitignore else []
        yield from self._folder(self.root, above)

    def _folder(self, folder: str, above: list[tuple[str, Any]]) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield folder  # whoever reads it says why that is impossible
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
            elif os.path.isfile(entry.path) and self._wanted(entry.path):
                yield entry.path

    def _wanted(self, path: str) -> bool:
        inner = _slashed(os.path.relpath(path, self.root))
        if self.include is not None and not self.include.match_file(inner):
            return False
        reason = "" if self.binary else _why_no_text(path)
        if reason:
            self.skipped(path, reason)
        return not reason

    def _ignored(self, path: str, is_folder: bool, rules: list[tuple[str, Any]]) -> bool:
        end = "/" if is_folder else ""
        if _excluded(_slashed(os.path.relpath(path, self.root)) + end, self.exclude):
            return True
        if not rules:
            return False
        place = os.path.abspath(path)
        for base, patterns in reversed(rules):  # the nearest file that says anything decides
            verdict = _excluded(_slashed(os.path.relpath(place, base)) + end, patterns)
            if verdict is not None:
                return verdict
        return False

    def _rules(self, folder: str, name: str = ".gitignore") -> list[tuple[str, Any]]:
        try:
            with open(os.path.join(folder, name), encoding="utf-8-sig", errors="replace") as file:
                lines = file.read().split("\n")
        except OSError:
            return []
        patterns: list[Any] = []
        for line in lines:
            with suppress(ValueError):  # git, too, passes over what is no pattern
                patterns += self.parse([_in_git_words(line)]).patterns
        return [(folder, patterns)]

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


def _excluded(path: str, patterns: list[Any]) -> bool | None:
    """What the last pattern that matches says; None if none does.

    pathspec also matches what lies in a folder that matches. Git does not: in `packages/`, which
    `!packages` includes, `node_modules` stays excluded. What an excluded folder holds is not seen.
    """
    for pattern in reversed(patterns):
        found = pattern.match_file(path) if pattern.include is not None else None
        if found and (
            "ps_d" not in found.match.re.groupindex or found.match.end("ps_d") in (-1, len(path))
        ):
            return bool(pattern.include)
    return None


def _in_git_words(line: str) -> str:
    """A pattern for pathspec, where `a/**` is also `a/` itself, and `*/` is the first folder of a
    path and not its last."""
    line = re.sub(r"(^!?|/)\*\*(/?)$", r"\1**/?*\2", line)
    return re.sub(r"^(!?)\*/$", r"\1?*/", line)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _why_no_text(path: str) -> str:
    """Why the file cannot be text, by its first bytes; "" if it may be. What cannot be read is left
    to whoever counts."""
    try:
        if packing(path):
            with opened(path) as (packed, _):
                head = packed.read(_SNIFFED)
        else:
            with open(path, "rb", buffering=0) as file:
                head = file.read(_SNIFFED)
    except MissingPackage:
        return "packed, and pyarrow is not installed"
    except (InputError, OSError):
        return ""
    return "binary" if b"\0" in head else ""


# Counting


def count_files(
    paths: Iterable[str | os.PathLike[str]],
    encodings: Sequence[str | Encoding],
    *,
    num_threads: int | None = None,
    **options: Any,
) -> Iterator[FileCount]:
    """The tokens of each file under each encoding, in the order of `find_files`, on threads.

    Files are memory-mapped and counted in groups, a big one in parts, with exact results. Standard
    input ("-"), other pipes and what gzip or zstd packed (`.gz`, `.zst`, which needs pyarrow before
    Python 3.14) is counted as it comes, in bounded memory.
    `options` are those of `find_files`. Ctrl-C in the middle of a big text or a stream raises
    Interrupted, a KeyboardInterrupt that tells `name`, `tokens` and `size` so far. A file that
    cannot be counted gives a FileCount with an error and does not stop the others.
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
        inputs: list[mmap | InputError | None] = []
        for name in names:
            try:
                data = stack.enter_context(mapped(name))
                if data is not None and len(data) <= _BIG_BYTES:
                    refuse_binary(data, 0, len(data), 0)
                inputs.append(data)
            except InputError as error:
                inputs.append(error)
        counted = _count_texts([one for one in inputs if _small(one)], engines, threads)
        for name, one in zip(names, inputs, strict=True):
            if isinstance(one, InputError):
                yield FileCount(name, None, error=str(one))
            elif one is not None and _small(one):
                tokens, problem = next(counted)
                yield FileCount(name, tokens, len(one), problem)
            else:
                yield _count_big(name, one, engines, threads)


def _small(data: mmap | InputError | None) -> TypeGuard[mmap]:
    return data is not None and not isinstance(data, InputError) and len(data) <= _BIG_BYTES


def _count_big(name: str, data: mmap | None, engines: list[Encoding], threads: int) -> FileCount:
    """Counts a big mapped file, or a stream of any size, in parts."""
    tally = Tally(engines, threads)
    try:
        if data is not None:
            tally.mapped(data)
        else:
            with opened(name) as (file, _):
                tally.stream(file)
    except InputError as error:
        return FileCount(name, None, tally.size, str(error))
    except Interrupted as error:
        error.name = name
        raise
    return FileCount(name, tally.tokens, tally.size)


def _count_texts(
    texts: list[mmap], engines: list[Encoding], threads: int
) -> Iterator[tuple[tuple[int, ...] | None, str]]:
    """Counts of each text, or None and what is wrong with it."""
    try:
        # Not `count_batch`, which loads NumPy: that takes longer than counting most folders.
        columns = [
            memoryview(encoding._engine.count_batch(texts, threads)).tolist()
            for encoding in engines
        ]
    except ValueError:
        for text in texts:
            try:
                yield tuple(encoding.count(text) for encoding in engines), ""
            except ValueError as error:
                yield None, f"is not UTF-8 text: {error}"
        return
    for tokens in zip(*columns, strict=True):
        yield tokens, ""
