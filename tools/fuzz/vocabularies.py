"""Vocabulary files, damaged: refused in words, or an encoding that gives back its texts."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import tokenkit
from tokenkit.errors import VocabularyError
from tokenkit.load import load_tiktoken_bpe

from .driver import Driver, expect
from .mutations import damaged_bytes, random_text

__all__ = ["DRIVER"]

_PATTERNS = ("gpt2", "cl100k_base", "o200k_base")


def _content(rng: random.Random) -> bytes:
    """A file of all bytes and some tokens that are two others joined."""
    tokens = [bytes([byte]) for byte in range(256)]
    rng.shuffle(tokens)
    for _ in range(rng.randrange(60)):
        joined = rng.choice(tokens) + rng.choice(tokens)
        if joined not in tokens:
            tokens.append(joined)
    lines = (base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))
    return b"".join(lines)


def attempt(rng: random.Random, folder: Path) -> None:
    path = folder / "a.tiktoken"
    content = _content(rng)
    if rng.random() < 0.8:
        content = damaged_bytes(rng, content)
    path.write_bytes(content)
    pattern = tokenkit.get_encoding(rng.choice(_PATTERNS))._pat_str
    try:
        ranks = load_tiktoken_bpe(str(path))
    except VocabularyError as error:
        expect(path.name in str(error), "an error without the file's name", content, str(error))
        return
    text = random_text(rng)
    try:
        encoding = tokenkit.Encoding(
            "own", pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|end|>": 2**20}
        )
        ids = encoding.encode_ordinary(text)
    except ValueError as error:  # also of a byte that has no token any more
        expect(str(error), "an error without words", content, text)
        return
    expect(encoding.count(text) == len(ids), "another count", content, text)
    valid = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    expect(encoding.decode(ids) == valid, "another text", content, text, ids)


DRIVER = Driver("vocabularies", "files are refused, or encode and decode", attempt)
