"""Counters of texts that come in parts; tests/encodings/test_roads.py compares their counts."""

from __future__ import annotations

import threading

import pytest

import tokenkit
from tokenkit import Encoding


def test_counter_shared_by_threads(family: Encoding) -> None:
    counter = family.counter()
    part = "hello world, 漢字 text " * 50 + "a" * 1500

    def work() -> None:
        for _ in range(100):
            counter.update(part)
            assert counter.copy().total <= counter.total

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.total == family.count(part * 400)


def test_counter_kinds(enc: Encoding) -> None:
    counter = enc.counter()
    assert counter.total == 0
    counter.update("a")
    with pytest.raises(TypeError, match="str"):
        counter.update(b"a")
    counter.update("b")
    assert counter.total == enc.count("ab")
    data = enc.counter()
    data.update("ü".encode()[:1])
    assert data.total == 0
    data.update("ü".encode()[1:])
    assert data.total == enc.count("ü")
    with pytest.raises(ValueError, match="invalid UTF-8"):
        data.update(b"\xff")
    assert data.total == enc.count("ü")


@pytest.mark.parametrize("before", [0, 10])
def test_a_byte_without_a_token_is_not_forgotten(before: int) -> None:
    """The piece that it is in is settled part by part; not all of these lack a token."""
    ranks = {bytes([byte]): byte for byte in range(256) if byte != ord("z")} | {b"aa": 300}
    pattern = tokenkit.get_encoding("gpt2")._pat_str
    enc = Encoding("without z", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    counter = enc.counter()
    for part in ("a" * 40_000 * before, "z", *["a" * 40_000] * 30):
        counter.update(part)
    with pytest.raises(ValueError, match="0x7a, which this vocabulary has no token for"):
        counter.total  # noqa: B018
