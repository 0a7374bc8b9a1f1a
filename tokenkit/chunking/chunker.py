"""Cutting documents into chunks that never exceed a number of tokens.

>>> chunks = chunk("One sentence. Another one.", max_tokens=4, encoding="o200k_base")
>>> [(c.text, c.tokens) for c in chunks]
[('One sentence.', 3), (' Another one.', 3)]
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from tokenkit._checks import check_tokens, checked_threads
from tokenkit._core import ChunkSettings
from tokenkit._face import public
from tokenkit.chunking.stream import Refill, parts_of
from tokenkit.encodings import encoding_of, joined_pairs, require_str
from tokenkit.errors import ContextOverflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokenkit._core import ChunkState
    from tokenkit.encodings import Encoding

__all__ = ["Chunk", "Chunker", "chunk"]

Format: TypeAlias = Literal["auto", "text", "markdown", "code"]
Strategy: TypeAlias = Literal["optimal", "greedy", "token"]
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

_BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
_FORMATS = {"text": 0, "markdown": 1, "code": 2}
_STRATEGIES = {"optimal": 0, "greedy": 1, "token": 2}
_LARGEST = 2**31 - 1
_WINDOW = 1 << 16  # characters that iter_chunks reads at least

# The depth and the words of the headings that a place stands under.
_Path: TypeAlias = tuple[tuple[int, str], ...]


@public
@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a text: `text == source[start:end]`, in characters.

    `tokens` is the count of `text` alone, `input` is the prefix with the text: what to embed.
    `overlap` is the tokens that this chunk shares with the next one, `boundary` what it ends at,
    `headings` the path of markdown headings above it, its own first one included.
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


@public
class Chunker:
    """Cuts texts into chunks; immutable, threads may share it.

    `max_tokens` is the limit of a chunk (None: the safe input limit of an embedding model), against
    which `reserve` tokens and the `prefix` count too. `overlap` is how many tokens a chunk may
    repeat of the one before it. `strategy`: "optimal" weighs the number of chunks against where
    they end, `tightness` 1 preferring few chunks and 0 good borders; "greedy" goes chunk by chunk;
    "token" fills each chunk. `trim` leaves out white space at both ends.

    Raises ValueError for settings that cannot be met, and as `count` does for models and encodings.

    >>> chunker = Chunker(encoding="o200k_base", max_tokens=3, trim=True)
    >>> [c.text for c in chunker.chunk("One sentence. Another one.")]
    ['One sentence.', 'Another one.']
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        encoding: str | Encoding | None = None,
        max_tokens: int | None = None,
        overlap: int = 0,
        format: Format = "auto",
        strategy: Strategy = "optimal",
        tightness: float = 0.5,
        min_tokens: int = 0,
        reserve: int = 0,
        prefix: str | None = None,
        trim: bool = False,
    ) -> None:
        self._encoding = encoding_of(model, encoding)
        if max_tokens is None:
            max_tokens = _safe_limit(model)
        self.max_tokens = min(check_tokens("max_tokens", max_tokens, 1), _LARGEST)
        self.overlap = check_tokens("overlap", overlap)
        self.min_tokens = check_tokens("min_tokens", min_tokens)
        self.reserve = check_tokens("reserve", reserve)
        if format != "auto" and format not in _FORMATS:
            raise ValueError(f'format is "auto", "text", "markdown" or "code", not {format!r}')
        if strategy not in _STRATEGIES:
            raise ValueError(f'strategy is "optimal", "greedy" or "token", not {strategy!r}')
        if not 0 <= tightness <= 1:
            raise ValueError(f"tightness must be from 0 to 1, not {tightness}")
        self.format: Format = format
        self.strategy: Strategy = strategy
        self.tightness = tightness
        self.prefix = prefix or ""
        require_str(self.prefix)
        self.trim = bool(trim)
        self._room = self.max_tokens - self.reserve
        used = self._encoding.count(self.prefix)
        if self._room < 1 or used >= self._room:
            raise ValueError(
                f"nothing is left for text: max_tokens={self.max_tokens}, "
                f"reserve={self.reserve}, and the prefix is {used} tokens"
            )
        if self.overlap >= self._room - used:
            raise ValueError(
                f"overlap={self.overlap} must be less than the {self._room - used} tokens that a "
                "chunk's text may have"
            )
        if self.min_tokens > self.max_tokens:
            raise ValueError(
                f"min_tokens={self.min_tokens} is more than max_tokens={self.max_tokens}"
            )
        self._settings = ChunkSettings(
            _STRATEGIES[strategy],
            self.max_tokens,
            self._room,
            self.overlap,
            self.min_tokens,
            _weight(tightness),
            self.trim,
            self.prefix,
        )

    def __repr__(self) -> str:
        return f"<Chunker: {self.max_tokens} tokens of {self._encoding.name}, {self.strategy}>"

    def chunk(self, text: str) -> list[Chunk]:
        """The chunks of text, in order; none for an empty text.

        Raises TypeError unless text is str, and ContextOverflowError, naming the place, if one
        character alone is more than the limit.

        >>> Chunker(encoding="o200k_base", max_tokens=8).chunk("")
        []
        """
        require_str(text)
        return self._chunk_all([text], 1)[0]

    def chunk_batch(
        self, texts: Iterable[str], *, num_threads: int | None = None
    ) -> list[list[Chunk]]:
        """`chunk` of each text, on threads (by default as many as processors).

        >>> chunker = Chunker(encoding="o200k_base", max_tokens=8)
        >>> [len(chunks) for chunks in chunker.chunk_batch(["hello world", ""])]
        [1, 0]
        """
        all_texts = list(texts)
        for text in all_texts:
            require_str(text)
        return self._chunk_all(all_texts, checked_threads(num_threads))

    def iter_chunks(self, stream: Iterable[str]) -> Iterator[Chunk]:
        """The chunks of a text that comes in parts, cut anywhere, or of a text file.

        Places are those of the whole text. No more is kept than a window of the text, which grows
        with `max_tokens` and not with the text (with `trim`, runs of white space are held whole).
        "greedy" and "token" give the chunks that `chunk` gives; "optimal" decides on a chunk when
        64 bytes of text for each of `max_tokens`, and 16 KB, follow its start, and weighs what is
        in the window. For encodings with a pattern of your own all of the stream is read first.
        Raises as `chunk` does, when it comes to the place.

        >>> chunker = Chunker(encoding="o200k_base", max_tokens=8)
        >>> [c.text for c in chunker.iter_chunks(["hello ", "world"])]
        ['hello world']
        """
        if self._encoding._engine is not self._encoding._core:
            yield from self.chunk("".join(parts_of(stream)))
            return
        ahead = (1 << 14) + 64 * self.max_tokens
        window = size = _WINDOW + (2 * ahead if self.strategy == "optimal" else 0)
        refill = Refill(stream)
        buffer = refill.take(size)
        format = self.format if self.format != "auto" else _detected(buffer)
        state: ChunkState | None = None
        path: _Path = ()
        base = index = 0  # of the buffer and of the next chunk
        while True:
            more = not refill.ended
            found, left = self._encoding._core.chunk_part(
                buffer, _FORMATS[format], self._settings, state, more, ahead
            )
            chunks = self._chunks(buffer, found, base, index, path)
            yield from chunks
            if not more:
                return
            if chunks:
                # What is needed no more is dropped.
                pairs = joined_pairs(buffer)
                state = left
                first = left.dropped + bisect_left(pairs, left.dropped)
                path = _path_at(buffer, found[1][: left.headings], path)
                buffer = buffer[first:]
                base += first
                index += len(chunks)
                size = window
            else:
                size = 2 * len(buffer)
            buffer += refill.take(max(0, size - len(buffer)))

    def _chunk_all(self, texts: list[str], threads: int) -> list[list[Chunk]]:
        formats = [
            _FORMATS[_detected(text) if self.format == "auto" else self.format] for text in texts
        ]
        engine, core = self._encoding._engine, self._encoding._core
        if engine is core:
            found = core.chunk_batch(texts, formats, self._settings, threads)
        else:
            from tokenkit.chunking.custom_pattern import SlowChunking

            found = [
                SlowChunking(engine, text, format, self._settings).chunks()  # type: ignore[arg-type]
                for text, format in zip(texts, formats, strict=True)
            ]
        return [self._chunks(*one) for one in zip(texts, found, strict=True)]

    def _chunks(
        self, text: str, found: Any, shift: int = 0, first: int = 0, path: _Path = ()
    ) -> list[Chunk]:
        """Chunks of what the core found in text, which starts at `shift` of the source."""
        spans, headings, failure = found
        # Pairs of surrogates would be characters less: looking for them takes a while.
        whole = bool(spans) and spans[-1][1] == len(text)
        pairs = [] if whole else joined_pairs(text)

        def source(place: int) -> int:
            return place + bisect_left(pairs, place) if pairs else place

        if failure is not None:
            place, needed = source(failure[0]) + shift, failure[1]
            raise ContextOverflowError(
                f"the character at offset {place} needs {needed} tokens with prefix and reserve, "
                f"more than max_tokens={self.max_tokens}",
                needed=needed,
                available=self.max_tokens,
                limit_name="max_tokens",
            )
        paths = [tuple(words for _, words in path)]
        for depth, start, end in headings:
            path = _step(path, depth, text[source(start) : source(end)])
            paths.append(tuple(words for _, words in path))
        prefix = self.prefix
        chunks = []
        for index, (start, end, tokens, overlap, level, seen) in enumerate(spans, first):
            if pairs:
                start, end = source(start), source(end)
            part = text[start:end]
            chunks.append(
                Chunk(
                    part,
                    start + shift,
                    end + shift,
                    tokens,
                    prefix + part if prefix else part,
                    index,
                    overlap,
                    _BOUNDARIES[level],
                    paths[seen],
                )
            )
        return chunks


