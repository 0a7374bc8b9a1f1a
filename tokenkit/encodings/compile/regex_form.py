"""The normal form of regular expressions of tokenizers: two with the same form match alike.

Patterns are published in many spellings: `'s|'t`, `'(?:[st])`, `[\\p{L}]`, possessive marks. What
is normalised here: the order and nesting of sets of characters, groups that only group,
alternatives that are fixed words, and possessive marks where giving back could match nothing.
Syntax is that of Oniguruma, as far as the patterns of tokenizers use it; all other syntax is
refused.
"""

from __future__ import annotations

import re
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

_SIMPLE_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f", "v": "\v"}
_PROPERTY = re.compile(r"\\(p|P)\{(\^?)([A-Za-z]+)\}|\\([sSdD])")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{2})")
_COUNT = re.compile(r"\{(\d{0,9})(,?)(\d{0,9})\}")
_MANY = 1 << 30
_MOST_WORDS = 64
_MOST_CHARACTERS = 1 << 12  # of a pattern; the longest one that is known here has 500
_MOST_CODE_POINT = 0x10FFFF


class UnknownSyntaxError(ValueError):
    """The pattern has something that is not normalised."""


class Chars(NamedTuple):
    """A set of characters: the union of ranges and named classes, or all others."""

    negated: bool
    ranges: tuple[tuple[int, int], ...]
    classes: frozenset[str]


class Common(NamedTuple):
    """Sets of which a character must be in each."""

    sets: frozenset[Chars | Common]


class Words(NamedTuple):
    """One of some words, none of which begins another."""

    words: frozenset[str]
    ignore_case: bool


class Choice(NamedTuple):
    """The first alternative that matches."""

    alternatives: tuple[tuple[Item, ...], ...]


class NotAhead(NamedTuple):
    """A look ahead: no character of the set follows."""

    chars: Chars | Common


class End(NamedTuple):
    """The end of a line or of the text."""


class Item(NamedTuple):
    """`atom`, least to most times, as often as possible."""

    atom: Chars | Common | Words | Choice | NotAhead | End
    least: int
    most: int
    possessive: bool


