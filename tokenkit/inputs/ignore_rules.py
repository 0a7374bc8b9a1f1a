"""Ignore rules of folders, as git and tools like ripgrep have them.

A folder's rules are its files `.ignore` and `.gitignore`. Either may come from anybody: only
regular files of up to `MOST_BYTES` are read, and all others are said to be left out.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Collection
from contextlib import suppress

from tokenkit._files import read_named, special_kind
from tokenkit.inputs.pattern_list import PatternList, read_patterns

__all__ = ["IGNORE_FILES", "MOST_BYTES", "IgnoreRules", "below"]

IGNORE_FILES = (".ignore", ".gitignore")
MOST_BYTES = 4 << 20  # of one file of patterns; git itself reads 100 MB

# A folder as `below` writes it, and the patterns that hold in it.
Level = tuple[bytes, PatternList]
Told = Callable[[str, str], None]


def below(folder: str) -> bytes:
    """Write a folder as the beginning of the paths in it."""
    path = os.fsencode(os.path.abspath(folder))
    if os.sep != "/":
        path = path.replace(os.fsencode(os.sep), b"/")
    return path.rstrip(b"/") + b"/"


class IgnoreRules:
    """The rules that hold in a folder: of `.ignore` files, and below these, of git's.

    What a `.ignore` says goes before what any `.gitignore` says, and a nearer file before one
    further up; `.git/info/exclude` and the file that git's `core.excludesFile` names come last.
    `told` is called with (path, reason) for each file that is left out.
    """

    def __init__(
        self, told: Told, own: tuple[Level, ...] = (), git: tuple[Level, ...] = ()
    ) -> None:
        self.told = told
        self.own = own
        self.git = git

    @classmethod
    def above(cls, folder: str, told: Told) -> IgnoreRules:
        """The rules of the folders above, if they belong to the same work tree; outside a work
        tree only a folder's own rules hold."""
        folder = os.path.abspath(folder)
        folders = []
        while not os.path.exists(os.path.join(folder, ".git")):
            parent = os.path.dirname(folder)
            if parent == folder:
                return cls(told)
            folder = parent
            folders.append(folder)
        rules = cls(told)
        common = (os.path.join(folder, ".git", "info", "exclude"), _global_excludes(folder, told))
        for path in filter(None, reversed(common)):
            rules.git += rules._read(folder, path, follow=True)
        for folder in reversed(folders):
            rules = rules.inside(folder, IGNORE_FILES)
        return rules

    def inside(self, folder: str, names: Collection[str]) -> IgnoreRules:
        """These rules and those in a folder that holds these names."""
        own = self._read(folder, ".ignore", follow=True) if ".ignore" in names else ()
        git = self._read(folder, ".gitignore", follow=False) if ".gitignore" in names else ()
        if not own and not git:
            return self
        return IgnoreRules(self.told, self.own + own, self.git + git)

    def exclude(self, path: bytes, is_folder: bool) -> bool:
        """Whether a file or folder is left out; the path is absolute, with slashes."""
        for levels in (self.own, self.git):
            for base, patterns in reversed(levels):
                verdict = patterns.verdict(path[len(base) :], is_folder)
                if verdict is not None:
                    return verdict
        return False

    def _read(self, folder: str, name: str, *, follow: bool) -> tuple[Level, ...]:
        """The patterns of a file, which hold in `folder`; none if there is no such file, or none
        that can be read."""
        path = os.path.join(folder, name)
        try:
            status = os.stat(path, follow_symlinks=follow)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            return self._leave_out(path, f"cannot be read: {error.strerror}")
        if stat.S_ISLNK(status.st_mode):
            # Since 2.32 git does not follow it, so that no file outside of the tree is read.
            return self._leave_out(path, "is a link, which git does not follow")
        if not stat.S_ISREG(status.st_mode):
            return self._leave_out(path, f"is a {special_kind(status.st_mode)}")
        if status.st_size > MOST_BYTES:
            return self._leave_out(path, f"has more than {MOST_BYTES >> 20} MiB")
        try:
            content = read_named(path, MOST_BYTES, only_regular=True)
        except OSError as error:
            return self._leave_out(path, f"cannot be read: {error.strerror}")
        return ((below(folder), read_patterns(content)),)

    def _leave_out(self, path: str, why: str) -> tuple[Level, ...]:
        self.told(path, f"an ignore file that {why}")
        return ()


def _global_excludes(folder: str, told: Told) -> str:
    """The user's file of patterns for all work trees; "" where git must not be asked for it.

    https://git-scm.com/docs/gitignore: core.excludesFile, by default $XDG_CONFIG_HOME/git/ignore,
    or $HOME/.config/git/ignore where that variable is not set or empty.
    """
    import subprocess

    config = os.path.join(folder, ".git", "config")  # which git would wait for, or read for ever
    with suppress(OSError):
        kind = special_kind(os.stat(config).st_mode)
        if kind:
            told(config, f"a configuration of git that is a {kind}")
            return ""
    default = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))
    default = os.path.join(default, "git", "ignore")
    command = ["-C", folder, "config", "--type=path", "--get", "core.excludesFile"]
    if (git := _program("git")) is None:
        return default
    try:
        asked = subprocess.run(
            [git, *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return default
    return default if asked.returncode else os.fsdecode(asked.stdout).rstrip("\r\n")


def _program(name: str) -> str | None:
    """Find a program in the folders of PATH, never in the current one: that may be anybody's, and
    Windows would look there first."""
    ending = ".exe" if sys.platform == "win32" else ""
    for folder in filter(os.path.isabs, os.get_exec_path()):
        path = os.path.join(folder, name + ending)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None
