"""Unigram against `tokenizers`: random models, trained ones, every character, long pieces."""

from __future__ import annotations

import io
import json
import random
import struct
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import hostile_texts
from open_oracle import Oracle, check, load
from sentencepiece import SentencePieceTrainer
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from unigram_twin import SIGN, charsmap, random_text, random_twin

import tokenkit
from tokenkit._core import UnigramCore, build_unigram_image
from tokenkit.encodings.compile.unigram import as_parsed
from tokenkit.encodings.formats import read_tokenizer

pytestmark = pytest.mark.open

CORPUS = [
    "The quick brown fox doesn't jump over the lazy dog; it's 12345 times lazier than I'm.",
    "Hello hello HELLO world, the the then they're there. naïve café e\u0301 ﬁ 漢字 日本語 12 345",
    "def f(x):\n    return x  # comment\n\n\nclass A:\n\tpass\n",
    "Привет, мир! ΣΑΣ ΑΣ σας İstanbul Ærøskøbing ẞß 한국어 각 हिन्दी ไทย abab the end",
    "aaaaaaaa ---------- ........ ====== !!!! hahahahaha 0000000000 いいいいい",
]
TEXTS = [*CORPUS, "", " ", "\n", "  two  spaces ", "a" * 300, "-" * 77, "\u200b", "x\u0301" * 50]


@pytest.mark.parametrize("seed", range(80))
def test_random_models(seed: int, tmp_path: Path) -> None:
    rng = random.Random(1000 + seed)
    twin = random_twin(rng, scheme="first" if seed % 4 == 0 else None)
    spec = twin.spec
    if seed % 3 == 0:
        names = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
        size = len(spec["model"]["vocab"])
        spec["added_tokens"] = [
            {"id": size + i, "content": content, **names, **{rng.choice([*names]): True}}
            for i, content in enumerate(["[A]", "b.", "中"])
            if content not in twin.ids
        ]
    enc, oracle = load(spec, tmp_path)
    assert enc.native
    check(enc, oracle, [random_text(rng, 40) for _ in range(15)])


