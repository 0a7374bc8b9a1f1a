"""Chunks for encodings that the core cannot scan: with a pattern of the user's own, for example.

This is also the readable twin of the core's chunker (csrc/chunk): it looks for the same partition.
The borders are the core's. The core counts the slice between any two borders exactly; here the
tokens of the parts of the whole text (its pieces, where the engine has some) say about how much a
slice holds, a part that both share being counted in full; an overlap that starts at no border is
taken to be as long as it may be. What a chunk really holds is counted, chunk by chunk, so nothing
rests on that estimate. tests/chunking/test_twin.py holds that both give the same chunks wherever
the estimates are exact.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from itertools import pairwise

from tokenkit._core import cluster_ends, text_borders
from tokenkit.encodings.text import as_str

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit._core import ChunkSettings
    from tokenkit.encodings.engine import Chunks
    from tokenkit.encodings.engines.counted import CountedEngine

# The Unicode property White_Space (PropList.txt of Unicode 16.0.0); some of it joins two words.
_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_BREAKING = _SPACE.translate(dict.fromkeys(map(ord, "\xa0\u2007\u202f")))
_WORDS = re.compile(f"[^{_SPACE}]")
_WORD_ENDS = re.compile(f"(?<=[^{_SPACE}])(?=[{_BREAKING}])")
_OPTIMAL, _GREEDY, _TOKEN = range(3)
_MARKDOWN = 1  # a number of csrc/chunk/border_types.hpp
_CHARACTER_PENALTY = 16
_LINE, _WORD, _CHARACTER, _END = 4, 7, 8, 9  # levels of csrc/chunk/border_types.hpp
_FAR = 8  # a text of more characters for each token that fits is most often more than a chunk


class _TooLong(Exception):
    """The character at `offset` is more than a chunk."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


def _last_up_to(offset: int, offsets: Sequence[int]) -> int:
    """Find the last of ascending offsets that is at most `offset`; 0 if there is none."""
    at = bisect_right(offsets, offset)
    return offsets[at - 1] if at else 0


