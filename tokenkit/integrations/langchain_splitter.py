"""The class that `tokenkit.integrations.langchain` makes; importing this file imports LangChain."""

from __future__ import annotations

import copy
from typing import Any

from langchain_core.documents import Document
from langchain_text_splitters import TextSplitter

from tokenkit import Chunker


class TokenkitTextSplitter(TextSplitter):  # type: ignore[misc,unused-ignore]
    """A text splitter whose chunks are those of a `Chunker`."""

    def __init__(self, chunker: Chunker, add_start_index: bool) -> None:
        super().__init__(
            chunk_size=chunker.max_tokens,
            chunk_overlap=chunker.overlap,
            add_start_index=add_start_index,
            strip_whitespace=chunker.trim,
        )
        self._chunker = chunker

    def split_text(self, text: str) -> list[str]:
        return [chunk.text for chunk in self._chunker.chunk(text)]

    def create_documents(
        self, texts: list[str], metadatas: list[dict[Any, Any]] | None = None
    ) -> list[Document]:
        documents = []
        for index, chunks in enumerate(self._chunker.chunk_batch(texts)):
            for chunk in chunks:
                metadata = copy.deepcopy(metadatas[index]) if metadatas else {}
                if self._add_start_index:
                    metadata["start_index"] = chunk.start
                documents.append(Document(page_content=chunk.text, metadata=metadata))
        return documents
