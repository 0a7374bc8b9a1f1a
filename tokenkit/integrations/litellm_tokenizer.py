"""A tokenizer with the methods that LiteLLM calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenkit import Encoding

__all__ = ["LiteLLMTokenizer"]


@dataclass(frozen=True, slots=True)
class LiteLLMTokenizer:
    """An encoding behind the methods of `tokenizers.Tokenizer` that LiteLLM calls."""

    encoding: Encoding

    def encode(self, text: str, **_: Any) -> list[int]:
        """Return the ids of a text; special tokens are text."""
        return self.encoding.encode_ordinary(text)

    def encode_batch_fast(self, texts: Sequence[str], **_: Any) -> list[list[int]]:
        """Return the ids of each text."""
        return self.encoding.encode_ordinary_batch(list(texts))

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """Return the text of ids, without special tokens unless they are asked for."""
        special = self.encoding.is_special_token if skip_special_tokens else None
        return self.encoding.decode([i for i in ids if special is None or not special(i)])