def trained(spec: dict[str, Any]) -> dict[str, Any]:
    """Train a model on the corpus, with these steps before it."""
    made = Tokenizer(models.Unigram())
    if spec["normalizer"] is not None:
        made.normalizer = spec["normalizer"]
    made.pre_tokenizer = spec["pre_tokenizer"]
    trainer = trainers.UnigramTrainer(
        vocab_size=220, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(CORPUS * 3, trainer)
    return {"added_tokens": [], **json.loads(made.to_str())}


def nmt_nfkc() -> bytes:
    """The character map that SentencePiece gives its models by default."""
    out = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=out,
        model_type="char",
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    data = out.getvalue()
    start = data.index(b"nmt_nfkc") + len(b"nmt_nfkc")
    assert data[start] == 2 << 3 | 2  # the field of the map, then its size as a varint
    size, shift, at = 0, 0, start + 1
    while True:
        size |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return data[at : at + size]


STEPS = {
    "xlm-r": (False, [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
    "t5": (True, [pre_tokenizers.Metaspace()]),
    "first": (True, [pre_tokenizers.Metaspace(prepend_scheme="first")]),
    "whole": (True, [pre_tokenizers.Metaspace(split=False)]),
    "never": (True, [pre_tokenizers.Metaspace(prepend_scheme="never")]),
}


@pytest.mark.parametrize("name", STEPS)
def test_trained_models(name: str, tmp_path: Path) -> None:
    spaces, splits = STEPS[name]
    steps = [normalizers.Precompiled(nmt_nfkc())]
    if spaces:
        steps += [normalizers.Strip(False, True), normalizers.Replace(Regex(" {2,}"), SIGN)]
    spec = trained(
        {
            "normalizer": normalizers.Sequence(steps),
            "pre_tokenizer": pre_tokenizers.Sequence(splits),
        }
    )
    enc, oracle = load(spec, tmp_path)
    assert enc.native
    rng = random.Random(name)
    texts = [*TEXTS, *rng.sample(hostile_texts(), 300)]
    for _ in range(100):
        parts = rng.sample(CORPUS, 2)
        texts.append("".join(part[rng.randrange(len(part)) :][:40] for part in parts))
    check(enc, oracle, texts)


def test_scores_are_read_as_by_tokenizers() -> None:
    """Equal sums depend on the last bit of each."""
    rng = random.Random(3)
    scores = [0.0]
    for index in range(20000):
        bits = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        single = struct.unpack("<f", struct.pack("<f", rng.uniform(0, 20)))[0]
        value = (bits, -single, rng.uniform(-20, 5), round(rng.uniform(-20, 20), rng.randrange(8)))
        scores.append(value[index % 4] if abs(value[index % 4]) < 1e308 else 0.0)
    vocab = [[f"t{index}", score] for index, score in enumerate(scores)]
    text = json.dumps(
        {"added_tokens": [], "model": {"type": "Unigram", "unk_id": 0, "vocab": vocab}}
    )
    read = json.loads(Tokenizer.from_str(text).to_str())["model"]["vocab"]
    assert [score for _, score in read] == [as_parsed(score) for score in scores]


def core_of_map(data: bytes) -> UnigramCore:
    image = build_unigram_image(
        [(b"<unk>", 0.0)],
        unknown=0,
        byte_fallback=False,
        charsmap=data,
        steps=[(0, b"", b"")],
        at_spaces=False,
        sign=b"",
        lead=0,
        at_signs=False,
    )
    return UnigramCore(image, {})


MAPS = {
    "clusters": lambda: charsmap({"a": "X", "\u0301": "Y", "Ω": "", "\u0605": "Z", "\u200d": " "}),
    "nmt_nfkc": nmt_nfkc,
}


@pytest.mark.parametrize("name", MAPS)
def test_every_character_of_a_map(name: str) -> None:
    """Each character by itself, and behind and before what it may be in one cluster with."""
    data = MAPS[name]()
    core, oracle = core_of_map(data), normalizers.Precompiled(data)
    for first in range(0, 0x110000, 0x400):
        for pattern in ("{}", "a{}", "{}a", "Ω{}\u0301", "\u0605{}", "{}\u200d", " {} "):
            codes = [code for code in range(first, first + 0x400) if not 0xD800 <= code < 0xE000]
            text = "\n".join(pattern.format(chr(code)) for code in codes)
            assert core.normalized(text) == oracle.normalize_str(text), (hex(first), pattern)
        if first > 0x40000 and first % 0x10000:
            continue  # nothing is there but one line in sixty-four


def test_random_sequences_of_a_map() -> None:
    data = nmt_nfkc()
    core, oracle = core_of_map(data), normalizers.Precompiled(data)
    rng = random.Random(11)
    marks = "\u0301\u0308\u0327\u0345\u3099\u309a\u093c\u1161\u11a8\u200d\ufe0f\u0903\r\n\t \u0605"
    letters = "aeoACＡｶがㄱ가각ﬁ①½ΑωяأΩǺ\u00a0\u3000©🙂🇩🇪한\u1100"
    for _ in range(4000):
        text = "".join(
            rng.choice((rng.choice(marks), rng.choice(letters), chr(rng.randrange(0x20, 0xD7FF))))
            for _ in range(rng.randrange(12))
        )
        assert core.normalized(text) == oracle.normalize_str(text), text


def test_long_pieces(tmp_path: Path) -> None:
    """One piece of megabytes; the beginning is compared."""
    twin = random_twin(random.Random(2))
    twin.spec["normalizer"] = None
    vocab = [["<unk>", 0.0], ["a", -1.0], ["aa", -2.0], ["aaa", -3.0], ["ab", -2.1], ["b", -1.3]]
    twin.spec["model"]["vocab"] = [*vocab, [SIGN, -4.0]]
    twin.spec["model"]["unk_id"] = 0
    twin.spec["model"]["byte_fallback"] = False
    enc, oracle = load(twin.spec, tmp_path)
    for unit in ("a", "ab", "x", "aab", "aaaaaaab"):
        text = unit * (40_000 // len(unit))
        assert enc.encode_ordinary(text) == oracle.ids(text)
    size = 10_000_000
    assert enc.count("a" * size) >= size // 3
    assert enc.count("x" * size) <= 2


def test_files_of_sentencepiece_give_what_their_spec_says(tmp_path: Path) -> None:
    """`tokenizer.model` of type Unigram, against `tokenizers` with the same steps and scores."""
    out = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3),
        model_writer=out,
        model_type="unigram",
        vocab_size=160,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    path = tmp_path / "tokenizer.model"
    path.write_bytes(out.getvalue())
    enc = tokenkit.load_encoding(path)
    assert enc.native
    spec = read_tokenizer(str(path)).spec
    oracle = Oracle(json.dumps(spec))
    # In memory, as a file in JSON would change the last bits of the scores.
    model = spec["model"]
    vocab = [(token, score) for token, score in model["vocab"]]
    for tokenizer in (oracle.full, oracle.special, oracle.ordinary):
        tokenizer.model = models.Unigram(vocab, model["unk_id"], model["byte_fallback"])
    check(enc, oracle, [text for text in TEXTS if "<" not in text])


def test_a_map_in_base64_is_read_from_a_file(tmp_path: Path) -> None:
    spec = random_twin(random.Random(5)).spec
    found = b64encode(nmt_nfkc()).decode()
    spec["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": found}
    enc, oracle = load(spec, tmp_path)
    check(enc, oracle, TEXTS)
