"""The models of tokenizer.json: BPE, WordPiece, WordLevel and Unigram.

Keys and defaults are those of `tokenizers` 0.23 (`src/models/*/serialization.rs`, commit
3ba8ad0061a885baf052bbb7bbd22857e73e0c4e).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tokenkit.encodings.formats.faults import Fault, unlike
from tokenkit.encodings.formats.fields import (
    Field,
    checked,
    flag,
    mapping,
    null_as,
    or_null,
    sequence,
    text,
    whole,
)
from tokenkit.encodings.formats.vocabularies import merge_ids, merge_parts, vocabulary

Merges = npt.NDArray[np.uint32]


def _dropout(value: Any, where: str) -> float | None:
    if value is None or (type(value) in (int, float) and value == 0):
        return None
    raise unlike(where, "no dropout, as it makes ids random; set it to null", value)


def _scored(value: Any, where: str) -> list[list[Any]]:
    """Check Unigram's vocabulary: a list of tokens with their scores; the place is the id."""
    out = sequence(value, where)
    if not out:
        raise Fault(f"{where}: expected tokens, got none")
    for index, entry in enumerate(out):
        if not (
            isinstance(entry, list)
            and len(entry) == 2
            and isinstance(entry[0], str)
            and type(entry[1]) in (int, float)
            and math.isfinite(entry[1])
        ):
            raise unlike(f"{where}[{index}]", "a token and its score", entry)
    return out


_NO_FLAG = null_as(False, flag)
_MODELS: Mapping[str, Mapping[str, Field]] = {
    "BPE": {
        "dropout": Field(_dropout, None),
        "unk_token": Field(or_null(text), None),
        "continuing_subword_prefix": Field(or_null(text), None),
        "end_of_word_suffix": Field(or_null(text), None),
        "fuse_unk": Field(_NO_FLAG, False),
        "byte_fallback": Field(_NO_FLAG, False),
        "ignore_merges": Field(_NO_FLAG, False),
        "vocab": Field(vocabulary),
        "merges": Field(sequence),
    },
    "WordPiece": {
        "unk_token": Field(text),
        "continuing_subword_prefix": Field(text),
        "max_input_chars_per_word": Field(whole),
        "vocab": Field(vocabulary),
    },
    "WordLevel": {"unk_token": Field(text), "vocab": Field(vocabulary)},
    "Unigram": {
        "unk_id": Field(or_null(whole), None),
        "byte_fallback": Field(flag, False),
        "vocab": Field(_scored),
    },
}


def model(value: Any) -> tuple[dict[str, Any], Merges | None, list[str]]:
    """Check a model; return it with its defaults filled in, the ids of its merges, and notes.

    Raises Fault, which names the place.
    """
    given = mapping(value, "model")
    name = given["type"] if "type" in given else _untyped(given)
    if not isinstance(name, str) or name not in _MODELS:
        raise unlike("model.type", f"one of {', '.join(_MODELS)}", name)
    rest = {key: inner for key, inner in given.items() if key != "type"}
    out = {"type": name, **checked(rest, "model", _MODELS[name])}
    if name == "BPE":
        parts = merge_parts(out["merges"], "model.merges")
        prefix = out["continuing_subword_prefix"] or ""
        merges, twice = merge_ids(parts, out["vocab"], prefix, "model.merges")
        notes = (
            [f"{twice} merges came before, too; the last place of each counts."] if twice else []
        )
        return out, merges, notes
    if name == "Unigram" and out["unk_id"] is not None and out["unk_id"] >= len(out["vocab"]):
        raise unlike("model.unk_id", f"an id below {len(out['vocab'])}", out["unk_id"])
    return out, None, []


def _untyped(given: dict[str, Any]) -> str:
    """Find the type of a model that does not say it, as in files of 2020, as `tokenizers` does."""
    for name, needed in (
        ("BPE", {"vocab", "merges"}),
        ("WordPiece", {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word"}),
        ("WordLevel", {"unk_token", "vocab"}),
        ("Unigram", {"vocab"}),
    ):
        if needed <= given.keys():
            return name
    raise Fault("model: expected the key 'type'")


def model_ids(made: dict[str, Any]) -> Mapping[str, int]:
    """Return the ids of a model's tokens. Of a text that Unigram has twice, the last id counts."""
    vocab = made["vocab"]
    if isinstance(vocab, dict):
        return vocab
    return {token: index for index, (token, _) in enumerate(vocab)}
