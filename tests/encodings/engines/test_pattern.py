"""Every road over a pattern that the core does not know."""

from __future__ import annotations

import pickle
from typing import Literal

import numpy as np
import pytest
import strategies
from hypothesis import given, strategies as st
from own_patterns import make

from tokenkit import Encoding


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


def test_pickled_by_value() -> None:
    enc = make(r"\w+|\s+")
    assert pickle.loads(pickle.dumps(enc)).encode("ab <s>", allowed_special="all") == enc.encode(
        "ab <s>", allowed_special="all"
    )
