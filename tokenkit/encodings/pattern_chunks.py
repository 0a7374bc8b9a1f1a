"""Chunks for encodings with a pattern of the user's own, which the core cannot read.

The borders are the core's. The tokens of the pieces of the whole text say about how much a chunk
holds; what a chunk really holds is counted, chunk by chunk, so nothing rests on that guess.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from functools import lru_cache
from itertools import pairwise

from tokenkit._core import text_borders
from tokenkit.encodings.text import as_str

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenkit._core import ChunkSettings
    from tokenkit.encodings.engine import Chunks
    from tokenkit.encodings.pattern_engine import PatternEngine

_WORDS = re.compile(r"\S")
_OPTIMAL, _GREEDY, _TOKEN = range(3)
_CHARACTER_PENALTY = 16
_LINE, _WORD, _CHARACTER, _END = 4, 7, 8, 9  # levels of csrc/chunk/border_types.hpp


class _TooLong(Exception):
    """The character at `place` is more than a chunk."""

    def __init__(self, place: int) -> None:
        self.place = place


class SlowChunking:
    """One text on its way to chunks."""

    def __init__(
        self, engine: PatternEngine, text: str, format: int, settings: ChunkSettings
    ) -> None:
        import regex  # type: ignore[import-untyped,unused-ignore]

        self.engine = engine
        self.text = text = as_str(text)
        self.strategy, self.limit = settings.strategy, settings.limit
        self.room, self.overlap = settings.room, settings.overlap
        self.min_tokens, self.weight = settings.min_tokens, settings.weight
        self.trim, self.prefix = settings.trim, settings.prefix
        found, self.headings = text_borders(text, format)
        self.borders = [0, *(place for place, _, _ in found), len(text)]
        inner = [] if self.strategy == _TOKEN else found
        self.places = [0, *(place for place, _, _ in inner), len(text)]
        self.penalties = [0.0, *(tenths / 10 for _, _, tenths in inner), 0.0]
        self.levels = {place: level for place, level, _ in inner}
        self.guesses = self._guessed()
        self.clusters = regex.compile(r"\X")

    def chunks(self) -> Chunks:
        """Chunk one text as `Core.chunk_batch` does."""
        headings = [heading[1:] for heading in self.headings]
        try:
            spans = self._spans(self._cuts()) if self.text else []
        except _TooLong as error:
            character = self.text[error.place]
            needed = self.engine.count(self.prefix + character, None) + self.limit - self.room
            return [], [], (error.place, needed)
        return spans, headings, None

    def _guessed(self) -> list[int]:
        """At each place, the tokens of the text's pieces that end up to it."""
        count = lru_cache(1 << 16)(self.engine.count_piece)
        guesses, at, total = [0], 1, 0
        for end, piece in self.engine.placed_pieces(self.text):
            while self.places[at] < end:
                guesses.append(total)
                at += 1
            total += count(piece)
        return guesses + [total] * (len(self.places) - len(guesses))

    def _fits(self, start: int, end: int) -> bool:
        slice = self.text[start:end]
        if self.engine.within(slice, self.limit) is None:
            return False
        if not self.prefix and self.room == self.limit:
            return True
        return self.engine.within(self.prefix + slice, self.room) is not None

    # Cuts

    def _cuts(self) -> list[int]:
        used = self.engine.count(self.prefix, None)
        budget = min(self.limit, self.room - used) - self.overlap
        if self.strategy == _OPTIMAL:
            return self._optimal(budget)
        if self.strategy == _GREEDY:
            return self._greedy(budget)
        return [0, *self._filled(0, len(self.text))]

    def _optimal(self, budget: int) -> list[int]:
        """The partition of least cost, by the guesses; see csrc/README.md."""
        costs, before = [0.0], [0]
        window: deque[int] = deque([0])  # in order of place and of cost
        for b in range(1, len(self.places)):
            while window and self.guesses[b] - self.guesses[window[0]] > budget:
                window.popleft()
            a = window[0] if window else b - 1
            extra = 0.0 if window else 1 + self.weight * _CHARACTER_PENALTY
            costs.append(costs[a] + extra + 1 + self.weight * self.penalties[b])
            before.append(a)
            while window and costs[window[-1]] >= costs[b]:
                window.pop()
            window.append(b)
        cuts = [len(self.places) - 1]
        while cuts[-1]:
            cuts.append(before[cuts[-1]])
        return [self.places[k] for k in reversed(cuts)]

    def _greedy(self, budget: int) -> list[int]:
        cuts = [0]
        while cuts[-1] < len(self.places) - 1:
            a = cuts[-1]
            reach = bisect_right(self.guesses, self.guesses[a] + budget, a + 1) - 1
            if reach == len(self.places) - 1:
                cuts.append(reach)
                break

            def score(b: int, a: int = a) -> float:
                filled = (self.guesses[b] - self.guesses[a]) / self.limit
                return self.weight * self.penalties[b] - filled

            cuts.append(min(range(max(reach, a + 1), a, -1), key=score))
        return [self.places[k] for k in cuts]

    def _filled(self, start: int, stop: int) -> Iterator[int]:
        """Where full chunks end that follow each other from start to stop."""
        while start < stop:
            first = self._overlap_start(start, start) if start else start
            end = self._fill(first, stop)
            if end <= start:  # the overlap leaves no room
                end = self._fill(start, stop)
            yield end
            start = end

    def _fill(self, start: int, stop: int) -> int:
        """A far end in (start, stop] that fits, at the end of a cluster if one does."""
        if self._fits(start, stop):
            return stop
        # Counts grow with the text, but for a few tokens; what is chosen was counted.
        good, step = start, self.limit
        while good + step < stop and self._fits(start, good + step):
            good, step = good + step, 2 * step
        bad = min(good + step, stop)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self._fits(start, middle) else (good, middle)
        ends = []
        for match in self.clusters.finditer(self.text, start):
            if match.end() > good:
                break
            ends.append(match.end())
        for end in reversed(ends):
            if self._fits(start, end):
                return end
        if good == start:
            raise _TooLong(start)
        return good

    def _overlap_start(self, cut: int, lowest: int) -> int:
        """The first place behind `lowest` from which on the text up to the cut is not more than the
        overlap, at a border, else between clusters; the cut itself if there is none."""
        if not self.overlap or cut == 0:
            return cut
        lowest = lowest if lowest < cut else 0
        longest = self.overlap * self.engine.max_token_size
        start = max(lowest + 1, cut - longest)
        borders = self.borders[bisect_left(self.borders, start) : bisect_left(self.borders, cut)]
        for places in (borders, self._cluster_starts(start, cut)):
            low, high = 0, len(places)
            while low < high:
                middle = (low + high) // 2
                if self._is_overlap(places[middle], cut):
                    high = middle
                else:
                    low = middle + 1
            for place in places[low:]:
                if self._is_overlap(place, cut):
                    return place
        return cut

    def _is_overlap(self, place: int, cut: int) -> bool:
        return self.engine.within(self.text[place:cut], self.overlap) is not None

    def _cluster_starts(self, start: int, stop: int) -> list[int]:
        begin = self.borders[max(bisect_right(self.borders, start) - 1, 0)]
        found = self.clusters.finditer(self.text, begin)
        starts = []
        for match in found:
            if match.start() >= stop:
                break
            if match.start() >= start:
                starts.append(match.start())
        return starts

    # Spans

    def _spans(self, cuts: list[int]) -> list[tuple[int, int, int, int, int, int]]:
        placed: list[tuple[int, int, int]] = []  # cut, start, end
        for cut, end in pairwise(cuts):
            while cut < end:
                begin = self._overlap_start(cut, placed[-1][1]) if placed else cut
                start, stop, last = self._part(begin, end)
                repeats = begin < cut and start < placed[-1][2]
                if stop <= cut or (repeats and not self._is_overlap(start, placed[-1][2])):
                    start, stop, last = self._part(cut, end)  # without the overlap, then
                if start < last and (not placed or last > placed[-1][2]):
                    placed.append((cut, start, last))
                cut = stop
        self._join_small(placed)
        return [self._span(placed, k) for k in range(len(placed))]

    def _part(self, begin: int, end: int) -> tuple[int, int, int]:
        """A chunk from `begin` on, to `end` if it fits: its start, where it was cut, its end."""
        start, last = self._trimmed(begin, end)
        stop = end
        while start < last and not self._fits(start, last):
            stop = self._fill(start, last)
            last = self._trimmed(start, stop)[1]
        return start, stop, last

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        if self.trim:
            slice = self.text[start:end]
            start, end = end - len(slice.lstrip()), start + len(slice.rstrip())
        return start, end

    def _join_small(self, placed: list[tuple[int, int, int]]) -> None:
        k = 1
        while k < len(placed):
            start, end = placed[k - 1][1], placed[k][2]
            own = self.engine.count(self.text[placed[k][1] : end], None)
            if own < self.min_tokens and self._fits(start, end):
                placed[k - 1 : k + 1] = [(placed[k - 1][0], start, end)]
            else:
                k += 1

    def _span(
        self, placed: list[tuple[int, int, int]], k: int
    ) -> tuple[int, int, int, int, int, int]:
        cut, start, end = placed[k]
        last = k == len(placed) - 1
        shared = "" if last else self.text[placed[k + 1][1] : end]
        next_cut = len(self.text) if last else placed[k + 1][0]
        words = _WORDS.search(self.text, cut)
        seen = words.start() if words else len(self.text)
        return (
            start,
            end,
            self.engine.count(self.text[start:end], None),
            self.engine.count(shared, None) if shared else 0,
            _END if last else self._level(next_cut),
            sum(place <= seen for place, *_ in self.headings),
        )

    def _level(self, place: int) -> int:
        if self.text[place - 1] in "\r\n":
            return self.levels.get(place, _LINE)
        return self.levels.get(place, _WORD if self.text[place].isspace() else _CHARACTER)
