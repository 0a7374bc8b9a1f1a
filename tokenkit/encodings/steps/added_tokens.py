"""Added tokens of tokenizer.json: the strings that become ids before anything else is done.

Those with `normalized` are looked for in the normalized sections that the others leave. Special
ones become ids only where they are allowed; where they are not, they still hide what overlaps with
them.
Rules as in `tokenizers` 0.23 (`added_vocabulary.rs`).
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

from tokenkit._checks import shown
from tokenkit._locks import made_once
from tokenkit.encodings.steps.normalizers import SPACE_SIGN, WHITE_SPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any


class AddedToken:
    """One of them, with its flags."""

    __slots__ = ("content", "id", "lstrip", "normalized", "rstrip", "single_word", "special")

    def __init__(
        self,
        content: str,
        id: int,
        special: bool,
        normalized: bool,
        single_word: bool,
        lstrip: bool,
        rstrip: bool,
    ) -> None:
        self.content = content
        self.id = id
        self.special = special
        self.normalized = normalized
        self.single_word = single_word
        self.lstrip = lstrip
        self.rstrip = rstrip

    @property
    def is_plain(self) -> bool:
        """Whether it is found wherever its content stands, and takes nothing else."""
        return not (self.single_word or self.lstrip or self.rstrip)


def nothing_left(content: str) -> str:
    """Say that a normalizer leaves nothing of an added token: a message of an error."""
    return (
        f"added_tokens: expected that the normalizer leaves something of {shown(content)}, got "
        "nothing; `tokenizers` finds that between all characters, or never ends; set its "
        "`normalized` to false"
    )


class Section:
    """A part of a text: normalized text, or the id of an added token.

    `start` and `end` are its characters in the text, None where the normalizer changed them.
    """

    __slots__ = ("end", "id", "start", "text")

    def __init__(self, text: str, id: int | None, start: int | None, end: int | None) -> None:
        self.text = text
        self.id = id
        self.start = start
        self.end = end


class AddedTokens:
    """The added tokens of one tokenizer. Immutable; threads may share it.

    `entries` have the arguments of `AddedToken`; there may be thousands, so they become tokens when
    they are first needed.
    """

    def __init__(self, entries: Sequence[Sequence[Any]], normalize: Callable[[str], str]) -> None:
        self._entries = entries
        self._normalize = normalize
        self._searches: tuple[_Search, _Search] | None = None

    @made_once
    def tokens(self) -> list[AddedToken]:
        """All of them, in the order of the file."""
        return [AddedToken(*entry) for entry in self._entries]

    def _both(self) -> tuple[_Search, _Search]:
        """Make the searches before and behind the normalizer when they are first needed."""
        if self._searches is None:
            first = ((token.content, token) for token in self.tokens if not token.normalized)
            second = ((self.found_as(token), token) for token in self.tokens if token.normalized)
            self._searches = _Search(first), _Search(second)
        return self._searches

    def found_as(self, token: AddedToken) -> str:
        """Give what a text holds where this token is found; it may be empty."""
        return self._normalize(token.content) if token.normalized else token.content

    def sections(self, text: str, allowed: Collection[str]) -> Iterator[Section]:
        """Split a text at added tokens, and normalize the rest; nothing empty is given.

        Special tokens that are not in `allowed` are text.
        """
        before, behind = self._both()
        for start, end, token in before.split(text, allowed):
            if token is not None:
                yield Section(text[start:end], token.id, start, end)
                continue
            section = self._normalize(text[start:end])
            lead = _lead(section, text[start:end])
            for a, b, token in behind.split(section, allowed):
                if a < b:
                    first: int | None = start if a == 0 else None
                    last = None
                    if lead is not None:
                        first, last = start + max(a - lead, 0), start + b - lead
                    yield Section(section[a:b], token.id if token else None, first, last)


def _lead(section: str, source: str) -> int | None:
    """Count the signs for a space before a normalized section; None if more was changed."""
    lead = len(section) - len(source)
    if lead not in (0, 1) or section[:lead] not in ("", SPACE_SIGN):
        return None
    same = section[lead:].replace(SPACE_SIGN, " ") == source.replace(SPACE_SIGN, " ")
    return lead if same else None


class _Search:
    """Finds the leftmost, longest of some strings."""

    def __init__(self, tokens: Iterable[tuple[str, AddedToken]]) -> None:
        import re

        self._tokens: dict[str, AddedToken] = {}
        sizes: dict[str, set[int]] = {}
        for content, token in tokens:
            if not content:
                continue  # nothing is left of it, so it is nowhere
            # Of several that are normalized to one, `tokenizers` takes any.
            self._tokens.setdefault(content, token)
            sizes.setdefault(content[0], set()).add(len(content))
        # The lengths of the strings that start with a character, the longest first.
        self._sizes = {first: sorted(lengths, reverse=True) for first, lengths in sizes.items()}
        self._spaces = re.compile(f"[{WHITE_SPACE}]*")
        firsts = "".join(map(re.escape, self._sizes))
        self._first = re.compile(f"[{firsts}]") if firsts else None

    def split(
        self, text: str, allowed: Collection[str]
    ) -> Iterator[tuple[int, int, AddedToken | None]]:
        """Yield the start and the end of each part, and its token, if it is one."""
        behind = 0
        spaces = (0, 0)  # the run of white space behind the last token that took it
        for start, end, token in self._found(text):
            if token.special and token.content not in allowed:
                continue
            if token.single_word and not _is_single_word(text, start, end):
                continue
            if token.lstrip:
                while start > behind and text[start - 1] in WHITE_SPACE:
                    start -= 1
                start = max(start, behind)
            if token.rstrip:
                run = self._spaces.match(text, end) if not spaces[0] <= end <= spaces[1] else None
                spaces = run.span() if run else spaces
                end = spaces[1]
            if behind < start:
                yield behind, start, None
            if start < end:  # else one before it took all of its white space
                yield start, end, token
            behind = end
        if behind != len(text):
            yield behind, len(text), None

    def _found(self, text: str) -> Iterator[tuple[int, int, AddedToken]]:
        at = 0
        while self._first is not None and (match := self._first.search(text, at)):
            at = match.start()
            for size in self._sizes[match.group()]:
                token = self._tokens.get(text[at : at + size])
                if token is not None:
                    yield at, at + size, token
                    at += size
                    break
            else:
                at += 1


def _is_single_word(text: str, start: int, end: int) -> bool:
    return not (_is_word(text[start - 1 : start]) or _is_word(text[end : end + 1]))


# Characters of words that Unicode has since 17.0, and `regex` has; `tokenizers` has those of 16.0.
_LATER_WORDS = """
558 58b-58c 5c8-5c9 88f b53-b54 c5c cdc 1acf-1af0 208f 209d-209f a7ce-a7cf a7d2 a7d4 a7dd
a7e2 a7f1 ab6c-ab6d 107bb-107bf 10940-10959 10ec5-10ec7 10ecb-10ecf 10ed9-10eee 10ef0-10efb
11b0a 11b60-11b67 11db0-11ddb 11de0-11de9 11df0-11df1 1246f 12475-1247f 12550-12686
16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18cd6-18cda 18d09-18d20 18d80-18df2
18e00-19191 191a0-191d2 1b123-1b128 1b168 1d127-1d128 1d250-1d252 1d25b-1d25c 1d25f
1d280-1d281 1d6a6 1df1f-1df24 1df2b-1df81 1df90-1df96 1dfcd-1dfff 1e6c0-1e6de 1e6e0-1e6f5
1e6fe-1e6ff 2b73a-2b73f 2b81e 2cea2-2cead 323b0-33479 3d000-3fc3f
"""


@cache
def _later_words() -> list[int]:
    """List where ranges of them begin and, one further, end."""
    ends = []
    for item in _LATER_WORDS.split():
        first, _, last = item.partition("-")
        ends += [int(first, 16), int(last or first, 16) + 1]
    return ends


def _is_word(character: str) -> bool:
    r"""Return whether this is a character of `\w` as UTS #18 defines it, in Unicode 16.0."""
    import regex  # type: ignore[import-untyped,unused-ignore]

    if not regex.match(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]", character):
        return False
    return bisect_right(_later_words(), ord(character)) % 2 == 0
