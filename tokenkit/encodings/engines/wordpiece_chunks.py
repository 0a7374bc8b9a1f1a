"""Chunks for WordPiece, whose counts add up over words.

The cuts are those of `SlowChunking`; what it sums up border by border is done here for all borders
at once, as a text of some megabytes has a million of them.
"""

from __future__ import annotations

import re

import numpy as np

from tokenkit.encodings.engines.pattern_chunks import _SPACE, SlowChunking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

    Offsets: TypeAlias = npt.NDArray[np.int64]

_SPACES = re.compile(f"[{_SPACE}]+")


class WordChunking(SlowChunking):
    """One text on its way to chunks."""

    def _estimate(self) -> None:
        placed = list(self.engine.placed_counts(self.text, self.places))
        ends = np.array([end for end, _ in placed], np.int64)
        totals = np.zeros(len(placed) + 1, np.int64)
        np.cumsum([tokens for _, tokens in placed], out=totals[1:])
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
