"""`ModelTokenizer`: what frameworks call a tokenizer, a function from a text to a list."""

from __future__ import annotations

from dataclasses import dataclass

from tokenkit import Model, estimate_tokens, get_encoding, get_model

__all__ = ["ModelTokenizer"]


@dataclass(frozen=True)
class ModelTokenizer:
    """A function from a text to a list as long as its tokens, for frameworks that take its length.

    The list has the ids of the model's own encoding; where its tokenizer is private, zeros, as many
    as are estimated. Raises UnknownModelError, and TypeError for another type than str.

    >>> ModelTokenizer("gpt-4o")("hello world")
    [24912, 2375]
    """

    model: str | Model

    def __call__(self, text: str) -> list[int]:
        record = get_model(self.model)
        if record.encoding is not None and record.encoding_exact:
            return get_encoding(record.encoding).encode_ordinary(text)
        return [0] * estimate_tokens(text, record).tokens
