"""Encodings with a pattern of the user's own: split by the `regex` package, merged by the core."""

from __future__ import annotations

from array import array

from tokenkit._core import ArrowColumn, StateLock, check_text
from tokenkit.encodings.patterns import translated
from tokenkit.encodings.special import split_special
from tokenkit.encodings.text import as_str, invalid_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit._core import (
        ArrowTexts,
        ChunkSettings,
        ChunkState,
        Core,
        SpecialSet,
        TruncateSettings,
    )
    from tokenkit.encodings.engine import Chunks, Cuts, Ids
    from tokenkit.encodings.text import Text

_PIECES_PER_CALL = 4096
_CHAR, _BYTE, _UTF16 = range(3)


class PatternSpecialSet:
    """A subset of the special tokens, by name and as the core knows it."""

    __slots__ = ("names", "native")

    def __init__(self, names: frozenset[str], native: SpecialSet) -> None:
        self.names = names
        self.native = native


class PatternEngine:
    """An engine for patterns that the core does not know.

    Text that the pattern does not match is dropped, as in tiktoken. Immutable; threads may share
    it, but `regex` holds the GIL, so they do not make it faster.
    """

    def __init__(self, core: Core, pat_str: str, special_tokens: dict[str, int]) -> None:
        import regex  # type: ignore[import-untyped,unused-ignore]

        self._core = core
        self._special_tokens = special_tokens
        try:
            # Version 1 of the syntax has nested sets and scoped flags, as tiktoken's engine; its
            # full case folding (ss for one sharp s) is turned off, as that engine has none.
            self._pattern = regex.compile("(?-f)" + translated(pat_str), regex.VERSION1)
        except regex.error as error:
            raise ValueError(f"pat_str: expected a regular expression, got {error}") from None

    # Pieces

    def pieces(self, text: str) -> Iterator[bytes]:
        """Yield the pieces of repaired text, as UTF-8."""
        for match in self._pattern.finditer(text):
            if piece := match.group():
                yield piece.encode()

    def placed_pieces(self, text: str) -> Iterator[tuple[int, bytes]]:
        """Yield the pieces of repaired text, each with its end in characters."""
        for match in self._pattern.finditer(text):
            if piece := match.group():
                yield match.end(), piece.encode()

    def count_piece(self, piece: bytes) -> int:
        """Count the tokens of one piece."""
        return self._core.count_pieces(piece, array("q", [len(piece)]))

    @property
    def max_token_size(self) -> int:
        """Bytes of the longest mergeable token."""
        return self._core.max_token_size

    def _calls(self, text: str) -> Iterator[tuple[bytes, array[int]]]:
        """Yield the pieces in portions for the core: joined bytes, and where each piece ends."""
        portion: list[bytes] = []
        ends = array("q")
        end = 0
        for piece in self.pieces(text):
            portion.append(piece)
            end += len(piece)
            ends.append(end)
            if len(portion) == _PIECES_PER_CALL:
                yield b"".join(portion), ends
                portion, ends, end = [], array("q"), 0
        if portion:
            yield b"".join(portion), ends

    # Special tokens

    def special_set(self, tokens: Collection[str]) -> PatternSpecialSet:
        names = frozenset(token for token in tokens if token in self._special_tokens)
        return PatternSpecialSet(names, self._core.special_set(names))

    def find_special(self, text: Text, among: PatternSpecialSet) -> str | None:
        return self._core.find_special(text, among.native)

    # Encoding and counting

    def encode(self, text: Text, allowed: PatternSpecialSet | None) -> list[int]:
        return self.encode_buffer(text, allowed).tolist()

    def encode_buffer(self, text: Text, allowed: PatternSpecialSet | None) -> array[int]:
        ids = array("I")
        for ordinary, token in split_special(as_str(text), allowed.names if allowed else ()):
            for data, ends in self._calls(ordinary):
                ids.frombytes(bytes(self._core.encode_pieces(data, ends)))
            if token is not None:
                ids.append(self._special_tokens[token])
        return ids

    def encode_prefix(self, text: Text, max_ids: int) -> array[int]:
        ids = array("I")
        for data, ends in self._calls(as_str(text)):
            if len(ids) >= max_ids:
                break
            ids.frombytes(bytes(self._core.encode_pieces(data, ends)))
        return ids

    def count(self, text: Text, allowed: PatternSpecialSet | None) -> int:
        total = 0
        for ordinary, token in split_special(as_str(text), allowed.names if allowed else ()):
            total += sum(self._core.count_pieces(*call) for call in self._calls(ordinary))
            total += token is not None
        return total

    def within(self, text: Text, limit: int) -> int | None:
        total = 0
        for call in self._calls(as_str(text)):
            total += self._core.count_pieces(*call)
            if total > limit:
                return None
        return total

    def count_batch(self, texts: Sequence[Text], num_threads: int) -> array[int]:
        return array("q", [self.count(text, None) for text in _checked(texts)])

    def encode_batch(
        self, texts: Sequence[Text], allowed: PatternSpecialSet | None, num_threads: int
    ) -> tuple[array[int], array[int]]:
        ids, offsets = array("I"), array("q", [0])
        for text in _checked(texts):
            ids.extend(self.encode_buffer(text, allowed))
            offsets.append(len(ids))
        return ids, offsets

    def count_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
        return _column("l", lambda text: self.count(text, None), texts)

    def fits_arrow(self, texts: ArrowTexts, limit: int, num_threads: int) -> ArrowColumn:
        def fits(text: str) -> bool:
            return limit >= 0 and self.within(text, limit) is not None

        return _column("b", fits, texts)

    def encode_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
        return _column(("+l", (("item", "I"),)), lambda text: self.encode(text, None), texts)

    def encode_ragged(self, texts: ArrowTexts, num_threads: int) -> tuple[array[int], array[int]]:
        ids, offsets = array("I"), array("q", [0])
        for row, text in enumerate(_arrow_rows(texts)):
            if text is None:
                raise ValueError(
                    f"row {row} is null; drop or fill nulls first (count_arrow keeps them)"
                )
            ids.extend(self.encode_buffer(text, None))
            offsets.append(len(ids))
        return ids, offsets

    def truncate_arrow(
        self, texts: ArrowTexts, settings: TruncateSettings, num_threads: int
    ) -> ArrowColumn:
        return _column(
            "U" if texts.large else "u", lambda text: self.truncate(text, settings), texts
        )

    # Offsets

    def settled(self, data: Text) -> int:
        """Return 0: an unknown pattern may look at all that follows."""
        return 0

    def token_spans(self, text: Text, ids: Buffer, unit: int) -> array[int]:
        """List the spans of the first ids, flat: text that was dropped lies between them."""
        sizes = iter([len(self._core.token_bytes(token)) for token in memoryview(ids)])
        spans = array("q")
        source = as_str(text)
        units = seen = 0
        for match in self._pattern.finditer(source):
            if not match.group():
                continue
            units += _width(source[seen : match.start()], unit)
            seen = match.end()
            offsets = _byte_offsets(match.group(), unit)
            first = 0
            while first < len(offsets) - 1:
                size = next(sizes, None)
                if size is None:
                    return spans
                spans.append(units + offsets[first][0])
                first += size
                spans.append(units + offsets[first - 1][1])
            units += offsets[-1][0]
        return spans

    def last_piece(self, text: str) -> bytes:
        last = b""
        for last in self.pieces(text):  # noqa: B007
            pass
        return last

    def cuts(self, text: str, ids: Ids) -> Cuts:
        from tokenkit.encodings.truncation import SpanCuts

        return SpanCuts(self, text, ids)

    def truncate(self, text: str, settings: TruncateSettings) -> str:
        from tokenkit.encodings.truncation import truncated

        return truncated(self, text, settings)

    def counter(self) -> PatternCounter:
        return PatternCounter(self)

    # Chunks

    chunk_arrow = None

    def chunk_batch(
        self, texts: Sequence[str], formats: list[int], settings: ChunkSettings, num_threads: int
    ) -> list[Chunks]:
        from tokenkit.encodings.pattern_chunks import SlowChunking

        return [
            SlowChunking(self, text, format, settings).chunks()
            for text, format in zip(texts, formats, strict=True)
        ]

    def chunk_part(
        self,
        text: str,
        format: int,
        settings: ChunkSettings,
        state: ChunkState | None,
        more: bool,
        ahead: int,
    ) -> tuple[Chunks, ChunkState | None]:
        """Decide nothing before the text is whole: an unknown pattern may look at all of it."""
        if more:
            return ([], [], None), None
        return self.chunk_batch([text], [format], settings, 1)[0], None


