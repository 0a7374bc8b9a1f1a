"""The LangChain adapter, used through LangChain."""

from __future__ import annotations

import pytest
from adapter_texts import DOCUMENT, ENC, HARD, NAME, chunks_of
from langchain_core.documents import Document as LangChainDocument
from langchain_text_splitters import TextSplitter

import tokenkit
from tokenkit.integrations import langchain

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("overlap", [0, 10])
def test_langchain_documents(text: str, overlap: int) -> None:
    splitter = langchain.text_splitter(
        encoding=NAME, chunk_size=40, chunk_overlap=overlap, add_start_index=True
    )
    assert isinstance(splitter, TextSplitter)
    expected = chunks_of(text, overlap=overlap)
    assert splitter.split_text(text) == [chunk.text for chunk in expected]
    documents = splitter.create_documents([text, "end"], [{"name": "a"}, {"name": "b"}])
    assert documents[-1].metadata == {"name": "b", "start_index": 0}
    for document, chunk in zip(documents, expected, strict=False):
        start = document.metadata["start_index"]
        assert (start, document.page_content) == (chunk.start, chunk.text)
        assert text[start : start + len(document.page_content)] == document.page_content
        assert ENC.count(document.page_content) <= 40
    assert len(documents) == len(expected) + 1


def test_langchain_split_documents() -> None:
    splitter = langchain.text_splitter("text-embedding-3-small", chunk_size=40)
    metadata = {"source": {"page": 1}}
    given_document = LangChainDocument(page_content=DOCUMENT, metadata=metadata)
    found = splitter.split_documents([given_document])
    assert found == list(splitter.transform_documents([given_document]))
    assert len(found) > 5
    assert all(document.metadata == metadata for document in found)
    found[0].metadata["source"]["page"] = 2  # a copy for each
    assert found[1].metadata == given_document.metadata == {"source": {"page": 1}}
    assert splitter.create_documents([""]) == []
    assert splitter.create_documents([]) == []


def test_langchain_settings() -> None:
    whole = langchain.text_splitter(encoding=NAME, chunk_size=40, strip_whitespace=False)
    assert "".join(whole.split_text(DOCUMENT)) == DOCUMENT
    default = langchain.text_splitter("text-embedding-3-small")
    assert default.split_text("word " * 8191)[0].count("word") > 8000
    marked = langchain.text_splitter(encoding=NAME, chunk_size=40, format="markdown", tightness=0)
    chunker = tokenkit.Chunker(
        encoding=NAME, max_tokens=40, format="markdown", tightness=0, trim=True
    )
    assert marked.split_text(DOCUMENT) == [chunk.text for chunk in chunker.chunk(DOCUMENT)]
    with pytest.raises(ValueError, match="overlap"):
        langchain.text_splitter(encoding=NAME, chunk_size=40, chunk_overlap=40)
    with pytest.raises(ValueError, match="model or an encoding"):
        langchain.text_splitter(chunk_size=40)
    with pytest.raises(TypeError, match="no_such_setting"):
        langchain.text_splitter(encoding=NAME, chunk_size=40, no_such_setting=1)  # type: ignore[call-arg]
