"""Files of folders: which ones there are, but for those that ignore rules leave out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tokenkit._files import Found, open_regular
from tokenkit.errors import InputError, MissingPackage
from tokenkit.inputs.decoding import check_decoding, is_binary
from tokenkit.inputs.ignore_rules import IGNORE_FILES, IgnoreRules, below
from tokenkit.inputs.pattern_list import checked_patterns
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
    `follow_links`, a link to a folder is searched, unless that folder holds the link; of links that
    lie behind another link, one to each folder.
    `include` and `exclude` are patterns as in a `.gitignore`, relative to the folder that is named;
    `*.md` includes only such files. `text_encoding` says how to tell binary files from text.
    `skipped` is called with (path, reason) for each hidden or binary file, each link that is not
    followed, devices, pipes and sockets, and ignore files that are not read: those of more than
    4 MiB, links in place of a `.gitignore`, as in git, and all but regular files.

    Raises InputError for a pattern that can match nothing, ValueError for an unknown
    `text_encoding`.

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


@dataclass(frozen=True)
class _Folder:
    """A folder to be searched. `below` is what paths in it begin with, absolute and in bytes;
    `rules` are those above it; `links` is how many links lead to it; `is_included` whether its
    files are, of which no pattern says anything."""

    path: str
    below: bytes
    rules: IgnoreRules
    is_included: bool
    links: int = 0
    is_link: bool = False


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
            self.include = checked_patterns(include) if include else None
            self.exclude = checked_patterns(exclude)
        except ValueError as error:
            raise InputError(f"expected patterns as in a .gitignore, {error}") from None
        self.gitignore = gitignore
        self.hidden = hidden
        self.binary = binary
        self.follow_links = follow_links
        self.charset = charset
        self.skipped = skipped
        self.root_length = 0
        self.linked: set[object] = set()  # folders that were searched through several links

    def files(self, root: str) -> Iterator[str]:
        """The files under one folder."""
        rules = IgnoreRules(self.skipped)
        if self.gitignore:
            rules = IgnoreRules.above(root, self.skipped)
        first = _Folder(root, below(root), rules, self.include is None)
        self.root_length = len(first.below)
        self.linked.clear()
        # What is left of each folder from the root to where the search is, and which folder it is.
        trail = [(self._entries(first), self._identity(first))]
        while trail:
            found = next(trail[-1][0], None)
            if found is None:
                trail.pop()
            elif isinstance(found, str):
                yield found
            else:
                identity = self._identity(found)
                if not self._turns_round(found, identity, trail):
                    trail.append((self._entries(found), identity))

    def _identity(self, folder: _Folder) -> object:
        """Return what is the same for all names of a folder; None where no link is followed."""
        if not self.follow_links:
            return None
        try:
            status = os.stat(folder.path)
        except OSError:  # its entries cannot be read either
            return None
        return status.st_dev, status.st_ino

    def _turns_round(
        self, folder: _Folder, identity: object, trail: Sequence[tuple[object, object]]
    ) -> bool:
        """Whether a folder is one of those around it, or links would lead to it again and again:
        folders that link to each other could be searched in more orders than there is time for."""
        if identity is None:
            return False
        if any(identity == around for _, around in trail):
            self.skipped(folder.path, "link to a folder around it")
            return True
        if folder.is_link and folder.links > 1:
            if identity in self.linked:
                self.skipped(folder.path, "link to a folder to which another link leads")
                return True
            self.linked.add(identity)
        return False

    def _entries(self, folder: _Folder) -> Iterator[str | _Folder]:
        """The files of a folder, and the folders in it."""
        try:
            with os.scandir(folder.path) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            yield folder.path  # the reader says why it cannot be read
            return
        rules = folder.rules
        if self.gitignore:
            names = {entry.name for entry in entries if entry.name in IGNORE_FILES}
            rules = rules.inside(folder.path, names)
        for entry in entries:
            path = folder.below + os.fsencode(entry.name)
            is_link = entry.is_symlink() and os.path.isdir(entry.path)
            is_folder = _is_folder(entry) or (is_link and self.follow_links)
            if entry.name == ".git" or self._ignored(path, is_folder, rules):
                continue
            if entry.name.startswith(".") and not self.hidden:
                self.skipped(entry.path, "hidden")
            elif is_link and not self.follow_links:
                self.skipped(entry.path, "link to a folder")
            elif is_folder:
                is_included = self._included(path, True, folder)
                links = folder.links + is_link
                yield _Folder(entry.path, path + b"/", rules, is_included, links, is_link)
            elif self._included(path, False, folder) and self._wanted(entry):
                yield Found(entry.path)

    def _included(self, path: bytes, is_folder: bool, folder: _Folder) -> bool:
        """Whether `include` names a path, or else a folder around it."""
        if self.include is None:
            return True
        verdict = self.include.verdict(path[self.root_length :], is_folder)
        return folder.is_included if verdict is None else verdict

    def _ignored(self, path: bytes, is_folder: bool, rules: IgnoreRules) -> bool:
        if self.exclude.verdict(path[self.root_length :], is_folder):
            return True
        return rules.exclude(path, is_folder)

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        reason = _why_no_file(entry) or ("" if self.binary else self._why_no_text(entry.path))
        if reason:
            self.skipped(entry.path, reason)
        return not reason

    def _why_no_text(self, path: str) -> str:
        """Why the file cannot be text, by its first bytes; "" if it may be, or cannot be read,
        which its reader reports."""
        try:
            head = _packed_head(path) if packing(path) else _head(path)
        except MissingPackage:
            return "packed, and pyarrow is not installed"
        except (InputError, OSError):
            return ""
        return "binary" if is_binary(head, self.charset) else ""


def _packed_head(path: str) -> bytes:
    with opened(path) as (packed, _):
        return packed.read(_SNIFFED_BYTES)


def _head(path: str) -> bytes:
    regular = open_regular(path)
    if regular is None:
        return b""
    try:
        return os.read(regular[0], _SNIFFED_BYTES)
    finally:
        os.close(regular[0])


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # its reader says why it cannot be looked at
        return False


def _why_no_file(entry: os.DirEntry[str]) -> str:
    """Say why something in a folder is not a file; "" for a file, also one that cannot be read."""
    with suppress(OSError):
        if entry.is_file():
            return ""
    if os.path.exists(entry.path):
        return "device, pipe or socket"
    return "dangling link" if entry.is_symlink() else ""
