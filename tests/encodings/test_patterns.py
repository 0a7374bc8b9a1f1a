"""Patterns of the user's own: which are known, how others are read, and every road over them."""

from __future__ import annotations

import pickle
from typing import Literal

import numpy as np
import pytest
import regex  # type: ignore[import-untyped,unused-ignore]
import strategies
import tiktoken
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Encoding, _core
from tokenkit.encodings import patterns as _patterns
from tokenkit.encodings.pattern_engine import PatternEngine

BYTES = {bytes([i]): i for i in range(256)}
PAIRS = BYTES | {
    token: 256 + i
    for i, token in enumerate(
        [b"ab", b"  ", b"\n\n", b"\n ", b" a", b"\r\n", b"aa", b"aaaa", b"\n  ", "é".encode()]
    )
}
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


def make(pat_str: str, ranks: dict[bytes, int] = PAIRS, cls: type = Encoding) -> Encoding:
    enc: Encoding = cls("own", pat_str=pat_str, mergeable_ranks=ranks, special_tokens={"<s>": 999})
    return enc


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


@pytest.mark.parametrize("bad", ["(", "[a", "a{2,1}", "*", r"\p{NoSuchClass}"])
def test_bad_patterns(bad: str) -> None:
    with pytest.raises(ValueError, match="pat_str: expected a regular expression, got"):
        make(bad)


@pytest.mark.parametrize("pat_str", [r"\w+", r"\w+|\W", r"(?s:.{1,7})"])
@given(data=st.data())
def test_every_road(pat_str: str, data: st.DataObject) -> None:
    enc = make(pat_str)
    text = data.draw(strategies.texts("r50k_base"))
    ids = enc.encode_ordinary(text)
    n = len(ids)
    utf8 = text.encode("utf-8", "replace").decode().encode()
    assert enc.count(text) == enc.within(text, n) == n
    assert enc.within(text, n - 1) is None
    assert enc.encode_to_numpy(text, disallowed_special=()).tolist() == ids
    assert enc.count(utf8) == enc.count(utf8.decode())
    assert enc.count_batch([text, ""]).tolist() == [n, 0]
    assert enc.encode_ordinary_batch([text, ""]) == [ids, []]
    assert enc.encode_ragged([text]).ids.tolist() == ids
    spans = enc.token_spans(text, unit="byte")
    source = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    assert [source[a:b] for a, b in spans.tolist()] == enc.decode_tokens_bytes(ids)
    units: list[Literal["char", "utf16"]] = ["char", "utf16"]
    for unit in units:
        assert_ordered(enc, text, unit)
    counter = enc.counter()
    for part in data.draw(strategies.cuts(text)):
        counter.update(part)
    assert counter.total == n == counter.copy().total


def assert_ordered(enc: Encoding, text: str, unit: Literal["char", "utf16"]) -> None:
    spans = enc.token_spans(text, unit=unit)
    assert spans.dtype == np.int64
    assert (spans[:, 0] < spans[:, 1]).all()
    assert (np.diff(spans, axis=0) >= 0).all()


def test_counter_of_bytes() -> None:
    enc = make(r"\w+|\W")
    text = "héllo wörld 漢字 😀"
    counter = enc.counter()
    for byte in text.encode():
        counter.update(bytes([byte]))
        fork = counter.copy()
    assert counter.total == fork.total == enc.count(text)
    with pytest.raises(TypeError, match="bytes"):
        counter.update("a")
    with pytest.raises(ValueError, match=f"invalid UTF-8 at byte {len(text.encode()) + 1}"):
        counter.update(b"a\xff")
    assert counter.total == enc.count(text)
    with pytest.raises(TypeError, match="expected str"):
        enc.counter().update(5)  # type: ignore[arg-type]


def test_dropped_text() -> None:
    enc = make(r"\w+")
    assert enc.decode(enc.encode("ab, ab! <ab>")) == "ababab"
    assert enc.token_spans("ab, ab").tolist() == [[0, 2], [4, 6]]
    assert enc.token_spans(", é\ud83d\ude00é").tolist() == [[2, 3], [5, 6]]
    assert enc.token_spans(",,").tolist() == []


def test_more_pieces_than_one_call_takes() -> None:
    enc = make(r"\w|\W")
    assert enc.count("ab" * 10_000) == len(enc.encode("ab" * 10_000)) == 20_000
    assert enc.within("ab" * 10_000, 9_000) is None
    assert enc.truncate("ab" * 10_000, 9_999) == ("ab" * 10_000)[:9_999]


def test_wrong_items() -> None:
    enc = make(r"\w+")
    with pytest.raises(TypeError, match=r"item 1: .*NoneType"):
        enc.count_batch(["a", None])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="item 1: invalid UTF-8 at byte 0"):
        enc.encode_ragged(["a", b"\xff"])
    with pytest.raises(TypeError, match="expected str"):
        enc.count(None)  # type: ignore[arg-type]


def test_unstable_and_bytes() -> None:
    ours, theirs = make(r"\w+|\s+"), make(r"\w+|\s+", cls=tiktoken.Encoding)
    for text in ("ab a", "a  ", "!", "", "ab\n\n"):
        stable, completions = ours.encode_with_unstable(text)
        their_stable, their_completions = theirs.encode_with_unstable(text)
        assert stable == their_stable
        assert sorted(completions) == sorted(their_completions)
    for data in (b"ab \xff", b"\xff", b"ab", b"", b"a  \xe6\xbc"):
        assert ours._encode_bytes(data) == theirs._encode_bytes(data)


def test_pickled_by_value() -> None:
    enc = make(r"\w+|\s+")
    assert pickle.loads(pickle.dumps(enc)).encode("ab <s>", allowed_special="all") == enc.encode(
        "ab <s>", allowed_special="all"
    )
