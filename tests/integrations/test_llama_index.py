"""The LlamaIndex adapter, used through LlamaIndex."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from adapter_texts import DOCUMENT, ENC, HARD, NAME, chunks_of
from hypothesis import given, strategies as st
from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import MetadataMode, NodeRelationship
from search import examples
from strategies import texts

from tokenkit.integrations import llama_index

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("overlap", [0, 10])
def test_llama_index_nodes(text: str, overlap: int) -> None:
    parser = llama_index.node_parser(encoding=NAME, chunk_size=40, chunk_overlap=overlap)
    assert isinstance(parser, NodeParser)
    nodes = parser.get_nodes_from_documents([Document(text=text), Document(text="end")])
    spans = [(c.text, c.start, c.end) for c in chunks_of(text, overlap=overlap)]
    assert [(n.text, n.start_char_idx, n.end_char_idx) for n in nodes] == [*spans, ("end", 0, 3)]
    for node in nodes[:-1]:
        assert text[node.start_char_idx : node.end_char_idx] == node.text
    for before, after in itertools.pairwise(nodes[:-1]):
        assert before.relationships[NodeRelationship.NEXT].node_id == after.node_id


METADATA = st.dictionaries(
    st.text("abc", min_size=1, max_size=4), st.text(max_size=12), min_size=1, max_size=2
)
TEMPLATES = ["{metadata_str}\n\n{content}", "[{metadata_str}] {content} [end]", "{content}"]


@examples(25)
@given(texts(NAME), METADATA, st.sampled_from(TEMPLATES))
def test_llama_index_counts_metadata(text: str, metadata: dict[str, Any], template: str) -> None:
    text = text.encode("utf-8", "replace").decode()  # pydantic takes no lone surrogates
    document = Document(text=text, metadata=metadata, text_template=template)
    parser = llama_index.node_parser(encoding=NAME, chunk_size=120)
    for node in parser.get_nodes_from_documents([document]):
        assert node.metadata == metadata
        assert ENC.count(node.get_content(MetadataMode.EMBED)) <= 120
        assert text[node.start_char_idx : node.end_char_idx] == node.text


def test_llama_index_counts_what_follows_the_text() -> None:
    """A template may put more behind the text: room is made until all of it fits."""
    template = "[{metadata_str}] {content} [the end of this part]"
    document = Document(text=DOCUMENT, metadata={"title": "sea"}, text_template=template)
    nodes = llama_index.node_parser(encoding=NAME, chunk_size=60).get_nodes_from_documents(
        [document]
    )
    counts = [ENC.count(node.get_content(MetadataMode.EMBED)) for node in nodes]
    assert 50 < max(counts) <= 60
    assert all(DOCUMENT[node.start_char_idx : node.end_char_idx] == node.text for node in nodes)


def test_llama_index_metadata_options() -> None:
    document = Document(text=DOCUMENT, metadata={"title": "About the sea. " * 4})
    parser = llama_index.node_parser(encoding=NAME, chunk_size=60)
    sizes = [
        ENC.count(node.get_content(MetadataMode.EMBED))
        for node in parser.get_nodes_from_documents([document])
    ]
    assert 50 < max(sizes) <= 60
    assert len(sizes) > len(chunks_of(DOCUMENT, 60))
    document.excluded_embed_metadata_keys = ["title"]  # is not embedded, so it takes no room
    assert len(parser.get_nodes_from_documents([document])) == len(chunks_of(DOCUMENT, 60))
    plain = llama_index.node_parser(encoding=NAME, chunk_size=60, include_metadata=False)
    document.excluded_embed_metadata_keys = []
    assert len(plain.get_nodes_from_documents([document])) == len(chunks_of(DOCUMENT, 60))
    with pytest.raises(ValueError, match="nothing is left for text"):
        llama_index.node_parser(encoding=NAME, chunk_size=10).get_nodes_from_documents([document])


def test_llama_index_pipeline() -> None:
    parser = llama_index.node_parser("text-embedding-3-small", chunk_size=40)
    nodes = IngestionPipeline(transformations=[parser]).run(documents=[Document(text=DOCUMENT)])
    same = parser(nodes=[Document(text=DOCUMENT)])
    assert [node.text for node in nodes] == [node.text for node in same]
    assert len(nodes) > 5
    assert parser.to_dict()["chunk_size"] == 40


def test_llama_index_settings() -> None:
    assert llama_index.node_parser("text-embedding-3-small").chunk_size == 8191
    for name in ("prefix", "trim", "max_tokens", "overlap"):
        wrong: dict[str, Any] = {name: 1}
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
            llama_index.node_parser(encoding=NAME, chunk_size=40, **wrong)
    with pytest.raises(ValueError, match="overlap"):
        llama_index.node_parser(encoding=NAME, chunk_size=40, chunk_overlap=40)
