"""All members of an engine, from the ids of one text: the base of engines written in Python."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from array import array
from itertools import pairwise

from tokenkit._checks import check_items
from tokenkit._core import ArrowColumn, StateLock, check_text
from tokenkit.encodings.text import as_str, has_surrogates, invalid_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit._core import ArrowTexts, ChunkSettings, ChunkState, Core, TruncateSettings
    from tokenkit.encodings.engine import Chunks, Cuts, Engine, Ids, Integers, Stream
    from tokenkit.encodings.text import Text


class CountedEngine(ABC):
    """An `Engine` whose subclass says the ids of a text and, if it can, where they stand.

    The rest follows: slices are counted to find where a text may be cut. Subclasses replace what
    they can do faster.
    """

    # Bytes of text that a token may stand for.
    max_token_size = sys.maxsize
    # Characters that a counter keeps before it asks what is settled.
    most_kept = 1 << 20
    core_of_short: Core | None = None

    @abstractmethod
    def special_set(self, tokens: Collection[str]) -> Any:
        """As `Engine.special_set`."""

    @abstractmethod
    def find_special(self, text: Text, among: Any) -> str | None:
        """As `Engine.find_special`."""

    def find_special_in_any(self, texts: Sequence[Text], among: Any) -> str | None:
        """As `Engine.find_special_in_any`."""
        found = (self.find_special(text, among) for text in texts)
        return next((token for token in found if token is not None), None)

    @abstractmethod
    def encode_buffer(self, text: Text, allowed: Any) -> Ids:
        """As `Engine.encode_buffer`."""

    @abstractmethod
    def token_spans(self, text: Text, ids: Buffer, unit: int) -> Integers:
        """As `Engine.token_spans`. Raises NotImplementedError where tokens stand at no place."""

    # One text

    def encode(self, text: Text, allowed: Any) -> list[int]:
        ids: list[int] = self.encode_buffer(text, allowed).tolist()
        return ids

    def encode_prefix(self, text: Text, max_ids: int) -> Ids:
        return self.encode_buffer(text, None)

    def count(self, text: Text, allowed: Any) -> int:
        return len(self.encode_buffer(text, allowed))

    def within(self, text: Text, limit: int) -> int | None:
        total = self.count(text, None)
        return total if total <= limit else None

    def last_piece(self, text: str) -> bytes:
        raise NotImplementedError(
            "unstable ids: the tokenizer of this file does not say where its last piece begins; "
            "encode the text again when more of it is there"
        )

    def settled(self, data: Text) -> int:
        """Return 0: such an engine may look at all that follows."""
        return 0

    def cuts(self, text: str, ids: Ids) -> Cuts:
        from tokenkit.encodings.truncation import CountCuts, SpanCuts

        try:
            return SpanCuts(self, text, ids)
        except NotImplementedError:
            return CountCuts(self, text)

    def truncate(self, text: str, settings: TruncateSettings) -> str:
        from tokenkit.encodings.truncation import truncated

        return truncated(self, text, settings)

    def counter(self) -> Stream:
        return TextCounter(self, self.most_kept)

    # Many texts

    def count_batch(self, texts: Sequence[Text], num_threads: int) -> array[int]:
        return array("q", [self.count(text, None) for text in checked_texts(texts)])

    def encode_batch(
        self, texts: Sequence[Text], allowed: Any, num_threads: int
    ) -> tuple[Ids, Integers]:
        ids, offsets = array("I"), array("q", [0])
        for text in checked_texts(texts):
            ids.frombytes(memoryview(self.encode_buffer(text, allowed)).cast("B"))
            offsets.append(len(ids))
        return ids, offsets

    def id_lists(self, ids: Ids, offsets: Integers) -> list[list[int]]:
        numbers, ends = ids.tolist(), offsets.tolist()
        return [numbers[start:end] for start, end in pairwise(ends)]

    def count_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
        counts: list[int | None] = []
        while rows := texts.next_rows():
            valid = [row for row in rows if row is not None]
            made = iter(self.count_batch(valid, num_threads).tolist())
            counts += [None if row is None else next(made) for row in rows]
        return ArrowColumn("l", counts)

    def fits_arrow(self, texts: ArrowTexts, limit: int, num_threads: int) -> ArrowColumn:
        def fits(text: str) -> bool:
            return limit >= 0 and self.within(text, limit) is not None

        return _column("b", fits, texts)

    def encode_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
        lists: list[list[int] | None] = []
        while rows := texts.next_rows():
            valid = [row for row in rows if row is not None]
            ids, offsets = self.encode_batch(valid, None, num_threads)
            made = pairwise(offsets.tolist())
            flat = ids.tolist()
            lists += [None if row is None else flat[slice(*next(made))] for row in rows]
        return ArrowColumn(("+l", (("item", "I"),)), lists)

    def encode_ragged(self, texts: ArrowTexts, num_threads: int) -> tuple[array[int], array[int]]:
        ids, offsets = array("I"), array("q", [0])
        while rows := texts.next_rows():
            if None in rows:
                raise ValueError(
                    f"row {len(offsets) - 1 + rows.index(None)} is null; drop or fill nulls first "
                    "(count_arrow keeps them)"
                )
            made, ends = self.encode_batch(
                [row for row in rows if row is not None], None, num_threads
            )
            before = len(ids)
            ids.frombytes(bytes(made))
            offsets.extend([before + end for end in ends.tolist()[1:]])
        return ids, offsets

    def truncate_arrow(
        self, texts: ArrowTexts, settings: TruncateSettings, num_threads: int
    ) -> ArrowColumn:
        return _column(
            "U" if texts.large else "u", lambda text: self.truncate(text, settings), texts
        )

    # Chunks

    chunk_arrow = None

    def placed_counts(self, text: str, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the ends, in characters, of parts of repaired text, and about how many ids each is.

        The parts are those of the tokens, or if these stand at no place, those between `places`.
        """
        try:
            ends = self.token_spans(text, self.encode_buffer(text, None), 0).tolist()[1::2]
        except NotImplementedError:
            start = 0
            for end in places:
                yield end, self.count(text[start:end], None) if start < end else 0
                start = end
        else:
            yield from ((end, 1) for end in ends)

    def chunk_batch(
        self, texts: Sequence[str], formats: list[int], settings: ChunkSettings, num_threads: int
    ) -> list[Chunks]:
        from tokenkit.encodings.engines.pattern_chunks import SlowChunking

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
        """Decide nothing before the text is whole: such an engine may look at all of it."""
        if more:
            return ([], [], None), None
        return self.chunk_batch([text], [format], settings, 1)[0], None


