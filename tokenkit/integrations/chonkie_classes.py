"""The classes that `tokenkit.integrations.chonkie` makes; importing this file imports Chonkie."""

from __future__ import annotations

from collections.abc import Sequence

import chonkie
from chonkie.tokenizer import Tokenizer

from tokenkit import Chunk, Chunker, Encoding


class TokenkitTokenizer(Tokenizer):  # type: ignore[misc,unused-ignore]
    """A tokenizer that counts and encodes with an `Encoding`; special tokens are ordinary text."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding

    def __repr__(self) -> str:
        return f"TokenkitTokenizer({self.encoding.name!r})"

    def encode(self, text: str) -> Sequence[int]:
        return self.encoding.encode_ordinary(text)

    tokenize = encode

    def decode(self, tokens: Sequence[int]) -> str:
        return self.encoding.decode(list(tokens))

    def count_tokens(self, text: str) -> int:
        return self.encoding.count(text)

    def count_tokens_batch(self, texts: Sequence[str]) -> Sequence[int]:
        counts: list[int] = self.encoding.count_batch(list(texts)).tolist()
        return counts


class TokenkitChunker(chonkie.BaseChunker):  # type: ignore[misc,unused-ignore]
    """A chunker whose chunks are those of a `Chunker`."""

    def __init__(self, chunker: Chunker) -> None:
        super().__init__(TokenkitTokenizer(chunker.encoding))
        self._chunker = chunker

    def chunk(self, text: str) -> list[chonkie.Chunk]:
        return [_converted(chunk) for chunk in self._chunker.chunk(text)]

    def chunk_batch(
        self, texts: Sequence[str], show_progress: bool = True
    ) -> list[list[chonkie.Chunk]]:
        """Split texts on threads; there is no progress bar, whatever `show_progress` is."""
        batches = self._chunker.chunk_batch(texts)
        return [[_converted(chunk) for chunk in chunks] for chunks in batches]


def _converted(chunk: Chunk) -> chonkie.Chunk:
    return chonkie.Chunk(
        text=chunk.text,
        start_index=chunk.start,
        end_index=chunk.end,
        token_count=chunk.tokens,
        metadata={"headings": list(chunk.headings)} if chunk.headings else {},
    )
