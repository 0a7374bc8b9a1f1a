"""Encodings with a pattern that the core does not know: `regex` splits, and the core merges."""

from __future__ import annotations

from array import array

from tokenkit.encodings.engines.counted import CountedEngine
from tokenkit.encodings.patterns import translated
from tokenkit.encodings.special import split_special
from tokenkit.encodings.text import as_str, width
from tokenkit.errors import VocabularyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit._core import Core, SpecialSet
    from tokenkit.encodings.text import Text

_PIECES_PER_CALL = 4096
_CHAR, _BYTE, _UTF16 = range(3)
# Patterns of files. The longest known one has 500 characters. `regex` writes out what is repeated,
# so that nested counts of some thousand each take all memory.
_MOST_CHARACTERS = 1 << 14
_MOST_WRITTEN_OUT = 1 << 20
# Seconds of the process for any text, and characters for which there is one more. A pattern that
# does not backtrack splits a thousand times as many, and threads share the time.
_SECONDS = 10.0
_CHARACTERS_PER_SECOND = 20_000


def compiled(pat_str: str, where: str = "pat_str") -> Any:
    """Compile a pattern for `regex`. Raises ValueError.

    Version 1 of its syntax has nested sets and scoped flags, as tiktoken's engine; its full case
    folding (ss for one sharp s) is turned off, as that engine has none.
    """
    import regex  # type: ignore[import-untyped,unused-ignore]

    try:
        return regex.compile("(?-f)" + translated(pat_str), regex.VERSION1)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{where}: expected a regular expression, got {error}") from None


def check_foreign(pat_str: str, where: str) -> None:
    """Check the pattern of a file. Raises ValueError.

    >>> check_foreign("a" * 20_000, "config.pattern")
    Traceback (most recent call last):
    ...
    ValueError: config.pattern: expected at most 16384 characters, got 20000
    """
    import re

    size = len(pat_str)
    if size > _MOST_CHARACTERS:
        raise ValueError(f"{where}: expected at most {_MOST_CHARACTERS} characters, got {size}")
    for count in re.findall(r"\{(\d{1,9})", pat_str):
        size *= max(int(count), 1)
        if size > _MOST_WRITTEN_OUT:
            raise ValueError(
                f"{where}: expected at most {_MOST_WRITTEN_OUT} characters when repeats are "
                "written out, got more"
            )
    compiled(pat_str, where)


class PatternSpecialSet:
    """A subset of the special tokens, by name and as the core knows it."""

    __slots__ = ("names", "native")

    def __init__(self, names: frozenset[str], native: SpecialSet) -> None:
        self.names = names
        self.native = native


class PatternEngine(CountedEngine):
    """An engine for patterns that the core does not know.

    Text that the pattern does not match is dropped, as in tiktoken. Immutable; threads may share
    it, but `regex` holds the GIL, so they do not make it faster.
    """

    def __init__(
        self, core: Core, pat_str: str, special_tokens: dict[str, int], *, is_foreign: bool = False
    ) -> None:
        """Make an engine. A foreign pattern, that of a file, has an end to its time.

        Raises ValueError if the pattern is not valid.
        """
        self._core = core
        self._special_tokens = special_tokens
        self.max_token_size = core.max_token_size
        self._pattern = compiled(pat_str)
        self._matches = self._matches_in_time if is_foreign else self._pattern.finditer

    # Pieces

    def _matches_in_time(self, text: str) -> Iterable[Any]:
        seconds = _SECONDS + len(text) / _CHARACTERS_PER_SECOND
        try:
            yield from self._pattern.finditer(text, timeout=seconds)
        except TimeoutError:
            raise VocabularyError(
                f"expected a pattern that splits {len(text)} characters in {seconds:.0f} seconds, "
                "got one that takes longer: it tries the same text again and again; correct the "
                "pattern in the tokenizer's file"
            ) from None

    def pieces(self, text: str) -> Iterator[bytes]:
        """Yield the pieces of repaired text, as UTF-8."""
        for match in self._matches(text):
            if piece := match.group():
                yield piece.encode()

    def placed_counts(self, text: str, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the ends of the pieces, in characters, and the number of ids of each."""
        from functools import lru_cache

        @lru_cache(1 << 16)
        def count(piece: str) -> int:
            data = piece.encode()
            return self._core.count_pieces(data, array("q", [len(data)]))

        for match in self._matches(text):
            if piece := match.group():
                yield match.end(), count(piece)

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

    # Offsets

    def token_spans(self, text: Text, ids: Buffer, unit: int) -> array[int]:
        """List the spans of the first ids, flat: text that was dropped lies between them."""
        sizes = iter([len(self._core.token_bytes(token)) for token in memoryview(ids)])
        spans = array("q")
        source = as_str(text)
        units = seen = 0
        for match in self._matches(source):
            if not match.group():
                continue
            units += width(source[seen : match.start()], unit)
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
