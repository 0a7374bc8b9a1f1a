"""Ignore rules of folders, as git and tools like ripgrep have them."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

__all__ = ["IgnoreRules", "patterns_of"]

# A folder, and the patterns that hold below it.
Rules = list[tuple[str, Any]]


def patterns_of(lines: Iterable[str]) -> Any:
    """Read patterns as in a `.gitignore`. Raises ValueError for an invalid one."""
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        # It makes regular expressions of patterns, about whose look Python may warn.
        warnings.simplefilter("ignore", FutureWarning)
        return GitIgnoreSpec.from_lines(map(_in_git_words, lines))


class IgnoreRules:
    """The rules that hold in a folder: of `.ignore` files, and below these, of git's.

    What a `.ignore` says goes before what any `.gitignore` says, and a nearer file before one
    further up; `.git/info/exclude` and the file that git's `core.excludesFile` names come last.
    """

    def __init__(self, own: Rules, of_git: Rules) -> None:
        self.own = own
        self.of_git = of_git

    @classmethod
    def above(cls, folder: str) -> IgnoreRules:
        """The rules of the folders above, if they belong to the same work tree; outside a work
        tree only a folder's own rules hold."""
        folder = os.path.abspath(folder)
        own: list[Rules] = []
        of_git: list[Rules] = []
        while not os.path.exists(os.path.join(folder, ".git")):
            parent = os.path.dirname(folder)
            if parent == folder:
                return cls([], [])
            folder = parent
            own.append(_read(folder, ".ignore"))
            of_git.append(_read(folder, ".gitignore"))
        of_git.append(_read(folder, os.path.join(".git", "info", "exclude")))
        of_git.append(_read(folder, _global_excludes(folder)))
        return cls(_joined(own), _joined(of_git))

    def inside(self, folder: str) -> IgnoreRules:
        """These rules and those in a folder."""
        folder = os.path.abspath(folder)
        own, of_git = _read(folder, ".ignore"), _read(folder, ".gitignore")
        if not own and not of_git:
            return self
        return IgnoreRules(self.own + own, self.of_git + of_git)

    def exclude(self, path: str, is_folder: bool) -> bool:
        """Whether a file or folder is left out."""
        if not self.own and not self.of_git:
            return False
        absolute = os.path.abspath(path)
        for base, patterns in (*reversed(self.own), *reversed(self.of_git)):
            verdict = excluded(relative(absolute, base, is_folder), patterns)
            if verdict is not None:
                return verdict
        return False


def relative(path: str, base: str, is_folder: bool) -> str:
    """Write a path below `base` as patterns have it."""
    inner = os.path.relpath(path, base).replace(os.sep, "/")
    return f"{inner}/" if is_folder else inner


def excluded(path: str, patterns: list[Any]) -> bool | None:
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


def _joined(by_folder: list[Rules]) -> Rules:
    """The rules of folders, of which the nearest comes first, in the order of `exclude`."""
    return [rule for rules in reversed(by_folder) for rule in rules]


def _read(folder: str, name: str) -> Rules:
    """The patterns of a file, which hold in `folder`; none if it cannot be read."""
    if not name:
        return []
    try:
        with open(os.path.join(folder, name), encoding="utf-8-sig", errors="replace") as file:
            lines = file.read().split("\n")
    except OSError:
        return []
    patterns: list[Any] = []
    for line in lines:
        with suppress(ValueError):  # git, too, skips invalid patterns
            patterns += patterns_of([line]).patterns
    return [(folder, patterns)]


def _global_excludes(folder: str) -> str:
    """The user's file of patterns for all work trees; "" if there is none.

    https://git-scm.com/docs/gitignore: core.excludesFile, by default $XDG_CONFIG_HOME/git/ignore,
    or $HOME/.config/git/ignore where that variable is not set or empty.
    """
    import subprocess

    default = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))
    default = os.path.join(default, "git", "ignore")
    command = ["git", "-C", folder, "config", "--type=path", "--get", "core.excludesFile"]
    try:
        asked = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError):  # there is no git
        return default
    return default if asked.returncode else os.fsdecode(asked.stdout).rstrip("\r\n")


def _in_git_words(line: str) -> str:
    """Write a pattern so that pathspec takes it as git does: there, `a/**` is also `a/` itself, and
    `*/` the first folder of a path and not its last."""
    line = re.sub(r"(^!?|/)\*\*(/?)$", r"\1**/?*\2", line)
    return re.sub(r"^(!?)\*/$", r"\1?*/", line)
