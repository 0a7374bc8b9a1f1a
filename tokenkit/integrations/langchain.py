"""tokenkit's chunks as a LangChain text splitter.

>>> splitter = text_splitter(encoding="o200k_base", chunk_size=4, add_start_index=True)
>>> for document in splitter.create_documents(["One sentence. Another one."]):
...     print(document.page_content, document.metadata)
One sentence. {'start_index': 0}
Another one. {'start_index': 14}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenkit import Chunker, Encoding, Model
from tokenkit.chunking import Format, Strategy

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

__all__ = ["text_splitter"]


def text_splitter(
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    add_start_index: bool = False,
    strip_whitespace: bool = True,
    format: Format = "auto",
    strategy: Strategy = "optimal",
    tightness: float = 0.5,
    min_tokens: int = 0,
    reserve: int = 0,
    prefix: str | None = None,
) -> TextSplitter:
    """Make a `langchain_text_splitters.TextSplitter` whose chunks are those of `Chunker`.

    `chunk_size` and `chunk_overlap` are tokens: `max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` it is the embedding model's safe limit. `strip_whitespace` is `trim`; the other
    options are `Chunker`'s own. `start_index` is the chunk's own offset, in characters, not
    searched for. Documents hold a chunk's text: a `prefix` counts against the limit but is yours to
    add.

    Raises ImportError without langchain-text-splitters, and as `Chunker` does.

    >>> text_splitter("text-embedding-3-small", chunk_size=512).split_text("hello world")
    ['hello world']
    """
    from tokenkit.integrations.langchain_splitter import TokenkitTextSplitter

    chunker = Chunker(
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
        trim=strip_whitespace,
    )
    splitter: TextSplitter = TokenkitTextSplitter(chunker, add_start_index)
    return splitter
