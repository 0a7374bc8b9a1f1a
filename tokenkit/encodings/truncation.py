"""Truncation: one text, so many tokens.

The first ids of a text need not be the ids of the text that they decode to: a shorter text may be
split into other pieces, and a marker may merge with its neighbours. So every candidate is counted
again, and where one is too long, fewer ids are tried.

Candidates end between grapheme clusters, or between characters where the first cluster that they
would keep is over the limit by itself, or where characters are asked for.
"""

from __future__ import annotations

import sys

from tokenkit._checks import check_choice, check_str, check_tokens
from tokenkit._core import TruncateSettings, cluster_border
from tokenkit.encodings.text import SourceOffsets, repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    from tokenkit._core import Core
    from tokenkit.encodings.engine import Cuts, Engine, Ids

    Keep: TypeAlias = Literal["head", "tail", "ends"]
    Unit: TypeAlias = Literal["grapheme", "char"]


_KEEPS = ("head", "tail", "ends")


def truncate_settings(
    engine: Engine, max_tokens: int, keep: Keep, marker: str, unit: Unit
) -> TruncateSettings:
    """Check the arguments of `Encoding.truncate`, and count the marker.

    Raises TypeError and ValueError that name the argument.
    """
    check_str("marker", marker)
    check_choice("keep", keep, _KEEPS)
    check_choice("unit", unit, ("grapheme", "char"))
    # No text has as many as the second.
    max_tokens = min(check_tokens("max_tokens", max_tokens), sys.maxsize - 1)
    room = max_tokens - engine.count(marker, None)
    if room < 0:
        raise ValueError(
            f"max_tokens: expected at least {max_tokens - room}, as the marker alone is "
            f"{max_tokens - room} tokens, got {max_tokens}"
        )
    return TruncateSettings(max_tokens, room, _KEEPS.index(keep), marker, unit == "grapheme")


def truncated(engine: Engine, text: str, settings: TruncateSettings) -> str:
    """Truncate a text with any engine: the readable twin of `csrc/encode/truncate.cpp`."""
    max_tokens, room, marker = settings.max_tokens, settings.room, settings.marker
    keep = _KEEPS[settings.keep]
    if engine.within(text, max_tokens) is not None:
        return text
    if keep == "head":
        ids = engine.encode_prefix(text, room + 1)  # one more: does it share a character?
    else:
        ids = engine.encode_buffer(text, None)

    def fits(result: str) -> bool:
        return engine.within(result, max_tokens) is not None

    cuts = engine.cuts(text, ids)
    if settings.clusters:
        cuts = ClusterCuts(cuts, repaired(text), fits)
    source = SourceOffsets(text)

    def candidate(n: int) -> str:
        if keep == "head":
            return text[: source[cuts.head(n)]] + marker
        if keep == "tail":
            return marker + text[source[cuts.tail(n)] :]
        return text[: source[cuts.head(n - n // 2)]] + marker + text[source[cuts.tail(n // 2)] :]

    return longest(candidate, fits, room)


def longest(candidate: Callable[[int], str], fits: Callable[[str], bool], n: int) -> str:
    """Find the candidate of n ids if it fits, else one of fewer; that of 0 ids always fits.

    Steps double until a candidate fits, then halve: a logarithmic number of candidates is tried,
    whatever the text.
    """
    too_many = n + 1
    step = 1
    result = candidate(n)
    while n > 0 and not fits(result):
        too_many = n
        n = max(n - step, 0)
        step *= 2
        result = candidate(n)
    while too_many - n > 1:
        middle = (n + too_many) // 2
        attempt = candidate(middle)
        if fits(attempt):
            n, result = middle, attempt
        else:
            too_many = middle
    return result


class ClusterCuts:
    """Cuts between grapheme clusters, of a text without surrogates.

    The first cluster of a head, or the last one of a tail, is split if it does not fit by itself.
    """

    def __init__(self, cuts: Cuts, text: str, fits: Callable[[str], bool]) -> None:
        self.cuts = cuts
        self.text = text
        self.fits = fits

    def head(self, n: int) -> int:
        end = self.cuts.head(n)
        # Whether clusters end there depends on one more character, and on what is before.
        border = cluster_border(self.text[: end + 1], end, False)
        if border == 0 < end and not self.fits(self.text[: cluster_border(self.text, end, True)]):
            return end
        return border

    def tail(self, n: int) -> int:
        start = self.cuts.tail(n)
        size = len(self.text)
        border = cluster_border(self.text, start, True)
        if start < border == size:
            first = cluster_border(self.text, start, False)
            if not self.fits(self.text[first:]):
                return start
        return border


class ByteCuts:
    """Cuts for engines that drop nothing: ids decode to the text, so decoding finds offsets."""

    def __init__(self, core: Core, text: str, ids: Ids) -> None:
        self.core = core
        self.ids = memoryview(ids)
        self.size = len(repaired(text))

    def head(self, n: int) -> int:
        data = self.core.decode_bytes(self.ids[:n])
        return len(data.decode("utf-8", "ignore"))

    def tail(self, n: int) -> int:
        data = self.core.decode_bytes(self.ids[len(self.ids) - n :])
        return self.size - len(data.decode("utf-8", "ignore"))


class SpanCuts:
    """Cuts for patterns that may drop text: the spans of the tokens say where they are."""

    def __init__(self, engine: Engine, text: str, ids: Ids) -> None:
        self.size = len(repaired(text))
        spans = engine.token_spans(text, ids, 0).tolist()
        self.starts, self.ends = spans[::2], spans[1::2]

    def head(self, n: int) -> int:
        if n == 0:
            return 0
        # A token that begins before this one's end has part of the same character.
        following = self.starts[n] if n < len(self.starts) else self.size
        return int(min(self.ends[n - 1], following))

    def tail(self, n: int) -> int:
        if n == 0:
            return self.size
        before = self.ends[-n - 1] if n < len(self.ends) else 0
        return int(max(self.starts[-n], before))


class LedCuts:
    """Cuts of a text from those of what the core reads for it, with `lead` spaces before it."""

    def __init__(self, cuts: Cuts, lead: int) -> None:
        self._cuts = cuts
        self._lead = lead

    def head(self, n: int) -> int:
        return max(self._cuts.head(n) - self._lead, 0)

    def tail(self, n: int) -> int:
        return max(self._cuts.tail(n) - self._lead, 0)


class CountCuts:
    """Cuts for tokens that stand at no place: slices are counted until their ends are found.

    More text is taken to have no fewer ids. Where that does not hold, another cut is found than the
    farthest one; the caller counts what it leaves.
    """

    def __init__(self, engine: Engine, text: str) -> None:
        self.engine = engine
        self.text = repaired(text)

    def head(self, n: int) -> int:
        return self._most(n, lambda length: self.text[:length])

    def tail(self, n: int) -> int:
        size = len(self.text)
        return size - self._most(n, lambda length: self.text[size - length :])

    def _most(self, n: int, part: Callable[[int], str]) -> int:
        """Find the length of the longest part of at most n ids, none for no ids.

        Parts without ids may have some together.
        """
        if n == 0:
            return 0
        few, many = 0, 4 * n + 16
        while many < len(self.text) and self.engine.within(part(many), n) is not None:
            few, many = many, 2 * many
        many = min(many, len(self.text) + 1)
        while many - few > 1:
            middle = (few + many) // 2
            if self.engine.within(part(middle), n) is None:
                many = middle
            else:
                few = middle
        return few
