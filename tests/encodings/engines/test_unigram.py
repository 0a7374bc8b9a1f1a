"""Unigram vocabularies: the core against its slow twin, and all members of an encoding on it."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from file_tokenizers import load
from unigram_twin import SIGN, UnigramTwin, random_text, random_twin

import tokenkit
from tokenkit._core import UnigramCore, WordsCore, build_unigram_image
from tokenkit.encodings.compile.unigram import as_parsed
from tokenkit.encodings.engines.counted import TextCounter


def encoding_of(twin: UnigramTwin, folder: Path, **more: Any) -> tokenkit.Encoding:
    # The twin's scores are as they are, so they are written so that they are read like that.
    return load({**twin.spec, **more}, folder)


def exact(twin: UnigramTwin) -> UnigramTwin:
    """Give the twin the scores that `tokenizers` would read."""
    twin.scores = [as_parsed(score) for score in twin.scores]
    return twin


@pytest.mark.parametrize("seed", range(60))
def test_random_models(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    twin = exact(random_twin(rng, scheme="first" if seed % 5 == 0 else None))
    enc = encoding_of(twin, tmp_path)
    assert enc.native
    for _ in range(12):
        text = random_text(rng, 30)
        wanted = twin.encode(text)
        assert enc.encode_ordinary(text) == wanted, text
        assert enc.count(text) == len(wanted)
        ids = enc.engine.encode_buffer(text, None)
        spans = enc.engine.token_spans(text, ids, 0).tolist()
        assert len(spans) == 2 * len(wanted)
        assert all(
            0 <= start <= end <= len(text)
            for start, end in zip(spans[::2], spans[1::2], strict=True)
        )
        counter = enc.counter()
        for at in range(0, len(text), 7):
            counter.update(text[at : at + 7])
        assert counter.total == len(wanted)


T5 = {
    "type": "Unigram",
    "unk_id": 2,
    "byte_fallback": False,
    "vocab": [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], [SIGN, -2.0], [f"{SIGN}the", -3.5]]
    + [[token, -4.0 - number / 8] for number, token in enumerate(["s", "ing", "cat", "c", "a"])],
}


def special(content: str, number: int, **more: Any) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, "special": True, **flags, **more}


def t5(folder: Path, scheme: str = "always", **more: Any) -> tokenkit.Encoding:
    sign = {"type": "Metaspace", "replacement": SIGN, "prepend_scheme": scheme, "split": True}
    made = {
        "added_tokens": [special("<pad>", 0), special("</s>", 1), special("<unk>", 2)],
        "normalizer": None,
        "pre_tokenizer": sign,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}},
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
            ],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "decoder": sign,
        "model": T5,
        **more,
    }
    return load(made, folder)


def test_members(tmp_path: Path) -> None:
    enc = t5(tmp_path)
    assert (enc.native, enc.overhead, enc.n_vocab) == (True, 1, 10)
    assert enc.encode_ordinary("the cats sing") == [4, 3, 7, 5, 3, 5, 6]
    assert enc.decode(enc.encode_ordinary("the cats sing")) == "the cats sing"
    assert enc.encode("the</s>cat", allowed_special="all") == [4, 1, 3, 7]
    with pytest.raises(tokenkit.SpecialTokenError):
        enc.encode("the</s>")
    assert enc.encode_ordinary("</s>") == [3, 1]  # as text it is a token, too
    assert enc.encode_single_token("ing") == 6
    assert enc.decode_single_token_bytes(4) == f"{SIGN}the".encode()
    with pytest.raises(NotImplementedError, match="this tokenizer changes white space"):
        enc.decode_bytes([4])
    with pytest.raises(KeyError):
        enc.decode([10])
    again = pickle.loads(pickle.dumps(enc))
    assert again.encode_ordinary("the cats") == enc.encode_ordinary("the cats")
    assert enc.count("a\ud800") == enc.count("a\ufffd")


def test_many_texts(tmp_path: Path) -> None:
    enc = t5(tmp_path)
    texts = ["the cats", "", "sing  the", "x" * 1000]
    wanted = [enc.encode_ordinary(text) for text in texts]
    assert enc.encode_ordinary_batch(texts) == wanted
    assert list(enc.count_batch(texts)) == list(map(len, wanted))
    assert pyarrow.array(enc.count_arrow(pyarrow.array(texts))).to_pylist() == list(
        map(len, wanted)
    )
    assert pyarrow.array(enc.encode_arrow(pyarrow.array(texts))).to_pylist() == wanted
    assert enc.encode_ordinary("the cats sing " * 9000) == [4, 3, 7, 5, 3, 5, 6] + (
        [4, 3, 7, 5, 3, 5, 6] * 8999 + [3]
    )


def test_chunks_hold_their_limit(tmp_path: Path) -> None:
    enc = t5(tmp_path)
    text = "the cats sing.\n\nthe cat  sings " * 40
    for strategy in ("greedy", "token"):
        chunker = tokenkit.Chunker(encoding=enc, max_tokens=13, strategy=strategy)
        chunks = list(chunker.chunk(text))
        assert len(chunks) > 10
        for chunk in chunks:
            assert text[chunk.start : chunk.end] == chunk.text
            assert chunk.tokens == enc.count(chunk.text) <= 12  # and </s>


def test_truncation_and_spans(tmp_path: Path) -> None:
    enc = t5(tmp_path)
    text = "the cats sing"
    for limit in range(8):
        head = enc.truncate(text, limit)
        assert enc.count(head) <= limit
        assert text.startswith(head)
    ids = enc.engine.encode_buffer(text, None)
    spans = enc.engine.token_spans(text, ids, 0).tolist()
    assert spans == [0, 3, 3, 4, 4, 7, 7, 8, 8, 9, 9, 10, 10, 13]


@pytest.mark.parametrize(("scheme", "wanted"), [("always", [3, 8]), ("first", [8]), ("never", [8])])
def test_the_sign_behind_an_added_token(scheme: str, wanted: list[int], tmp_path: Path) -> None:
    """Of a text with an added token that is always found, each section is read by itself."""
    tool = {**special("<tool>", 10), "special": False}
    for normalized in (False, True):
        tokens = [special("</s>", 1), {**tool, "normalized": normalized}]
        enc = t5(tmp_path, scheme, added_tokens=tokens)
        lead = [] if scheme == "never" else [3]
        assert enc.encode_ordinary("cat<tool>c") == [*lead, 7, 10, *wanted]
        assert enc.count("cat<tool>c") == len(lead) + 2 + len(wanted)


def test_a_counter_keeps_little(tmp_path: Path) -> None:
    enc = t5(tmp_path)
    counter = enc.engine.counter()
    for _ in range(3000):
        counter.update("the cats sing ")
    assert isinstance(counter, TextCounter)
    assert sum(len(part) for part in counter._parts) < 20_000
    assert counter.total == enc.count("the cats sing " * 3000)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"model": {**T5, "unk_id": None}}, "a Unigram model without unk_id"),
        ({"normalizer": {"type": "NFKC"}}, "normalizer NFKC for Unigram"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "this pre-tokenizer for Unigram"),
        (
            {
                "normalizer": {
                    "type": "Replace",
                    "pattern": {"Regex": "a|b"},
                    "content": "c",
                }
            },
            "normalizer Replace",
        ),
    ],
)
def test_what_the_core_does_not_run(more: dict[str, Any], reason: str, tmp_path: Path) -> None:
    from tokenkit.encodings.compile.compiler import compile_file
    from tokenkit.encodings.formats import read_tokenizer

    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps({"model": T5, **more}), "utf-8")
    image, definition = compile_file(read_tokenizer(str(path)))
    assert (image, definition["kind"]) == (b"", "hf")
    assert any(reason in note for note in definition["notes"])


def test_bad_arguments_of_the_core() -> None:
    image = image_of([(b"<unk>", 0.0), (b"a", -1.0)])
    assert UnigramCore(image, {}).token_list() == [(b"<unk>", 0), (b"a", 1)]
    with pytest.raises(ValueError, match="damaged"):
        UnigramCore(image[:-1] + b"b", {})
    with pytest.raises(TypeError, match="bytes"):
        image_of([("a", 0.0)])
    with pytest.raises(ValueError, match="endless"):
        image_of([(b"a", float("inf"))])
    with pytest.raises(ValueError, match="charsmap"):
        image_of([(b"a", 0.0)], charsmap=b"\xff\0\0\0")
    with pytest.raises(TypeError, match="has no core"):
        WordsCore()


def image_of(tokens: Any, charsmap: bytes = b"") -> bytes:
    return build_unigram_image(
        tokens,
        unknown=0,
        byte_fallback=False,
        charsmap=charsmap,
        steps=[],
        at_spaces=True,
        sign=b"",
        lead=0,
        at_signs=False,
    )


@pytest.mark.parametrize(
    ("score", "read"),
    [
        (-13.299799919128418, -13.299799919128418),
        (-2.0794415416798357, -2.0794415416798357),
        (-9.313225746154785e-10, -9.313225746154785e-10),
        (5e-324, 5e-324),
        (-12, -12.0),
        (0.1, 0.1),
    ],
)
def test_scores_as_they_are_read(score: float, read: float) -> None:
    """The numbers are what `tokenizers` 0.23.3 gives back, up to the last bit."""
    assert as_parsed(score) == pytest.approx(read, rel=5e-16, abs=0)
