"""tokenkit's chunks as a Chonkie chunker.

>>> chunks = chunker(encoding="o200k_base", chunk_size=4)("One sentence. Another one.")
>>> [(chunk.text, chunk.start_index, chunk.end_index, chunk.token_count) for chunk in chunks]
[('One sentence.', 0, 13, 3), (' Another one.', 13, 26, 3)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenkit import Chunker, Encoding, Model
from tokenkit.chunking import Format, Strategy
from tokenkit.integrations.columns import encoding_named

if TYPE_CHECKING:
    from chonkie import BaseChunker
    from chonkie.tokenizer import Tokenizer

__all__ = ["chunker", "tokenizer"]


def chunker(
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    format: Format = "auto",
    strategy: Strategy = "optimal",
    tightness: float = 0.5,
    min_tokens: int = 0,
    reserve: int = 0,
    prefix: str | None = None,
    trim: bool = False,
) -> BaseChunker:
    """Make a Chonkie `BaseChunker`: called with a text it gives Chonkie's chunks, with texts lists.

    `chunk_size` and `chunk_overlap` are tokens: `max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` it is the embedding model's safe limit. The other options are `Chunker`'s own; a
    `prefix` counts against the limit but is yours to add. `start_index` and `end_index` are
    characters, `token_count` is the exact count of the chunk's text. The path of headings, where
    there is one, is in `metadata["headings"]`.

    Raises ImportError without chonkie, and as `Chunker` does.

    >>> chunker("text-embedding-3-small", chunk_size=8)("The sea rises.")[0].token_count
    4
    """
    from tokenkit.integrations.chonkie_classes import TokenkitChunker

    made: BaseChunker = TokenkitChunker(
        Chunker(
            model,
            encoding=encoding,
            max_tokens=chunk_size,
            overlap=chunk_overlap,
            format=format,
            strategy=strategy,
            tightness=tightness,
            min_tokens=min_tokens,
            reserve=reserve,
            prefix=prefix,
            trim=trim,
        )
    )
    return made


def tokenizer(name: str | Encoding) -> Tokenizer:
    """Make a Chonkie `Tokenizer` of a model's or an encoding's name, or of an `Encoding`.

    It is for the `tokenizer=` of Chonkie's own chunkers. Special tokens are ordinary text.
    (`Encoding.count` alone serves only those chunkers that never ask for ids.)

    Raises ImportError without chonkie, UnknownModelError, and NoTokenizerError.

    >>> import chonkie
    >>> chunker = chonkie.RecursiveChunker(tokenizer("o200k_base"), chunk_size=4)
    >>> [chunk.token_count for chunk in chunker("<|endoftext|>")]
    [4, 3]
    """
    from tokenkit.integrations.chonkie_classes import TokenkitTokenizer

    encoding = name if isinstance(name, Encoding) else encoding_named(name)
    made: Tokenizer = TokenkitTokenizer(encoding)
    return made
