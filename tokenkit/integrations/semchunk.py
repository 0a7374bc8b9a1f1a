"""tokenkit's chunks in the shape of semchunk: a function that gives strings. Needs no framework.

>>> chunker = chunkerify("o200k_base", 4)
>>> chunker("One sentence. Another one.")
['One sentence.', 'Another one.']
>>> chunker("One sentence. Another one.", offsets=True)
(['One sentence.', 'Another one.'], [(0, 13), (14, 26)])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias, overload

from tokenkit import Chunker, Encoding, Model, list_encoding_names
from tokenkit.chunking import Format, Strategy

__all__ = ["SemchunkShape", "chunkerify"]

_Spans: TypeAlias = list[tuple[int, int]]


@dataclass(frozen=True)
class SemchunkShape:
    """A callable with the arguments and results of the one that `semchunk.chunkerify` makes.

    >>> chunkerify("o200k_base", 4).chunk_size
    4
    """

    chunk_size: int
    chunker: Callable[..., Chunker] = field(repr=False)

    @overload
    def __call__(
        self,
        text_or_texts: str,
        processes: int = 1,
        *,
        offsets: Literal[False] = False,
        overlap: float | None = None,
    ) -> list[str]: ...
    @overload
    def __call__(
        self,
        text_or_texts: str,
        processes: int = 1,
        *,
        offsets: Literal[True],
        overlap: float | None = None,
    ) -> tuple[list[str], _Spans]: ...
    @overload
    def __call__(
        self,
        text_or_texts: list[str] | tuple[str, ...],
        processes: int = 1,
        *,
        offsets: Literal[False] = False,
        overlap: float | None = None,
    ) -> list[list[str]]: ...
    @overload
    def __call__(
        self,
        text_or_texts: list[str] | tuple[str, ...],
        processes: int = 1,
        *,
        offsets: Literal[True],
        overlap: float | None = None,
    ) -> tuple[list[list[str]], list[_Spans]]: ...
    def __call__(
        self,
        text_or_texts: str | Sequence[str],
        processes: int = 1,
        *,
        offsets: bool = False,
        overlap: float | None = None,
    ) -> Any:
        """Split one text into a list of str, or several into a list of lists.

        Chunks have no white space at their ends. With `offsets` the result is a pair: the chunks,
        and the (start, end) of each in characters. `overlap` is tokens, or below 1 a fraction of
        the chunk size. `processes` is how many threads share the texts. Raises as `Chunker` does.

        >>> chunkerify("o200k_base", 4)(["One sentence. Another one.", ""], processes=2)
        [['One sentence.', 'Another one.'], []]
        """
        tokens = overlap or 0
        if 0 < tokens < 1:
            tokens *= self.chunk_size
        chunker = self.chunker(overlap=int(tokens))
        single = isinstance(text_or_texts, str)
        texts: Any = [text_or_texts] if single else text_or_texts
        batches = chunker.chunk_batch(texts, num_threads=processes)
        strings = [[chunk.text for chunk in chunks] for chunks in batches]
        spans = [[(chunk.start, chunk.end) for chunk in chunks] for chunks in batches]
        if single:
            return (strings[0], spans[0]) if offsets else strings[0]
        return (strings, spans) if offsets else strings


def chunkerify(
    tokenizer: str | Model | Encoding,
    chunk_size: int | None = None,
    *,
    format: Format = "auto",
    strategy: Strategy = "optimal",
    tightness: float = 0.5,
    min_tokens: int = 0,
    reserve: int = 0,
    prefix: str | None = None,
) -> SemchunkShape:
    """Make a callable that splits texts as the one that `semchunk.chunkerify` makes.

    `tokenizer` is the name of a model or an encoding, a `Model` or an `Encoding`. `chunk_size` is
    tokens; without it, it is the embedding model's safe limit. The other options are `Chunker`'s
    own; a `prefix` counts against the limit but is yours to add. There is no `progress`, and no
    `memoize`, as nothing is counted twice.

    Raises as `Chunker` does.

    >>> chunkerify("text-embedding-3-small", 4)("One sentence. Another one.")
    ['One sentence.', 'Another one.']
    """
    of_encoding = isinstance(tokenizer, Encoding) or tokenizer in list_encoding_names()
    counted_by: dict[str, Any] = {"encoding" if of_encoding else "model": tokenizer}
    chunker: Callable[..., Chunker] = partial(
        Chunker,
        **counted_by,
        max_tokens=chunk_size,
        format=format,
        strategy=strategy,
        tightness=tightness,
        min_tokens=min_tokens,
        reserve=reserve,
        prefix=prefix,
        trim=True,
    )
    return SemchunkShape(chunker().max_tokens, chunker)
