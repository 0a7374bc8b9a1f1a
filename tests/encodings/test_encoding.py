"""Encoding's own members: results against the oracle, properties, wrong arguments."""

from __future__ import annotations

import array
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import oracle
import pytest
import strategies
from hypothesis import given, strategies as st
from search import by_profile, examples

import tokenkit
from tokenkit import Chunker, Encoding


@pytest.fixture(scope="module")
def letters() -> Encoding:
    """An encoding whose pattern the core does not know."""
    ranks = {bytes([i]): i for i in range(256)} | {b"he": 256, b"ll": 257}
    return Encoding("letters", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens={})


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
def test_equals_oracle(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    expected = oracle.encode(enc, text)
    assert enc.encode_ordinary(text) == expected
    assert enc.count(text) == len(expected)
    assert enc.decode(expected) == oracle.joined(text)


@given(data=st.data())
def test_oracle_merges_agree(data: st.DataObject) -> None:
    ranks = tokenkit.get_encoding("cl100k_base")._mergeable_ranks
    piece = data.draw(strategies.glued("cl100k_base")).encode()
    assert oracle.merge_long(ranks, piece) == oracle.merge(ranks, piece) or piece in ranks


@pytest.mark.parametrize("unit", [" ", "\n", " \t", "a", "漢", "0", "ab!", "\u0301"])
def test_long_runs(family: Encoding, unit: str) -> None:
    # tiktoken 0.14 dies of a stack overflow on some of the longer ones.
    number = by_profile(5_000, 20_000)
    for text in (unit * number, unit * number + "x"):
        expected = oracle.encode(family, text)
        assert family.encode_ordinary(text) == expected
        assert family.count(text) == len(expected)


@pytest.mark.parametrize("unit", [" ", "\n", " \t", "a", "漢", "qzxj", "Aa", "'s", "\r\n \u3000"])
def test_time_grows_with_length_only(family: Encoding, unit: str) -> None:
    def seconds(n: int) -> float:
        text = unit * n + "x"
        start = time.process_time()
        family.count(text)
        family.truncate(text, n // 8, keep="ends", marker=" … ")
        return time.process_time() - start

    # Three times at most, as other programs may hold one of them up.
    assert any(seconds(200_000) < 20 * seconds(20_000) + 0.05 for _ in range(3))


def test_numpy_is_uint32_and_read_only() -> None:
    ids = tokenkit.get_encoding("o200k_base").encode_to_numpy("hello world")
    assert ids.dtype == np.uint32
    assert not ids.flags.writeable
    assert tokenkit.get_encoding("o200k_base").encode_to_numpy("").tolist() == []


def test_buffers_are_text(enc: Encoding) -> None:
    text = "héllo wörld 漢字"
    data = text.encode()
    forms: list[Any] = [data, bytearray(data), memoryview(data), np.frombuffer(data, np.uint8)]
    for same in forms:
        assert enc.count(same) == enc.count(text)
        assert enc.within(same, 100) == enc.count(text)
        assert enc.encode_to_numpy(same).tolist() == enc.encode(text)
        assert enc.count_batch([same, text]).tolist() == [enc.count(text)] * 2
        assert enc.encode_ragged([same]).ids.tolist() == enc.encode(text)
        assert len(enc.token_spans(same)) == enc.count(text)


@examples(15)
@given(data=st.data())
def test_long_str_of_every_kind(data: st.DataObject) -> None:
    # From 1,024 characters on, what is not ASCII is transcoded by csrc.
    family = tokenkit.get_encoding(data.draw(st.sampled_from(strategies.FAMILIES)))
    filler = data.draw(st.sampled_from(["a", "é", "漢", "🙂", "na漢ïve 🙂 “x” "]))
    some = data.draw(strategies.texts(family.name))
    size = data.draw(st.sampled_from([1024, 1025, 5000, by_profile(20_000, 70_000)]))
    text = some + filler * (size // len(filler) + 1) + some
    assert family.encode_ordinary(text) == oracle.encode(family, text)
    assert family.count_batch([text, some]).tolist() == [family.count(text), family.count(some)]


def test_long_str_with_surrogates(enc: Encoding) -> None:
    pair = "\ud83d\ude42 " * 700
    assert enc.encode(pair) == enc.encode("🙂 " * 700)
    alone = "漢\udc42 " * 700
    assert enc.encode(alone) == enc.encode("漢\ufffd " * 700)
    assert enc.count_batch([pair, alone]).tolist() == [enc.count(pair), enc.count(alone)]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in Linux's units")
def test_counting_a_long_str_takes_little_memory() -> None:
    program = (
        "import resource, tokenkit\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "enc = tokenkit.get_encoding('o200k_base')\n"
        "text = 'naïve 漢字 “x” ' * 4_000_000\n"
        "before = peak()\n"
        "assert enc.count(text) > 20_000_000\n"
        "print(peak() - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(run.stdout) < 30_000  # kilobytes, for 112 MB of str


def test_a_str_keeps_no_utf8(enc: Encoding) -> None:
    text = "naïve 漢字 " * 1000
    size = sys.getsizeof(text)
    enc.count(text)
    enc.count_batch([text] * 3)
    enc.encode(text)
    assert sys.getsizeof(text) == size


@pytest.mark.parametrize(
    "wrong",
    [
        memoryview(b"abcdef")[::2],
        np.frombuffer(b"abcdef", np.uint8)[::2],
        np.frombuffer(b"abcdef", np.uint8).reshape(2, 3, order="F"),
        np.array(["hello"]),
        np.array([b"hello"]),
        np.array("hello"),
        np.array(["a"], dtype=object),
        np.array([True]),
        np.array([1, 2], np.uint32),
        np.int64(5),
        np.uint8(65),
        array.array("i", [1, 2]),
    ],
    ids=lambda wrong: "strided view" if isinstance(wrong, memoryview) else repr(wrong),
)
def test_other_buffers_are_no_text(letters: Encoding, wrong: Any) -> None:
    # Their memory would be read as some text: a wrong number without a word.
    for enc in (tokenkit.get_encoding("o200k_base"), letters):
        calls: list[Callable[[Any], object]] = [
            enc.count,
            lambda data, enc=enc: enc.within(data, 5),  # type: ignore[misc]
            enc.encode_to_numpy,
            enc.token_spans,
            enc.counter().update,
            lambda data, enc=enc: enc.count_batch(["a", data]),  # type: ignore[misc]
            lambda data, enc=enc: enc.encode_ragged(["a", data]),  # type: ignore[misc]
        ]
        for call in calls:
            with pytest.raises(TypeError, match="bytes one after the other"):
                call(wrong)
        for call in calls[5:]:
            with pytest.raises(TypeError, match="item 1: "):
                call(wrong)


def test_subclasses_of_text(letters: Encoding) -> None:
    class Odd(str):
        def encode(self, *_: Any, **__: Any) -> bytes:
            raise AssertionError("not to be asked")

        isascii = encode  # type: ignore[assignment]

        def __len__(self) -> int:
            return 1 << 40

    class OddBytes(bytes):
        def __len__(self) -> int:
            return 1 << 40

    for enc in (tokenkit.get_encoding("o200k_base"), letters):
        for text in ("hello world", "h\xe9llo \ud800 \ud83d\ude00"):
            expected = enc.count(text)
            for same in (Odd(text), np.str_(text)):
                assert enc.count(same) == expected
                assert enc.count_batch([same]).tolist() == [expected]
                assert enc.encode_ordinary(same) == enc.encode_ordinary(text)
        for data in (OddBytes(b"hello"), np.bytes_(b"hello")):
            assert enc.count(data) == enc.count("hello")
            assert enc.encode_ragged([data]).ids.tolist() == enc.encode("hello")


def test_any_number_of_threads(family: Encoding) -> None:
    texts = ["some words " * 2000] * 300
    for num_threads in (7, 10**6, 10**30):
        assert family.count_batch(texts, num_threads=num_threads).sum() == 300 * family.count(
            texts[0]
        )


def test_invalid_utf8_names_the_byte(enc: Encoding) -> None:
    calls: list[Callable[[bytes], object]] = [
        enc.count,
        lambda data: enc.within(data, 5),
        enc.encode_to_numpy,
        enc.counter().update,
        lambda data: enc.count_batch(["a", data]),
        lambda data: enc.encode_ragged(["a", data]),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="invalid UTF-8 at byte 3"):
            call(b"abc\xff")
    for call in calls[4:]:
        with pytest.raises(ValueError, match="item 1"):
            call(b"\xc3(")


def test_wrong_types(enc: Encoding) -> None:
    calls: list[Callable[[Any], object]]
    calls = [enc.encode, enc.encode_ordinary, enc.count, enc.encode_to_numpy]
    wrongs: list[Any] = [None, 5, 1.5, ["a"]]
    for wrong in wrongs:
        for call in calls:
            with pytest.raises(TypeError):
                call(wrong)
    for call in calls[:2]:
        with pytest.raises(TypeError, match="expected str"):
            call(b"bytes")
    batches: list[Callable[[Any], object]] = [enc.count_batch, enc.encode_ragged]
    for batch in batches:
        with pytest.raises(TypeError, match=r"item 1: .*NoneType"):
            batch(["a", None])
    lists: list[Callable[[Any], object]] = [enc.encode_batch, enc.encode_ordinary_batch]
    refuse_one = [*batches, Chunker(encoding=enc, max_tokens=9).chunk_batch]
    for batch in (*refuse_one, *lists):
        for many, got in (("abc", "one str"), (None, "NoneType"), (5, "int")):
            if many == "abc" and batch in lists:
                continue  # its characters, as in tiktoken
            with pytest.raises(TypeError, match=f"texts: expected a sequence of texts, got {got}"):
                batch(many)
    for decode in (enc.decode_batch, enc.decode_bytes_batch):
        with pytest.raises(TypeError, match="batch: expected a sequence of lists of ids, got None"):
            decode(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        enc.encode_batch(["a", None])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        enc.is_special_token("x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="num_threads: expected at least 1"):
        enc.count_batch(["a"], num_threads=0)
    with pytest.raises(ValueError, match="unit: expected"):
        enc.token_spans("a", unit="line")  # type: ignore[arg-type]


@given(data=st.data())
def test_spans_lie_over_the_text(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(strategies.FAMILIES))
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    parts = enc.decode_tokens_bytes(enc.encode_ordinary(text))
    utf8 = oracle.joined(text).encode()

    in_bytes = enc.token_spans(text, unit="byte").tolist()
    assert [utf8[start:end] for start, end in in_bytes] == parts

    def chars(n: int) -> int:
        """Characters that begin before byte n."""
        return sum(byte & 0xC0 != 0x80 for byte in utf8[:n])

    def whole(n: int) -> int:
        """Characters that end at or before byte n."""
        return len(utf8[:n].decode("utf-8", "ignore"))

    joined = oracle.joined(text)
    in_joined = [(whole(start), chars(end)) for start, end in in_bytes]
    assert enc.token_spans(joined).tolist() == [list(span) for span in in_joined]
    units = [0]
    for char in joined:
        units.append(units[-1] + (2 if char > "\uffff" else 1))
    in_units = [[units[start], units[end]] for start, end in in_joined]
    assert enc.token_spans(text, unit="utf16").tolist() == in_units
    # In the str itself: joining what a span covers gives what the characters stand for.
    for (start, end), (a, b) in zip(enc.token_spans(text).tolist(), in_joined, strict=True):
        assert oracle.joined(text[start:end]) == joined[a:b]


def test_a_pair_of_surrogates_is_two_characters_of_its_str_and_nowhere_else() -> None:
    enc = tokenkit.get_encoding("gpt2")
    pair, joined = "\ud83d\ude00a", "\U0001f600a"
    units: tuple[Literal["byte", "utf16"], ...] = ("byte", "utf16")
    for unit in units:
        spans = [enc.token_spans(text, unit=unit).tolist() for text in (pair, joined)]
        assert spans[0] == spans[1]
    assert enc.token_spans(pair).tolist()[-1] == [2, 3]
    assert enc.token_spans(joined).tolist()[-1] == [1, 2]


def test_within_limits(enc: Encoding) -> None:
    text = "one two three four " * 5
    n = enc.count(text)
    assert [enc.within(text, limit) for limit in (n, n + 1, 10**30)] == [n] * 3
    assert [enc.within(text, limit) for limit in (n - 1, 0, -1, -(10**30))] == [None] * 4
    assert enc.within("", 0) == 0


def test_custom_vocabulary_checks() -> None:
    ranks = {bytes([i]): i for i in range(256)}

    def make(**changes: object) -> Encoding:
        arguments = {"pat_str": r"\w+|\W+", "mergeable_ranks": ranks, "special_tokens": {}}
        return Encoding("own", **{**arguments, **changes})  # type: ignore[arg-type]

    assert make(explicit_n_vocab=256).n_vocab == 256
    assert make(special_tokens={"<|x|>": 300}).n_vocab == 301
    for bad in ({}, {b"a": 1, b"b": 1}, {b"": 0, b"a": 1}):
        with pytest.raises(tokenkit.VocabularyError, match="own"):
            make(mergeable_ranks=bad)
    with pytest.raises(OverflowError):
        make(mergeable_ranks={b"a": -1})
    with pytest.raises(TypeError):
        make(mergeable_ranks={"a": 1})
    for wrong in (1.5, None, "1"):
        with pytest.raises(TypeError, match="mergeable_ranks: expected a whole number, got"):
            make(mergeable_ranks={b"a": wrong})
        with pytest.raises(TypeError, match="special_tokens: expected a whole number, got"):
            make(special_tokens={"x": wrong})
    with pytest.raises(
        tokenkit.VocabularyError,
        match=r"explicit_n_vocab=300 tokens, .* got 256",
    ):
        make(explicit_n_vocab=300)
    with pytest.raises(ValueError, match="empty"):
        make(special_tokens={"": 300})
    with pytest.raises(TypeError):
        make(special_tokens={b"x": 300})


def test_missing_byte_is_an_error() -> None:
    enc = Encoding("ab", pat_str=r".", mergeable_ranks={b"a": 0, b"b": 1}, special_tokens={})
    assert enc.encode("ab") == [0, 1]
    calls: list[Callable[[str], object]] = [enc.encode, enc.count, enc.encode_to_numpy]
    for call in calls:
        with pytest.raises((KeyError, ValueError)):
            call("abc")


def test_repr() -> None:
    enc = tokenkit.get_encoding("gpt2")
    assert repr(enc) == "<Encoding 'gpt2'>"
    counter = enc.counter()
    counter.update("hello")
    assert repr(counter) == "<TokenCounter: 1 tokens>"
    assert repr(enc.encode_ragged(["a", "b"])) == "<Ragged: 2 texts, 2 ids>"
