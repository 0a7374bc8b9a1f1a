"""Files of folders: which ones there are, but for those that ignore rules leave out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tokenkit.errors import InputError, MissingPackage
from tokenkit.inputs.decoding import check_decoding, is_binary
from tokenkit.inputs.ignore_rules import IgnoreRules, excluded, patterns_of, relative
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
    follow_links: bool = False,
    text_encoding: str | None = None,
    skipped: Callable[[str, str], None] | None = None,
) -> Iterator[str]:
    """Find the files under `paths`, sorted within each folder. A path that is no folder, or a
    folder that cannot be read, comes as it is.

    Folders give neither the files that a `.gitignore` or `.ignore` excludes (there, or in a folder
    above up to the root of the work tree, where `.git/info/exclude` and git's `core.excludesFile`
    hold, too), nor links to folders, nor hidden and binary files unless they are asked for. With
    `follow_links`, a link to a folder is searched, unless that folder holds the link.
    `include` and `exclude` are patterns as in a `.gitignore`, relative to the folder that is named;
    `*.md` includes only such files. `text_encoding` says how to tell binary files from text.
    `skipped` is called with (path, reason) for each hidden or binary file, each link that is not
    followed, and devices, pipes and sockets. Needs the package pathspec (extra `cli`).

    Raises InputError for a pattern that is invalid, ValueError for an unknown `text_encoding`,
    ModuleNotFoundError without pathspec.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("a.md", "b.log", ".gitignore"):
    ...     _ = (folder / name).write_text("*.log")
    >>> [pathlib.Path(path).name for path in find_files([folder])]
    ['a.md']
    """
    search = _Search(
        include=include,
        exclude=exclude,
        gitignore=gitignore,
        hidden=hidden,
        binary=binary,
        follow_links=follow_links,
        charset=check_decoding(text_encoding).charset,
        skipped=skipped or (lambda _path, _reason: None),
    )
    for path in paths:
        name = os.fspath(path)
        if name == STDIN or not os.path.isdir(name):
            yield name
        else:
            yield from search.files(name)


class _Search:
    """The search in folders, with its patterns."""

    def __init__(
        self,
        *,
        include: Sequence[str],
        exclude: Sequence[str],
        gitignore: bool,
        hidden: bool,
        binary: bool,
        follow_links: bool,
        charset: str | None,
        skipped: Callable[[str, str], None],
    ) -> None:
        try:
            self.include = patterns_of(include) if include else None
            self.exclude: list[Any] = list(patterns_of(exclude).patterns) if exclude else []
        except ValueError as error:
            raise InputError(f"expected patterns as in a .gitignore: {error}") from None
        self.gitignore = gitignore
        self.hidden = hidden
        self.binary = binary
        self.follow_links = follow_links
        self.charset = charset
        self.skipped = skipped
        self.root = ""

    def files(self, root: str) -> Iterator[str]:
        """The files under one folder."""
        self.root = root
        above = IgnoreRules.above(root) if self.gitignore else IgnoreRules([], [])
        yield from self._folder(root, above, (os.path.realpath(root),))

    def _folder(self, folder: str, above: IgnoreRules, trail: tuple[str, ...]) -> Iterator[str]:
        """The files under a folder; `trail` has the real paths of it and those above."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield folder  # the reader says why it cannot be read
            return
        rules = above.inside(folder) if self.gitignore else above
        for entry in entries:
            is_link = entry.is_symlink() and os.path.isdir(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False) or (is_link and self.follow_links)
            if entry.name == ".git" or self._ignored(entry.path, is_folder, rules):
                continue
            if entry.name.startswith(".") and not self.hidden:
                self.skipped(entry.path, "hidden")
            elif is_link and not self.follow_links:
                self.skipped(entry.path, "link to a folder")
            elif is_folder:
                yield from self._inner(entry.path, rules, trail)
            elif self._wanted(entry.path):
                yield entry.path

    def _inner(self, folder: str, rules: IgnoreRules, trail: tuple[str, ...]) -> Iterator[str]:
        real = os.path.realpath(folder) if self.follow_links else folder
        if real in trail:
            self.skipped(folder, "link to a folder around it")
        else:
            yield from self._folder(folder, rules, (*trail, real))

    def _wanted(self, path: str) -> bool:
        inner = relative(path, self.root, is_folder=False)
        if self.include is not None and not self.include.match_file(inner):
            return False
        reason = _why_no_file(path) or ("" if self.binary else self._why_no_text(path))
        if reason:
            self.skipped(path, reason)
        return not reason

    def _ignored(self, path: str, is_folder: bool, rules: IgnoreRules) -> bool:
        if self.exclude and excluded(relative(path, self.root, is_folder), self.exclude):
            return True
        return rules.exclude(path, is_folder)

    def _why_no_text(self, path: str) -> str:
        """Why the file cannot be text, by its first bytes; "" if it may be, or cannot be read,
        which its reader reports."""
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
        return "binary" if is_binary(head, self.charset) else ""


def _why_no_file(path: str) -> str:
    """Say why something in a folder is not a file; "" for a file, also one that cannot be read."""
    if os.path.isfile(path):
        return ""
    if os.path.exists(path):
        return "device, pipe or socket"
    return "dangling link" if os.path.islink(path) else ""
