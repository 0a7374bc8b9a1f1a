"""WordPiece files as encodings: every kind of member, and chunks within their limit."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from wordpiece_twin import WordPieceTwin

import tokenkit
from tokenkit import Chunker, VocabularyError

WORDS = "the quick brown fox jumps over lazy dog token chunk limit text of a an and is in to no un"
SUFFIXES = "s ed ing er ly able tion ness"
TWIN = WordPieceTwin(
    {
        token: number
        for number, token in enumerate(
            [
                *("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split()),
                *(f"##{suffix}" for suffix in SUFFIXES.split()),
                *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
                *(".,!?()'#-`"),
            ]
        )
    }
)


def spec(**parts: Any) -> dict[str, Any]:
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "added_tokens": [
            {**special, "id": TWIN.vocab[token], "content": token, "special": True}
            for token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": TWIN.vocab,
        },
        **parts,
    }


def load(folder: Path, **parts: Any) -> tokenkit.Encoding:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(spec(**parts)), "utf-8")
    return tokenkit.load_encoding(path, name="words")


TEXT = (
    "# The quick fox\n\nThe fox jumped over the lazy dogs. Café-tokens, unlimited! (No limits?)\n"
    "- chunks of text\n- 中文 and an\u0301d\u00ad s\n\n```\nthe code\n```\n\n"
)


def test_members(tmp_path: Path) -> None:
    enc = load(tmp_path)
    assert (enc.native, enc.overhead, enc.n_vocab) == (True, 2, max(TWIN.vocab.values()) + 1)
    assert enc.encode_ordinary(TEXT) == TWIN.encode(TEXT)
    assert enc.count(TEXT) == len(TWIN.encode(TEXT))
    assert enc.decode(enc.encode_ordinary("The foxes, no limits!")) == "the foxes, no limits!"
    assert enc.encode("the[SEP]fox", allowed_special="all") == [4, 3, 7]
    with pytest.raises(tokenkit.SpecialTokenError):
        enc.encode("the[SEP]fox")
    assert enc.encode_single_token("##ing") == TWIN.vocab["##ing"]
    assert enc.decode_single_token_bytes(TWIN.vocab["##ing"]) == b"##ing"
    with pytest.raises(NotImplementedError, match="changes white space"):
        enc.decode_bytes([4])
    with pytest.raises(KeyError):
        enc.decode([999])
    again = pickle.loads(pickle.dumps(enc))
    assert again.encode_ordinary(TEXT) == enc.encode_ordinary(TEXT)


def test_spans_and_truncation(tmp_path: Path) -> None:
    enc = load(tmp_path)
    ids = enc.engine.encode_buffer("The Fóxing.", None)
    assert enc.token_spans(" ").tolist() == enc.token_spans("", unit="byte").tolist() == []
    assert enc.engine.token_spans("The Fóxing.", ids, 0).tolist() == [0, 3, 4, 7, 7, 10, 10, 11]
    with pytest.raises(ValueError, match="first ids of the text"):
        enc.engine.token_spans("a", ids, 0)
    for limit in range(8):
        head = enc.truncate("The Fóxing dogs.", limit)
        assert enc.count(head) <= limit
        assert "The Fóxing dogs.".startswith(head)
    assert enc.truncate("The Fóxing dogs.", 3).rstrip() == "The Fóxing"


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
def test_chunks_keep_their_limit(tmp_path: Path, strategy: Any) -> None:
    enc = load(tmp_path)
    text = (TEXT * 12) + "supercalifragilistic" * 30 + "\u3000\n" + TEXT
    for overlap, trim in ((0, True), (3, False)):
        for limit in (8, 30):
            chunker = Chunker(
                encoding=enc, max_tokens=limit, strategy=strategy, overlap=overlap, trim=trim
            )
            chunks = chunker.chunk(text)
            for chunk in chunks:
                assert chunk.tokens == enc.count(chunk.text) <= limit - enc.overhead
                assert text[chunk.start : chunk.end] == chunk.text
            if not overlap:
                assert "".join("".join(c.text.split()) for c in chunks) == "".join(text.split())


def test_unusable_models(tmp_path: Path) -> None:
    model = spec()["model"]
    with pytest.raises(VocabularyError, match="1"):
        load(tmp_path, model={**model, "vocab": {"[UNK]": 1, "a": 1}})