def _checked(texts: Sequence[Text]) -> Iterator[Text]:
    """Yield the texts, repaired. Raises TypeError and ValueError that name the index."""
    if isinstance(texts, str | bytes | bytearray | memoryview):
        raise TypeError(f"expected a sequence of texts, got one {type(texts).__name__}")
    for index, text in enumerate(texts):
        try:
            yield as_str(text)
        except (TypeError, ValueError) as error:
            raise type(error)(f"item {index}: {error}") from None


def _arrow_rows(texts: ArrowTexts) -> Iterator[str | None]:
    """Yield the rows of an Arrow column. Raises ValueError that names the row."""
    while rows := texts.next_rows():
        for text in rows:
            yield None if text is None else text.decode()


def _column(type_: Any, value_of: Callable[[str], Any], texts: ArrowTexts) -> ArrowColumn:
    """Make a column of a value for each row, null where the row is null."""
    rows = _arrow_rows(texts)
    return ArrowColumn(type_, [None if text is None else value_of(text) for text in rows])


def _width(text: str, unit: int) -> int:
    """Measure repaired text in a unit."""
    if unit == _CHAR:
        return len(text)
    if unit == _BYTE:
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2


def _byte_offsets(piece: str, unit: int) -> list[tuple[int, int]]:
    """List the span of its character, in a unit, for each byte of the piece and for its end."""
    spans = []
    start = 0
    for char in piece:
        size = len(char.encode())
        if unit == _BYTE:
            spans += [(start + i, start + i + 1) for i in range(size)]
            start += size
        else:
            end = start + (2 if unit == _UTF16 and char > "\uffff" else 1)
            spans += [(start, end)] * size
            start = end
    return [*spans, (start, start)]


