"""tokenkit's chunks in the shape of semchunk: a function that gives strings. Needs no framework.

>>> chunker = chunkerify("o200k_base", 4)
>>> chunker("One sentence. Another one.")
['One sentence.', 'Another one.']
>>> chunker("One sentence. Another one.", offsets=True)
(['One sentence.', 'Another one.'], [(0, 13), (14, 26)])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenkit import Chunker, Encoding, list_encoding_names

__all__ = ["SemchunkShape", "chunkerify"]


@dataclass(frozen=True)
class SemchunkShape:
    """What `chunkerify` returns."""

    chunk_size: int
    settings: dict[str, Any] = field(repr=False)

    def __call__(
        self,
        text_or_texts: str | Sequence[str],
        processes: int = 1,
        *,
        offsets: bool = False,
        overlap: float | None = None,
    ) -> Any:
        """Chunks without white space at their ends: of one text a list of str, of several a list of
        lists; with `offsets` also the (start, end) of each, in characters.

        `overlap` is tokens, or below 1 a fraction of the chunk size; texts are shared out among as
        many threads as `processes` says. Raises as `Chunker` does.
        """
        tokens = overlap or 0
        if 0 < tokens < 1:
            tokens *= self.chunk_size
        chunker = Chunker(**self.settings, overlap=int(tokens), trim=True)
        one = isinstance(text_or_texts, str)
        texts = [text_or_texts] if one else text_or_texts
        kept = [
            [chunk for chunk in chunks if chunk.text]
            for chunks in chunker.chunk_batch(texts, num_threads=processes)  # type: ignore[arg-type]
        ]
        strings = [[chunk.text for chunk in chunks] for chunks in kept]
        spans = [[(chunk.start, chunk.end) for chunk in chunks] for chunks in kept]
        if one:
            return (strings[0], spans[0]) if offsets else strings[0]
        return (strings, spans) if offsets else strings


def chunkerify(
    tokenizer: str | Encoding, chunk_size: int | None = None, **settings: Any
) -> SemchunkShape:
    """A callable with the arguments and results of the one that `semchunk.chunkerify` makes.

    `tokenizer` is the name of a model or encoding, or an `Encoding`; without `chunk_size` the
    embedding model's safe limit is taken. `settings` are other ones of `Chunker`, except `overlap`
    and `trim`. There is no `progress`, and no `memoize`, as nothing is counted twice.

    Raises as `Chunker` does.

    >>> chunkerify("text-embedding-3-small", 4)("One sentence. Another one.")
    ['One sentence.', 'Another one.']
    """
    encoding = isinstance(tokenizer, Encoding) or tokenizer in list_encoding_names()
    settings["encoding" if encoding else "model"] = tokenizer
    settings["max_tokens"] = chunk_size
    return SemchunkShape(Chunker(**settings).max_tokens, settings)
