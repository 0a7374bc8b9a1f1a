"""Tokenizer files of every format, damaged: read into a checked spec, or refused in words."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from tokenkit import VocabularyError
from tokenkit.encodings.formats import TokenizerFile, read_tokenizer

from .driver import Driver, expect
from .mutations import damaged_bytes, damaged_json

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "helpers"))

from tokenizer_files import (
    SAMPLES,
    gguf_file,
    gguf_values,
    sentencepiece_model,
    tekken_json,
    tiktoken_lines,
    tokenizer_json,
)

__all__ = ["DRIVER"]

FORMATS = ("tokenizer.json", "tekken.json", "a.tiktoken", "tokenizer.model", "a.gguf")
_CONFIG = {"pat_str": r"\w+|\W+", "special_tokens": {"<s>": 900}, "bos_token": "<s>"}


def _json_of(rng: random.Random, name: str) -> Any:
    if name == "tekken.json":
        return tekken_json()
    parts = {key: rng.choice(samples) for key, samples in SAMPLES.items()}
    return tokenizer_json(**{key: part for key, part in parts.items() if rng.random() < 0.6})


def _content(rng: random.Random, name: str) -> tuple[bytes, bool]:
    """The content of a file, and whether it was damaged."""
    damaged = rng.random() < 0.9
    if name.endswith(".json"):
        value = _json_of(rng, name)
        if damaged and rng.random() < 0.6:
            return json.dumps(damaged_json(rng, value)).encode("utf-8", "surrogatepass"), True
        data = json.dumps(value).encode()
    elif name == "a.gguf":
        values = gguf_values()
        if damaged and rng.random() < 0.3:
            values[rng.choice(list(values))] = rng.choice(("", "x", [], ["x"], 0, -1, 0.5, True))
            return gguf_file(values), True
        data = gguf_file(values)
    elif name == "tokenizer.model":
        data = sentencepiece_model()
    else:
        data = tiktoken_lines(b"a", b"b", b"ab", "é".encode())
    return (damaged_bytes(rng, data) if damaged else data), damaged


def _check(read: TokenizerFile, data: bytes) -> None:
    """Check what a spec promises: merges and added tokens name ids of the vocabulary."""
    spec = read.spec
    model = spec["model"]
    expect(model["type"] in ("BPE", "WordPiece", "WordLevel", "Unigram", "Ranks"), "a model", data)
    if model["type"] == "Ranks":
        expect(len({rank for _, rank in model["ranks"]}) == len(model["ranks"]), "ranks", data)
    else:
        written = json.dumps(spec, allow_nan=False)
        expect(json.loads(written) == spec, "a spec that JSON cannot hold", data)
    if read.merges is not None:
        texts = {number: text for text, number in model["vocab"].items()}
        expect(len(texts) == len(model["vocab"]), "an id with two tokens", data)
        prefix = len(model["continuing_subword_prefix"] or "")
        for left, right in read.merges.tolist():
            made = texts[left] + texts[right][prefix:]
            expect(made in model["vocab"], "a merge of no token", data, made)
    ids = [token["id"] for token in spec["added_tokens"]]
    expect(all(type(number) is int and number >= 0 for number in ids), "ids", data, ids)
    expect(len(read.digest) == 64, "a digest", data, read.digest)


def attempt(rng: random.Random, folder: Path) -> None:
    name = rng.choice(FORMATS)
    data, damaged = _content(rng, name)
    config = json.dumps(damaged_json(rng, _CONFIG) if rng.random() < 0.2 else _CONFIG)
    beside = folder / "tokenizer_config.json"
    beside.write_bytes(config.encode("utf-8", "surrogatepass"))
    path = folder / name
    path.write_bytes(data)
    try:
        read = read_tokenizer(path)
    except VocabularyError as error:
        message = str(error)
        whole = not damaged and config == json.dumps(_CONFIG)
        expect(not whole, "a whole file is refused", data, message)
        expect(message.startswith(f"{path}: "), "an error without the file's name", data, message)
        expect(len(message) < 2000, "an error that nobody reads", data, message)
        return
    finally:
        path.unlink()
    _check(read, data)


DRIVER = Driver("tokenizer_files", "files are read into a checked spec, or refused", attempt)
