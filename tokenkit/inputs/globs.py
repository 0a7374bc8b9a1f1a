"""Patterns of file names as git has them, matched without backtracking.

The language is that of git's wildmatch (https://git-scm.com/docs/gitignore, and `wildmatch.c` in
git's source for what the manual leaves open), on bytes. A pattern is a row of elements; what has
been matched of it is a set of positions, held as the bits of a number. Each byte of a name moves
the whole set at once, so the time grows with the name and with the pattern, whatever they hold.
"""

from __future__ import annotations

import re

__all__ = ["Glob", "literal_runs"]

_SLASH = ord("/")
_FOLDERS = re.compile(rb"(?:\*\*+/)+")
_STARS = re.compile(rb"\*+")
_BLANK, _SPACE = frozenset(b" \t"), frozenset(b" \t\n\r")
_DIGIT, _LOWER = frozenset(b"0123456789"), frozenset(range(ord("a"), ord("z") + 1))
_UPPER = frozenset(range(ord("A"), ord("Z") + 1))
_GRAPH = frozenset(range(0x21, 0x7F))
_CLASSES = {
    b"alnum": _LOWER | _UPPER | _DIGIT,
    b"alpha": _LOWER | _UPPER,
    b"blank": _BLANK,
    b"cntrl": frozenset([*range(0x20), 0x7F]),
    b"digit": _DIGIT,
    b"graph": _GRAPH,
    b"lower": _LOWER,
    b"print": _GRAPH | {0x20},
    b"punct": _GRAPH - _LOWER - _UPPER - _DIGIT,
    b"space": _SPACE,
    b"upper": _UPPER,
    b"xdigit": _DIGIT | frozenset(b"abcdefABCDEF"),
}


class Glob:
    """A pattern, ready to be matched.

    With `is_path`, `*`, `?` and `[` match no slash, and `**` between slashes matches folders;
    without, all of them match any byte. Raises ValueError for a pattern that can match nothing: a
    set that does not end, or whose class is unknown, and a backslash at the end.

    >>> Glob(b"a/**/*.md", True).matches(b"a/b/c/d.md"), Glob(b"*.md", True).matches(b"a/b.md")
    (True, False)
    """

    __slots__ = ("_any", "_end", "_folders", "_least", "_loops", "_moves", "_wide")

    def __init__(self, pattern: bytes, is_path: bool) -> None:
        self._moves: dict[int, int] = {}  # byte: the positions that it moves on
        self._any = 0  # the positions that any other byte moves on
        self._loops = 0  # positions that stay: at a star
        self._wide = 0  # those that stay at a slash, too
        self._folders = 0  # positions before `**/`, which may match nothing
        self._least = 0  # bytes that a name needs
        not_moved: dict[int, int] = {}
        bit, at = 1, 0
        while at < len(pattern):
            begins = at == 0 or pattern[at - 1] == _SLASH
            folders = _FOLDERS.match(pattern, at) if is_path and begins else None
            stars = _STARS.match(pattern, at)
            if folders:
                self._folders |= bit
                self._loops |= bit << 1
                self._wide |= bit << 1
                self._moves[_SLASH] = self._moves.get(_SLASH, 0) | bit << 1
                bit, at = bit << 2, folders.end()
                continue
            if stars:
                at = stars.end()
                whole = begins and len(stars[0]) > 1 and pattern[at : at + 2] in (b"", b"\\/")
                self._loops |= bit
                if whole or not is_path:
                    self._wide |= bit
                continue
            is_set = pattern[at] == ord("[")
            members, negated, at = _element(pattern, at)
            if is_path and is_set and not negated:
                members -= {_SLASH}
            if negated:
                self._any |= bit
            for byte in members:
                moved = not_moved if negated else self._moves
                moved[byte] = moved.get(byte, 0) | bit
            self._least += 1
            bit <<= 1
        if is_path:
            not_moved[_SLASH] = self._any
        for byte in {*self._moves, *not_moved}:
            others = self._any & ~not_moved.get(byte, 0)
            self._moves[byte] = self._moves.get(byte, 0) | others
        self._end = bit

    def matches(self, name: bytes) -> bool:
        """Whether the pattern matches all of a name."""
        if len(name) < self._least:
            return False
        positions = self._passed(1)
        for byte in name:
            stay = positions & (self._wide if byte == _SLASH else self._loops)
            moved = positions & self._moves.get(byte, self._any)
            positions = self._passed(moved << 1 | stay)
            if not positions:
                return False
        return bool(positions & self._end)

    def _passed(self, positions: int) -> int:
        """Add where one is before `**/`: within it, and behind it."""
        before = positions & self._folders
        return positions | before << 1 | before << 2


def _element(pattern: bytes, at: int) -> tuple[frozenset[int], bool, int]:
    """Read one element that matches one byte: the bytes that it matches (or, with True, that it
    does not match), and where the next element begins."""
    byte = pattern[at]
    if byte == ord("?"):
        return frozenset(), True, at + 1
    if byte == ord("["):
        return _set(pattern, at + 1)
    if byte == ord("\\"):
        at += 1
        if at == len(pattern):
            raise ValueError("a backslash at the end")
    return frozenset((pattern[at],)), False, at + 1


def _set(pattern: bytes, at: int) -> tuple[frozenset[int], bool, int]:
    """Read a set such as `[a-z]` from behind its bracket on."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    members: set[int] = set()
    before, first = 0, True  # the byte before, with which a range may begin
    while first or pattern[at : at + 1] != b"]":
        first = False
        byte = _at(pattern, at)
        following = pattern[at + 1 : at + 2]
        if byte == ord("-") and before and following not in (b"", b"]"):
            at += 1 + (following == b"\\")
            members.update(range(before, _at(pattern, at) + 1))
            before = 0
        elif byte == ord("[") and following == b":":
            close = pattern.find(b"]", at + 2)
            if close < 0:
                raise ValueError("a set that does not end")
            if close < at + 3 or pattern[close - 1] != ord(":"):
                members.add(byte)  # no class: a bracket like any byte
                before = byte
            else:
                name = pattern[at + 2 : close - 1]
                if name not in _CLASSES:
                    raise ValueError(f"an unknown class {name.decode(errors='replace')!r}")
                members |= _CLASSES[name]
                before, at = 0, close
        else:
            at += byte == ord("\\")
            before = _at(pattern, at)
            members.add(before)
        at += 1
    return frozenset(members), negated, at + 1


def _at(pattern: bytes, at: int) -> int:
    if at >= len(pattern):
        raise ValueError("a set that does not end")
    return pattern[at]


_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SETS = re.compile(rb"\[[!^]?\]?(?:\[:[a-z]*:\]|[^\]])*\]")
_BETWEEN = re.compile(rb"[*?/]+")


def literal_runs(pattern: bytes) -> list[bytes]:
    """List runs of bytes that every name holds which the pattern matches; not all that there are.

    >>> literal_runs(b"src/**/test_[a-z]*.py")
    [b'src', b'test_', b'.py']
    """
    if b"\\" in pattern:
        pattern = _ESCAPED.sub(_plain, pattern)
    if b"[" in pattern:
        if b"-[" in pattern:  # a range up to a bracket: only `_set` reads that rightly
            return []
        pattern = _SETS.sub(b"*", pattern)
    return [run for run in _BETWEEN.split(pattern) if run]


def _plain(escaped: re.Match[bytes]) -> bytes:
    """The byte behind a backslash, unless that means something elsewhere."""
    return b"*" if escaped[1] in b"*?[]\\/!^:-" else escaped[1]
