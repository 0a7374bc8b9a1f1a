"""Which groups of a chat stay, and how far their tool results shrink.

The order of losses: results of more than `soft` tokens are shrunk to that size; then groups are
dropped, by strategy; results become smaller than `soft` only for the sake of one more group, or
when nothing else is left; then they lose all but the marker; last, the first user message is
dropped. The room that remains is given back to the shrunk results.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeAlias

from tokenkit.chat import Group
from tokenkit.fitting.shrink import Shrinker

__all__ = ["PROTECTED", "STRATEGIES", "Protected", "Request", "Selection", "Strategy", "select"]

Strategy: TypeAlias = Literal["recent", "middle_out", "priority", "api"]
Protected: TypeAlias = Literal["system", "first_user", "last_user"]

STRATEGIES = ("recent", "middle_out", "priority", "api")
PROTECTED: tuple[Protected, ...] = ("system", "first_user", "last_user")
# A result is oversize beyond this share of the limit, within these bounds.
SOFT_SHARE = 16
SOFT_LEAST, SOFT_MOST = 64, 4096


@dataclass
class Request:
    """The groups to choose from, and how. `room` is the limit less all that is not a message."""

    groups: list[Group]
    shrinker: Shrinker
    room: int
    protect: Sequence[str]
    strategy: str
    shrinks: bool
    hysteresis: float = 0.0
    priorities: Sequence[float] = ()
    soft: int = field(init=False)
    # The tokens of each group as it is, and the position of the group that holds a result.
    whole: list[int] = field(init=False)
    holders: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.soft = min(max(self.room // SOFT_SHARE, SOFT_LEAST), SOFT_MOST)
        self.whole = [group.tokens for group in self.groups]
        self.holders = {
            index: position
            for position, group in enumerate(self.groups)
            if group.results and self.shrinks
            for index in group.results
        }

    def costs(self, tokens: int) -> list[int]:
        """Count each group with at most `tokens` of text in each of its results."""
        costs = list(self.whole)
        if self.holders:
            for index, saved in self.shrinker.savings(tokens).items():
                costs[self.holders[index]] -= saved
        return costs


@dataclass
class Selection:
    """The groups that stay (positions, ascending), and whether they can fit.

    `fixed_level`: the tokens that every result may have, None: as many as there is room for.
    """

    kept: list[int]
    fits: bool
    fixed_level: int | None = None


def select(request: Request) -> Selection:
    """Choose groups so that, with results shrunk, their costs are at most `request.room`."""
    everything = list(range(len(request.groups)))
    if sum(request.whole) <= request.room:
        return Selection(everything, True)
    must = _mandatory(request)
    if request.hysteresis and request.strategy == "recent":
        steady = _steady(request, must)
        if steady is not None:
            return steady
    if sum(request.costs(request.soft)) <= request.room:
        return Selection(everything, True)
    first = _first_user(request)
    with_first = sorted({*must, first}) if first is not None else must
    for base in (with_first, must):
        for bare in (False, True):
            request.shrinker.bare = bare
            filling = _Filling(request, base)
            if filling.least_total <= request.room:
                kept = filling.fill()
                return Selection(_valid_start(request, kept, set(base)), True)
    return Selection(must, False)


def _mandatory(request: Request) -> list[int]:
    """Give the positions of what must stay: the newest group, and what `protect` names."""
    groups, protect = request.groups, request.protect
    must = {len(groups) - 1} if groups else set()
    if "system" in protect:
        must.update([i for i, group in enumerate(groups) if group.is_system])
        # A chat that ends in a system message still shows what came before it.
        must.update(_last(groups, lambda group: not group.is_system))
    if "last_user" in protect:
        must.update(_last(groups, lambda group: group.role == "user"))
    return sorted(must)


def _last(groups: Sequence[Group], holds: Callable[[Group], bool]) -> list[int]:
    """Give the position of the last group for which this holds, in a list; [] if there is none."""
    for position in range(len(groups) - 1, -1, -1):
        if holds(groups[position]):
            return [position]
    return []


def _first_user(request: Request) -> int | None:
    if "first_user" not in request.protect:
        return None
    users = (i for i, group in enumerate(request.groups) if group.role == "user")
    return next(users, None)


class _Filling:
    """Groups that stay: the mandatory ones, and others that are added while they fit."""

    def __init__(self, request: Request, must: list[int]) -> None:
        self.request = request
        self.must = must
        self.kept: set[int] = set()
        # Each group with its results at `soft`, and with the least of them.
        self.costs = request.costs(request.soft)
        self.least = request.costs(0)
        self.used = self.least_total = 0
        self.add(must)

    def fill(self) -> list[int]:
        """Add groups in the strategy's order while they fit; give all that stay."""
        if self.used > self.request.room:
            return self.must  # only with their results below soft
        free = [i for i in range(len(self.costs)) if i not in self.kept]
        _ORDERS[self.request.strategy](self, free)
        return sorted(self.kept)

    def add(self, positions: Sequence[int]) -> None:
        self.kept.update(positions)
        self.used += sum(map(self.costs.__getitem__, positions))
        self.least_total += sum(map(self.least.__getitem__, positions))

    def fits(self, position: int) -> bool:
        """Add a group if there is room for it."""
        fits = self.used + self.costs[position] <= self.request.room
        if fits:
            self.add((position,))
        return fits

    def squeezes(self, position: int) -> bool:
        """Add a group if there is room once all results are as short as can be."""
        fits = self.least_total + self.least[position] <= self.request.room
        if fits:
            self.kept.add(position)
        return fits


