"""The libraries that are compared: how each loads an encoding offline, and its roads.

Every road is the fastest public one that the library offers for the purpose. Where a library
cannot count without making ids, its count is the length of its ids, as a user would write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.vocabularies import tiktoken_file, tokenizers_file

BatchCall = Callable[[list[str], int], Any]


@dataclass(frozen=True)
class Peer:
    """A loaded encoding of one library. Special tokens count as ordinary text on every road."""

    encode_array: Callable[[str], Any]  # an array of ids, in whatever type is quickest
    encode_list: Callable[[str], list[int]]
    count: Callable[[str], int]
    encode_batch: BatchCall  # (texts, threads); the result's type is the library's own
    count_batch: BatchCall  # (texts, threads) -> one number for each text
    batch_ids: Callable[[Any], Sequence[int]]  # all ids in a result of encode_batch, in one row


@dataclass(frozen=True)
class Library:
    """``start`` is what a program would run to count its first text; it may use ``{encoding}`` and
    ``{tiktoken_file}``, ``{tokenizers_file}``, ``{family}``, all as Python literals. Its processes
    have the variables of ``environment``."""

    distribution: str
    load: Callable[[str, Path], Peer]
    start: str
    environment: Mapping[str, str] = field(default_factory=dict)


# The name that gigatoken gives to the pattern of an encoding.
GIGATOKEN_FAMILY = {
    "r50k_base": "r50k",
    "p50k_base": "r50k",
    "cl100k_base": "cl100k",
    "o200k_base": "o200k",
}


def chained(rows: Any) -> list[int]:
    return [token for row in rows for token in row]


def load_tokenkit(encoding: str, _: Path) -> Peer:
    import tokenkit

    enc = tokenkit.get_encoding(encoding)
    return Peer(
        # Special tokens would be refused by default, as in tiktoken.
        encode_array=lambda text: enc.encode_to_numpy(text, disallowed_special=()),
        encode_list=enc.encode_ordinary,
        count=enc.count,
        encode_batch=lambda texts, threads: enc.encode_ragged(texts, num_threads=threads),
        count_batch=lambda texts, threads: enc.count_batch(texts, num_threads=threads),
        batch_ids=lambda ragged: ragged.ids,
    )


def load_tiktoken(encoding: str, _: Path) -> Peer:
    import tiktoken

    # From the folder in TIKTOKEN_CACHE_DIR, as on every start after the first download.
    enc = tiktoken.get_encoding(encoding)
    return Peer(
        encode_array=lambda text: enc.encode_to_numpy(text, disallowed_special=()),
        encode_list=enc.encode_ordinary,
        count=lambda text: len(enc.encode_ordinary(text)),
        encode_batch=lambda texts, threads: enc.encode_ordinary_batch(texts, num_threads=threads),
        count_batch=lambda texts, threads: [
            len(row) for row in enc.encode_ordinary_batch(texts, num_threads=threads)
        ],
        batch_ids=chained,
    )


def load_gigatoken(encoding: str, vocabularies: Path) -> Peer:
    import awkward
    import gigatoken

    # With its own list of special tokens it would always encode them as such.
    tokenizer = gigatoken.Tokenizer.from_tiktoken(
        str(tiktoken_file(encoding, vocabularies)),
        pretokenizer=GIGATOKEN_FAMILY[encoding],
        special_tokens={},
    )
    # The inner object saves a Python call; its thread count comes from RAYON_NUM_THREADS.
    backend = tokenizer.backend
    return Peer(
        encode_array=backend.encode,
        encode_list=lambda text: backend.encode_batch_list([text], parallel=False)[0],
        count=lambda text: len(backend.encode(text)),
        encode_batch=lambda texts, threads: backend.encode_batch(texts, parallel=threads > 1),
        count_batch=lambda texts, threads: awkward.num(
            backend.encode_batch(texts, parallel=threads > 1)
        ),
        batch_ids=lambda rows: awkward.flatten(rows).to_numpy(),
    )


def load_toktok(encoding: str, _: Path) -> Peer:
    import toktok

    # The documented functions are wrappers around this object.
    enc = toktok._encoding(encoding)
    return Peer(
        encode_array=lambda text: enc.encode_to_numpy(text, disallowed_special=()),
        encode_list=enc.encode_ordinary,
        count=enc.count,
        encode_batch=lambda texts, threads: enc.encode_batch_to_numpy(texts, threads),
        count_batch=lambda texts, threads: enc.count_batch(texts, threads),
        batch_ids=lambda pair: pair[0],
    )


def load_quicktok(encoding: str, _: Path) -> Peer:
    import quicktok

    enc = quicktok.get_encoding(encoding)
    return Peer(
        # encode_batch is its only road to an array.
        encode_array=lambda text: enc.encode_batch([text], 1)[0],
        encode_list=enc.encode_ordinary,
        count=enc.count,
        encode_batch=lambda texts, threads: enc.encode_batch(texts, threads),
        count_batch=lambda texts, threads: quicktok.count_batch(enc, texts, threads),
        batch_ids=lambda pair: pair[0],
    )


def load_tokenizers(encoding: str, vocabularies: Path) -> Peer:
    import numpy as np
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(tokenizers_file(encoding, vocabularies)))

    def encode_list(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    return Peer(
        encode_array=lambda text: np.array(encode_list(text), dtype=np.uint32),
        encode_list=encode_list,
        count=lambda text: len(tokenizer.encode(text, add_special_tokens=False)),
        # Thread counts come from RAYON_NUM_THREADS and TOKENIZERS_PARALLELISM.
        encode_batch=lambda texts, _: tokenizer.encode_batch_fast(texts, add_special_tokens=False),
        count_batch=lambda texts, _: [
            len(row) for row in tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ],
        batch_ids=lambda rows: chained(row.ids for row in rows),
    )


TOKENKIT_START = "import tokenkit; tokenkit.get_encoding({encoding}).count('hello world')"
LIBRARIES = {
    "tokenkit": Library("tokenkit-bpe", load_tokenkit, TOKENKIT_START),
    # As on a processor without AVX-512.
    "tokenkit-avx2": Library(
        "tokenkit-bpe", load_tokenkit, TOKENKIT_START, {"TOKENKIT_SIMD": "avx2"}
    ),
    "tiktoken": Library(
        "tiktoken",
        load_tiktoken,
        "import tiktoken; len(tiktoken.get_encoding({encoding}).encode_ordinary('hello world'))",
    ),
    "gigatoken": Library(
        "gigatoken",
        load_gigatoken,
        "import gigatoken; len(gigatoken.Tokenizer.from_tiktoken({tiktoken_file}, {family}, {{}})"
        ".encode('hello world'))",
    ),
    "toktok": Library(
        "toktok-rs",
        load_toktok,
        "import toktok; toktok.batch_count(['hello world'], {encoding}, threads=1)",
    ),
    "quicktok": Library(
        "quicktok-v1",
        load_quicktok,
        "import quicktok; quicktok.get_encoding({encoding}).count('hello world')",
    ),
    "tokenizers": Library(
        "tokenizers",
        load_tokenizers,
        "import tokenizers; len(tokenizers.Tokenizer.from_file({tokenizers_file})"
        ".encode('hello world'))",
    ),
}


def start_code(library: str, encoding: str, vocabularies: Path) -> str:
    """The Python program that ``start`` measures."""
    return LIBRARIES[library].start.format(
        encoding=repr(encoding),
        tiktoken_file=repr(str(tiktoken_file(encoding, vocabularies))),
        tokenizers_file=repr(str(tokenizers_file(encoding, vocabularies))),
        family=repr(GIGATOKEN_FAMILY[encoding]),
    )
