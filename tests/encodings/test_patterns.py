"""Patterns of the user's own: which are known, and how others are read."""

from __future__ import annotations

import pytest
import regex  # type: ignore[import-untyped,unused-ignore]
import tiktoken
from hypothesis import given, strategies as st
from own_patterns import BYTES, PAIRS, make

import tokenkit
from tokenkit import Encoding, _core
from tokenkit.encodings import patterns as _patterns
from tokenkit.encodings.engines.pattern import PatternEngine

OLD_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
OLD_CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LESS_OLD_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"
    r"|\s*[\r\n]|\s+(?!\S)|\s+"
)
# Read alike by the `regex` package and by tiktoken's engine, on characters that both know.
SHARED = [
    r"\w+|\W+",
    r"\w+|\s+",
    r"(?i:ss|s)|.",
    r"[a-z$]+|[^a-z$]",
    r"a$|[$\]]+|\$|b|\n",
    r"(?m:a$)|b$|.",
    r"(?m)a$|b|\n",
    r"a\z|b\Z|\n|b",
    r"[]a$]+|[^]a]",
    r"[[a-z]&&[^aeiou$]]+|.",
    r"(?#a $ comment)a|b",
    "(?x) a $ # a comment with ( and [\n | b | \\n",
    r"(a|b)+(?=\s|$)",
    r"(?<=a)b|a",
    r"(?s:.{1,3}$)|(?s:.)",
    r"a*",
    r"(?m:(?-m:a$)|b$)",
]


def is_native(enc: Encoding) -> bool:
    return not isinstance(enc.engine, PatternEngine)


def small_texts() -> st.SearchStrategy[str]:
    return st.text(alphabet="ab  \n\r\t$]S1é\u017fß'<", max_size=25)


@pytest.mark.parametrize("pat_str", SHARED)
@given(text=small_texts())
def test_equals_tiktoken(pat_str: str, text: str) -> None:
    theirs = make(pat_str, cls=tiktoken.Encoding)
    if pat_str == "a*":
        # An empty match makes tiktoken panic; here it gives no piece.
        expected = [i for run in regex.findall("a+", text) for i in make(".+").encode(run)]
    else:
        expected = theirs.encode_ordinary(text)
    ours = make(pat_str)
    assert not is_native(ours)
    assert ours.encode_ordinary(text) == expected
    assert ours.count(text) == len(expected)


@pytest.mark.parametrize("old", [OLD_GPT2, OLD_CL100K, LESS_OLD_CL100K])
@pytest.mark.parametrize("ranks", [BYTES, PAIRS])
@given(text=small_texts())
def test_old_spellings(old: str, ranks: dict[bytes, int], text: str) -> None:
    assert make(old, ranks).encode(text) == make(old, ranks, tiktoken.Encoding).encode(text)


@pytest.mark.parametrize("pat_str", [_patterns.GPT2, _patterns.CL100K, _patterns.O200K])
@given(text=small_texts())
def test_known_patterns_with_own_ranks(pat_str: str, text: str) -> None:
    ours = make(pat_str)
    assert is_native(ours)
    assert ours.encode(text) == make(pat_str, cls=tiktoken.Encoding).encode(text)


def test_which_are_native() -> None:
    for pat_str in (OLD_GPT2, _patterns.GPT2, _patterns.CL100K, _patterns.O200K):
        assert is_native(make(pat_str))
    for old in (OLD_CL100K, LESS_OLD_CL100K):
        # A token across a newline and a space would tell the old pattern from the new.
        assert is_native(make(old, BYTES))
        assert not is_native(make(old, PAIRS))
        ranks = tokenkit.get_encoding("cl100k_base")._mergeable_ranks
        assert _patterns.family_of(old, ranks) == _core.FAMILY_CL100K
    assert not is_native(make(r"\w+"))


@pytest.mark.parametrize(
    ("pattern", "read_as"),
    [
        ("a$", r"a\Z"),
        (r"a\$", r"a\$"),
        (r"a\\$", r"a\\\Z"),
        ("[$]", "[$]"),
        ("[]$]$", r"[]$]\Z"),
        ("[^]$]$", r"[^]$]\Z"),
        (r"[\]$]$", r"[\]$]\Z"),
        ("[a[b$]$]$", r"[a[b$]$]\Z"),
        ("[[:alpha:]$]$", r"[[:alpha:]$]\Z"),
        ("(?m)a$", "(?m)a$"),
        ("(?m:a$)b$", r"(?m:a$)b\Z"),
        ("(?im:a(?-m:$)(b$))", r"(?im:a(?-m:\Z)(b$))"),
        ("((?m)a$)b$", r"((?m)a$)b\Z"),
        ("(?#$)$", r"(?#$)\Z"),
        ("#$", r"#\Z"),
        ("(?x)#$\n$", "(?x)#$\n\\Z"),
        ("(?x)#($", "(?x)#($"),
        (r"a\z|b\Z", r"a\Z|b(?=\n*\Z)"),
        (r"\Zz", r"(?=\n*\Z)z"),
        ("a)$", r"a)\Z"),
        ("", ""),
    ],
)
def test_translation(pattern: str, read_as: str) -> None:
    assert _patterns.translated(pattern) == read_as
