"""tokenkit's chunks as a Chonkie chunker.

>>> cut = chunker(encoding="o200k_base", chunk_size=4)
>>> [(c.text, c.start_index, c.end_index, c.token_count) for c in cut("One sentence. Another one.")]
[('One sentence.', 0, 13, 3), (' Another one.', 13, 26, 3)]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tokenkit import Chunk, Chunker, Encoding, encoding_for_model, get_encoding, list_encoding_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chonkie import BaseChunker
    from chonkie.tokenizer import Tokenizer

__all__ = ["chunker", "tokenizer"]


def chunker(
    model: str | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    **settings: Any,
) -> BaseChunker:
    """A Chonkie `BaseChunker`: called with a text it gives Chonkie's chunks, with texts lists.

    `chunk_size` and `chunk_overlap` are tokens (`max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` the embedding model's safe limit); `settings` are its other ones. `start_index` and
    `end_index` are characters, `token_count` the exact count of the chunk's text. The path of
    headings, where there is one, is in `metadata["headings"]`.

    Raises ImportError without chonkie, and as `Chunker` does.

    >>> chunks = chunker("text-embedding-3-small", chunk_size=5)("One sea. Two moons.")
    >>> [(chunk.text, chunk.token_count) for chunk in chunks]
    [('One sea.', 3), (' Two moons.', 3)]
    """
    ours = Chunker(
        model, encoding=encoding, max_tokens=chunk_size, overlap=chunk_overlap, **settings
    )
    made: BaseChunker = _chunker_class()(ours)
    return made


def tokenizer(name: str | Encoding) -> Tokenizer:
    """A Chonkie `Tokenizer`, for the `tokenizer=` of Chonkie's own chunkers: `name` is a model or
    an encoding. Special tokens are ordinary text. (`Encoding.count` alone serves only those
    chunkers that never ask for ids.)

    Raises ImportError without chonkie, UnknownModelError, and NoTokenizerError.

    >>> import chonkie
    >>> chunker = chonkie.RecursiveChunker(tokenizer("o200k_base"), chunk_size=4)
    >>> [chunk.token_count for chunk in chunker("<|endoftext|>")]
    [4, 3]
    """
    if isinstance(name, Encoding):
        encoding = name
    else:
        named = name in list_encoding_names()
        encoding = get_encoding(name) if named else encoding_for_model(name)
    made: Tokenizer = _tokenizer_class()(encoding)
    return made


@cache
def _tokenizer_class() -> Any:
    from chonkie.tokenizer import Tokenizer

    class TokenkitTokenizer(Tokenizer):  # type: ignore[misc,unused-ignore]
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

        def __reduce__(self) -> tuple[Any, ...]:
            return tokenizer, (self.encoding,)

    return TokenkitTokenizer


@cache
def _chunker_class() -> Any:
    import chonkie

    def converted(chunk: Chunk) -> Any:
        return chonkie.Chunk(
            text=chunk.text,
            start_index=chunk.start,
            end_index=chunk.end,
            token_count=chunk.tokens,
            metadata={"headings": list(chunk.headings)} if chunk.headings else {},
        )

    class TokenkitChunker(chonkie.BaseChunker):  # type: ignore[misc,unused-ignore]
        def __init__(self, ours: Chunker) -> None:
            super().__init__(tokenizer(ours._encoding))
            self._ours = ours

        def chunk(self, text: str) -> list[Any]:
            return [converted(chunk) for chunk in self._ours.chunk(text)]

        def chunk_batch(self, texts: Sequence[str], show_progress: bool = True) -> list[list[Any]]:
            """On threads; there is no progress bar, whatever `show_progress` is."""
            return [[converted(c) for c in chunks] for chunks in self._ours.chunk_batch(texts)]

        def __reduce__(self) -> tuple[Any, ...]:
            return _made, (self._ours,)

    return TokenkitChunker


def _made(ours: Chunker) -> Any:
    """What unpickling calls: a class made on demand has no name to be found by."""
    return _chunker_class()(ours)
