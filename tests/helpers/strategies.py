"""Texts on which tokenizers go wrong, for hypothesis."""

from __future__ import annotations

import functools

from hypothesis import strategies as st
from search import by_profile

import tokenkit
from tokenkit.encodings.known import BUNDLED

NAMES = list(BUNDLED)
# One of each pattern family; the others share their scanner and most of their ranks.
FAMILIES = ["r50k_base", "cl100k_base", "o200k_base"]
DRAWN = by_profile(FAMILIES, list(NAMES))

EDGES = [
    *"aA1 .,'/-_\n\r\t\x0b\x0c\x00\x1c\x7f\x85\xa0\xad",
    "'s",
    "'T",
    "'ll",
    "'RE",
    "'\u017f",  # the long s is equal to s when case is ignored
    "\u212a",  # the Kelvin sign, a capital letter
    "\u01c5",  # a title case letter
    "\u02b0",  # a modifier letter
    "\u0301",  # a combining mark
    "\u0e34",
    "\u00b2",  # a number, but not a digit
    "\u2167",
    "\u0663",
    "\U0001d7d8",
    "\u1680",
    "\u180e",
    "\u2003",
    "\u200b",
    "\u200d",
    "\u2028",
    "\u3000",
    "\ufeff",
    "\ufffd",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U0010ffff",
    "\u088f",  # these were assigned after Unicode 16
    "\u1acf",
    "\ua7ce",
    "\U000323b0",
    "\U00016ea0",
    "ß",
    "İ",
    "漢",
    "語",
    "の",
    "한",
    "ท",
    "й",
    "🙂",
    "👩\u200d👩\u200d👧",
    "🇩🇪",
]
SURROGATES = ["\ud83d", "\ude00", "\ud83d\ude00", "\udfff", "\ud800"]
WHITE_SPACE = [" ", "  ", "\n", "\r", "\r\n", "\t", "\u3000", "\xa0", "\x85"]


@functools.cache
def tokens(name: str) -> list[bytes]:
    return tokenkit.get_encoding(name).token_byte_values()


def glued(name: str) -> st.SearchStrategy[str]:
    """Random tokens, joined: dense in merges that nearly happen."""
    parts = st.lists(st.sampled_from(tokens(name)), max_size=12)
    return parts.map(lambda found: b"".join(found).decode("utf-8", "replace"))


def giants() -> st.SearchStrategy[str]:
    """One long run of one or two characters, with something at its ends."""
    run = st.builds(
        lambda unit, n: unit * n,
        st.sampled_from(["a", "ab", "aB", " ", "\n", " \t", "\r\n", "0", "-", "漢", "й", "\u0301"]),
        st.integers(1, 700),
    )
    end = st.sampled_from(["", "a", " ", "\n", "x\n", "'s", "1"])
    return st.builds(lambda before, middle, after: before + middle + after, end, run, end)


def special(name: str) -> st.SearchStrategy[str]:
    """Special tokens and what looks like them, among other text."""
    known = sorted(tokenkit.get_encoding(name).special_tokens_set)[:8]
    parts = [*known, "<|", "|>", "<", "endoftext", " ", "\n", "a"]
    return st.lists(st.sampled_from(parts), max_size=8).map("".join)


def texts(name: str) -> st.SearchStrategy[str]:
    """All of these, and mixtures; some hold surrogates."""
    some = [
        st.text(),
        st.text(alphabet=st.characters()),
        st.lists(st.sampled_from(EDGES), max_size=20).map("".join),
        st.lists(st.sampled_from([*WHITE_SPACE, "a", "1", "!"]), max_size=30).map("".join),
        st.lists(st.sampled_from([*SURROGATES, *EDGES]), max_size=12).map("".join),
        glued(name),
        giants(),
        special(name),
    ]
    one = st.one_of(some)
    return st.one_of(one, st.lists(one, max_size=4).map("".join))


def cuts(text: str) -> st.SearchStrategy[list[str]]:
    """The text in parts, cut anywhere."""
    places = st.lists(st.integers(0, len(text)), max_size=8).map(sorted)
    return places.map(
        lambda at: [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]
    )