def normal_form(pattern: str) -> Choice:
    """Parse a regular expression into its normal form.

    >>> normal_form(r"'s|'t|[\\p{N}]{1}") == normal_form(r"'(?:[ts])|\\p{N}")
    True

    Raises:
        UnknownSyntaxError: Part of the pattern is not understood. Nothing is assumed of it.
    """
    if len(pattern) > _MOST_CHARACTERS:
        raise UnknownSyntaxError(f"more than {_MOST_CHARACTERS} characters")
    parser = _Parser(pattern)
    try:
        form = parser.choice(ignore_case=False)
    except RecursionError:
        raise UnknownSyntaxError("groups in groups, too many") from None
    if parser.at != len(pattern):
        raise UnknownSyntaxError(f"{pattern[parser.at]!r} at {parser.at}")
    return form


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choice(self, *, ignore_case: bool) -> Choice:
        alternatives = [self.sequence(ignore_case=ignore_case)]
        while self.take("|"):
            alternatives.append(self.sequence(ignore_case=ignore_case))
        return Choice(_with_all_space(_joined_words(alternatives)))

    def sequence(self, *, ignore_case: bool) -> tuple[Item, ...]:
        items: list[Item] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            atom = self.atom(ignore_case=ignore_case)
            items.append(self.counted(atom))
        return _as_words(_without_marks(_spread(items)))

    def counted(self, atom: Chars | Common | Words | Choice | NotAhead | End) -> Item:
        least, most = 1, 1
        if self.take("?"):
            least = 0
        elif self.take("*"):
            least, most = 0, _MANY
        elif self.take("+"):
            most = _MANY
        elif counts := self.match(_COUNT):
            low, comma, high = counts.groups()
            least = int(low or 0)
            most = int(high or _MANY) if comma else least
            # `{1,3}+` takes up to three in tiktoken's engine, and again and again in Oniguruma.
            if self.peek() in ("+", "?"):
                raise UnknownSyntaxError(f"braces with a mark at {self.at}")
            return Item(atom, least, most, possessive=False)
        else:
            return Item(atom, 1, 1, possessive=False)
        if self.peek() == "?":
            raise UnknownSyntaxError(f"a lazy count at {self.at}")
        return Item(atom, least, most, possessive=self.take("+"))

    def atom(self, *, ignore_case: bool) -> Chars | Common | Words | Choice | NotAhead | End:
        if self.take("(?!"):
            inner = self.sequence(ignore_case=ignore_case)
            self.expect(")")
            if len(inner) != 1 or not isinstance(inner[0].atom, Chars) or inner[0][1:3] != (1, 1):
                raise UnknownSyntaxError("a look-ahead for more than one character")
            return NotAhead(inner[0].atom)
        if self.take("("):
            inner_case = ignore_case or self.take("?i:")
            if not (inner_case and not ignore_case):
                self.take("?:")
            if self.peek() == "?":
                raise UnknownSyntaxError(f"a group at {self.at}")
            inner_choice = self.choice(ignore_case=inner_case)
            self.expect(")")
            return _unwrapped(inner_choice)
        if self.take("$"):
            return End()
        return self.one(ignore_case=ignore_case)

    def one(self, *, ignore_case: bool) -> Chars | Common | Words:
        if self.take("["):
            chars = self.bracket()
        elif self.peek() in ".^*+?{}":
            raise UnknownSyntaxError(f"{self.peek()!r} at {self.at}")
        else:
            chars = self.element()
        if not ignore_case:
            return chars
        few = _few(chars) if isinstance(chars, Chars) else []
        if not few:
            raise UnknownSyntaxError("a set under (?i)")
        return Words(frozenset(word.lower() for word in few), ignore_case=True)

    # One member of a set: a class, a range or a character.
    def element(self) -> Chars:
        if found := self.match(_PROPERTY):
            kind, caret, name, short = found.groups()
            if short is not None:
                return Chars(short.isupper(), (), frozenset({short.lower()}))
            return Chars((kind == "P") != (caret == "^"), (), frozenset({name}))
        code_point = self.code_point()
        return Chars(False, ((code_point, code_point),), frozenset())

    def code_point(self) -> int:
        if found := self.match(_CODE_POINT):
            code_point = int(next(filter(None, found.groups())), 16)
            if code_point > _MOST_CODE_POINT:
                raise UnknownSyntaxError(f"the character {code_point:#x}")
            return code_point
        if self.take("\\"):
            name = self.next()
            if name.isalnum() and name not in _SIMPLE_ESCAPES:
                raise UnknownSyntaxError(f"\\{name}")
            return ord(_SIMPLE_ESCAPES.get(name, name))
        return ord(self.next())

    # What is between brackets, the first one taken.
    def bracket(self) -> Chars | Common:
        negated = self.take("^")
        parts: list[Chars | Common] = []
        ranges: set[tuple[int, int]] = set()
        classes: set[str] = set()
        others: list[Chars | Common] = []
        while not self.take("]"):
            if self.take("&&"):
                parts.append(_union(ranges, classes, others))
                ranges, classes, others = set(), set(), []
            elif self.take("["):
                others.append(self.bracket())
            else:
                first = self.element()
                if first.negated:
                    others.append(first)
                elif first.classes:
                    classes |= first.classes
                else:
                    ranges.add(self.range_from(first.ranges[0][0]))
        parts.append(_union(ranges, classes, others))
        if len(parts) > 1:
            if negated:
                raise UnknownSyntaxError("a negated intersection")
            return Common(frozenset(parts))
        (only,) = parts
        if not negated:
            return only
        if not isinstance(only, Chars):
            raise UnknownSyntaxError("a negated intersection")
        return only._replace(negated=not only.negated)

    def range_from(self, first: int) -> tuple[int, int]:
        if self.peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return first, first
        self.at += 1
        last = self.code_point()
        if last < first:
            raise UnknownSyntaxError("an empty range")
        return first, last

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def next(self) -> str:
        if self.at == len(self.pattern):
            raise UnknownSyntaxError("the pattern ends early")
        self.at += 1
        return self.pattern[self.at - 1]

    def take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise UnknownSyntaxError(f"no {text!r} at {self.at}")

    def match(self, what: re.Pattern[str]) -> re.Match[str] | None:
        found = what.match(self.pattern, self.at)
        if found:
            self.at = found.end()
        return found


def _union(
    ranges: set[tuple[int, int]], classes: set[str], others: list[Chars | Common]
) -> Chars | Common:
    for other in others:
        if not isinstance(other, Chars) or (other.negated and (ranges or classes or others[1:])):
            raise UnknownSyntaxError("a union with a negated set")
        if other.negated:
            return other
        ranges |= set(other.ranges)
        classes |= other.classes
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return Chars(False, tuple(merged), frozenset(classes))


# The characters of a small set without classes, none of other sets.
def _few(chars: Chars) -> list[str]:
    size = sum(last - first + 1 for first, last in chars.ranges)
    if chars.negated or chars.classes or size > _MOST_WORDS:
        return []
    return [chr(c) for first, last in chars.ranges for c in range(first, last + 1)]


# A group around a single item is none.
def _unwrapped(choice: Choice) -> Chars | Common | Words | Choice | NotAhead | End:
    if len(choice.alternatives) == 1 and len(choice.alternatives[0]) == 1:
        (item,) = choice.alternatives[0]
        if item[1:3] == (1, 1):
            return item.atom
    return choice