class PatternCounter:
    """A counter of a text that comes in parts.

    An unknown pattern may look ahead as far as it likes, so no piece is certain before the text
    ends: all text is kept, and each question for the total after an update counts it again.
    """

    def __init__(self, engine: PatternEngine) -> None:
        self._engine = engine
        self._parts: list[str] = []
        self._pending = b""  # the first bytes of a character
        self._bytes_seen = 0
        self._kind: type | None = None
        self._total: int | None = 0
        self._lock = StateLock()

    def update(self, part: Text) -> None:
        """Take the next part: str or UTF-8 bytes, not both."""
        with self._lock:
            self._take(part)

    def _take(self, part: Text) -> None:
        kind = str if isinstance(part, str) else bytes
        if self._kind not in (None, kind):
            raise TypeError(
                f"this counter has been given {self._kind and self._kind.__name__}; it cannot "
                f"take {type(part).__name__} as well"
            )
        self._parts.append(part if isinstance(part, str) else self._decoded(part))
        self._kind = kind
        self._total = None

    def _decoded(self, part: Buffer) -> str:
        from codecs import utf_8_decode

        check_text(part)
        data = self._pending + bytes(memoryview(part))
        try:
            text, used = utf_8_decode(data, "strict", False)
        except UnicodeDecodeError as error:
            raise invalid_utf8(self._bytes_seen + error.start) from None
        self._bytes_seen += used
        self._pending = data[used:]
        return text

    @property
    def total(self) -> int:
        """The count of all parts joined, without the first bytes of an unfinished character."""
        with self._lock:
            if self._total is None:
                self._parts = ["".join(self._parts)]
                self._total = self._engine.count(self._parts[0], None)
            return self._total

    def copy(self) -> PatternCounter:
        """Make an independent counter of the same text so far."""
        other = PatternCounter(self._engine)
        with self._lock:
            other.__dict__.update(self.__dict__, _parts=list(self._parts), _lock=other._lock)
        return other
