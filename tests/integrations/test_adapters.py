"""The adapters together: options by name, pickles, imports; `Encoding.count` in frameworks."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from typing import Any

import chonkie
import pytest
import semchunk
from adapter_texts import DOCUMENT, ENC, NAME
from langchain_text_splitters import RecursiveCharacterTextSplitter
from llama_index.core import Document
from llama_index.core.node_parser import SentenceSplitter
from semantic_text_splitter import TextSplitter as SemanticTextSplitter

import tokenkit
from tokenkit.integrations import (
    chonkie as for_chonkie,
    langchain,
    llama_index,
    semchunk as for_semchunk,
)

pytestmark = pytest.mark.frameworks


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


@pytest.mark.parametrize(
    "make",
    [
        langchain.text_splitter,
        llama_index.node_parser,
        for_chonkie.chunker,
        for_semchunk.chunkerify,
    ],
)
def test_options_stand_by_name_as_in_the_chunker(make: Any) -> None:
    chunker = inspect.signature(tokenkit.Chunker.__init__).parameters
    options = inspect.signature(make).parameters
    assert inspect.Parameter.VAR_KEYWORD not in {option.kind for option in options.values()}
    assert {"format", "strategy", "tightness", "min_tokens", "reserve"} <= options.keys()
    for name, option in options.items():
        if name in chunker:
            assert (option.default, option.annotation) == (
                chunker[name].default,
                chunker[name].annotation,
            )


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


def test_encode_as_tokenizer() -> None:
    # LlamaIndex takes the length of what its tokenizer gives, so it wants ids.
    splitter = SentenceSplitter(chunk_size=60, chunk_overlap=0, tokenizer=ENC.encode_ordinary)
    parts = splitter.split_text(DOCUMENT)
    assert len(parts) > 5
    assert all(ENC.count(part) <= 60 for part in parts)