def _recent(filling: _Filling, free: list[int]) -> None:
    """Add the newest first; nothing older than the first that does not fit."""
    newest_first = free[::-1]
    sums = list(accumulate(map(filling.costs.__getitem__, newest_first)))
    number = bisect_right(sums, filling.request.room - filling.used)
    filling.add(newest_first[:number])
    if number < len(free):
        filling.squeezes(newest_first[number])


def _middle_out(filling: _Filling, free: list[int]) -> None:
    """Add from both ends, the end of the chat first, keeping both sides about equally long."""
    low, high = 0, len(free) - 1
    lengths = {"head": 0, "tail": 0}  # of the sides that may still grow
    blocked: list[int] = []
    while low <= high and lengths:
        side = min(lengths, key=lambda name: (lengths[name], name == "head"))
        position = free[low] if side == "head" else free[high]
        if not filling.fits(position):
            blocked.append(position)
            del lengths[side]
            continue
        lengths[side] += filling.request.whole[position]
        if side == "head":
            low += 1
        else:
            high -= 1
    any(filling.squeezes(position) for position in blocked)


def _priority(filling: _Filling, free: list[int]) -> None:
    """Add the highest priority first, the newest first among equals, passing over misfits."""
    groups, values = filling.request.groups, filling.request.priorities

    def rank(position: int) -> tuple[float, int]:
        group = groups[position]
        return -max(values[group.start : group.end]), -position

    ordered = sorted(free, key=rank)
    passed = [position for position in ordered if not filling.fits(position)]
    for position in passed:
        if filling.squeezes(position):
            return


_ORDERS: dict[str, Callable[[_Filling, list[int]], None]] = {
    "recent": _recent,
    "api": _recent,
    "middle_out": _middle_out,
    "priority": _priority,
}


def _valid_start(request: Request, kept: list[int], must: set[int]) -> list[int]:
    """Drop what would begin the chat without a user message, unless the input began so."""
    if request.strategy == "api":  # which looks at no roles
        return kept
    groups = request.groups
    start = next((i for i in kept if not groups[i].is_system), None)
    begin = next((i for i, group in enumerate(groups) if not group.is_system), None)
    user = next((i for i in kept if groups[i].role == "user"), None)
    if user is None or start == begin:
        return kept
    return [i for i in kept if i >= user or i in must or groups[i].is_system]


def _steady(request: Request, must: list[int]) -> Selection | None:
    """Select from a border that stays where it is while the chat grows by `hysteresis`.

    Groups have offsets in tokens, counted from the chat's start with all oversize results shrunk
    to `soft`. The border is rounded up to a multiple of the step, so that later calls give the
    same one; shrunk results stay at `soft`, so that their text stays the same, too.
    """
    groups, soft = request.groups, request.soft
    costs = request.costs(soft)
    forced = set(must)
    first = _first_user(request)
    forced.update([first] if first is not None else [])
    total = sum(costs)
    if total <= request.room:
        return Selection(list(range(len(groups))), True, soft)
    if sum(costs[i] for i in forced) > request.room:
        return None
    step = max(1, int(request.room * request.hysteresis))
    offset = 0
    border: int | None = None
    first_kept = 0
    for index, cost in enumerate(costs):
        if border is None and total <= request.room:
            border = -(-offset // step) * step
        if border is not None and offset >= border:
            break
        first_kept = index + 1
        offset += 0 if groups[index].is_system else cost
        if index not in forced:
            total -= cost
    kept = [i for i in range(len(groups)) if i >= first_kept or i in forced]
    return Selection(_valid_start(request, kept, forced), True, soft)
