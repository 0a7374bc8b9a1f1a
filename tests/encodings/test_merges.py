"""BPE with a list of merges: files with random lists, and published ids, against the slow twin.

llama.cpp publishes ids beside whole vocabularies of vendors. Where the vendor's licence is MIT, the
files in data/ have the ids and, of the vocabulary, the tokens and merges that they use: without the
others no step of BPE is another one, and no longest match of WordPiece. Vocabularies of the package
are in published_ids.json. All other ones are compared under the marker `open`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from file_tokenizers import BYTE_LEVEL, PREPEND, SIGN_DECODERS, SIGNS, load
from merges_twin import MergesTwin, random_merges

import tokenkit
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

DATA = Path(__file__).parent / "data"


def encoding_of(twin: MergesTwin, folder: Path, *, prepends: bool = False) -> tokenkit.Encoding:
    model = {
        "type": "BPE",
        "vocab": twin.vocab,
        "merges": [list(pair) for pair in twin.merges],
        "ignore_merges": twin.ignore_merges,
        "byte_fallback": not twin.byte_level,
    }
    made: dict[str, Any] = {"model": model}
    if twin.byte_level:
        whole = {**BYTE_LEVEL, "use_regex": False}
        made |= {"pre_tokenizer": whole, "decoder": whole}
    else:
        steps = [PREPEND, SIGNS] if prepends else [SIGNS]
        made["normalizer"] = {"type": "Sequence", "normalizers": steps}
        made["decoder"] = {"type": "Sequence", "decoders": SIGN_DECODERS}
    return load(made, folder)


def text_of(token: str, twin: MergesTwin) -> str:
    if not twin.byte_level:
        return token.replace("▁", " ")
    numbers = {sign: byte for byte, sign in BYTE_CHARACTERS.items()}
    return bytes(map(numbers.__getitem__, token)).decode("utf-8", "replace")


@pytest.mark.parametrize("seed", range(24))
def test_ids_are_those_of_the_twin(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    twin = random_merges(rng, byte_level=seed % 2 == 1)
    prepends = seed % 4 == 2
    enc = encoding_of(twin, tmp_path, prepends=prepends)
    assert enc.native
    for size in [*range(9), 15, 40, 200]:
        text = "".join(rng.choices("aaabb  é漢", k=size))
        wanted = twin.encode(" " * (prepends and size > 0) + text)
        assert enc.encode(text) == wanted, (seed, text)
        assert enc.count(text) == len(wanted)
        assert enc.within(text, len(wanted)) == len(wanted)
        counter = enc.counter()
        for start in range(0, size, 3):
            counter.update(text[start : start + 3])
        assert counter.total == len(wanted)
    # Each token, as a text: found whole, or merged from its parts.
    for token in [token for token in twin.vocab if len(token) > 1 and "<" not in token]:
        text = text_of(token, twin)
        wanted = twin.encode(" " * prepends + text)
        assert enc.encode(text) == wanted, (seed, text)


def test_published_ids_behind_a_space(tmp_path: Path) -> None:
    recorded = json.loads((DATA / "phi3_ids.json").read_text("utf-8"))
    byte_tokens = {f"<0x{byte:02X}>": 3 + byte for byte in range(256)}
    merges = [tuple(merge.split(" ")) for merge in recorded["merges"]]
    twin = MergesTwin({**byte_tokens, **recorded["tokens"]}, merges)
    enc = encoding_of(twin, tmp_path, prepends=True)
    assert len(recorded["vectors"]) == 47
    for text, ids in ((vector["text"], vector["ids"]) for vector in recorded["vectors"]):
        assert enc.encode(text) == ids, text
        assert twin.encode(" " + text if text else "") == ids, text


def test_published_ids_of_words(tmp_path: Path) -> None:
    recorded = json.loads((DATA / "bert_ids.json").read_text("utf-8"))
    made = {
        "model": {
            "type": "WordPiece",
            "vocab": recorded["tokens"],
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
        },
        "normalizer": {
            "type": "BertNormalizer",
            **dict.fromkeys(("clean_text", "handle_chinese_chars", "lowercase"), True),
            "strip_accents": None,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    }
    enc = load(made, tmp_path)
    assert enc.native
    assert len(recorded["vectors"]) == 47
    for vector in recorded["vectors"]:
        assert enc.encode(vector["text"]) == vector["ids"], vector["text"]
