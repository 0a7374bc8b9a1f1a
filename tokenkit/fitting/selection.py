"""Which groups of a chat stay, and how far their tool results shrink.

The order of losses: results of more than `soft` tokens are shrunk to that size; then groups are
dropped, by strategy; results become smaller than `soft` only for the sake of one more group, or
when nothing else is left; then they lose all but the marker; last, the first user message is
dropped. The room that remains is given back to the shrunk results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
_WHOLE = 1 << 62


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

    def __post_init__(self) -> None:
        self.soft = min(max(self.room // SOFT_SHARE, SOFT_LEAST), SOFT_MOST)

    def cost(self, group: Group, tokens: int) -> int:
        """Count a group whose results have at most `tokens` of text each."""
        if not group.results or not self.shrinks or tokens == _WHOLE:
            return group.tokens
        costs, shrinker = self.shrinker.tally.costs, self.shrinker
        saved = 0
        for index in group.results:
            saved += costs[index] - shrinker.cost(index, tokens)
        return group.tokens - saved


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
    groups = request.groups
    everything = list(range(len(groups)))
    must = _mandatory(request)
    if sum(group.tokens for group in groups) <= request.room:
        return Selection(everything, True)
    if request.hysteresis and request.strategy == "recent":
        steady = _steady(request, must)
        if steady is not None:
            return steady
    if _total(request, everything, request.soft) <= request.room:
        return Selection(everything, True)
    first = _first_user(request)
    with_first = sorted({*must, first}) if first is not None else must
    for base in (with_first, must):
        for bare in (False, True):
            request.shrinker.bare = bare
            if _total(request, base, 0) <= request.room:
                kept = _fill(request, base)
                return Selection(_valid_start(request, kept, set(base)), True)
    return Selection(must, False)


def _total(request: Request, positions: Sequence[int], tokens: int) -> int:
    total = 0
    for position in positions:
        group = request.groups[position]
        total += request.cost(group, tokens) if group.results else group.tokens
    return total


def _mandatory(request: Request) -> list[int]:
    """Give the positions of what must stay: the newest group, and what `protect` names."""
    groups, protect = request.groups, request.protect
    must = {len(groups) - 1} if groups else set()
    if "system" in protect:
        must.update(i for i, group in enumerate(groups) if group.is_system)
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


def _fill(request: Request, must: list[int]) -> list[int]:
    """Add groups to the mandatory ones in the strategy's order while they fit."""
    kept = set(must)
    soft = request.soft
    used = _total(request, must, soft)
    if used > request.room:
        return must  # only with their results below soft
    # How much shorter the kept results could still become for the sake of one more group.
    slack = used - _total(request, must, 0)

    def fits(position: int) -> bool:
        nonlocal used, slack
        group = request.groups[position]
        cost = request.cost(group, soft) if group.results else group.tokens
        if used + cost > request.room:
            return False
        kept.add(position)
        used += cost
        if group.results:
            slack += cost - request.cost(group, 0)
        return True

    def squeezes(position: int) -> bool:
        cost = request.cost(request.groups[position], 0)
        if used - slack + cost > request.room:
            return False
        kept.add(position)
        return True

    free = [i for i in range(len(request.groups)) if i not in kept]
    _ORDERS[request.strategy](request, free, fits, squeezes)
    return sorted(kept)


_Try = Callable[[int], bool]


def _recent(request: Request, free: list[int], fits: _Try, squeezes: _Try) -> None:
    """Add the newest first; nothing older than the first that does not fit."""
    for position in reversed(free):
        if not fits(position):
            squeezes(position)
            return


def _middle_out(request: Request, free: list[int], fits: _Try, squeezes: _Try) -> None:
    """Add from both ends, the end of the chat first, keeping both sides about equally long."""
    low, high = 0, len(free) - 1
    lengths = {"head": 0, "tail": 0}  # of the sides that may still grow
    blocked: list[int] = []
    while low <= high and lengths:
        side = min(lengths, key=lambda name: (lengths[name], name == "head"))
        position = free[low] if side == "head" else free[high]
        if not fits(position):
            blocked.append(position)
            del lengths[side]
            continue
        lengths[side] += request.groups[position].tokens
        if side == "head":
            low += 1
        else:
            high -= 1
    any(squeezes(position) for position in blocked)


def _priority(request: Request, free: list[int], fits: _Try, squeezes: _Try) -> None:
    """Add the highest priority first, the newest first among equals, passing over misfits."""
    groups, values = request.groups, request.priorities

    def rank(position: int) -> tuple[float, int]:
        group = groups[position]
        return -max(values[group.start : group.end]), -position

    ordered = sorted(free, key=rank)
    passed = [position for position in ordered if not fits(position)]
    for position in passed:
        if squeezes(position):
            return


_ORDERS: dict[str, Callable[[Request, list[int], _Try, _Try], None]] = {
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
    chat = [i for i in kept if not groups[i].is_system]
    begin = next((i for i, group in enumerate(groups) if not group.is_system), None)
    user = next((i for i in chat if groups[i].role == "user"), None)
    if user is None or not chat or chat[0] == begin:
        return kept
    return [i for i in kept if i >= user or i in must or groups[i].is_system]


def _steady(request: Request, must: list[int]) -> Selection | None:
    """Select from a border that stays where it is while the chat grows by `hysteresis`.

    Groups have offsets in tokens, counted from the chat's start with all oversize results shrunk
    to `soft`. The border is rounded up to a multiple of the step, so that later calls give the
    same one; shrunk results stay at `soft`, so that their text stays the same, too.
    """
    groups, soft = request.groups, request.soft
    costs = [request.cost(group, soft) for group in groups]
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
