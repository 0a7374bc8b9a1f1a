"""The Chonkie adapter, used through Chonkie."""

from __future__ import annotations

import pickle
from typing import Any

import chonkie
import pytest
from adapter_texts import DOCUMENT, ENC, HARD, NAME, chunks_of

from tokenkit.integrations import chonkie as for_chonkie

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("overlap", [0, 10])
def test_chonkie_chunks(text: str, overlap: int) -> None:
    chunker = for_chonkie.chunker(encoding=NAME, chunk_size=40, chunk_overlap=overlap)
    assert isinstance(chunker, chonkie.BaseChunker)
    found = chunker(text)
    expected = chunks_of(text, overlap=overlap, trim=False)
    assert [(c.text, c.start_index, c.end_index, c.token_count) for c in found] == [
        (c.text, c.start, c.end, c.tokens) for c in expected
    ]
    assert all(isinstance(chunk, chonkie.Chunk) for chunk in found)
    batch = chunker([text, "", "end"])
    assert [[c.text for c in chunks] for chunks in batch] == [[c.text for c in found], [], ["end"]]


def test_chonkie_document() -> None:
    chunker = for_chonkie.chunker("text-embedding-3-small", chunk_size=40, format="markdown")
    document = chonkie.Document(content=DOCUMENT, metadata={"name": "sea"})
    chunks = chunker.chunk_document(document).chunks
    assert "".join(chunk.text for chunk in chunks) == DOCUMENT
    assert {chunk.metadata["name"] for chunk in chunks} == {"sea"}
    assert ["The sea", "Fish"] in [
        [heading.lstrip("# ") for heading in chunk.metadata.get("headings", [])] for chunk in chunks
    ]
    assert chunker.tokenizer.count_tokens("hello world") == 2


@pytest.mark.parametrize("name", [NAME, "gpt-5.4", ENC])
def test_tokenizer_of_chonkie(name: Any) -> None:
    tokenizer = for_chonkie.tokenizer(name)
    for cut in (chonkie.RecursiveChunker, chonkie.SentenceChunker):
        chunks = cut(pickle.loads(pickle.dumps(tokenizer)), chunk_size=40)(DOCUMENT)
        assert "".join(chunk.text for chunk in chunks) == DOCUMENT
        assert len(chunks) > 5
    texts = [DOCUMENT, "", "<|endoftext|>"]
    assert tokenizer.count_tokens_batch(texts) == [ENC.count(text) for text in texts]
    assert tokenizer.decode(tokenizer.encode(DOCUMENT)) == DOCUMENT
