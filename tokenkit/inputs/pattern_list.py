"""Lists of patterns as in a `.gitignore`, looked up without trying each.

https://git-scm.com/docs/gitignore; the cases that the manual leaves open are as `dir.c` in git's
source has them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tokenkit.inputs.globs import Glob, literal_runs

__all__ = ["PatternList", "Rule", "checked_patterns", "read_patterns", "read_rule"]

_SPECIAL = re.compile(rb"[*?\[\\]")
_MARK = b"\xef\xbb\xbf"
_GRAM = 3  # bytes by which a pattern is looked up
_KEPT_GLOBS = 1 << 15


class Rule:
    """One pattern: a `name` of a file in any folder below, or a path; `text` is without the signs
    that say so."""

    __slots__ = ("is_folder", "is_name", "is_negated", "text")

    def __init__(self, text: bytes, is_name: bool, is_folder: bool, is_negated: bool) -> None:
        self.text = text
        self.is_name = is_name
        self.is_folder = is_folder
        self.is_negated = is_negated

    def check(self) -> None:
        """Raises ValueError for a pattern that can match nothing."""
        if not self.text:
            raise ValueError("an empty pattern")
        _matcher(self.text, self.is_name)


def read_rule(line: bytes) -> Rule | None:
    """Read a line without its end; None for a comment, and a line with nothing on it."""
    line = _without_trailing_spaces(line.partition(b"\0")[0])
    if not line or line.startswith(b"#"):
        return None
    is_negated = line.startswith(b"!")
    text = line[is_negated:]
    is_folder = text.endswith(b"/")
    text = text[: len(text) - is_folder]
    is_name = b"/" not in text
    return Rule(text[text.startswith(b"/") :], is_name, is_folder, is_negated)


def read_patterns(content: bytes) -> PatternList:
    """Read a file of patterns."""
    lines = content.removeprefix(_MARK).split(b"\n")
    return PatternList(read_rule(line.removesuffix(b"\r")) for line in lines)


def checked_patterns(patterns: Iterable[str]) -> PatternList:
    """Read patterns that a user names. Raises ValueError for one that can match nothing.

    >>> checked_patterns(["*.md", "!a.md"]).verdict(b"docs/b.md", is_folder=False)
    True
    """
    rules = []
    for pattern in patterns:
        rules.append(read_rule(os.fsencode(pattern)))
        try:
            if rules[-1] is not None:
                rules[-1].check()
        except ValueError as error:
            raise ValueError(f"got {error}, in {pattern!r}") from None
    return PatternList(rules)


class PatternList:
    """Patterns in their order, of which the last that matches decides."""

    def __init__(self, rules: Iterable[Rule | None]) -> None:
        self._negated: set[int] = set()
        self._of_all, self._of_folders = _Index(), _Index()
        for number, rule in enumerate(rules):
            if rule is not None:
                (self._of_folders if rule.is_folder else self._of_all).add(number, rule)
                if rule.is_negated:
                    self._negated.add(number)
        self._of_all.close()
        self._of_folders.close()

    def verdict(self, path: bytes, is_folder: bool) -> bool | None:
        """Whether the last pattern that matches excludes; None if none matches. The path is
        relative, with slashes."""
        last = self._of_all.last(path, -1)
        if is_folder:
            last = self._of_folders.last(path, last)
        return None if last < 0 else last not in self._negated


class _Index:
    """Finds the last of some rules that matches a path: plain names, endings and paths in tables,
    others by the bytes that they begin with, or by bytes that a path must hold."""

    def __init__(self) -> None:
        self.names: dict[bytes, int] = {}
        self.endings: dict[bytes, int] = {}
        self.lengths: list[int] = []
        self.paths: dict[bytes, int] = {}
        self.wild: dict[tuple[bytes, bool], int] = {}
        self.loose: list[Numbered] = []  # of which no bytes are known
        self.by_gram: dict[bytes, list[Numbered]] = {}
        # By the bytes before the first sign: of names, and of paths.
        self.by_start: tuple[dict[bytes, list[Numbered]], ...] = ({}, {})
        self.starts: tuple[list[int], ...] = ([], [])

    def add(self, number: int, rule: Rule) -> None:
        """Add a rule; of equal ones the last counts."""
        text = rule.text
        if not _SPECIAL.search(text):
            (self.names if rule.is_name else self.paths)[text] = number
        elif rule.is_name and text[:1] == b"*" and not _SPECIAL.search(text, 1):
            self.endings[text[1:]] = number
        else:
            self.wild[text, rule.is_name] = number

    def close(self) -> None:
        """Order what was added."""
        self.lengths = sorted({len(ending) for ending in self.endings})
        for (text, is_name), number in sorted(self.wild.items(), key=lambda item: item[1]):
            # Under the bytes that the fewest others share, so that no list becomes long.
            lists = [self.by_gram.setdefault(gram, []) for gram in _grams(text)]
            special = _SPECIAL.search(text)
            if special is not None and special.start():
                begin = text[: special.start()]
                lists.append(self.by_start[not is_name].setdefault(begin, []))
            # The last of equally long lists: the bytes at the beginning are compared once.
            min(reversed(lists), key=len, default=self.loose).append((number, text, is_name))
        self.wild.clear()
        self.by_gram = {gram: rules for gram, rules in self.by_gram.items() if rules}
        for table, lengths in zip(self.by_start, self.starts, strict=True):
            lengths += sorted({len(begin) for begin, rules in table.items() if rules})

    def last(self, path: bytes, best: int) -> int:
        """The number of the last rule that matches, if it comes after `best`; else `best`."""
        name = path[path.rfind(b"/") + 1 :]
        best = max(best, self.names.get(name, -1), self.paths.get(path, -1))
        for length in self.lengths:
            if length > len(name):
                break
            best = max(best, self.endings.get(name[len(name) - length :], -1))
        best = _last_of(self.loose, path, name, best)
        for table, lengths, subject in zip(self.by_start, self.starts, (name, path), strict=True):
            for length in lengths:
                if length > len(subject):
                    break
                best = _last_of(table.get(subject[:length], ()), path, name, best)
        if self.by_gram:
            grams = {path[start : start + _GRAM] for start in range(len(path) - _GRAM + 1)}
            for gram in self.by_gram.keys() & grams:
                best = _last_of(self.by_gram[gram], path, name, best)
        return best


# The number of a rule, its text, and whether that is of names.
Numbered = tuple[int, bytes, bool]


def _grams(text: bytes) -> set[bytes]:
    """Runs of bytes, all of one length, that each path holds which a pattern matches."""
    return {
        run[start : start + _GRAM]
        for run in literal_runs(text)
        for start in range(len(run) - _GRAM + 1)
    }


def _last_of(rules: Sequence[Numbered], path: bytes, name: bytes, best: int) -> int:
    """The number of the last of some rules that matches, if it comes after `best`; else `best`."""
    for number, text, is_name in reversed(rules):
        if number <= best:
            break
        matcher = _matches_or_none(text, is_name)
        if matcher is not None and _is_match(matcher, path, name):
            return number
    return best


# What a path begins with, and what the rest of it, or for None its name, is matched with.
Matcher = tuple[bytes | None, Glob]


def _matcher(text: bytes, is_name: bool) -> Matcher:
    """Raises ValueError for a pattern that matches nothing."""
    if is_name:
        return None, Glob(text, False)
    # Git compares what comes before the first sign by itself, so that `a**/b` begins with `**/`.
    special = _SPECIAL.search(text)
    start = special.start() if special else len(text)
    return text[:start], Glob(text[start:], True)


@lru_cache(_KEPT_GLOBS)
def _matches_or_none(text: bytes, is_name: bool) -> Matcher | None:
    try:
        return _matcher(text, is_name)
    except ValueError:  # git, too, ignores patterns that match nothing
        return None


def _is_match(matcher: Matcher, path: bytes, name: bytes) -> bool:
    begin, glob = matcher
    if begin is None:
        return glob.matches(name)
    return path.startswith(begin) and glob.matches(path[len(begin) :])


def _without_trailing_spaces(line: bytes) -> bytes:
    """Drop the spaces at the end, but one behind a backslash."""
    end = len(line.rstrip(b" "))
    backslashes = end - len(line[:end].rstrip(b"\\"))
    return line[: end + (backslashes % 2 and end < len(line))]
