"""The adapter in the shape of semchunk, beside semchunk itself."""

from __future__ import annotations

import pytest
import semchunk
from adapter_texts import ENC, HARD, NAME, chunks_of

import tokenkit
from tokenkit.integrations import semchunk as for_semchunk

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("text", HARD)
def test_semchunk_shape(text: str) -> None:
    ours = for_semchunk.chunkerify(NAME, 40)
    theirs = semchunk.chunkerify(ENC.count, 40)
    assert ours.chunk_size == theirs.chunk_size == 40
    for chunker in (ours, theirs):
        chunks, offsets = chunker(text, offsets=True, overlap=0.25)
        assert [text[start:end] for start, end in offsets] == chunks
        assert all(ENC.count(chunk) <= 40 for chunk in chunks)
        many, places = chunker([text, "end"], offsets=True)
        assert [len(one) for one in many] == [len(one) for one in places]
        assert (many[1], places[1]) == (["end"], [(0, 3)])
        assert chunker([text, "end"]) == many
        assert chunker(text) == many[0]
    assert ours(text, overlap=10) == [chunk.text for chunk in chunks_of(text, overlap=10)]
    assert ours(text, overlap=0.25) == ours(text, overlap=10)
    assert ours([text, text], processes=2) == [ours(text)] * 2
    assert ours("") == theirs("") == []


def test_semchunk_names() -> None:
    by_model = for_semchunk.chunkerify("text-embedding-3-small")
    assert by_model.chunk_size == 8191
    own = for_semchunk.chunkerify(ENC, 40, strategy="token")
    assert own("word " * 50)[0] == ("word " * 40).strip()
    with pytest.raises(tokenkit.UnknownModelError):
        for_semchunk.chunkerify("no-such-model", 40)
