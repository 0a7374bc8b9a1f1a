"""Packed tokenizers: what is packed comes back, and damage is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.encodings.compile.compiler import compile_file
from tokenkit.encodings.formats import TokenizerFile
from tokenkit.encodings.loading import encoding_of_compiled
from tokenkit.encodings.packed import pack, unpack
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS
from tokenkit.errors import VocabularyError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from pack_tokenizer import as_bpe, rank_of, splits

BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}
OPTIONS = ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")


def spec_of(whole_pieces: bool) -> dict[str, Any]:
    model = {"type": "BPE", **dict.fromkeys(OPTIONS), "fuse_unk": False, "byte_fallback": False}
    return {
        "model": {**model, "ignore_merges": whole_pieces, "vocab": {}, "merges": []},
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": BYTE_LEVEL,
        "post_processor": None,
        "decoder": BYTE_LEVEL,
    }


def file_of(seed: int, whole_pieces: bool) -> TokenizerFile:
    """A byte-level tokenizer, in which several merges may make one token, and some none."""
    random = Random(seed)
    ids = random.sample(range(400), 300)
    vocab = {BYTE_CHARACTERS[byte]: ids[byte] for byte in range(256)}
    letters = ["a", "b", "c"]
    merges: list[tuple[int, int]] = []
    for place in range(random.randrange(20)):
        left, right = random.choice(letters), random.choice(letters)
        if len(left + right) > 6 or (vocab[left], vocab[right]) in merges:
            continue
        if left + right not in vocab:
            vocab[left + right] = ids[256 + place]
            letters.append(left + right)
        merges.append((vocab[left], vocab[right]))
    random.shuffle(merges)
    spec = spec_of(whole_pieces)
    spec["model"]["vocab"] = vocab
    pairs = np.array(merges, np.uint32).reshape(-1, 2)
    return TokenizerFile(spec=spec, path="made here", format="", digest="", merges=pairs)


def encoding_from(file: TokenizerFile) -> tokenkit.Encoding:
    return encoding_of_compiled("x", *compile_file(file))


@given(st.integers(0, 1 << 32), st.booleans(), st.lists(st.sampled_from("abc "), max_size=40))
def test_what_is_packed_gives_the_same_ids(seed: int, whole: bool, letters: list[str]) -> None:
    file = file_of(seed, whole)
    vocab = file.spec["model"]["vocab"]
    data = pack({"x": file.spec, "y": spec_of(False)}, vocab, splits(vocab, rank_of(file, vocab)))
    back = unpack(data, "x", "a file")
    assert back.spec == file.spec
    assert back.digest != unpack(data, "y", "a file").digest
    assert len(back.merges) <= len(file.merges)  # type: ignore[arg-type]
    text = "".join(letters)
    expected = encoding_from(file).encode_ordinary(text)
    assert encoding_from(back).encode_ordinary(text) == expected


def test_ranks_of_bytes_become_merges() -> None:
    tokens = [bytes([byte]) for byte in range(256)] + [b"ab", b"bc", b"abc", b"\xff\xfe"]
    model = {"type": "Ranks", "ranks": [(t, i) for i, t in enumerate(tokens)], "ids": 1000}
    file = TokenizerFile(
        spec={**spec_of(True), "model": model}, path="made here", format="", digest=""
    )
    bpe = as_bpe(file)
    data = pack(
        {"x": {**file.spec, "model": bpe}},
        bpe["vocab"],
        splits(bpe["vocab"], rank_of(file, bpe["vocab"])),
    )
    one, other = encoding_from(file), encoding_from(unpack(data, "x", "a file"))
    for text in ("abc", "bcabab", "zabcz é"):
        assert one.encode_ordinary(text) == other.encode_ordinary(text)
    assert one.encode_ordinary("abc") == [1258]


@given(st.data())
def test_damage_is_refused(data: st.DataObject) -> None:
    whole = pack({"x": spec_of(True)}, {"a": 0, "b": 1, "ab": 2}, [(2, 1)])
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    for damaged in (whole[:place], flipped + whole[place + 1 :], whole + b"\0"):
        with pytest.raises(VocabularyError, match="a file: expected a packed tokenizer"):
            unpack(damaged, "x", "a file")
    with pytest.raises(VocabularyError, match="a file: expected a packed tokenizer"):
        unpack(whole, "y", "a file")