class SlowChunking:
    """One text on its way to chunks.

    Offsets are characters. `places` are the offsets of the borders; a border is named by its index
    among them.
    """

    def __init__(
        self, engine: CountedEngine, text: str, format: int, settings: ChunkSettings
    ) -> None:
        self.engine = engine
        self.text = text = as_str(text)
        self.strategy, self.limit = settings.strategy, settings.limit
        self.room, self.overlap = settings.room, settings.overlap
        self.min_tokens, self.weight = settings.min_tokens, settings.weight
        self.trim, self.prefix = settings.trim, settings.prefix
        inner: list[tuple[int, int, int]] = []
        self.headings: list[tuple[int, int, int, int]] = []
        if self.strategy != _TOKEN:
            inner, self.headings = text_borders(text, format, settings.separators)
        elif format == _MARKDOWN:
            self.headings = text_borders(text, format, settings.separators)[1]
        self.heading_places = [offset for offset, *_ in self.headings]
        self.places = [0, *(offset for offset, _, _ in inner), len(text)]
        self.penalties = [0.0, *(tenths / 10 for _, _, tenths in inner), 0.0]
        self.levels = {offset: level for offset, level, _ in inner}
        self._word_ends: list[int] | None = None
        self._cut_cluster = 0  # the end of the last cluster that was cut
        self._estimate()

    @property
    def word_ends(self) -> list[int]:
        """Where words end; found when they are first asked for."""
        if self._word_ends is None:
            ends = (match.start() for match in _WORD_ENDS.finditer(self.text))
            self._word_ends = [end for end in ends if not self._is_joined(end)]
        return self._word_ends

    def chunks(self) -> Chunks:
        """Split the text as `Core.chunk_batch` does."""
        headings = [heading[1:] for heading in self.headings]
        try:
            spans = self._spans(self._cuts()) if self.text else []
        except _TooLong as error:
            character = self.text[error.offset]
            needed = self.engine.count(self.prefix + character, None) + self.limit - self.room
            return [], [], (error.offset, needed)
        return spans, headings, None

    # Tokens

    def _estimate(self) -> None:
        """Sum up the tokens of the text's parts at each border.

        `upto` holds those of the parts that start before a chunk's end, `from_` those of the
        parts that end before a chunk's start.
        """
        starts, ends, totals = [], [], [0]
        start = 0
        for end, tokens in self.engine.placed_counts(self.text, self.places):
            starts.append(start)
            ends.append(end)
            totals.append(totals[-1] + tokens)
            start = end
        self.upto = [totals[bisect_left(starts, self._end(k))] for k in self.places]
        self.from_ = [totals[bisect_right(ends, self._start(k))] for k in self.places]
        self.upto[0] = self.from_[0] = 0

    def _start(self, offset: int) -> int:
        """Give where a chunk starts that begins at an offset: behind white space, with `trim`."""
        if not self.trim:
            return offset
        match = _WORDS.search(self.text, offset)
        start = match.start() if match else len(self.text)
        return start - 1 if start > offset and self._is_joined(start) else start

    def _end(self, offset: int) -> int:
        """Give where a chunk ends whose cut is at an offset: before white space, with `trim`."""
        if not self.trim:
            return offset
        end = offset
        while end and self.text[end - 1] in _SPACE:
            end -= 1
        return end + 1 if end < offset and self._is_joined(end) else end

    def _is_joined(self, offset: int) -> bool:
        """Return whether white space is in one cluster with what is at its other side."""
        pair = self.text[offset - 1 : offset + 1] if offset else ""
        return not pair.isascii() and cluster_ends(pair)[0] == len(pair) > 1

    def _fits(self, start: int, end: int) -> bool:
        # One whose beginning is too much is not read to its end, which may be far away.
        if end - start > _FAR * self.limit and self._reach("", start, end, self.limit) < end:
            return False
        if not self._is_within(start, end, self.limit):
            return False
        if not self.prefix and self.room == self.limit:
            return True
        return self.engine.within(self.prefix + self.text[start:end], self.room) is not None

    def _count(self, start: int, end: int) -> int:
        return self.engine.count(self.text[start:end], None)

    def _is_within(self, start: int, end: int, limit: int) -> bool:
        return self.engine.within(self.text[start:end], limit) is not None

    def _is_overlap(self, start: int, end: int) -> bool:
        return self._is_within(start, end, self.overlap)

    # Cuts at borders

    def _cuts(self) -> list[int]:
        """Choose the borders that end chunks; between two of them may be more than a chunk."""
        used = self.engine.count(self.prefix, None)
        budget = min(self.limit, self.room - used)
        if self.strategy == _TOKEN:
            return [0, len(self.places) - 1]
        cuts = self._optimal(budget) if self.strategy == _OPTIMAL else self._greedy(budget)
        if self.min_tokens:
            self._balance(cuts)
        return cuts

    def _optimal(self, budget: int) -> list[int]:
        """Find the partition of least cost, by the estimates; see csrc/README.md."""
        costs, before = [0.0], [0]
        opened = [0]  # `from_` of the chunk that follows each border
        window: deque[int] = deque([0])  # in order of place and of cost
        filled = 1 + self.weight * _CHARACTER_PENALTY
        for b, (upto, penalty) in enumerate(zip(self.upto, self.penalties, strict=True)):
            if b == 0:
                continue
            while window and upto - opened[window[0]] > budget:
                window.popleft()
            a = window[0] if window else b - 1
            costs.append(costs[a] + (0.0 if window else filled) + 1 + self.weight * penalty)
            before.append(a)
            opened.append(self._opened(b, self._overlapping(b)) if self.overlap else self.from_[b])
            while window and costs[window[-1]] >= costs[b]:
                window.pop()
            window.append(b)
        cuts = [len(self.places) - 1]
        while cuts[-1]:
            cuts.append(before[cuts[-1]])
        return cuts[::-1]

    def _greedy(self, budget: int) -> list[int]:
        cuts, start, last = [0], 0, len(self.places) - 1
        while cuts[-1] < last:
            a = cuts[-1]
            first = self._overlapping(a, start) if a else 0
            opened, start = self._opened(a, first), self._start(self.places[first])
            reach = bisect_right(self.upto, opened + budget, a + 1) - 1
            if reach == last:
                cuts.append(last)
                break
            best, least = a + 1, None
            for b in range(a + 1, reach + 1):
                tokens = self.upto[b] - opened
                score = self.weight * self.penalties[b] - tokens / self.limit
                # A chunk of no more than the overlap would be repeated by the next one as a whole.
                if tokens > self.overlap and (least is None or score <= least):
                    best, least = b, score
            cuts.append(best)
        return cuts

    def _overlapping(self, border: int, lowest: int = 0) -> int:
        """Find the first border behind `lowest` that the overlap before a border may start at.

        It is that border itself if there is none.
        """
        if not self.overlap or border == 0:
            return border
        first = min(bisect_right(self.places, lowest), border)
        least = self.upto[border] - self.overlap
        at = bisect_left(self.from_, least, first, border)
        end = self._end(self.places[border])
        while at < border and not self._is_overlap(self._start(self.places[at]), end):
            at += 1
        return at

    def _opened(self, border: int, first: int) -> int:
        """Give the tokens before the chunk that follows a border and starts at the border `first`.

        An overlap that starts at no border is taken to be as long as it may be.
        """
        return self.from_[first] - (self.overlap if border and first == border else 0)

    def _balance(self, cuts: list[int]) -> None:
        """Join chunks of less than `min_tokens` with the one before, where the limit allows it.

        Else move the cut between the two back until neither is too small, if some border allows it.
        """
        k = 1
        while k + 1 < len(cuts):
            start, cut, end = cuts[k - 1], cuts[k], cuts[k + 1]
            first, second = self._overlapping(start), self._overlapping(cut)
            if not self._fit(first, cut) or not self._fit(second, end):
                k += 1  # not even these two are one chunk each
            elif self.upto[end] - self.from_[second] >= self.min_tokens:
                k += 1
            elif self._fit(first, end):
                del cuts[k]
            else:
                cuts[k] = self._balanced(first, start, cut, end)
                k += 1

    def _balanced(self, first: int, start: int, cut: int, end: int) -> int:
        """Find the border to move a cut back to: the one of the least penalty."""
        best = None
        lowest = self._start(self.places[first])
        for b in range(cut - 1, start, -1):
            second = self._overlapping(b, lowest)
            if self.upto[b] - self.from_[first] < self.min_tokens or not self._fit(second, end):
                break
            large = self.upto[end] - self.from_[second] >= self.min_tokens
            moves_on = self._start(self.places[second]) > lowest
            if large and moves_on and (best is None or self.penalties[b] < self.penalties[best]):
                best = b
        return cut if best is None or not self._fit(first, best) else best

    def _fit(self, start: int, end: int) -> bool:
        """Return whether the text between two borders is not more than a chunk."""
        return self._fits(self._start(self.places[start]), self._end(self.places[end]))

    # Cuts between borders

    def _fill(self, start: int, stop: int) -> int:
        """Find a far end in (start, stop] that fits, at the end of a cluster if one does."""
        if self._fits(start, stop):
            return stop
        far = self._reach("", start, stop, self.limit)
        if self.prefix or self.room < self.limit:
            far = min(far, self._reach(self.prefix, start, stop, self.room))
        ends = self._cluster_ends(start, far)
        # Fewer tokens of a text are not always fewer tokens: look back until a slice fits.
        for end in reversed(ends):
            if end <= far and self._fits(start, end):
                return end
        if ends[0] <= stop and self._fits(start, ends[0]):
            return ends[0]
        self._cut_cluster = ends[0]
        for end in range(min(far, ends[0]), start, -1):
            if self._fits(start, end):
                return end
        if self._fits(start, start + 1):
            return start + 1
        raise _TooLong(start)

    def _reach(self, prefix: str, start: int, stop: int, budget: int) -> int:
        """Find where the first `budget` tokens of prefix and text[start:stop] end, or `stop`."""
        window = _FAR * budget + 64
        while True:
            view = prefix + self.text[start : min(start + window, stop)]
            ids = self.engine.encode_prefix(view, budget + 1)
            if len(ids) > budget:
                break
            if start + window >= stop:
                return stop
            window *= 2
        return start + max(self.engine.cuts(view, ids).head(budget) - len(prefix), 0)

    def _start_inside(self, cut: int, lowest: int) -> int:
        """Find the first offset behind `lowest` that the overlap before a cut may start at.

        It is at the end of a word, else between clusters; the cut itself if there is none.
        """
        end = self._end(cut)
        first = self._last_tokens(lowest, end)
        for offset in (*self._word_ends_in(first, end), *self._cluster_starts(first, end)):
            start = self._start(offset)
            if lowest < offset and start < end and self._is_overlap(start, end):
                return start
        return self._start(cut)

    def _last_tokens(self, start: int, end: int) -> int:
        """Find where the last tokens of text[start:end] begin, as many as the overlap."""
        start = max(start, end - self.overlap * self.engine.max_token_size)
        view = self.text[start:end]
        ids = self.engine.encode_buffer(view, None)
        if len(ids) <= self.overlap:
            return start
        return start + self.engine.cuts(view, ids).tail(self.overlap)

    def _word_ends_in(self, start: int, stop: int) -> list[int]:
        return self.word_ends[
            bisect_left(self.word_ends, start) : bisect_left(self.word_ends, stop)
        ]

    def _cluster_starts(self, start: int, stop: int) -> list[int]:
        begin = max(_last_up_to(start, self.places), _last_up_to(start, self.word_ends))
        starts = [begin, *self._cluster_ends(begin, stop)]
        return [offset for offset in starts if start <= offset < stop]

    def _cluster_ends(self, start: int, far: int) -> list[int]:
        """Find the ends of the clusters from an offset on, up to the first one behind `far`."""
        if start < self._cut_cluster:  # no chunk starts before the one that cut it
            rest = self._cut_cluster
            return [rest, *(self._cluster_ends(rest, far) if rest <= far else ())]
        window = far - start + 64
        while True:
            view = self.text[start : start + window]
            ends = [start + end for end in cluster_ends(view)]
            if start + window < len(self.text):
                ends.pop()  # it may go on
            if start + window >= len(self.text) or (ends and ends[-1] > far):
                return ends[: bisect_right(ends, far) + 1]
            window *= 2

    # Spans

    def _spans(self, cuts: Sequence[int]) -> list[tuple[int, int, int, int, int, int]]:
        placed: list[tuple[int, int, int]] = []  # cut, start, end
        for border, next_border in pairwise(cuts):
            cut, end = self.places[border], self.places[next_border]
            while cut < end:
                begin = self._start(cut)
                if placed and self.overlap:
                    begin = self._begin(cut, border, placed[-1][1])
                start, stop, last = self._part(begin, end)
                repeats = bool(placed) and start < placed[-1][2]
                if stop <= cut or (repeats and not self._is_overlap(start, placed[-1][2])):
                    start, stop, last = self._part(cut, end)  # without the overlap, then
                if start < last and (not placed or last > placed[-1][2]):
                    placed.append((cut, start, last))
                cut = stop
        return [self._span(placed, k) for k in range(len(placed))]

    def _begin(self, cut: int, border: int, previous: int) -> int:
        """Find where the chunk after a cut starts, which repeats some of the one before it."""
        if self.places[border] == cut:
            lowest = previous if self.strategy == _GREEDY else 0
            at = self._overlapping(border, lowest)
            if at != border:
                start = self._start(self.places[at])
                return start if start > previous else self._start(cut)
            previous = max(previous, self.places[border - 1])
        return self._start_inside(cut, previous)

    def _part(self, begin: int, end: int) -> tuple[int, int, int]:
        """Form a chunk from `begin` on, to `end` if it fits: its start, the cut, its end."""
        start, last, stop = self._start(begin), self._end(end), end
        while start < last and not self._fits(start, last):
            stop = self._fill(start, last)
            last = self._end(stop)
        return start, stop, last

    def _span(
        self, placed: list[tuple[int, int, int]], k: int
    ) -> tuple[int, int, int, int, int, int]:
        cut, start, end = placed[k]
        last = k == len(placed) - 1
        shared = "" if last else self.text[placed[k + 1][1] : end]
        next_cut = len(self.text) if last else placed[k + 1][0]
        words = _WORDS.search(self.text, cut)
        seen = min(words.start() if words else end, end - 1)
        return (
            start,
            end,
            self._count(start, end),
            self.engine.count(shared, None) if shared else 0,
            _END if last else self._level(next_cut),
            bisect_right(self.heading_places, seen),
        )

    def _level(self, offset: int) -> int:
        if offset in self.levels:
            return self.levels[offset]
        if self.text[offset - 1] in "\r\n":
            return _LINE
        ends_word = _WORD_ENDS.match(self.text, offset) and not self._is_joined(offset)
        return _WORD if ends_word else _CHARACTER
