"""Splits documents into chunks that never exceed a number of tokens.

>>> chunks = chunk("One sentence. Another one.", max_tokens=4, encoding="o200k_base")
>>> [(c.text, c.tokens) for c in chunks]
[('One sentence.', 3), (' Another one.', 3)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias, get_args

from tokenkit._checks import (
    check_choice,
    check_fraction,
    check_items,
    check_str,
    check_tokens,
    checked_threads,
    shown,
)
from tokenkit._core import ChunkSettings
from tokenkit._face import public
from tokenkit.chunking.columns import ArrowChunks, chunk_lists, chunk_table, row_by_row
from tokenkit.chunking.formats import CHOICES, FORMATS, Format, format_number
from tokenkit.chunking.options import checked_separators, safe_limit, weight_of
from tokenkit.chunking.results import (
    Chunk,
    CoreChunks,
    HeadingPath,
    chunks_of,
    in_row,
    moved_to,
    overflow_at,
    path_at,
)
from tokenkit.chunking.stream import Refill, parts_of
from tokenkit.chunking.tables import chunk_with_heads
from tokenkit.encodings import (
    ArrowArray,
    ArrowColumn,
    Encoding,
    Errors,
    SourceOffsets,
    encoding_of,
    repaired,
)
from tokenkit.models import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit._core import ArrowChunkRows, ArrowColumn as CoreColumn, ChunkState

__all__ = ["Chunker", "chunk"]

Strategy: TypeAlias = Literal["optimal", "greedy", "token"]

# By their numbers in csrc/chunk/chunk_types.hpp.
_STRATEGIES = {"optimal": 0, "greedy": 1, "token": 2}
_LARGEST = 2**31 - 1
_WINDOW = 1 << 16  # characters that iter_chunks reads at least


@public
class Chunker:
    """Splits texts into chunks; immutable, threads may share it.

    - `model` or `encoding`: what counts. `model` is a name or a `Model`, `encoding` a name or an
      `Encoding`.
    - `max_tokens`: the most tokens of a chunk; None takes the safe input limit of an embedding
      model. `reserve` tokens, the encoding's `overhead` and the `prefix`, a text that is put before
      each chunk when it is used, count against it.
    - `overlap`: the most tokens that a chunk repeats of the one before it.
    - `format`: how to read the text: "text", "markdown", "code", or "auto", which looks at the
      first lines.
    - `strategy`: "optimal" weighs the number of chunks against where they end, over the whole text;
      "greedy" does so chunk by chunk; "token" fills each chunk, wherever it ends.
    - `tightness`: from 0, which prefers good places to end, to 1, which prefers few chunks; for
      "optimal" and "greedy".
    - `min_tokens`: chunks below it are joined with the one before, or filled up from it, where the
      limit and the borders allow it.
    - `trim`: leave out the white space at both ends of each chunk, but for what is in one grapheme
      cluster with other characters.
    - `separators`: strings of your own, the best first, at whose ends a text is split where it can
      be, as at `["\\n---\\n"]`; a chunk ends with its separator. Other ends are taken where what
      lies between two of them is more than a chunk. Not for the strategy "token".
    - `table_header`: repeat the head of a Markdown table in the `input` of each chunk that starts
      inside it, between `prefix` and `text`; its tokens count against the limit. A head of more
      than half of that is not repeated.

    Raises TypeError and ValueError, naming the option, for options that are of another type, out of
    range, or leave no room for text; and as `count` does for models and encodings.

    >>> chunker = Chunker(encoding="o200k_base", max_tokens=3, trim=True)
    >>> [c.text for c in chunker.chunk("One sentence. Another one.")]
    ['One sentence.', 'Another one.']
    """

    def __init__(
        self,
        model: str | Model | None = None,
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
        separators: Sequence[str] | None = None,
        table_header: bool = False,
    ) -> None:
        self._encoding = encoding_of(model, encoding)
        if max_tokens is None:
            max_tokens = safe_limit(model)
        self.max_tokens = min(check_tokens("max_tokens", max_tokens, 1), _LARGEST)
        self.overlap = check_tokens("overlap", overlap)
        self.format: Format = check_choice("format", format, get_args(Format))
        self.strategy: Strategy = check_choice("strategy", strategy, get_args(Strategy))
        self.tightness = check_fraction("tightness", tightness, whole=True)
        self.min_tokens = check_tokens("min_tokens", min_tokens)
        self.reserve = check_tokens("reserve", reserve) + self._encoding.overhead
        self.prefix = "" if prefix is None else check_str("prefix", prefix)
        for name, flag in (("trim", trim), ("table_header", table_header)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name}: expected True or False, got {shown(flag)}")
        self.trim = trim
        self.table_header = table_header
        self.separators = checked_separators(separators, strategy)
        self._check_room()
        self._settings = self._settings_with(self.prefix)

    def _settings_with(self, prefix: str) -> ChunkSettings:
        return ChunkSettings(
            _STRATEGIES[self.strategy],
            self.max_tokens,
            self.max_tokens - self.reserve,
            self.overlap,
            self.min_tokens,
            weight_of(self.tightness),
            self.trim,
            prefix,
            tuple(repaired(separator).encode() for separator in self.separators),
        )

    def _check_room(self) -> None:
        """Raise ValueError if the options leave no room for text, or none that is new."""
        used = self.reserve + self._encoding.count(self.prefix)
        room = self.max_tokens - used
        if room < 1:
            raise ValueError(
                f"max_tokens: expected more than the {used} tokens of reserve and prefix, got "
                f"{self.max_tokens}; nothing is left for text"
            )
        if self.overlap >= room:
            raise ValueError(
                f"overlap: expected less than the {room} tokens that a chunk's text may have, got "
                f"{self.overlap}"
            )
        if self.min_tokens > self.max_tokens:
            raise ValueError(
                f"min_tokens: expected at most max_tokens, {self.max_tokens}, got {self.min_tokens}"
            )

    @property
    def encoding(self) -> Encoding:
        """The encoding that counts.

        >>> Chunker("text-embedding-3-small").encoding.name
        'cl100k_base'
        """
        return self._encoding

    def __repr__(self) -> str:
        return f"<Chunker: {self.max_tokens} tokens of {self._encoding.name}, {self.strategy}>"

    def chunk(self, text: str) -> list[Chunk]:
        """Split a text into chunks, in order; an empty text has none.

        Raises TypeError unless text is str, and ContextOverflowError, naming the offset, where one
        character alone is more than the limit.

        >>> Chunker(encoding="o200k_base", max_tokens=8).chunk("")
        []
        """
        check_str("text", text)
        return self._chunk_all([text], 1)[0]

    def chunk_batch(
        self, texts: Iterable[str], *, num_threads: int | None = None
    ) -> list[list[Chunk]]:
        """Split each text, as `chunk` does, on threads: by default one per processor.

        >>> chunker = Chunker(encoding="o200k_base", max_tokens=8)
        >>> [len(chunks) for chunks in chunker.chunk_batch(["hello world", ""])]
        [1, 0]
        """
        all_texts = list(check_items("texts", texts, "texts"))
        for text in all_texts:
            check_str("text", text)
        return self._chunk_all(all_texts, checked_threads(num_threads))

    def chunk_arrow(
        self,
        array: ArrowArray,
        *,
        ids: ArrowArray | None = None,
        errors: Errors = "raise",
        num_threads: int | None = None,
    ) -> ArrowChunks:
        """Split each row of an Arrow column into chunks, as `chunk` does: a table of all of them.

        Takes what `Encoding.count_arrow` takes. The result is an Arrow stream, made batch by batch
        as it is read, on threads: by default one per processor. A row that is null or empty gives
        no chunks. `ids` are as many as the rows, in an Arrow array of strings, binary, booleans,
        numbers, dates or times, or a dictionary of these; their values, nulls too, then stand in
        the column `id` in place of `row`.

        Raises TypeError and ValueError for other columns and ids; with the row, ValueError for one
        that is not UTF-8, unless errors="null" counts it and leaves it out, and
        ContextOverflowError for a character that is more than the limit. What only a later batch
        finds, a library that reads the stream raises as an error of its own, with the same words.

        >>> import pyarrow
        >>> table = pyarrow.table({"key": ["a", "b"], "text": ["hello world, again", None]})
        >>> chunker = Chunker(encoding="o200k_base", max_tokens=3)
        >>> chunks = pyarrow.table(chunker.chunk_arrow(table["text"], ids=table["key"]))
        >>> chunks.column_names
        ['id', 'index', 'start', 'end', 'tokens', 'text', 'headings']
        >>> list(zip(*(chunks[name].to_pylist() for name in ("id", "start", "text"))))
        [('a', 0, 'hello world,'), ('a', 12, ' again')]
        """
        threads = checked_threads(num_threads)
        return chunk_table(array, ids, errors, lambda rows: self._batches(rows, threads))

    def chunk_arrow_lists(
        self,
        array: ArrowArray,
        *,
        errors: Errors = "raise",
        num_threads: int | None = None,
    ) -> ArrowColumn:
        """Split each row as `chunk_arrow` does: a column that has a list of chunks for each row.

        A chunk is a struct of `index`, `start`, `end`, `tokens`, `text` and `headings`. A null row
        is null, and the list of an empty one is empty. All of the result is in memory. Raises as
        `chunk_arrow` does, and ValueError where all chunks together are 2 GB or more.

        >>> import pyarrow
        >>> chunker = Chunker(encoding="o200k_base", max_tokens=2)
        >>> column = chunker.chunk_arrow_lists(pyarrow.array(["hello world, again", None, ""]))
        >>> [chunk["text"] for chunk in column[0]], column[1], column[2]
        (['hello', ' world,', ' again'], None, [])
        """
        threads = checked_threads(num_threads)
        return chunk_lists(array, errors, lambda rows: self._batches(rows, threads))

    def iter_chunks(self, stream: Iterable[str]) -> Iterator[Chunk]:
        """Split a text that comes in parts, however they are divided, or a text file.

        Offsets are those of the whole text. Only a window of the text is kept, which grows with
        `max_tokens` and not with the text (with `trim`, runs of white space are held whole).
        "greedy" and "token" give the chunks that `chunk` gives; "optimal" decides on a chunk when
        64 bytes of text for each of `max_tokens`, and 16 KB, follow its start, and weighs what is
        in the window. For encodings with a pattern of your own, and with `table_header`, all of the
        stream is read first.
        Raises as `chunk` does, when it comes to the offset.

        >>> chunker = Chunker(encoding="o200k_base", max_tokens=8)
        >>> [c.text for c in chunker.iter_chunks(["hello ", "world"])]
        ['hello world']
        """
        if self.table_header:
            yield from self.chunk("".join(parts_of(stream)))
            return
        ahead = (1 << 14) + 64 * self.max_tokens
        window = size = _WINDOW + (2 * ahead if self.strategy == "optimal" else 0)
        refill = Refill(stream)
        buffer = refill.take(size)
        format = format_number(self.format, buffer)
        state: ChunkState | None = None
        path: HeadingPath = ()
        base = index = 0  # of the buffer and of the next chunk
        while True:
            more = not refill.ended
            core_chunks, left = self._encoding.engine.chunk_part(
                buffer, format, self._settings, state, more, ahead
            )
            chunks = self._chunks(buffer, core_chunks, base, index, path)
            yield from chunks
            if not more:
                return
            if chunks and left is not None:
                state = left
                path = path_at(buffer, core_chunks[1][: left.headings], path)
                dropped = SourceOffsets(buffer)[left.dropped]
                buffer = buffer[dropped:]
                base += dropped
                index += len(chunks)
                size = window
            else:
                size = 2 * len(buffer)
            buffer += refill.take(max(0, size - len(buffer)))

    def _chunk_all(self, texts: list[str], threads: int) -> list[list[Chunk]]:
        if self.table_header:
            return [self._chunk_with_heads(text) for text in texts]
        formats = [format_number(self.format, text) for text in texts]
        all_chunks = self._encoding.engine.chunk_batch(texts, formats, self._settings, threads)
        return [
            self._chunks(text, core_chunks)
            for text, core_chunks in zip(texts, all_chunks, strict=True)
        ]

    def _batches(self, rows: ArrowChunkRows, threads: int) -> Iterator[CoreColumn]:
        chunk_arrow = self._encoding.engine.chunk_arrow
        if chunk_arrow is None or self.table_header:
            yield from row_by_row(rows, self.chunk)
            return
        choice = CHOICES[self.format]
        while (batch := chunk_arrow(rows, self._settings, choice, threads)) is not None:
            yield batch
        if rows.overlong is not None:
            row, offset, needed = rows.overlong
            raise in_row(row, overflow_at(offset, needed, self.max_tokens))

    def _chunk_with_heads(self, text: str) -> list[Chunk]:
        format = format_number(self.format, text)
        room = self.max_tokens - self.reserve
        engine = self._encoding.engine

        def split(part: str, head: str) -> CoreChunks:
            if head and engine.count(head, None) > room // 2 - self.overlap:
                return [], [], None
            settings = self._settings_with(self.prefix + head) if head else self._settings
            return engine.chunk_batch([part], [format], settings, 1)[0]

        def make(
            part: str,
            core_chunks: CoreChunks,
            shift: int,
            first: int,
            path: HeadingPath,
            head: str,
        ) -> list[Chunk]:
            return chunks_of(
                part,
                core_chunks,
                self.prefix + head,
                self.max_tokens,
                shift=shift,
                first=first,
                path=path,
            )

        if format != FORMATS["markdown"]:
            return self._chunks(text, split(text, ""))
        whole = repaired(text)
        chunks = chunk_with_heads(
            whole, split, make, lambda table: self._encoding.within(table, room) is None
        )
        return chunks if whole is text else moved_to(text, chunks)

    def _chunks(
        self,
        text: str,
        core_chunks: CoreChunks,
        shift: int = 0,
        first: int = 0,
        path: HeadingPath = (),
    ) -> list[Chunk]:
        return chunks_of(
            text, core_chunks, self.prefix, self.max_tokens, shift=shift, first=first, path=path
        )


def chunk(
    text: str,
    model: str | Model | None = None,
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
    separators: Sequence[str] | None = None,
    table_header: bool = False,
) -> list[Chunk]:
    """Split a text into chunks, with the options of `Chunker`, which says what they mean.

    `max_tokens`, `overlap`, `min_tokens` and `reserve` are tokens; the offsets of a chunk are
    characters. Raises as `Chunker` and `Chunker.chunk` do.

    >>> import tokenkit
    >>> [c.text for c in tokenkit.chunk("hello world", "text-embedding-3-small")]
    ['hello world']
    >>> [c.tokens for c in chunk("hello world", max_tokens=1, encoding="o200k_base")]
    [1, 1]
    """
    chunker = Chunker(
        model,
        encoding=encoding,
        max_tokens=max_tokens,
        overlap=overlap,
        format=format,
        strategy=strategy,
        tightness=tightness,
        min_tokens=min_tokens,
        reserve=reserve,
        prefix=prefix,
        trim=trim,
        separators=separators,
        table_header=table_header,
    )
    return chunker.chunk(text)
