"""The chunkers that are compared, each at its default settings but for encoding and chunk size.

Others count with tiktoken, the way their documentation shows. A chunker's timed call is its
quickest public one; where that gives no offsets, these come from the library's own call for them,
which is not timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MODEL = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}


@dataclass(frozen=True)
class Part:
    """One chunk; `start` in characters and `tokens` are what the library says, None if nothing."""

    text: str
    start: int | None = None
    tokens: int | None = None


@dataclass(frozen=True)
class Cutter:
    chunk: Callable[[str], Any]  # what is timed
    parts: Callable[[str], list[Part]]


@dataclass(frozen=True)
class ChunkLibrary:
    """`load(encoding, chunk size, overlap)`; `structure` says whether it looks for borders that
    readers see, `overlap` whether it can repeat tokens."""

    distribution: str
    load: Callable[[str, int, int], Cutter]
    structure: bool = True
    overlap: bool = True


def tokenkit_strategy(strategy: Any) -> Callable[[str, int, int], Cutter]:
    def load(encoding: str, size: int, overlap: int) -> Cutter:
        import tokenkit

        chunker = tokenkit.Chunker(
            encoding=encoding, max_tokens=size, overlap=overlap, strategy=strategy
        )
        return Cutter(
            chunker.chunk,
            lambda text: [Part(c.text, c.start, c.tokens) for c in chunker.chunk(text)],
        )

    return load


def tokenkit_count(encoding: str, size: int, overlap: int) -> Cutter:
    import tokenkit

    return Cutter(tokenkit.get_encoding(encoding).count, lambda _: [])


def langchain(encoding: str, size: int, overlap: int) -> Cutter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter.from_tiktoken_encoder(
        encoding,
        disallowed_special=(),
        chunk_size=size,
        chunk_overlap=overlap,
        add_start_index=True,
    )

    def parts(text: str) -> list[Part]:
        documents = splitter.create_documents([text])
        return [Part(one.page_content, one.metadata["start_index"]) for one in documents]

    return Cutter(splitter.split_text, parts)


def semchunk(encoding: str, size: int, overlap: int) -> Cutter:
    import semchunk
    import tiktoken

    chunker = semchunk.chunkerify(tiktoken.get_encoding(encoding), size)

    def parts(text: str) -> list[Part]:
        texts, spans = chunker(text, offsets=True, overlap=overlap or None)
        return [Part(one, start) for one, (start, _) in zip(texts, spans, strict=True)]

    return Cutter(lambda text: chunker(text, overlap=overlap or None), parts)


def text_splitter(encoding: str, size: int, overlap: int) -> Cutter:
    from semantic_text_splitter import TextSplitter

    splitter = TextSplitter.from_tiktoken_model(MODEL[encoding], size, overlap=overlap)
    return Cutter(
        splitter.chunks,
        lambda text: [Part(one, start) for start, one in splitter.chunk_indices(text)],
    )


def chonkie(name: str) -> Callable[[str, int, int], Cutter]:
    def load(encoding: str, size: int, overlap: int) -> Cutter:
        import chonkie
        import tiktoken

        options: dict[str, Any] = {"chunk_overlap": overlap} if overlap else {}
        chunker = getattr(chonkie, name)(
            tiktoken.get_encoding(encoding), chunk_size=size, **options
        )
        return Cutter(
            chunker.chunk,
            lambda text: [Part(c.text, c.start_index, c.token_count) for c in chunker.chunk(text)],
        )

    return load


COUNT = "tokenkit count"
OURS = "tokenkit optimal"
CHUNKERS = {
    OURS: ChunkLibrary("tokenkit-bpe", tokenkit_strategy("optimal")),
    "tokenkit greedy": ChunkLibrary("tokenkit-bpe", tokenkit_strategy("greedy")),
    "tokenkit token": ChunkLibrary("tokenkit-bpe", tokenkit_strategy("token"), structure=False),
    "langchain Recursive": ChunkLibrary("langchain-text-splitters", langchain),
    "semchunk": ChunkLibrary("semchunk", semchunk),
    "semantic-text-splitter": ChunkLibrary("semantic-text-splitter", text_splitter),
    "chonkie Recursive": ChunkLibrary("chonkie", chonkie("RecursiveChunker"), overlap=False),
    "chonkie Sentence": ChunkLibrary("chonkie", chonkie("SentenceChunker")),
    "chonkie Token": ChunkLibrary("chonkie", chonkie("TokenChunker"), structure=False),
    COUNT: ChunkLibrary("tokenkit-bpe", tokenkit_count, structure=False, overlap=False),
}