# A group that is there once, and is one sequence, is part of the sequence around it.
def _spread(items: list[Item]) -> list[Item]:
    out: list[Item] = []
    for item in items:
        atom = item.atom
        if isinstance(atom, Choice) and len(atom.alternatives) == 1 and item[1:3] == (1, 1):
            out += atom.alternatives[0]
        else:
            out.append(item)
    return out


# Removes possessive marks that change nothing: where all that follows may be empty, or begins with
# a character that the item does not take.
def _without_marks(items: list[Item]) -> list[Item]:
    out = []
    for i, item in enumerate(items):
        follows = items[i + 1 :]
        idle = all(other.least == 0 for other in follows) or _disjoint(item.atom, follows[0])
        out.append(item._replace(possessive=item.possessive and not idle))
    return out


def _disjoint(atom: object, item: Item) -> bool:
    if not isinstance(atom, Chars) or not isinstance(item.atom, Chars) or item.least == 0:
        return False
    one, other = (atom, item.atom) if atom.negated else (item.atom, atom)
    return (
        one.negated
        and not other.negated
        and other.classes <= one.classes
        and all(
            any(low <= first and last <= high for low, high in one.ranges)
            for first, last in other.ranges
        )
    )


# A sequence of fixed characters is a word, or several where sets have few.
def _as_words(items: list[Item]) -> tuple[Item, ...]:
    lists: list[list[str]] = []
    ignored = set()
    for item in items:
        atom = item.atom
        if item[1:3] != (1, 1) or not isinstance(atom, (Chars, Words)):
            return tuple(items)
        words = sorted(atom.words) if isinstance(atom, Words) else _few(atom)
        if not words:
            return tuple(items)
        lists.append(words)
        if any(word.lower() != word.upper() for word in words):
            ignored.add(isinstance(atom, Words) and atom.ignore_case)
    if len(lists) < 2 or len(ignored) > 1 or prod(map(len, lists)) > _MOST_WORDS:
        return tuple(items)
    words = ["".join(parts) for parts in product(*lists)]
    return (Item(Words(frozenset(words), True in ignored), 1, 1, possessive=False),)


# Alternatives side by side that are words, none of which begins another, are one.
def _joined_words(alternatives: list[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
    out: list[tuple[Item, ...]] = []
    for alternative in alternatives:
        words = _words_of(alternative)
        before = _words_of(out[-1]) if out else None
        if words and before and words.ignore_case == before.ignore_case:
            both = words.words | before.words
            if _prefix_free(both) and len(both) <= _MOST_WORDS:
                joined = Words(both, words.ignore_case)
                out[-1] = (Item(joined, 1, 1, possessive=False),)
                continue
        out.append(alternative)
    return out


# Two ways to write the same of white space. In `\s*[\r\n]`, the second part matches the last line
# end of the run, behind which there is none for a `+`. And where `\s+(?!\S)` fails, the run is one
# character.
def _with_all_space(alternatives: list[tuple[Item, ...]]) -> tuple[tuple[Item, ...], ...]:
    out: list[tuple[Item, ...]] = []
    for alternative in alternatives:
        *before, last = alternative or (_NOTHING,)
        line_end = before == [_SPACES._replace(least=0)] and _is_line_end(last.atom)
        rest = bool(out) and out[-1] == (_SPACES, _NO_WORD) and alternative == (_ONE_SPACE,)
        if (line_end or rest) and last[1:3] == (1, 1):
            alternative = (*before, last._replace(most=_MANY))
        out.append(alternative)
    return tuple(out)


_SPACE = Chars(negated=False, ranges=(), classes=frozenset("s"))
_ONE_SPACE = Item(_SPACE, 1, 1, possessive=False)
_SPACES = Item(_SPACE, 1, _MANY, possessive=False)
_NO_WORD = Item(NotAhead(_SPACE._replace(negated=True)), 1, 1, possessive=False)
_NOTHING = Item(Words(frozenset(), ignore_case=False), 1, 1, possessive=False)


def _is_line_end(atom: object) -> bool:
    return isinstance(atom, Chars) and set(_few(atom)) <= set("\r\n") and bool(_few(atom))


def _words_of(alternative: tuple[Item, ...]) -> Words | None:
    if len(alternative) != 1 or alternative[0][1:3] != (1, 1):
        return None
    atom = alternative[0].atom
    if isinstance(atom, Words):
        return atom
    few = _few(atom) if isinstance(atom, Chars) else []
    return Words(frozenset(few), ignore_case=False) if few else None


def _prefix_free(words: frozenset[str]) -> bool:
    ordered = sorted(words)
    return not any(b.startswith(a) for a, b in pairwise(ordered))
