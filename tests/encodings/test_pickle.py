"""Pickling and copying, also into other processes."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import pickletools
from weakref import WeakValueDictionary

import pyarrow
import pytest

import tokenkit
from tokenkit import Chunker, Encoding, VocabularyError
from tokenkit.encodings import encoding, travel


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


def state_of(enc: Encoding, text: str) -> object:
    ids = enc.encode(text, allowed_special="all")
    return enc.name, enc._pat_str, enc._mergeable_ranks, enc.special_tokens_set, enc.n_vocab, ids


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_own_from_its_image(protocol: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is known of it, as in a worker: it is not built again."""
    text = "abab <|x|>"
    first = own(r"\w+|\W+")
    data, before = pickle.dumps(first, protocol), state_of(first, text)
    monkeypatch.setattr(travel, "_known", WeakValueDictionary())
    monkeypatch.setattr(encoding, "build_image", None)
    second = pickle.loads(data)
    assert state_of(second, text) == before
    again = pickle.loads(data)
    assert again is not second
    assert again.engine is second.engine  # one image for all of a process
    assert state_of(pickle.loads(pickle.dumps(again, protocol)), text) == before


def test_own_out_of_band(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its image is handed over apart, as those ask for that move it by themselves (PEP 574)."""
    enc = own(r"\w+|\W+")
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(enc, 5, buffer_callback=buffers.append)
    assert len(data) < 500
    assert [memoryview(buffer).nbytes for buffer in buffers] == [memoryview(enc._image).nbytes]
    monkeypatch.setattr(travel, "_known", WeakValueDictionary())
    memory = bytearray(b"x" + bytes(buffers[0]))  # which may be written to, and starts anywhere
    again = pickle.loads(data, buffers=[memoryview(memory)[1:]])
    memory[:] = bytes(len(memory))
    assert again.encode("ab") == [256]
    assert again.decode([256]) == "ab"


def test_own_with_other_content_is_another() -> None:
    """Whatever differs: the name, the pattern, the special tokens or the vocabulary."""
    ranks = {bytes([i]): i for i in range(256)}
    base = {"pat_str": ".+", "mergeable_ranks": ranks, "special_tokens": {"<a>": 300}}
    changes = (
        {"pat_str": "."},
        {"mergeable_ranks": ranks | {b"ab": 256}},
        {"special_tokens": {"<a>": 301}},
        {"special_tokens": {"<b>": 300}},
    )
    first = Encoding("own", **base)  # type: ignore[arg-type]
    others = [Encoding("own", **(base | change)) for change in changes]  # type: ignore[arg-type]
    others.append(Encoding("other", **base))  # type: ignore[arg-type]
    data = [pickle.dumps(enc) for enc in (first, *others)]
    for enc, pickled in zip((first, *others), data, strict=True):
        assert state_of(pickle.loads(pickled), "ab<a><b>") == state_of(enc, "ab<a><b>")


def test_damage_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    enc = own(r"\w+|\W+")
    data = bytearray(pickle.dumps(enc))
    at = data.index(bytes(memoryview(enc._image)))
    monkeypatch.setattr(travel, "_known", WeakValueDictionary())
    data[at + 5000] ^= 1
    with pytest.raises(VocabularyError, match=r"own.*damaged"):
        pickle.loads(data)


def test_what_is_sent_to_workers_is_small() -> None:
    """Each task of a cluster holds these; only an own encoding has its vocabulary in it."""
    budget = tokenkit.Budget.for_model("gpt-5.4")
    assert len(pickle.dumps(budget)) < 500
    assert pickle.loads(pickle.dumps(budget)) == budget
    assert len(pickle.dumps(Chunker("text-embedding-3-small"))) < 500
    ours = own(r"\w+|\W+")
    chunker = Chunker(encoding=ours, max_tokens=2)
    assert len(pickle.dumps(chunker)) < memoryview(ours._image).nbytes + 1000
    assert pickle.loads(pickle.dumps(chunker)).chunk("ab ab") == chunker.chunk("ab ab")


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
