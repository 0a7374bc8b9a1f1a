"""tokenkit's chunks as a LangChain text splitter.

>>> splitter = text_splitter(encoding="o200k_base", chunk_size=4, add_start_index=True)
>>> for document in splitter.create_documents(["One sentence. Another one."]):
...     print(document.page_content, document.metadata)
One sentence. {'start_index': 0}
Another one. {'start_index': 14}
"""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from tokenkit import Chunker, Encoding

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

__all__ = ["text_splitter"]


def text_splitter(
    model: str | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    add_start_index: bool = False,
    strip_whitespace: bool = True,
    **settings: Any,
) -> TextSplitter:
    """A `langchain_text_splitters.TextSplitter` whose chunks are those of `Chunker`.

    `chunk_size` and `chunk_overlap` are tokens (`max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` the embedding model's safe limit), `strip_whitespace` is its `trim`; `settings` are
    its other ones. `start_index` is the chunk's own offset, in characters, not searched for.
    Documents hold a chunk's text: a `prefix` counts against the limit but is yours to add.

    Raises ImportError without langchain-text-splitters, and as `Chunker` does.

    >>> text_splitter("text-embedding-3-small", chunk_size=512).split_text("hello world")
    ['hello world']
    """
    chunker = Chunker(
        model,
        encoding=encoding,
        max_tokens=chunk_size,
        overlap=chunk_overlap,
        trim=strip_whitespace,
        **settings,
    )
    splitter: TextSplitter = _splitter_class()(chunker, add_start_index, strip_whitespace)
    return splitter


@cache
def _splitter_class() -> Any:
    from langchain_core.documents import Document
    from langchain_text_splitters import TextSplitter

    class TokenkitTextSplitter(TextSplitter):  # type: ignore[misc,unused-ignore]
        def __init__(self, chunker: Chunker, add_start_index: bool, strip_whitespace: bool) -> None:
            super().__init__(
                chunk_size=chunker.max_tokens,
                chunk_overlap=chunker.overlap,
                add_start_index=add_start_index,
                strip_whitespace=strip_whitespace,
            )
            self._chunker = chunker

        def split_text(self, text: str) -> list[str]:
            return [chunk.text for chunk in self._chunker.chunk(text) if chunk.text]

        def create_documents(
            self, texts: list[str], metadatas: list[dict[Any, Any]] | None = None
        ) -> list[Any]:
            documents = []
            for index, chunks in enumerate(self._chunker.chunk_batch(texts)):
                for chunk in chunks:
                    if not chunk.text:
                        continue
                    metadata = copy.deepcopy(metadatas[index]) if metadatas else {}
                    if self._add_start_index:
                        metadata["start_index"] = chunk.start
                    documents.append(Document(page_content=chunk.text, metadata=metadata))
            return documents

        def __reduce__(self) -> tuple[Any, ...]:
            return _bare, (), self.__dict__

    return TokenkitTextSplitter


def _bare() -> Any:
    """What unpickling fills: a class made on demand has no name to be found by."""
    made = _splitter_class()
    return made.__new__(made)
