"""Chunks as users get them, made of the spans and headings that the core finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from tokenkit._face import public
from tokenkit.encodings import SourceOffsets
from tokenkit.errors import ContextOverflowError

# In the order of csrc/chunk/border_types.hpp and csrc/chunk/chunk_types.hpp.
Boundary: TypeAlias = Literal[
    "heading",
    "fence",
    "block",
    "paragraph",
    "line",
    "sentence",
    "clause",
    "word",
    "character",
    "end",
]
BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)

# For each chunk (start, end, tokens, overlap, boundary, headings before its first word), for each
# heading (depth, start, end), and where a character is over the limit (offset, tokens); offsets are
# characters of the text, in which a pair of surrogates is one.
CoreChunks: TypeAlias = tuple[
    list[tuple[int, int, int, int, int, int]], list[tuple[int, int, int]], tuple[int, int] | None
]
# The depth and the words of the headings above a chunk.
HeadingPath: TypeAlias = tuple[tuple[int, str], ...]


@public
@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a text: `text == source[start:end]`, in characters.

    `tokens` is the count of `text` alone. `input` is the prefix and the text together: what to
    embed. `overlap` is the tokens that this chunk shares with the next one. `boundary` says what
    the chunk ends at. `headings` are the markdown headings above it, from the outermost to the
    nearest, a heading that it starts with included.

    >>> import tokenkit
    >>> tokenkit.chunk("# Title\\n\\nWords.", encoding="o200k_base", max_tokens=9)[0].headings
    ('Title',)
    """

    text: str
    start: int
    end: int
    tokens: int
    input: str
    index: int
    overlap: int = 0
    boundary: Boundary = "end"
    headings: tuple[str, ...] = ()


def path_after(path: HeadingPath, depth: int, words: str) -> HeadingPath:
    """Add a heading to the path of headings above a chunk; its lines become one.

    >>> path_after(((1, "Tides"),), 2, "Neap\\n  and spring")
    ((1, 'Tides'), (2, 'Neap and spring'))
    """
    words = " ".join(line.strip() for line in words.splitlines()) if "\n" in words else words
    return (*(heading for heading in path if heading[0] < depth), (depth, words))


def path_at(text: str, headings: list[tuple[int, int, int]], path: HeadingPath) -> HeadingPath:
    """Add the headings of a text, in order, to the path of headings above a chunk."""
    source = SourceOffsets(text)
    for depth, start, end in headings:
        path = path_after(path, depth, text[source[start] : source[end]])
    return path


def chunks_of(
    text: str,
    core_chunks: CoreChunks,
    prefix: str,
    max_tokens: int,
    *,
    shift: int = 0,
    first: int = 0,
    path: HeadingPath = (),
) -> list[Chunk]:
    """Make chunks of what the core found in a text.

    The text starts `shift` characters after its source does, below the headings of `path`; its
    first chunk gets the index `first`. Raises ContextOverflowError where one character is more than
    `max_tokens`.
    """
    spans, headings, failure = core_chunks
    # The last span ends with the text where there are no pairs, which take a while to look for.
    source = SourceOffsets(text, pairless=bool(spans) and spans[-1][1] == len(text))
    if failure is not None:
        raise overflow_at(source[failure[0]] + shift, failure[1], max_tokens)
    paths = [tuple(words for _, words in path)]
    for depth, start, end in headings:
        path = path_after(path, depth, text[source[start] : source[end]])
        paths.append(tuple(words for _, words in path))
    chunks = []
    has_pairs = bool(source)
    for index, (start, end, tokens, overlap, boundary, heading_count) in enumerate(spans, first):
        if has_pairs:
            start, end = source[start], source[end]
        words = text[start:end]
        chunks.append(
            Chunk(
                words,
                start + shift,
                end + shift,
                tokens,
                prefix + words if prefix else words,
                index,
                overlap,
                BOUNDARIES[boundary],
                paths[heading_count],
            )
        )
    return chunks


def moved_to(text: str, chunks: list[Chunk]) -> list[Chunk]:
    """Give the chunks of a repaired text the offsets and the words of the text itself."""
    source = SourceOffsets(text)
    moved = []
    for chunk in chunks:
        start, end = source[chunk.start], source[chunk.end]
        words = text[start:end]
        before = chunk.input[: len(chunk.input) - len(chunk.text)]
        moved.append(replace(chunk, start=start, end=end, text=words, input=before + words))
    return moved


def overflow_at(offset: int, needed: int, max_tokens: int) -> ContextOverflowError:
    """Make the error for a character that is more than a chunk."""
    return ContextOverflowError(
        f"max_tokens: expected at least {needed} for the character at offset {offset}, with prefix "
        f"and reserve, got {max_tokens}; raise max_tokens",
        needed=needed,
        available=max_tokens,
        limit_name="max_tokens",
    )


def in_row(row: int, error: ContextOverflowError) -> ContextOverflowError:
    """Make the same error for a row of a column, which it names."""
    return ContextOverflowError(
        f"row {row}: {error}",
        needed=error.needed,
        available=error.available,
        limit_name=error.limit_name,
    )
