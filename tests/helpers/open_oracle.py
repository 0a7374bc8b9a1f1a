"""Expectations for encodings of tokenizer files: the package `tokenizers`, with nothing added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

import tokenkit


class Oracle:
    """A tokenizer.json, as `tokenizers` reads it."""

    def __init__(self, text: str) -> None:
        self.full, self.special, self.ordinary = (Tokenizer.from_str(text) for _ in range(3))
        for tokenizer in (self.special, self.ordinary):
            tokenizer.post_processor = None
            tokenizer.no_truncation()
            tokenizer.no_padding()
        self.ordinary.encode_special_tokens = True

    def ids(self, text: str) -> list[int]:
        ids: list[int] = self.ordinary.encode(repaired(text), add_special_tokens=False).ids
        return ids

    def special_ids(self, text: str) -> list[int]:
        ids: list[int] = self.special.encode(repaired(text), add_special_tokens=False).ids
        return ids

    def decode(self, ids: list[int]) -> str:
        text: str = self.full.decode(ids, skip_special_tokens=False)
        return text

    def reads(self, text: str) -> bool:
        """Whether it reads a text: 0.23.3 panics on some that change their size beside a token."""
        try:
            self.ids(text), self.special_ids(text)
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            return False
        return True

    @property
    def overhead(self) -> int:
        return len(self.full.encode("", add_special_tokens=True).ids)


def repaired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def load(spec: dict[str, Any], folder: Path) -> tuple[tokenkit.Encoding, Oracle]:
    """Write a tokenizer.json; load it twice."""
    text = json.dumps(spec)
    path = folder / "tokenizer.json"
    path.write_text(text, "utf-8")
    return tokenkit.load_encoding(path), Oracle(text)


def check(enc: tokenkit.Encoding, oracle: Oracle, texts: list[str]) -> None:
    """Assert that every road to ids and counts gives what `tokenizers` does."""
    texts = [text for text in texts if oracle.reads(text)]
    expected = [oracle.ids(text) for text in texts]
    for text, ids in zip(texts, expected, strict=True):
        assert enc.encode_ordinary(text) == ids, text
        assert enc.count(text) == len(ids), text
        special = oracle.special_ids(text)
        assert enc.encode(text, allowed_special="all") == special, text
        assert enc.count(text, allowed_special="all") == len(special), text
        if special:
            assert enc.decode(special) == oracle.decode(special), text
        assert enc.within(text, len(ids)) == len(ids), text
        assert enc.within(text, len(ids) - 1) is None, text
        counter = enc.counter()
        for start in range(0, len(text), 7):
            counter.update(text[start : start + 7])
        assert counter.total == len(ids), text
        prefix = memoryview(enc.engine.encode_prefix(text, 3)).tolist()
        assert prefix == ids[: len(prefix)]
        assert len(prefix) >= min(3, len(ids))
    assert enc.count_batch(texts).tolist() == [len(ids) for ids in expected]
    assert enc.encode_ordinary_batch(texts) == expected
    assert enc.overhead == oracle.overhead
