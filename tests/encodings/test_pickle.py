"""Pickling and copying, also into other processes."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import pickletools

import pyarrow
import pytest

import tokenkit
from tokenkit import Encoding


def own(pat_str: str) -> Encoding:
    return Encoding(
        "own",
        pat_str=pat_str,
        mergeable_ranks={bytes([i]): i for i in range(256)} | {b"ab": 256},
        special_tokens={"<|x|>": 300},
        explicit_n_vocab=None,
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_bundled_by_name(enc: Encoding, protocol: int) -> None:
    data = pickle.dumps(enc, protocol)
    assert len(data) < 200
    assert pickle.loads(data) is enc


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("pat_str", [r"\w+|\W+", tokenkit.get_encoding("gpt2")._pat_str])
def test_own_by_value(pat_str: str, protocol: int) -> None:
    enc = own(pat_str)
    again = pickle.loads(pickle.dumps(enc, protocol))
    assert again is not enc
    assert again.name == "own"
    assert again._pat_str == pat_str
    text = "abab <|x|>"
    assert again.encode(text, allowed_special="all") == enc.encode(text, allowed_special="all")


def test_an_own_one_does_not_pass_for_a_bundled_one() -> None:
    enc = Encoding("gpt2", pat_str=".", mergeable_ranks={b"a": 7}, special_tokens={})
    assert pickle.loads(pickle.dumps(enc)).encode("a") == [7]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_hold_public_names_alone(protocol: int) -> None:
    """A file of the package may move, and what was pickled before still loads."""
    enc = tokenkit.get_encoding("gpt2")
    counts = enc.count_arrow(pyarrow.array(["a", None]))
    error = tokenkit.ContextOverflowError("x", needed=2, available=1, limit_name="y")
    for value in (enc, own(r"\w+|\W+"), counts, error, enc.encode_ragged(["a", "b"])):
        data = pickle.dumps(value, protocol)
        words = [str(word) for _, word, _ in pickletools.genops(data) if isinstance(word, str)]
        assert not [word for word in words if word.startswith("tokenkit.")]
        assert type(pickle.loads(data)) is type(value)
    assert pickle.loads(pickle.dumps(counts, protocol)).to_pylist() == [1, None]


def test_copies() -> None:
    enc = tokenkit.get_encoding("gpt2")
    assert copy.copy(enc) is enc
    assert copy.deepcopy(enc) is enc
    assert copy.deepcopy(own(r"\w+")).encode("ab") == [256]


def test_other_processes() -> None:
    enc = tokenkit.get_encoding("r50k_base")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(enc.count, ["hello world", ""]) == [2, 0]
