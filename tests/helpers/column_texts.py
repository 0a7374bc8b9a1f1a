"""A column of texts for the adapters of engines, and what tiktoken says of each row."""

from __future__ import annotations

from tiktoken_offline import tiktoken_twin

import tokenkit

MODEL, ENCODING = "gpt-5.4", "o200k_base"
OTHER_MODEL, OTHER_ENCODING = "gpt-4", "cl100k_base"
TEXTS: list[str | None] = [
    "hello world",
    None,
    "",
    "naïve 漢字 🙂👩‍👩‍👧",
    "<|endoftext|> is text",
    " \n\n\t ",
    "# Tides\n\nThe sea rises. The moon pulls.\n\n## Moons\n\nTwo moons.",
    "hello world",
    "x" * 3000,
    None,
    "\x00e\u0301 " * 50,
]
NOT_UTF8 = [b"fine", b"abc\xff", None, b""]


def tiktoken_ids(
    texts: list[str | None] = TEXTS, encoding: str = ENCODING
) -> list[list[int] | None]:
    """The ids of each row by tiktoken, special tokens being ordinary text."""
    twin = tiktoken_twin(encoding)
    return [None if text is None else twin.encode_ordinary(text) for text in texts]


def tiktoken_counts(texts: list[str | None] = TEXTS, encoding: str = ENCODING) -> list[int | None]:
    """The counts of each row by tiktoken."""
    return [None if ids is None else len(ids) for ids in tiktoken_ids(texts, encoding)]


def tiktoken_fits(limit: int, texts: list[str | None] = TEXTS) -> list[bool | None]:
    """Of each row by tiktoken, whether it has at most so many tokens."""
    return [None if count is None else count <= limit for count in tiktoken_counts(texts)]


def as_structs(chunks: list[tokenkit.Chunk]) -> list[dict[str, object]]:
    """Chunks as the structs of a column."""
    return [
        {
            "index": chunk.index,
            "start": chunk.start,
            "end": chunk.end,
            "tokens": chunk.tokens,
            "text": chunk.text,
            "headings": list(chunk.headings),
        }
        for chunk in chunks
    ]
