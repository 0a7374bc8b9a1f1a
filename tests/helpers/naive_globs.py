"""Git's patterns matched in the plainest way: the slow twin of tokenkit.inputs.globs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": lambda c: c in " \t",
    "cntrl": lambda c: c < " " or c == "\x7f",
    "digit": str.isdigit,
    "graph": lambda c: "!" <= c <= "~",
    "lower": str.islower,
    "print": lambda c: " " <= c <= "~",
    "punct": lambda c: "!" <= c <= "~" and not c.isalnum(),
    "space": lambda c: c in " \t\n\r",
    "upper": str.isupper,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}


def matches(pattern: bytes, name: bytes, is_path: bool) -> bool:
    """Whether git's wildmatch matches; bytes are looked at as characters of Latin-1."""
    text, glob = name.decode("latin-1"), pattern.decode("latin-1")

    @cache
    def at(g: int, t: int) -> bool:
        if g == len(glob):
            return t == len(text)
        if glob[g] == "*":
            stars = re.compile(r"\*+").match(glob, g)
            assert stars is not None
            behind = stars.end()
            crosses = not is_path
            if is_path and behind - g > 1 and (g == 0 or glob[g - 1] == "/"):
                if glob[behind : behind + 1] == "/" and at(behind + 1, t):
                    return True
                crosses = behind == len(glob) or glob.startswith(("/", "\\/"), behind)
            ends = [t]
            while ends[-1] < len(text) and (crosses or text[ends[-1]] != "/"):
                ends.append(ends[-1] + 1)
            return any(at(behind, end) for end in ends)
        if t == len(text):
            return False
        if glob[g] == "?":
            return not (is_path and text[t] == "/") and at(g + 1, t + 1)
        if glob[g] == "[":
            found, behind = in_set(glob, g + 1, text[t])
            return found and not (is_path and text[t] == "/") and at(behind, t + 1)
        if glob[g] == "\\":
            g += 1
        return glob[g : g + 1] == text[t] and at(g + 1, t + 1)

    return at(0, 0)


def in_set(glob: str, g: int, char: str) -> tuple[bool, int]:
    """Whether a set holds a character, and where it ends; (False, 0) for one that does not end."""
    negated = glob[g : g + 1] in ("!", "^")
    g += negated
    found, before, first = False, "", True
    while first or glob[g : g + 1] != "]":
        first = False
        if g >= len(glob):
            return False, 0
        if glob[g] == "\\":
            g += 1
            before = glob[g : g + 1]
            if not before:
                return False, 0
            found |= char == before
        elif glob[g] == "-" and before and glob[g + 1 : g + 2] not in ("", "]"):
            g += 1
            if glob[g] == "\\":
                g += 1
            if g >= len(glob):
                return False, 0
            found |= before <= char <= glob[g]
            before = ""
        elif glob.startswith("[:", g):
            close = glob.find("]", g + 2)
            if close < 0:
                return False, 0
            if close > g + 2 and glob[close - 1] == ":":
                name = glob[g + 2 : close - 1]
                if name not in CLASSES:
                    return False, 0
                found |= char.isascii() and CLASSES[name](char)
                g, before = close, ""
            else:
                found |= char == "["
                before = "["
        else:
            before = glob[g]
            found |= char == before
        g += 1
    return found != negated, g + 1
