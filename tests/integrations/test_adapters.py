"""The adapters, used through the real frameworks, and `Encoding.count` in the frameworks' hooks."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from typing import Any

import chonkie
import pytest
import semchunk
from chunk_promises import check_promises
from hypothesis import given, settings, strategies as st
from langchain_core.documents import Document as LangChainDocument
from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter
from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import NodeParser, SentenceSplitter
from llama_index.core.schema import MetadataMode, NodeRelationship
from semantic_text_splitter import TextSplitter as SemanticTextSplitter
from strategies import texts

import tokenkit
from tokenkit.integrations import (
    chonkie as for_chonkie,
    langchain,
    llama_index,
    semchunk as for_semchunk,
)

NAME = "o200k_base"
ENC = tokenkit.get_encoding(NAME)
DOCUMENT = (
    "# The sea\n\nThe sea is wide. It is also deep; nobody knows how deep.\n\n## Fish\n\n"
    "Fish swim. 魚は泳ぐ。海は広い。 <|endoftext|> is not a fish.\n\n"
    "```python\nfor fish in sea:\n    print(fish)\n```\n\n"
) * 12
# Its chunks occur in it many times, so that looking for one finds another.
REPEATED = "again and again, " * 400
HARD = [DOCUMENT, REPEATED, "x" * 3000, "👩\u200d👩\u200d👧" * 200, "a\r\n\r\n b " * 200]


def chunks_of(text: str, size: int = 40, overlap: int = 0, trim: bool = True) -> list[Any]:
    chunker = tokenkit.Chunker(encoding=NAME, max_tokens=size, overlap=overlap, trim=trim)
    chunks = chunker.chunk(text)
    check_promises(text, chunks, chunker)
    return chunks


# LangChain


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


# LlamaIndex


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


@settings(max_examples=25)
@given(texts(NAME), METADATA, st.sampled_from(TEMPLATES))
def test_llama_index_counts_metadata(text: str, metadata: dict[str, Any], template: str) -> None:
    text = text.encode("utf-8", "replace").decode()  # pydantic takes no lone surrogates
    document = Document(text=text, metadata=metadata, text_template=template)
    parser = llama_index.node_parser(encoding=NAME, chunk_size=120)
    for node in parser.get_nodes_from_documents([document]):
        assert node.metadata == metadata
        assert ENC.count(node.get_content(MetadataMode.EMBED)) <= 120
        assert text[node.start_char_idx : node.end_char_idx] == node.text


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


# Chonkie and semchunk


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


# What all of them share


@pytest.mark.parametrize(
    "made",
    [
        langchain.text_splitter(encoding=NAME, chunk_size=40, add_start_index=True),
        llama_index.node_parser(encoding=NAME, chunk_size=40, strategy="greedy"),
        for_chonkie.chunker(encoding=NAME, chunk_size=40),
        for_semchunk.chunkerify(NAME, 40),
    ],
    ids=["langchain", "llama_index", "chonkie", "semchunk"],
)
def test_adapters_can_be_pickled(made: Any) -> None:
    again = pickle.loads(pickle.dumps(made))
    for method in ("split_text", "get_nodes_from_documents", "chunk", "__call__"):
        if hasattr(made, method):
            argument: Any = [Document(text=DOCUMENT)] if method.startswith("get") else DOCUMENT
            first, second = getattr(made, method)(argument), getattr(again, method)(argument)
            assert [getattr(c, "text", c) for c in first] == [getattr(c, "text", c) for c in second]
            assert len(first) > 5
            return
    raise AssertionError(f"nothing to call on {made}")


@pytest.mark.parametrize("module", ["langchain", "llama_index", "chonkie", "semchunk"])
def test_frameworks_are_imported_when_called_for(module: str) -> None:
    code = (
        "import sys\n"
        f"import tokenkit.integrations.{module}\n"
        "names = ('langchain_core', 'langchain_text_splitters', 'llama_index', 'chonkie',"
        " 'semchunk')\n"
        "assert not [name for name in names if name in sys.modules]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# `Encoding.count` where frameworks ask for a length or a tokenizer


def test_count_as_length_function() -> None:
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=40, chunk_overlap=0, length_function=ENC.count
    )
    parts = splitter.split_text(DOCUMENT)
    assert len(parts) > 5
    assert all(ENC.count(part) <= 40 for part in parts)


def test_count_as_token_counter() -> None:
    assert all(ENC.count(part) <= 40 for part in semchunk.chunkerify(ENC.count, 40)(DOCUMENT))
    # semchunk also takes an Encoding; then it encodes to count.
    assert semchunk.chunkerify(ENC, 40)(DOCUMENT) == semchunk.chunkerify(ENC.count, 40)(DOCUMENT)
    parts = SemanticTextSplitter.from_callback(ENC.count, 40).chunks(DOCUMENT)
    assert all(ENC.count(part) <= 40 for part in parts)
    chunks = chonkie.SentenceChunker(tokenizer=ENC.count, chunk_size=40)(DOCUMENT)
    assert "".join(chunk.text for chunk in chunks) == DOCUMENT
    assert len(chunks) > 5


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


def test_encode_as_tokenizer() -> None:
    # LlamaIndex takes the length of what its tokenizer gives, so it wants ids.
    splitter = SentenceSplitter(chunk_size=60, chunk_overlap=0, tokenizer=ENC.encode_ordinary)
    parts = splitter.split_text(DOCUMENT)
    assert len(parts) > 5
    assert all(ENC.count(part) <= 60 for part in parts)
