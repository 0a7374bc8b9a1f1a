"""Tokenizers whose first steps the core takes, against their twin in Python, down every road."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from chunk_promises import PROSE, check_promises
from file_tokenizers import KINDS, SIGNS, TOOL, added, byte_level, load
from hypothesis import given, strategies as st

import tokenkit
from tokenkit._core import Core, SteppedCore, in_nfc, is_nfc
from tokenkit.encodings.engines.pipeline import PipelineEngine
from tokenkit.encodings.engines.stepped import SteppedEngine
from tokenkit.encodings.loading import encoding_of_compiled
from tokenkit.encodings.steps.normalizers import unicode_form

TALK = added("<s>", "</s>", first=263, special=True)
NFC = {"type": "NFC"}
SPECS: dict[str, dict[str, Any]] = {
    "nfc": byte_level(normalizer=NFC),
    "tokens": byte_level(added_tokens=[*TALK, *TOOL]),
    "both": KINDS["nfc and runs"],
}
ATOMS = [
    *("e", "e\u0301", "\u0301", "\u0323", "\xe9", "\u212a", "\u0958", "\u1100", "\u1161", "\uac00"),
    *("<s>", "<tool>", "<to", "ol>", "</s>", "<", ">", "\u0338", " ", "  ", "\n\n", "hi", "ther"),
    *("\u6f22\u5b57", "\U0001f469\u200d", "\u0897", "\U00011935\U00011930", "\u05b0", "9", "."),
]
TEXTS = st.lists(st.sampled_from(ATOMS), max_size=12).map("".join)


@lru_cache
def pair(name: str) -> tuple[tokenkit.Encoding, tokenkit.Encoding]:
    """An encoding, and the same one with all steps in Python."""
    with tempfile.TemporaryDirectory() as folder:
        enc = load(SPECS[name], Path(folder), name)
    assert type(enc.engine) is SteppedEngine
    definition = {**enc._definition, "steps_of_core": False}  # type: ignore[attr-defined]
    twin = encoding_of_compiled(name, enc._image, definition)
    assert type(twin.engine) is PipelineEngine
    return enc, twin


@pytest.mark.parametrize("name", SPECS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), data=st.data())
def test_every_road(name: str, texts: list[str], data: st.DataObject) -> None:
    enc, twin = pair(name)
    wanted = [twin.encode_ordinary(text) for text in texts]
    for text, ids in zip(texts, wanted, strict=True):
        assert enc.encode_ordinary(text) == ids
        assert enc.encode_to_numpy(text.encode(), disallowed_special=()).tolist() == ids
        assert enc.count(text) == enc.within(text, len(ids)) == len(ids)
        assert not ids or enc.within(text, len(ids) - 1) is None
        special = twin.encode(text, allowed_special="all")
        assert enc.encode(text, allowed_special="all") == special
        assert enc.count(text, allowed_special="all") == len(special)
        assert memoryview(enc.engine.encode_prefix(text, 2)).tolist()[:2] == ids[:2]
        counter, raw, seen = enc.counter(), text.encode(), 0
        while seen < len(raw):
            step = data.draw(st.integers(1, 5))
            counter.update(raw[seen : seen + step])
            seen += step
            whole = raw[:seen].decode("utf-8", "ignore")
            assert counter.total == twin.count(whole), whole
        assert counter.copy().total == len(ids)
    assert enc.count_batch(texts).tolist() == [len(ids) for ids in wanted]
    assert enc.encode_ordinary_batch(texts) == wanted
    assert enc.encode_batch(texts, allowed_special="all") == [
        twin.encode(text, allowed_special="all") for text in texts
    ]
    column = pa.array(texts)
    assert pa.array(enc.count_arrow(column)).to_pylist() == [len(ids) for ids in wanted]
    assert pa.array(enc.encode_arrow(column)).to_pylist() == wanted
    assert pa.array(enc.fits_arrow(column, 3)).to_pylist() == [len(ids) <= 3 for ids in wanted]
    ragged = enc.encode_ragged(texts)
    assert ragged.ids.tolist() == [*chain.from_iterable(wanted)]
    limit = data.draw(st.integers(1, 6))
    for text in texts:
        assert enc.truncate(text, limit) == twin.truncate(text, limit)
        assert _spans(enc, text) == _spans(twin, text)


def _spans(enc: tokenkit.Encoding, text: str) -> Any:
    try:
        return enc.token_spans(text).tolist()
    except NotImplementedError as error:
        return str(error)


@given(text=st.lists(st.sampled_from([*ATOMS, *map(chr, range(0x300, 0x370))]), max_size=9))
def test_nfc_is_that_of_its_twin(text: list[str]) -> None:
    twin = unicode_form("NFC")
    joined = "".join(text)
    assert in_nfc(joined) == in_nfc(joined.encode()) == twin.apply(joined)
    assert is_nfc(joined) == (twin.apply(joined) == joined)


def test_nfc_of_other_strings() -> None:
    kept = "caf\xe9"
    assert in_nfc(kept) is kept
    assert in_nfc("e\ud800\u0301") == "e\ufffd\u0301"
    assert in_nfc("e\u0301 \ud83d\ude00") == "\xe9 \U0001f600"
    with pytest.raises(ValueError, match="invalid UTF-8 at byte 1"):
        is_nfc(b"e\xff")


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("changed", ["", "e\u0301 "])
def test_chunks(name: str, changed: str) -> None:
    """No chunk is above its limit, and texts that NFC keeps have the chunks of the core."""
    text = changed + PROSE
    enc, twin = pair(name)
    for strategy in ("optimal", "greedy", "token"):
        chunker = tokenkit.Chunker(encoding=enc, max_tokens=40, strategy=strategy, overlap=3)
        chunks = chunker.chunk(text)
        check_promises(text, chunks, chunker)
        other = tokenkit.Chunker(encoding=twin, max_tokens=40, strategy=strategy, overlap=3)
        assert chunks == other.chunk(text)


def test_many_parts_of_a_long_text() -> None:
    enc, twin = pair("both")
    text = "hi there caf\u00e9 e\u0301<tool>  \u0958!\n\n" * 9000
    ids = twin.encode_ordinary(text)
    assert enc.count_batch([text, "hi"], num_threads=4).tolist() == [len(ids), 1]
    untouched = text.replace("<tool>", "")
    assert enc.encode_ordinary_batch([untouched], num_threads=4) == [
        twin.encode_ordinary(untouched)
    ]


# Where NFC may change what is found behind it, or something else is done, Python takes the steps.
OTHERS = {
    "token that NFC touches": byte_level(
        normalizer=NFC, added_tokens=added("<tool>", first=263, normalized=True)
    ),
    "token that NFC makes": byte_level(
        normalizer=NFC, added_tokens=added("K9", first=263, normalized=True)
    ),
    "another form": byte_level(normalizer={"type": "NFKC"}),
    "two steps": byte_level(
        normalizer={"type": "Sequence", "normalizers": [NFC, {"type": "Lowercase"}]}
    ),
    "hidden tokens": byte_level(normalizer=NFC, added_tokens=[*TALK, *added("<s>hi", first=265)]),
    "flags": byte_level(normalizer=NFC, added_tokens=added("<t>", first=263, rstrip=True)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_stays_in_python(tmp_path: Path, name: str) -> None:
    enc = load(OTHERS[name], tmp_path)
    assert type(enc.engine) is PipelineEngine
    found = [263] if name == "token that NFC makes" else enc.encode_ordinary("K9")
    assert enc.encode_ordinary("\u212a9") == found


def test_the_set_is_of_the_same_core() -> None:
    enc, _ = pair("tokens")
    other = Core(tokenkit.get_encoding("gpt2")._image, 1, {"<s>": 50256})
    with pytest.raises(ValueError, match="another Core"):
        SteppedCore(Core(enc._image, 1, {}), other.special_set(()), False)


def test_signs_are_no_step_of_the_core(tmp_path: Path) -> None:
    enc = load(byte_level(normalizer=SIGNS), tmp_path)
    assert type(enc.engine) is PipelineEngine