def checked_texts(texts: Sequence[Text]) -> Iterator[str]:
    """Yield the texts, repaired. Raises TypeError and ValueError that name the index."""
    for index, text in enumerate(check_items("texts", texts, "texts")):
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


class TextCounter:
    """A counter of a text that comes in parts.

    Such an engine may look ahead as far as it likes, so no token is certain before the text ends,
    unless it says that a part is settled. All other text is kept, and each question for the total
    after an update counts it again.
    """

    def __init__(self, engine: Engine, most_kept: int = 1 << 20) -> None:
        self._engine = engine
        self._most_kept = most_kept
        self._parts: list[str] = []
        self._pending = b""  # the first bytes of a character
        self._bytes_seen = 0
        self._kind: type | None = None
        self._total: int | None = 0
        self._before = 0  # tokens of text that is settled and not kept
        self._size, self._most = 0, most_kept
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
        text = part if isinstance(part, str) else self._decoded(part)
        self._kind = kind
        self._keep(text)

    def _keep(self, text: str) -> None:
        self._parts.append(text)
        self._total = None
        self._size += len(text)
        if self._size > self._most:
            self._settle()

    def _settle(self) -> None:
        """Count what is settled, and keep the rest; if it is much, wait for as much again."""
        text = "".join(self._parts)
        if not has_surrogates(text):
            data = text.encode()
            cut = self._engine.settled(data)
            self._before += self._engine.count(data[:cut], None)
            text = data[cut:].decode()
        self._parts, self._size = [text], len(text)
        self._most = max(self._most_kept, 2 * self._size)

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
                self._total = self._before + self._engine.count(self._parts[0], None)
            return self._total

    def copy(self) -> TextCounter:
        """Make an independent counter of the same text so far."""
        other = TextCounter(self._engine)
        with self._lock:
            other.__dict__.update(self.__dict__, _parts=list(self._parts), _lock=other._lock)
        return other


class SpaceCounter(TextCounter):
    """A counter that hands its text on, as soon as it is there, with spaces for another sign."""

    def __init__(self, engine: Engine, sign: str, counter: Stream) -> None:
        super().__init__(engine)
        self._sign = sign
        self._counter = counter

    def _keep(self, text: str) -> None:
        self._counter.update(text.replace(self._sign, " ") if self._sign else text)

    @property
    def total(self) -> int:
        with self._lock:
            return self._counter.total

    def copy(self) -> SpaceCounter:
        with self._lock:
            other = SpaceCounter(self._engine, self._sign, self._counter.copy())
            other._pending, other._bytes_seen = self._pending, self._bytes_seen
            other._kind = self._kind
        return other
