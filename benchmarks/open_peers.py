"""Libraries that read a tokenizer's file: how each loads it offline, and its quickest roads.

Special tokens are ordinary text on every road, nothing is put around a text, and what a file says
of truncation and padding is turned off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FilePeer:
    """A tokenizer that one library has loaded."""

    encode: Callable[[str], Any]  # ids, in whatever type is quickest
    count: Callable[[str], int]
    ids: Callable[[str], list[int]]


def load_tokenkit(path: str) -> FilePeer:
    import tokenkit

    enc = tokenkit.load_encoding(path)
    return FilePeer(
        encode=lambda text: enc.encode_to_numpy(text, disallowed_special=()),
        count=enc.count,
        ids=enc.encode_ordinary,
    )


def _tokenizer(path: str) -> Any:
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_tokenizers(path: str) -> FilePeer:
    tokenizer = _tokenizer(path)

    def ids(text: str) -> list[int]:
        result: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return result

    return FilePeer(encode=ids, count=lambda text: len(ids(text)), ids=ids)


def load_tokenizers_fast(path: str) -> FilePeer:
    """`encode_batch_fast`, which leaves offsets out; a batch of one text."""
    tokenizer = _tokenizer(path)

    def ids(text: str) -> list[int]:
        rows = tokenizer.encode_batch_fast([text], add_special_tokens=False)
        result: list[int] = rows[0].ids
        return result

    return FilePeer(encode=ids, count=lambda text: len(ids(text)), ids=ids)


def load_gigatoken(path: str) -> FilePeer:
    import gigatoken

    backend = gigatoken.Tokenizer.from_json(Path(path).read_text("utf-8")).backend
    return FilePeer(
        encode=backend.encode,
        count=lambda text: len(backend.encode(text)),
        ids=lambda text: [int(token) for token in backend.encode(text)],
    )


def load_splintr(path: str) -> FilePeer:
    import splintr

    # Nothing but `encode_ordinary` takes special tokens for text. It puts a template around it,
    # which in the files seen is a token ahead, or nothing.
    encode = splintr.from_json(path).encode_ordinary
    ahead = len(encode(""))
    return FilePeer(
        encode=encode,
        count=lambda text: len(encode(text)) - ahead,
        ids=lambda text: encode(text)[ahead:],
    )


# Name -> (distribution, how it loads a file). The first one that loads a file is the reference of
# its ids: `tokenizers`, whose format it is.
LOADERS: dict[str, tuple[str, Callable[[str], FilePeer]]] = {
    "tokenizers": ("tokenizers", load_tokenizers),
    "tokenizers, encode_batch_fast": ("tokenizers", load_tokenizers_fast),
    "tokenkit": ("tokenkit-bpe", load_tokenkit),
    "gigatoken": ("gigatoken", load_gigatoken),
    "splintr": ("splintr-rs", load_splintr),
}
