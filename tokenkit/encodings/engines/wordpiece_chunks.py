"""Chunks for WordPiece, whose counts add up over words.

The cuts are those of `SlowChunking`; what it sums up border by border is done here for all borders
at once, as a text of some megabytes has a million of them, and no slice is counted again but for
the words at its ends, which it may divide.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

import numpy as np

from tokenkit.encodings.engines.pattern_chunks import _SPACE, SlowChunking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

    from tokenkit._core import ChunkSettings
    from tokenkit.encodings.engines.words import WordPieceEngine

    Offsets: TypeAlias = npt.NDArray[np.int64]

_SPACES = re.compile(f"[{_SPACE}]+")
_NEAR = 64  # characters


class WordChunking(SlowChunking):
    """One text on its way to chunks."""

    def __init__(
        self, engine: WordPieceEngine, text: str, format: int, settings: ChunkSettings
    ) -> None:
        self._words = engine.word_counts
        super().__init__(engine, text, format, settings)

    def _estimate(self) -> None:
        ends, counts = self._words(self.text)
        totals = np.zeros(len(ends) + 1, np.int64)
        np.cumsum(counts, out=totals[1:])
        self._ends: list[int] = ends.tolist()  # of the words that have tokens
        self._totals: list[int] = totals.tolist()  # tokens before each of these, and of all
        starts = np.concatenate((np.zeros(1, np.int64), ends))[: len(ends)]
        first, last = self._trimmed()
        self.upto = totals[np.searchsorted(starts, last, "left")].tolist()
        self.from_ = totals[np.searchsorted(ends, first, "right")].tolist()
        self.upto[0] = self.from_[0] = 0

    def _trimmed(self) -> tuple[Offsets, Offsets]:
        """Give `_start` and `_end` of all borders."""
        places = np.array(self.places, np.int64)
        if not self.trim:
            return places, places
        runs = np.array([match.span() for match in _SPACES.finditer(self.text)], np.int64)
        if not len(runs):
            return places, places
        # The run that a place is in, or at the end of.
        behind = np.maximum(np.searchsorted(runs[:, 0], places, "right") - 1, 0)
        inside = (runs[behind, 0] <= places) & (places < runs[behind, 1])
        first = np.where(inside, runs[behind, 1], places)
        before = np.maximum(np.searchsorted(runs[:, 0], places, "left") - 1, 0)
        touched = (runs[before, 0] < places) & (places <= runs[before, 1])
        last = np.where(touched, runs[before, 0], places)
        # White space may be in one cluster with its neighbour: ask again where that is not ASCII.
        for index in np.flatnonzero(inside | touched) if not self.text.isascii() else ():
            first[index] = self._start(self.places[index])
            last[index] = self._end(self.places[index])
        return first, last

    # Tokens of slices

    def _count(self, start: int, end: int) -> int:
        first, last = bisect_right(self._ends, start), bisect_right(self._ends, end)
        if last <= first:  # inside of a word
            return self._count_words(start, end)
        total = self._totals[last] - self._totals[first + 1]
        total += self._count_words(start, self._ends[first])
        return total + self._count_words(self._ends[last - 1], end)

    def _count_words(self, start: int, end: int) -> int:
        return self.engine.count(self.text[start:end], None) if start < end else 0

    def _is_within(self, start: int, end: int, limit: int) -> bool:
        return self._count(start, end) <= limit

    def _fits(self, start: int, end: int) -> bool:
        if not self._is_within(start, end, self.limit):
            return False
        if not self.prefix and self.room == self.limit:
            return True
        return self.engine.within(self.prefix + self.text[start:end], self.room) is not None

    # Cuts between borders

    def _fill(self, start: int, stop: int) -> int:
        """Find a far end as the twin does, but look for clusters near that end first."""
        if self._fits(start, stop):
            return stop
        far = self._reach("", start, stop, self.limit)
        if self.prefix or self.room < self.limit:
            far = min(far, self._reach(self.prefix, start, stop, self.room))
        near = self._between_clusters(start, far)
        if near is not None:
            for end in reversed([near, *self._cluster_ends(near, far)]):
                if end <= far and self._fits(start, end):
                    return end
        return super()._fill(start, stop)

    def _between_clusters(self, start: int, far: int) -> int | None:
        """Find a place shortly before `far` that is in no cluster, whatever is around it."""
        for place in range(far - 1, max(start, far - _NEAR), -1):
            pair = self.text[place - 1 : place + 1]
            if pair.isascii() and pair != "\r\n":
                return place
        return None

    def _reach(self, prefix: str, start: int, stop: int, budget: int) -> int:
        first = bisect_right(self._ends, start)
        if first == len(self._ends):
            return super()._reach(prefix, start, stop, budget)
        cut = min(self._ends[first], stop)
        left = budget - self.engine.count(prefix + self.text[start:cut], None)
        if left < 0 or cut == stop:
            return super()._reach(prefix, start, stop, budget)
        last = bisect_right(self._totals, self._totals[first + 1] + left, first + 1) - 1
        left -= self._totals[last] - self._totals[first + 1]
        begin = self._ends[last - 1]
        if begin >= stop or last == len(self._ends):
            return stop
        # The word that the rest of the budget is used up in.
        word = self.text[begin : min(self._ends[last], stop)]
        ids = self.engine.encode_prefix(word, left + 1)
        if len(ids) <= left:
            return stop
        return begin + self.engine.cuts(word, ids).head(left)

    def _last_tokens(self, start: int, end: int) -> int:
        last = bisect_left(self._ends, end)
        begin = self._ends[last - 1] if last else 0
        left = max(self.overlap - self._count_words(begin, end), 0)
        first = bisect_left(self._totals, self._totals[last] - left)
        # One word more than is needed.
        return super()._last_tokens(max(start, self._ends[first - 2] if first > 1 else 0), end)
