"""Truncation: what may be cut, how much is kept, and the arguments that are refused."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest
import strategies
import wcwidth
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Encoding
from tokenkit.encodings.truncation import longest, truncate_settings, truncated

Keep = Literal["head", "tail", "ends"]
Unit = Literal["grapheme", "char"]
KEEPS: list[Keep] = ["head", "tail", "ends"]
UNITS: list[Unit] = ["grapheme", "char"]

BYTES = {bytes([i]): i for i in range(256)}
DROPPING = Encoding(
    "words",
    pat_str=r"\w+",
    mergeable_ranks=tokenkit.get_encoding("r50k_base")._mergeable_ranks,
    special_tokens={},
)


def whole_head(enc: Encoding, ids: list[int]) -> str:
    return enc.decode_bytes(ids).decode("utf-8", "ignore")


def clusters(text: str) -> list[str]:
    return list(wcwidth.iter_graphemes(text))


def promised(enc: Encoding, text: str, n: int, keep: str, unit: Unit) -> tuple[str, str]:
    """The head and the tail that n ids allow, without parts of characters or of clusters, of
    repaired text."""
    ids = enc.encode_ordinary(text)
    head, tail = {"head": (n, 0), "tail": (0, n), "ends": (n - n // 2, n // 2)}[keep]
    parts = whole_head(enc, ids[:head]), whole_head(enc, ids[len(ids) - tail :])
    if unit == "char":
        return parts
    whole = enc.decode(ids)
    ends = [0, *itertools.accumulate(map(len, clusters(whole)))]
    end = max(place for place in ends if place <= len(parts[0]))
    start = min(place for place in ends if place >= len(whole) - len(parts[1]))
    return whole[:end], whole[start:]


def check_clusters(enc: Encoding, text: str, limit: int, keep: Keep, marker: str) -> None:
    """Assert that a cluster is split only where nothing else is left, and it does not fit."""
    result = enc.truncate(text, limit, keep=keep, marker=marker)
    every = clusters(text)
    ends = {0, *itertools.accumulate(map(len, every))}
    kept = len(result) - len(marker)
    for head in {"head": [kept], "tail": [0], "ends": range(kept + 1)}[keep]:
        tail = kept - head
        start = len(text) - tail
        split_head = head < len(every[0]) and enc.count(every[0]) > limit
        split_tail = tail < len(every[-1]) and enc.count(every[-1]) > limit
        same = result == text[:head] + marker + text[start:]
        if same and (head in ends or split_head) and (start in ends or split_tail):
            return
    raise AssertionError(f"{text!r} to {limit}, {keep}: {result!r}")


def check(
    enc: Encoding, text: str, limit: int, keep: Keep, marker: str, unit: Unit = "char"
) -> None:
    room = limit - enc.count(marker)
    if room < 0:
        with pytest.raises(ValueError, match="marker"):
            enc.truncate(text, limit, keep=keep, marker=marker, unit=unit)
        return
    result = enc.truncate(text, limit, keep=keep, marker=marker, unit=unit)
    if enc.count(text) <= limit:
        assert result is text
        return
    assert enc.count(result) <= limit
    # Slices of the source, surrogates and all, around the marker.
    kept = len(result) - len(marker)
    places = {"head": [kept], "tail": [0], "ends": range(kept + 1)}[keep]
    assert any(result == text[:a] + marker + text[len(text) - (kept - a) :] for a in places)
    head, tail = promised(enc, text, room, keep, unit)
    if enc.count(head + marker + tail) <= limit:
        assert len(result) >= len(head + marker + tail)


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("name", strategies.FAMILIES)
@given(data=st.data())
def test_promises(name: str, keep: Keep, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    limit = data.draw(st.integers(0, enc.count(text) + 1))
    marker = data.draw(st.sampled_from(["", "…", " [cut] ", "\n", "a"]))
    unit = data.draw(st.sampled_from(UNITS))
    check(enc, text, limit, keep, marker, unit)


PARTS = [
    *["a", " b", "\r\n", "\r", "🇩🇪", "🇩", "👩\u200d👧", "👩\u200d", "e\u0301\u0302"],
    *["ល្អ", "क्ष", "각"],
]


@pytest.mark.parametrize("keep", KEEPS)
@given(
    text=st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    limit=st.integers(0, 30),
    marker=st.sampled_from(["", "…", " - "]),
)
def test_clusters_stay_whole(keep: Keep, text: str, limit: int, marker: str) -> None:
    enc = tokenkit.get_encoding("o200k_base")
    check(enc, text, limit, keep, marker, "grapheme")
    if limit >= enc.count(marker) and enc.count(text) > limit:
        check_clusters(enc, text, limit, keep, marker)


def check_twin(enc: Encoding, text: str, limit: int, marker: str) -> None:
    """Assert that the core truncates as its readable twin does, with all options."""
    for keep, unit in itertools.product(KEEPS, UNITS):
        most = max(limit, enc.count(marker))
        settings = truncate_settings(enc.engine, most, keep, marker, unit)
        expected = truncated(enc.engine, text, settings)
        assert enc.truncate(text, most, keep=keep, marker=marker, unit=unit) == expected


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
def test_the_core_and_its_twin_agree(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    marker = data.draw(st.one_of(st.sampled_from(["", "…", " - ", "\ud83d", "a"]), st.text()))
    check_twin(enc, text, data.draw(st.integers(0, enc.count(text) + 1)), marker)


@given(
    text=st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    limit=st.integers(0, 30),
    marker=st.sampled_from(["", "…", "\ude00", "\u0301", "🇩"]),
)
def test_the_core_and_its_twin_agree_on_clusters(text: str, limit: int, marker: str) -> None:
    check_twin(tokenkit.get_encoding("o200k_base"), text, limit, marker)


# Few tokens, of which a shorter text often needs more: several candidates are too long.
UNEVEN = Encoding(
    "uneven",
    pat_str=tokenkit.get_encoding("o200k_base")._pat_str,
    mergeable_ranks=BYTES | {b"aa": 256, b"aab": 257, b"aabaa": 258},
    special_tokens={},
)


@given(
    text=st.text("ab", max_size=40),
    limit=st.integers(0, 20),
    marker=st.sampled_from(["", "a", "bbb"]),
)
def test_the_core_and_its_twin_agree_after_several_candidates(
    text: str, limit: int, marker: str
) -> None:
    check_twin(UNEVEN, text, limit, marker)


def test_more_is_tried_after_a_candidate_that_fits() -> None:
    text = "aaaaababaaaaaaaabaaaaaababaa"
    check_twin(UNEVEN, text, 9, "a")
    assert UNEVEN.truncate(text, 9, keep="tail", marker="a") == "aaabaaaaaababaa"


@pytest.mark.parametrize("keep", KEEPS)
def test_every_limit(keep: Keep, family: Encoding) -> None:
    texts = [
        "Hello, wörld! 漢字かな交じり文 👩‍👩‍👧 and  so   on\n\n \n  1234567 don't DON'T",
        "  \n  \n \t x\r\n\r\n  ",
        "\U0001f600" * 5,
        "\ud83d\ude00a\ud83d b\ude00\ud83d\ude00",
        "aB" * 20,
        "\u0301" * 9,
    ]
    for text, marker in itertools.product(texts, ["", "…", " "]):
        for limit in range(family.count(text) + 2):
            check(family, text, limit, keep, marker, UNITS[limit % 2])


@pytest.mark.parametrize("keep", KEEPS)
@given(text=st.text(), limit=st.integers(0, 12))
def test_pattern_that_drops_text(keep: Keep, text: str, limit: int) -> None:
    result = DROPPING.truncate(text, limit, keep=keep, unit="char")
    if DROPPING.count(text) <= limit:
        assert result is text
        return
    assert DROPPING.count(result) <= limit
    kept = len(result)
    places = range(kept + 1) if keep == "ends" else [kept if keep == "head" else 0]
    assert any(result == text[:a] + text[len(text) - (kept - a) :] for a in places)
    head, tail = promised(DROPPING, text, limit, keep, "char")
    if DROPPING.count(head + tail) <= limit:
        assert len(result) >= len(head + tail)


def test_examples() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    text = "one two three four five six"
    assert enc.truncate(text, 2) == "one two"
    assert enc.truncate(text, 2, keep="tail") == " five six"
    assert enc.truncate(text, 3, keep="ends") == "one two six"
    assert enc.truncate(text, 4, keep="ends", marker=" ...") == "one two ... six"
    assert enc.truncate(text, 0) == ""
    assert enc.truncate(text, 10**40) is text
    assert enc.truncate("", 0) == ""
    family, flags = "x 👨\u200d👩\u200d👧", "🇩🇪🇫🇷"
    assert enc.truncate(family, 3) == "x "
    assert enc.truncate(family, 3, unit="char") == "x 👨"
    assert enc.truncate(flags, enc.count("🇩🇪") + 1) == "🇩🇪"
    assert enc.truncate(flags, 2) == "🇩"  # the first flag alone is over the limit
    assert enc.truncate(flags, enc.count("🇫🇷"), keep="tail") == "🇫🇷"


def test_special_text_is_ordinary() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    text = "<|endoftext|>" * 3
    assert enc.count(enc.truncate(text, 5)) <= 5


def test_lone_surrogates_stay() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    assert enc.truncate("a\ud800 b c d e", 3).startswith("a\ud800")
    assert enc.truncate("a b c d e\udc00", 2, keep="tail").endswith("\udc00")


def test_refused() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    with pytest.raises(ValueError, match="max_tokens: expected at least 0"):
        enc.truncate("a", -1)
    with pytest.raises(ValueError, match="marker alone is 2 tokens"):
        enc.truncate("a", 1, marker="hello world")
    with pytest.raises(ValueError, match="keep: expected"):
        enc.truncate("a", 1, keep="middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unit: expected 'grapheme' or 'char', got 'byte'"):
        enc.truncate("a", 1, unit="byte")  # type: ignore[arg-type]
    for wrong in (None, b"a", 5):
        with pytest.raises(TypeError):
            enc.truncate(wrong, 1)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            enc.truncate("a", 1, marker=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        enc.truncate("a b c d", "2")  # type: ignore[arg-type]


def test_verb() -> None:
    assert tokenkit.truncate("one two three", 2, "gpt-4") == "one two"
    encoding = tokenkit.get_encoding("gpt2")
    assert tokenkit.truncate("one two three", 1, encoding=encoding, keep="tail") == " three"


@pytest.mark.parametrize("room", [0, 1, 20, 77])
def test_the_longest_candidate_that_fits_is_taken(room: int) -> None:
    for most in range(room + 3):

        def fits(text: str, most: int = most) -> bool:
            return len(text) <= most

        assert len(longest(lambda n: "x" * n, fits, room)) == min(room, most)
