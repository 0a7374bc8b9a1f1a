"""The slow twin of WordPiece: what the package `tokenizers` does, step after step, in Python.

Its characters are those of the module `unicodedata`, so it may be asked about those only that are
the same in all versions of Unicode; `CHARACTERS` are some of each kind.
"""

from __future__ import annotations

import random
import string
import unicodedata
from dataclasses import dataclass

from tokenkit._core import WordPieceCore, build_wordpiece_image

# Letters, white space, controls, punctuation, symbols, marks in and out of order, Chinese ones.
CHARACTERS = (
    "aaab AB  \t\n.,-#[]$\x00\x07\x85\xa0\xad¡«éÅßØİΣς\u0301\u0323\u0334\u0345\u034f\u037e"
    "\u200b\u2003\u2260\u3000\u3002\u302e中漢\uf900각ア🙂\ufffd"
)
STEPS = ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase", "split_punctuation"]
_CHINESE = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF)]


@dataclass
class WordPieceTwin:
    """A vocabulary and what is done before it."""

    vocab: dict[str, int]
    prefix: str = "##"
    unknown: str = "[UNK]"
    max_chars: int = 100
    clean_text: bool = True
    handle_chinese_chars: bool = True
    strip_accents: bool = True
    lowercase: bool = True
    split_punctuation: bool = True

    def normalized(self, text: str) -> str:
        """Return what BertNormalizer makes of a text."""
        if self.clean_text:
            text = "".join(" " if char.isspace() else char for char in text if not _control(char))
        if self.handle_chinese_chars:
            text = "".join(f" {char} " if _chinese(char) else char for char in text)
        if self.strip_accents:
            text = unicodedata.normalize("NFD", text)
            text = "".join(char for char in text if unicodedata.category(char) != "Mn")
        return "".join(map(str.lower, text)) if self.lowercase else text

    def words(self, text: str) -> list[str]:
        """Return the words of normalized text."""
        if self.split_punctuation:
            text = "".join(f" {char} " if _punctuation(char) else char for char in text)
        return text.split()

    def word_ids(self, word: str) -> list[int]:
        """Return the ids of one word."""
        ids = []
        start = 0
        while start < len(word) <= self.max_chars:
            for end in range(len(word), start, -1):
                token = (self.prefix if start else "") + word[start:end]
                if token in self.vocab:
                    ids.append(self.vocab[token])
                    start = end
                    break
            else:
                break
        return ids if start == len(word) else [self.vocab[self.unknown]]

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""
        return [i for word in self.words(self.normalized(text)) for i in self.word_ids(word)]


def _control(char: str) -> bool:
    return char in "\0\ufffd" or (
        unicodedata.category(char) in ("Cc", "Cf", "Co") and char not in "\t\n\r"
    )


def _chinese(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _CHINESE)


def _punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char)[0] == "P"


def core_of(
    twin: WordPieceTwin, special: dict[str, int] | None = None, normal: bool = False
) -> WordPieceCore:
    """Make the core of a vocabulary."""
    image = build_wordpiece_image(
        [(token.encode(), number) for token, number in twin.vocab.items()],
        prefix=twin.prefix.encode(),
        unknown=twin.unknown.encode(),
        max_chars=twin.max_chars,
        **{step: getattr(twin, step) for step in STEPS},
    )
    return WordPieceCore(image, special or {}, normal)


def random_text(rng: random.Random, size: int) -> str:
    """Return so many of the characters."""
    return "".join(rng.choices(CHARACTERS, k=size))
