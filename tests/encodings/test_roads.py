"""Each text goes down every road, and all must say the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import oracle
import pytest
import strategies
from hypothesis import given, strategies as st
from search import by_profile, examples

import tokenkit
from tokenkit import Encoding

THREADS = (1, 2, 5)


def check_roads(enc: Encoding, text: str, ids: list[int]) -> None:
    """Every road over one text, given its ids."""
    n = len(ids)
    utf8 = oracle.joined(text).encode()
    assert enc.encode_ordinary(text) == ids
    assert enc.encode(text, disallowed_special=()) == ids
    assert enc.encode_to_numpy(text, disallowed_special=()).tolist() == ids
    assert enc.encode_to_numpy(utf8, disallowed_special=()).tolist() == ids
    assert enc.encode_ordinary_batch([text]) == [ids]
    assert enc._encode_bytes(utf8) == ids
    assert enc._core.encode_prefix(text, n).tolist() == ids
    assert [enc.count(form) for form in (text, utf8, bytearray(utf8))] == [n] * 3
    assert [enc.within(text, limit) for limit in (n, n + 1, 10 * n + 9)] == [n] * 3
    assert [enc.within(text, limit) for limit in {n - 1, n // 2 - 1, -1}] == [None] * len(
        {n - 1, n // 2 - 1, -1}
    )
    assert enc.decode_bytes(ids) == utf8
    assert b"".join(enc.decode_tokens_bytes(ids)) == utf8
    assert len(enc.token_spans(text)) == n
    assert enc.decode_with_offsets(ids) == (
        oracle.joined(text),
        enc.token_spans(utf8)[:, 0].tolist(),
    )


def check_pieces(enc: Encoding, text: str, ids: list[int]) -> None:
    """The core's pieces are the pattern's, and merge to the same ids."""
    utf8 = oracle.joined(text).encode()
    expected = [piece.encode() for piece in oracle.pieces(enc, text)]
    ends = enc._core.piece_ends(text)
    starts = [0, *ends.tolist()[:-1]]
    cut = [utf8[start:end] for start, end in zip(starts, ends.tolist(), strict=False)]
    assert cut == expected
    assert enc._core.encode_pieces(utf8, ends).tolist() == ids
    assert enc._core.count_pieces(utf8, ends) == len(ids)
    assert [i for piece in cut for i in enc._core.encode_piece(piece)] == ids


def check_prefixes(enc: Encoding, text: str, ids: list[int]) -> None:
    for n in {0, 1, len(ids) // 2}:
        prefix = enc._core.encode_prefix(text, n).tolist()
        assert len(prefix) >= min(n, len(ids))
        assert prefix == ids[: len(prefix)]


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
def test_one_text(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    ids = oracle.encode(enc, text)
    check_roads(enc, text, ids)
    check_pieces(enc, text, ids)
    check_prefixes(enc, text, ids)


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
def test_streams(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    utf8 = oracle.joined(text).encode()
    places = sorted(data.draw(st.lists(st.integers(0, len(utf8)), max_size=8)))
    byte_parts = [utf8[a:b] for a, b in zip([0, *places], [*places, len(utf8)], strict=True)]
    for parts in (data.draw(strategies.cuts(text)), byte_parts):
        counter = enc.counter()
        so_far = parts[0][:0]
        for part in parts:
            fork = counter.copy()
            counter.update(part)
            fork.update(part)
            so_far += part  # type: ignore[operator]
            whole = so_far if isinstance(so_far, str) else so_far.decode("utf-8", "ignore")
            assert counter.total == fork.total == enc.count(whole)
        assert counter.total == enc.count(text)


@pytest.mark.parametrize("name", strategies.FAMILIES)
@given(data=st.data())
@examples(25)
def test_streams_of_single_characters(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(st.one_of(strategies.giants(), strategies.texts(name)))[:400]
    counter = enc.counter()
    for i, char in enumerate(text, 1):
        counter.update(char)
        assert counter.total == enc.count(text[:i])


@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
@examples(30)
def test_batches(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    texts = data.draw(st.lists(strategies.texts(name), max_size=6))
    ids = [enc.encode_ordinary(text) for text in texts]
    counts = [len(found) for found in ids]
    forms = [text if i % 2 else oracle.joined(text).encode() for i, text in enumerate(texts)]
    for num_threads in (None, *THREADS):
        assert enc.count_batch(texts, num_threads=num_threads).tolist() == counts
        assert enc.count_batch(forms, num_threads=num_threads).tolist() == counts
        ragged = enc.encode_ragged(forms, num_threads=num_threads)
        assert [row.tolist() for row in ragged] == ids
        assert ragged.offsets.tolist()[0] == 0
    for threads in THREADS:
        assert enc.encode_ordinary_batch(texts, num_threads=threads) == ids
        special = [enc.encode(text, allowed_special="all") for text in texts]
        assert enc.encode_batch(texts, num_threads=threads, allowed_special="all") == special


@pytest.mark.parametrize("size", [1_000, 70_000, by_profile(300_000, 1_500_000)])
def test_long_texts(family: Encoding, size: int) -> None:
    # Long enough for buffers to grow, for the GIL to be let go, for a batch to be shared out.
    unit = "The quick brown fox — 漢字かな交じり文, don't! 12345\n  \t x = {'a': [1, 2]}\r\n\r\n🙂 "
    text = (unit * (size // len(unit) + 1))[:size]
    ids = oracle.encode(family, text) if size < 100_000 else family.encode_ordinary(text)
    check_roads(family, text, ids)
    counter = family.counter()
    for start in range(0, len(text), 9973):
        counter.update(text[start : start + 9973])
    assert counter.total == len(ids)
    assert (
        family.count_batch([text, text[:777]] * 4, num_threads=3).tolist()
        == [
            len(ids),
            family.count(text[:777]),
        ]
        * 4
    )


def test_shared_by_threads(enc: Encoding) -> None:
    texts = [f"thread {i} says: héllo 漢字 {'a' * i} {i:032b}\n" * 9 for i in range(40)]
    expected = [enc.encode_ordinary(text) for text in texts]
    together = threading.Barrier(6)

    def work(_: int) -> bool:
        together.wait()
        return all(
            enc.encode_ordinary(text) == ids
            and enc.count(text) == enc.within(text, len(ids)) == len(ids)
            and enc.count(enc.truncate(text, 7)) <= 7
            for text, ids in zip(texts, expected, strict=True)
        )

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(6)))


@pytest.mark.slow
@pytest.mark.parametrize("name", strategies.DRAWN)
@given(data=st.data())
@examples(1000)
def test_many_texts(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    text = data.draw(strategies.texts(name))
    check_roads(enc, text, oracle.encode(enc, text))
