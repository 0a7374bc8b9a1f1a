"""Packs tokenizer files as `tokenkit.encodings.packed` reads them.

    python tools/pack_tokenizer.py OUT.tkp NAME=FILE...

Each FILE is one that `load_encoding` reads and the core runs. OUT holds the tokens of the first;
the others must have the same, but for those that no merge makes, and the same merges. Takes a
minute or two for a large vocabulary: each token's last split is found by merging it slowly.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tokenkit._writing import WholeFile
from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.packed import pack
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

Rank = Callable[[str, str], "int | None"]
Splits = list[tuple[int, int]]


def as_bpe(file: TokenizerFile) -> dict[str, Any]:
    """The model of a file as one of type BPE; ranks of bytes become tokens of the byte alphabet."""
    model: dict[str, Any] = file.spec["model"]
    if model["type"] != "Ranks":
        return model
    vocab = {
        "".join(map(BYTE_CHARACTERS.__getitem__, token)): rank + model["ids"]
        for token, rank in model["ranks"]
    }
    unused = ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")
    return {
        "type": "BPE",
        **dict.fromkeys(unused),
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": True,
        "vocab": vocab,
    }


def rank_of(file: TokenizerFile, vocab: Mapping[str, int]) -> Rank:
    """The priority of a pair: its place among the merges, or the rank of what it makes."""
    if file.merges is None:
        return lambda left, right: vocab.get(left + right)
    tokens = {token_id: token for token, token_id in vocab.items()}
    places = {
        (tokens[left], tokens[right]): place
        for place, (left, right) in enumerate(file.merges.tolist())
    }
    return lambda left, right: places.get((left, right))


def last_split(token: str, rank: Rank) -> tuple[int, int] | None:
    """The rank, and the length on the left, of the merge that makes a token; None if none does."""
    parts = list(token)
    while len(parts) > 1:
        ranks = [rank(*parts[i : i + 2]) for i in range(len(parts) - 1)]
        found = min((place, i) for i, place in enumerate([*ranks, 1 << 62]) if place is not None)
        place, i = found
        if i == len(ranks):
            return None
        if len(parts) == 2:
            return place, len(parts[0])
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return None


def splits(vocab: Mapping[str, int], rank: Rank) -> Splits:
    """(id, characters on the left) of each token that merges make, in order of priority."""
    found = ((last_split(token, rank), token_id) for token, token_id in vocab.items())
    ranked = sorted((split, token_id) for split, token_id in found if split is not None)
    return [(token_id, length) for (_, length), token_id in ranked]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", metavar="NAME=FILE")
    options = parser.parse_args()
    specs: dict[str, dict[str, Any]] = {}
    vocab: Mapping[str, int] = {}
    merged: Splits | None = None
    for name, path in (item.split("=", 1) for item in options.files):
        file = read_tokenizer(path)
        model = as_bpe(file)
        specs[name] = {**file.spec, "model": model}
        found = splits(model["vocab"], rank_of(file, model["vocab"]))
        if merged is None:
            vocab, merged = model["vocab"], found
        elif found != merged:
            raise SystemExit(f"{path}: expected the merges of the first file, got others")
    assert merged is not None
    with WholeFile(options.out) as out:
        out.file.write(pack(specs, vocab, merged))


if __name__ == "__main__":
    main()
