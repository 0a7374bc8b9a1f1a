"""Tokenizers that the core cannot run: `tokenizers` itself, from the extra `hf`."""

from __future__ import annotations

import json
from array import array
from contextlib import contextmanager
from functools import lru_cache

from tokenkit.encodings.engines.counted import CountedEngine, checked_texts
from tokenkit.encodings.steps.added_tokens import nothing_left
from tokenkit.encodings.text import as_str, width
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit.encodings.text import Text

_CHAR = 0
_MARKS = ("continuing_subword_prefix", "end_of_word_suffix")
_MARKED = (
    "token spans: the tokens of this file have a prefix or a suffix, and with byte_fallback "
    "`tokenizers` counts it as text; count slices of the text instead"
)
_KEPT = 4  # sets of allowed special tokens whose tokenizers are kept


@contextmanager
def _faults() -> Iterator[None]:
    """Raise a VocabularyError for what `tokenizers` raises; it panics on some files and texts.

    A panic is a BaseException: a handler of Exceptions would let it end the program.
    """
    try:
        yield
    except Exception as error:  # it raises no narrower one
        raise VocabularyError(f"`tokenizers` refuses the tokenizer or the text: {error}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise VocabularyError(
            f"`tokenizers` failed on the tokenizer or the text: {error}"
        ) from None


class HfEngine(CountedEngine):
    """An engine on `tokenizers`. Threads may share it."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """Make an engine of what a tokenizer.json holds.

        Raises ModuleNotFoundError that names the extra, and VocabularyError if `tokenizers` refuses
        the file.
        """
        # Its framing, truncation and padding are not part of the ids of a text.
        self._spec = {**spec, "post_processor": None, "truncation": None, "padding": None}
        self._special = frozenset(
            token["content"] for token in spec["added_tokens"] if token["special"]
        )
        self._made = lru_cache(_KEPT)(self._make)
        self._ordinary = self._made(frozenset())
        self._check_found()
        self.tokens: dict[str, int] = self._ordinary.get_vocab(with_added_tokens=True)

    def _check_found(self) -> None:
        """Refuse an added token of which its normalizer leaves nothing.

        Beside another one it makes the search for them go on for ever.
        """
        normalizer = self._ordinary.normalizer
        for token in self._spec["added_tokens"] if normalizer else ():
            with _faults():
                left = not token["normalized"] or normalizer.normalize_str(token["content"])
            if not left:
                raise VocabularyError(nothing_left(token["content"]))

    def _make(self, allowed: frozenset[str]) -> Any:
        """Make a tokenizer for which special tokens are text, but those that are allowed."""
        try:
            from tokenizers import Tokenizer
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "expected the package `tokenizers`, as the core cannot run the tokenizer of this "
                'file; pip install "tokenkit-bpe[hf]"',
                name=error.name,
            ) from None
        added = [
            {**token, "special": token["special"] and token["content"] not in allowed}
            for token in self._spec["added_tokens"]
        ]
        with _faults():
            made = Tokenizer.from_str(json.dumps({**self._spec, "added_tokens": added}))
        made.encode_special_tokens = True
        return made

    def decode(self, ids: Sequence[int]) -> str:
        """Decode ids that tokens have, with special tokens."""
        with _faults():
            return self._ordinary.decode(ids, skip_special_tokens=False) if ids else ""

    def special_set(self, tokens: Collection[str]) -> frozenset[str]:
        return self._special.intersection(tokens)

    def find_special(self, text: Text, among: frozenset[str]) -> str | None:
        if not among:
            return None
        text = as_str(text)
        for token in sorted(among, key=len, reverse=True):
            if token in text:
                return token
        names = {self.tokens[token]: token for token in among}
        return next((names[i] for i in self.encode_buffer(text, among) if i in names), None)

    def encode_buffer(self, text: Text, allowed: frozenset[str] | None) -> array[int]:
        return array("I", self._encoded(as_str(text), allowed or frozenset()).ids)

    def _encoded(self, text: str, allowed: frozenset[str]) -> Any:
        made = self._made(allowed)
        with _faults():
            return made.encode(text, add_special_tokens=False)

    def count_batch(self, texts: Sequence[Text], num_threads: int) -> array[int]:
        checked = list(checked_texts(texts))
        with _faults():
            made = self._ordinary.encode_batch_fast(checked, add_special_tokens=False)
        return array("q", map(len, made))

    def token_spans(self, text: Text, ids: Buffer, unit: int) -> array[int]:
        """Give what `tokenizers` says, which is where a token comes from."""
        model = self._spec["model"]
        if model.get("byte_fallback") and any(model.get(mark) for mark in _MARKS):
            raise NotImplementedError(_MARKED)
        text = as_str(text)
        offsets = self._encoded(text, frozenset()).offsets
        places = [place for span in offsets[: len(memoryview(ids))] for place in span]
        if unit == _CHAR:
            return array("q", places)
        widths = [0]
        for character in text:
            widths.append(widths[-1] + width(character, unit))
        return array("q", [widths[place] for place in places])
