"""Files of folders: which ones there are, but for those that ignore rules leave out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from tokenkit.errors import InputError, MissingPackage
from tokenkit.inputs.sources import STDIN, opened, packing

__all__ = ["find_files"]

_SNIFFED_BYTES = 8192


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
    """Find the files under `paths`, sorted within each folder. A path that is no folder, or a
    folder that cannot be read, comes as it is.

    Folders give neither the files that a `.gitignore` excludes (there, or in a folder above up to
    the root of the work tree), nor links to folders, nor hidden and binary files unless they are
    asked for. `include` and `exclude` are patterns as in a `.gitignore`, relative to the folder
    that is named; `*.md` includes only such files. `skipped` is called with (path, reason) for each
    hidden or binary file. Needs the package pathspec (extra `cli`).

    Raises InputError for a pattern that is invalid, ModuleNotFoundError without pathspec.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("a.md", "b.log", ".gitignore"):
    ...     _ = (folder / name).write_text("*.log")
    >>> [pathlib.Path(path).name for path in find_files([folder])]
    ['a.md']
    """
    for path in paths:
        name = os.fspath(path)
        if name == STDIN or not os.path.isdir(name):
            yield name
        else:
            yield from _Search(name, include, exclude, gitignore, hidden, binary, skipped).files()


class _Search:
    """The search in one folder, with its patterns."""

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
            raise InputError(f"expected patterns as in a .gitignore: {error}") from None
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
            yield folder  # the reader says why it cannot be read
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
        absolute = os.path.abspath(path)
        for base, patterns in reversed(rules):  # the nearest file that says anything decides
            verdict = _excluded(_slashed(os.path.relpath(absolute, base)) + end, patterns)
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
            with suppress(ValueError):  # git, too, skips invalid patterns
                patterns += self.parse([_in_git_words(line)]).patterns
        return [(folder, patterns)]

    def _rules_above(self) -> list[tuple[str, Any]]:
        """The rules of the folders above, if they belong to the same work tree."""
        folder = os.path.abspath(self.root)
        by_folder: list[list[tuple[str, Any]]] = []
        while not os.path.exists(os.path.join(folder, ".git")):
            parent = os.path.dirname(folder)
            if parent == folder:
                return []  # outside a work tree only the folder's own rules hold
            folder = parent
            by_folder.append(self._rules(folder))
        by_folder.append(self._rules(folder, os.path.join(".git", "info", "exclude")))
        return [rule for rules in reversed(by_folder) for rule in rules]


def _excluded(path: str, patterns: list[Any]) -> bool | None:
    """Whether the last pattern that matches excludes; None if none matches.

    pathspec also matches files in a folder that matches. Git does not: in `packages/`, which
    `!packages` includes, `node_modules` stays excluded. Excluded folders are not searched at all.
    """
    for pattern in reversed(patterns):
        result = pattern.match_file(path) if pattern.include is not None else None
        if result is None:
            continue
        # pathspec's group for the "/" behind a folder that matches
        is_inside = "ps_d" in result.match.re.groupindex and (
            result.match.end("ps_d") not in (-1, len(path))
        )
        if not is_inside:
            return bool(pattern.include)
    return None


def _in_git_words(line: str) -> str:
    """Write a pattern so that pathspec takes it as git does: there, `a/**` is also `a/` itself, and
    `*/` the first folder of a path and not its last."""
    line = re.sub(r"(^!?|/)\*\*(/?)$", r"\1**/?*\2", line)
    return re.sub(r"^(!?)\*/$", r"\1?*/", line)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _why_no_text(path: str) -> str:
    """Why the file cannot be text, by its first bytes; "" if it may be, or cannot be read, which
    its reader reports."""
    try:
        if packing(path):
            with opened(path) as (packed, _):
                head = packed.read(_SNIFFED_BYTES)
        else:
            with open(path, "rb", buffering=0) as file:
                head = file.read(_SNIFFED_BYTES)
    except MissingPackage:
        return "packed, and pyarrow is not installed"
    except (InputError, OSError):
        return ""
    return "binary" if b"\0" in head else ""
