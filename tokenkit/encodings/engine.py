"""Engines scan text for an encoding: the interface, the core behind it, and which serves what.

An encoding asks an `Engine` and never which one it is: `engine_for` alone knows. Methods check no
more than the types of texts; defaults, special-token rules and messages are the encoding's.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any, Protocol, TypeAlias

    from typing_extensions import Buffer

    from tokenkit._core import (
        ArrowChunkRows,
        ArrowColumn,
        ArrowTexts,
        ChunkSettings,
        ChunkState,
        Core,
        TruncateSettings,
    )
    from tokenkit.encodings.text import Text

    # (start, end, tokens, overlap, level, headings) of chunks, (depth, start, end) of headings, and
    # (offset, tokens needed) of a character that is more than a chunk; offsets in characters of the
    # repaired text.
    Chunks: TypeAlias = tuple[
        list[tuple[int, int, int, int, int, int]],
        list[tuple[int, int, int]],
        tuple[int, int] | None,
    ]

    class Ids(Buffer, Protocol):
        """A buffer of uint32."""

        def __len__(self) -> int: ...
        def tolist(self) -> Any: ...

    class Integers(Buffer, Protocol):
        """A buffer of int64."""

        def tolist(self) -> Any: ...

    class Stream(Protocol):
        """Counts a text that comes in parts."""

        @property
        def total(self) -> int: ...
        def update(self, part: Text) -> None: ...
        def copy(self) -> Stream: ...

    class Cuts(Protocol):
        """Where a text may be cut so that n of its ids stay, and no part of a character.

        Indexes are those of the repaired text.
        """

        def head(self, n: int) -> int:
            """The end of the longest head within the first n ids."""

        def tail(self, n: int) -> int:
            """The start of the longest tail within the last n ids."""

    class Engine(Protocol):
        """Scans text. Immutable; threads may share it.

        Texts are str or UTF-8. `Any` stands for the engine's own kind of special set, None for the
        empty one. TypeError is for other types, ValueError with the byte for bytes that are not
        UTF-8; methods for many texts name the index or row as well.
        """

        @property
        def core_of_short(self) -> Core | None:
            """The core whose ids are those of any short text, without a step before or behind."""

        # Special tokens

        def special_set(self, tokens: Collection[str]) -> Any:
            """The special tokens of these names; other names are left out."""

        def find_special(self, text: Text, among: Any) -> str | None:
            """The first of the special tokens that the text holds."""

        def find_special_in_any(self, texts: Sequence[Text], among: Any) -> str | None:
            """The first of the special tokens that any of the texts holds, of the first of them."""

        # One text

        def encode(self, text: Text, allowed: Any) -> list[int]:
            """The ids of a text."""

        def encode_buffer(self, text: Text, allowed: Any) -> Ids:
            """The ids of a text, as a buffer."""

        def encode_prefix(self, text: Text, max_ids: int) -> Ids:
            """The first ids of a text: at least `max_ids` if there are as many."""

        def count(self, text: Text, allowed: Any) -> int:
            """The number of ids of a text."""

        def within(self, text: Text, limit: int) -> int | None:
            """The number of ids if it is at most `limit`, else None; stops reading there."""

        def last_piece(self, text: str) -> bytes:
            """The last piece of repaired text, as UTF-8; empty if there is none."""

        def settled(self, data: Text) -> int:
            """How many bytes, from the start, have the same ids whatever follows; 0: unknown."""

        def token_spans(self, text: Text, ids: Buffer, unit: int) -> Integers:
            """Where the ids stand: start and end, in characters (0), bytes (1) or UTF-16 (2)."""

        def cuts(self, text: str, ids: Ids) -> Cuts:
            """Where a text may be cut; its ids may be the first ones only, for `Cuts.head`."""

        def truncate(self, text: str, settings: TruncateSettings) -> str:
            """Give what stays of a text: the text itself if all of it fits."""

        def counter(self) -> Stream:
            """A counter of a text that comes in parts."""

        # Many texts, on threads

        def count_batch(self, texts: Sequence[Text], num_threads: int) -> Integers:
            """The number of ids of each text."""

        def encode_batch(
            self, texts: Sequence[Text], allowed: Any, num_threads: int
        ) -> tuple[Ids, Integers]:
            """The ids of all texts, and where those of each begin, and the end."""

        def id_lists(self, ids: Ids, offsets: Integers) -> list[list[int]]:
            """The ids that `encode_batch` gave, as a list for each text."""

        def count_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
            """The number of ids of each row, null where the row is null."""

        def fits_arrow(self, texts: ArrowTexts, limit: int, num_threads: int) -> ArrowColumn:
            """Whether each row has at most `limit` ids, null where the row is null."""

        def encode_arrow(self, texts: ArrowTexts, num_threads: int) -> ArrowColumn:
            """The ids of each row as list<uint32>, null where the row is null."""

        def encode_ragged(self, texts: ArrowTexts, num_threads: int) -> tuple[Ids, Integers]:
            """As `encode_batch`, without special tokens. Raises ValueError for a null."""

        def truncate_arrow(
            self, texts: ArrowTexts, settings: TruncateSettings, num_threads: int
        ) -> ArrowColumn:
            """Each row as `truncate` gives it, null where the row is null."""

        # Chunks

        @property
        def chunk_arrow(
            self,
        ) -> Callable[[ArrowChunkRows, ChunkSettings, int, int], ArrowColumn | None] | None:
            """Gives the next batch of the chunks of a column; None at the end.

            The number is one of csrc/chunk/detect.hpp, the last one that of the threads. The
            property is None if columns are to be chunked row by row.
            """

        def chunk_batch(
            self,
            texts: Sequence[str],
            formats: list[int],
            settings: ChunkSettings,
            num_threads: int,
        ) -> list[Chunks]:
            """The chunks of each text."""

        def chunk_part(
            self,
            text: str,
            format: int,
            settings: ChunkSettings,
            state: ChunkState | None,
            more: bool,
            ahead: int,
        ) -> tuple[Chunks, ChunkState | None]:
            """The chunks of the next part of a text; none if it must be longer to decide.

            With `more`, text follows. `state` is what the last part with chunks gave, and says
            where `text` begins. `ahead` is how many bytes "optimal" reads before it decides.
            """


def engine_for(
    core: Core,
    family: int,
    pat_str: str,
    special_tokens: dict[str, int],
    *,
    is_foreign: bool = False,
) -> Engine:
    """The engine for a pattern: the core itself for a family that it scans (not 0).

    A foreign pattern is that of a file. Raises ValueError if the pattern is not valid.
    """
    if family:
        return NativeEngine(core)
    from tokenkit.encodings.engines.pattern import PatternEngine

    return PatternEngine(core, pat_str, special_tokens, is_foreign=is_foreign)


class NativeEngine:
    """The core, with the little of an engine that is written in Python."""

    def __init__(self, core: Core) -> None:
        self._core = self.core_of_short = core
        # The core's own methods: a function around each would take as long as a short text.
        self.special_set = core.special_set
        self.find_special = core.find_special
        self.find_special_in_any = core.find_special_in_any
        self.encode = core.encode
        self.encode_buffer = core.encode_buffer
        self.encode_prefix = core.encode_prefix
        self.count = core.count
        self.within = core.within
        self.settled = core.settled
        self.token_spans = core.token_spans
        self.counter = core.counter
        self.count_batch = core.count_batch
        self.encode_batch = core.encode_batch
        self.id_lists = core.id_lists
        self.count_arrow = core.count_arrow
        self.fits_arrow = core.fits_arrow
        self.encode_arrow = core.encode_arrow
        self.chunk_arrow = core.chunk_arrow
        self.encode_ragged = core.encode_ragged
        self.truncate_arrow = core.truncate_arrow
        self.chunk_batch = core.chunk_batch
        self.chunk_part = core.chunk_part

    def last_piece(self, text: str) -> bytes:
        ends = self._core.piece_ends(text).tolist()
        return text.encode()[ends[-2] if len(ends) > 1 else 0 :]

    def cuts(self, text: str, ids: Ids) -> Cuts:
        from tokenkit.encodings.truncation import ByteCuts

        return ByteCuts(self._core, text, ids)

    def truncate(self, text: str, settings: TruncateSettings) -> str:
        result = self._core.truncate(text, settings)
        if result is None:  # it holds surrogates
            from tokenkit.encodings.truncation import truncated

            return truncated(self, text, settings)
        return result