def _safe_limit(model: str | None) -> int:
    if model is None:
        raise ValueError("give max_tokens, or an embedding model whose safe limit is known")
    from tokenkit.models import get_model

    record = get_model(model)
    if record.kind != "embedding" or record.safe_input_tokens is None:
        raise ValueError(f"give max_tokens: {record.name} is no embedding model with a known limit")
    return record.safe_input_tokens


def _weight(tightness: float) -> float:
    """0.4, 0.15, 0.06 for 0, 0.5, 1, with straight lines between them."""
    # At 0.05 a README had one chunk of 391 less, and nine ends less at blank lines.
    if tightness <= 0.5:
        return 0.4 - (0.4 - 0.15) * 2 * tightness
    return 0.15 - (0.15 - 0.06) * (2 * tightness - 1)


def _step(path: _Path, depth: int, words: str) -> _Path:
    """The path of headings after one more."""
    return (*(above for above in path if above[0] < depth), (depth, words))


def _path_at(text: str, headings: list[tuple[int, int, int]], path: _Path) -> _Path:
    """The path of headings after all of these."""
    pairs = joined_pairs(text)
    for depth, start, end in headings:
        words = text[start + bisect_left(pairs, start) : end + bisect_left(pairs, end)]
        path = _step(path, depth, words)
    return path


def _detected(text: str) -> Literal["text", "markdown", "code"]:
    """The format that the first lines of a text look like."""
    lines = [line for line in text[:8192].splitlines() if line.strip()]
    marks = sum(line.startswith(("# ", "## ", "### ", "```", "- ", "* ", "|")) for line in lines)
    code = sum(line.rstrip().endswith(("{", "}", ";", "):", ");")) for line in lines)
    code += sum(
        line.startswith(("def ", "class ", "import ", "#include", "func ")) for line in lines
    )
    if any(line.startswith(("# ", "## ", "```")) for line in lines) and marks > code:
        return "markdown"
    return "code" if code * 5 > len(lines) else "text"


def chunk(
    text: str,
    *,
    max_tokens: int | None = None,
    model: str | None = None,
    encoding: str | Encoding | None = None,
    overlap: int = 0,
    **settings: Any,
) -> list[Chunk]:
    """The chunks of text; the settings are those of `Chunker`, and so are the errors.

    >>> [c.tokens for c in chunk("hello world", max_tokens=1, encoding="o200k_base")]
    [1, 1]
    """
    chunker = Chunker(model, encoding=encoding, max_tokens=max_tokens, overlap=overlap, **settings)
    return chunker.chunk(text)
