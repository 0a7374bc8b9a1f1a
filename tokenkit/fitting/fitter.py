"""Make a chat fit the room a model has, losing as little as possible and saying what was lost.

>>> from tokenkit.fitting import fit
>>> chat = [{"role": "user", "content": "word " * 3000}, {"role": "user", "content": "Sum up."}]
>>> result = fit(chat, "gpt-4", max_output=6_000)
>>> [m["content"] for m in result.messages], result.dropped[0].index
(['Sum up.'], 0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenkit._checks import check_fraction, check_tokens
from tokenkit._face import public
from tokenkit.chat import (
    ChatRule,
    Group,
    HarmonyRule,
    Message,
    Tally,
    TokenCount,
    check_messages,
    group_messages,
    request_rule,
)
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.budget import clamp_output, tightest_limit
from tokenkit.fitting.selection import KEEPS, STRATEGIES, Request, Selection, select
from tokenkit.fitting.shrink import Shrinker, level
from tokenkit.models import Model, get_model

__all__ = ["Dropped", "Fit", "Truncated", "fit"]

Priorities = Sequence[float] | Callable[[Message], float]


@public
@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that went: its index in the input, its tokens and why."""

    index: int
    message: Message
    tokens: int
    reason: str


@public
@dataclass(frozen=True, slots=True)
class Truncated:
    """A message that became shorter: its index in the input and its tokens before and after."""

    index: int
    tokens_before: int
    tokens_after: int
    reason: str


@public
@dataclass(frozen=True, kw_only=True)
class Fit(TokenCount):
    """A chat that fits, and what was dropped and shortened for it; a `TokenCount`.

    `tokens` counts the messages and tools as `count_messages` does. `limit` is the most that they
    may have, `headroom` what they leave of it. `max_output` is the reply's number for the API.
    """

    messages: list[Message]
    max_output: int | None
    limit: int
    limit_name: str
    dropped: tuple[Dropped, ...]
    truncated: tuple[Truncated, ...]
    model: str
    record: Model | None = field(default=None, repr=False, compare=False)

    @property
    def headroom(self) -> int:
        """Tokens of the limit that are still free; negative only with on_overflow="return"."""
        return self.limit - self.tokens

    @property
    def cost(self) -> Any:
        """The price of this input and of a reply of `max_output` tokens (a `Cost`)."""
        from tokenkit.costs import cost

        model = self.record or self.model
        return cost(model, input_tokens=self.tokens, output_tokens=self.max_output or 0)

    def report(self) -> str:
        """What was kept, dropped and shortened, and why, for people."""
        share = self.tokens / self.limit if self.limit > 0 else 0.0
        lines = [
            f"{self.model}: {self.tokens} of {self.limit} input tokens ({share:.1%}, limit: "
            f"{self.limit_name}), {self.headroom} free, reply up to {self.max_output}"
        ]
        if self.headroom < 0:
            lines.append(f"over the limit by {-self.headroom} tokens: nothing more may go")
        if not self.exact:
            lines.append(self._bounds())
        for gone in self.dropped:
            role = gone.message.get("role")
            lines.append(f"dropped messages[{gone.index}] ({role}, {gone.tokens}): {gone.reason}")
        for cut in self.truncated:
            lines.append(
                f"shortened messages[{cut.index}] from {cut.tokens_before} to {cut.tokens_after} "
                f"tokens: {cut.reason}"
            )
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _bounds(self) -> str:
        if self.high is None:
            return f"count of at least {self.low}, without an upper bound: it may exceed the limit"
        beyond = "would exceed" if self.high > self.limit else "is within"
        return f"count between {self.low} and {self.high}; the upper bound {beyond} the limit"


def fit(
    messages: Sequence[Message],
    model: str | Model,
    *,
    max_output: str | int = "auto",
    min_output: int = 256,
    tools: Sequence[Mapping[str, Any]] | None = None,
    reasoning_reserve: int = 0,
    safety: float = 0.0,
    keep: Sequence[str] = ("system", "first_user", "last_user"),
    strategy: str = "recent",
    priorities: Priorities | None = None,
    shrink: str = "tool_results",
    hysteresis: float = 0.0,
    on_overflow: str = "raise",
) -> Fit:
    """Choose and shorten messages so that input and reply stay within the model's limits.

    The reply keeps `max_output` tokens, or with "auto" at least `min_output`, and
    `reasoning_reserve` besides; `safety` is a fraction of the limit kept free. System messages,
    the last user message and the newest group always stay, the first user message while it can;
    tool calls and their results stay or go together; oversize tool results are shortened in the
    middle before anything goes. `strategy` says what goes first: "recent" the oldest,
    "middle_out" the middle, "priority" the lowest of `priorities` (one number per message, or a
    function of a message). `hysteresis` (a fraction of the limit) lets the cut of "recent" stay
    in place over several calls of a growing chat, so that prompt caches hit.

    The input is never changed; messages that stay as they are, are the same objects.

    Raises ContextOverflowError when even the part that must stay does not fit (on_overflow
    "return" gives it back instead, with negative headroom), ValueError for tool results without
    their calls (naming the message) and for options out of range, and what `count_messages`
    raises.
    """
    record = get_model(model)
    _check_options(keep, strategy, shrink, on_overflow, priorities)
    check_fraction("hysteresis", hysteresis)
    chat = check_messages(messages)
    room = room_for(record, max_output, min_output, reasoning_reserve, safety)
    rule = request_rule(record, tools=tools)
    work = _Work(rule, chat, room.limit)
    values = _priorities(priorities, chat) if strategy == "priority" else ()
    outcome = work.run(tuple(keep), strategy, shrink == "tool_results", hysteresis, values)
    if outcome.tally.total > room.limit and on_overflow == "raise":
        raise room.overflow(outcome.tally.total)
    return room.fit(outcome.messages, outcome.tally, outcome.dropped, outcome.truncated)


@dataclass(frozen=True, slots=True)
class Room:
    """What an input may take, and what is kept for the reply."""

    model: Model
    max_output: str | int
    reserved: int
    limit: int
    limit_name: str

    def overflow(self, needed: int) -> ContextOverflowError:
        """The error for an input of `needed` tokens of which nothing more may go."""
        available = max(0, self.limit)
        return ContextOverflowError(
            f"{needed} tokens must stay but {available} are available "
            f"({self.limit_name} of {self.model.name}, {self.reserved} kept for the reply)",
            needed=needed,
            available=available,
            limit_name=self.limit_name,
        )

    def fit(
        self,
        messages: list[Message],
        tally: Tally,
        dropped: tuple[Dropped, ...],
        truncated: tuple[Truncated, ...],
    ) -> Fit:
        """The result for these messages."""
        low, high = tally.bounds()
        return Fit(
            messages=messages,
            tokens=tally.total,
            max_output=reply_tokens(self.model, self.max_output, tally.total),
            limit=self.limit,
            limit_name=self.limit_name,
            dropped=dropped,
            truncated=truncated,
            exact=tally.exact,
            low=low,
            high=high,
            model=self.model.name,
            notes=tuple(tally.notes),
            record=self.model,
        )


def room_for(
    model: Model, max_output: str | int, min_output: int, reasoning: int, safety: float
) -> Room:
    """The room of an input; raises ValueError or TypeError for numbers out of range."""
    reserved = _reserved(model, max_output, min_output, reasoning)
    return Room(model, max_output, reserved, *tightest_limit(model, reserved, safety))


def _check_options(
    keep: Sequence[str], strategy: str, shrink: str, on_overflow: str, priorities: object
) -> None:
    if isinstance(keep, str) or any(name not in KEEPS for name in keep):
        raise ValueError(f"keep must hold names out of {', '.join(KEEPS)}, not {keep!r}")
    for name, value, known in (
        ("strategy", strategy, STRATEGIES),
        ("shrink", shrink, ("tool_results", "none")),
        ("on_overflow", on_overflow, ("raise", "return")),
    ):
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
    if priorities is not None and strategy != "priority":
        raise ValueError("priorities are used by strategy='priority' only")


def _reserved(model: Model, max_output: object, min_output: int, reasoning: int) -> int:
    """Tokens kept for the reply before the input is chosen."""
    check_tokens("reasoning_reserve", reasoning)
    check_tokens("min_output", min_output)
    if isinstance(max_output, str):
        if max_output != "auto":
            raise ValueError(f"max_output must be 'auto' or a number, not {max_output!r}")
        return clamp_output(model, min_output + reasoning)
    return clamp_output(model, check_tokens("max_output", max_output, 1)) + reasoning


def reply_tokens(model: Model, max_output: object, used: int) -> int | None:
    """The reply's number for the API; None only where nothing limits it."""
    if isinstance(max_output, int):
        return clamp_output(model, max_output)
    if model.window == "separate" or model.context_window is None:
        return model.max_output_tokens
    return clamp_output(model, max(0, model.context_window - used))


def _priorities(priorities: Priorities | None, chat: Sequence[Message]) -> list[float]:
    if priorities is None:
        return [0.0] * len(chat)
    values = [priorities(m) for m in chat] if callable(priorities) else list(priorities)
    if len(values) != len(chat):
        raise ValueError(f"priorities: {len(values)} numbers for {len(chat)} messages")
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise ValueError(f"priorities[{index}]: must be a number, not {value!r}")
    return values


@dataclass
class _Outcome:
    messages: list[Message]
    tally: Tally
    dropped: tuple[Dropped, ...] = ()
    truncated: tuple[Truncated, ...] = ()


class _Work:
    """One fit: the counts of the input and the ways to use them."""

    def __init__(self, rule: ChatRule | HarmonyRule, chat: Sequence[Message], limit: int) -> None:
        self.rule = rule
        self.chat = chat
        self.limit = limit
        self.tally = rule.tally(chat)
        self.total = self.tally.total
        self.why = f"the chat has {self.total} tokens, {max(0, limit)} are allowed"
        self.groups = group_messages(chat)
        costs = self.tally.costs
        for group in self.groups:
            size = group.end - group.start
            group.tokens = costs[group.start] if size == 1 else sum(costs[group.start : group.end])

    def run(
        self,
        keep: tuple[str, ...],
        strategy: str,
        shrinks: bool,
        hysteresis: float,
        priorities: Sequence[float],
    ) -> _Outcome:
        if self.total <= self.limit:
            return _Outcome(list(self.chat), self.tally)
        shrinker = Shrinker(self.chat, self.tally, self.rule)
        fixed = sum(part.tokens for part in self.tally.fixed)
        room = self.limit - fixed
        while True:
            request = Request(
                self.groups, shrinker, room, keep, strategy, shrinks, hysteresis, priorities
            )
            selection = select(request)
            outcome = self._build(request, selection)
            over = outcome.tally.total - self.limit
            if over <= 0 or not selection.fits:
                return outcome
            # Parts that depend on each other (a system message that carries the tools, dropped
            # analysis) can make the whole a little larger than its parts.
            room -= over

    def _build(self, request: Request, selection: Selection) -> _Outcome:
        kept = [self.groups[position] for position in selection.kept]
        changed = self._shrunk(request, selection, kept) if request.shrinks else {}
        indexes = [i for group in kept for i in range(group.start, group.end)]
        chat, costs = self.chat, self.tally.costs
        if changed:
            messages = [changed[i][0] if i in changed else chat[i] for i in indexes]
        else:
            messages = [chat[i] for i in indexes]
        truncated = tuple(
            Truncated(index, costs[index], changed[index][1], f"tool result; {self.why}")
            for index in sorted(changed)
        )
        tally = self._recount(indexes, messages, {i: cost for i, (_, cost) in changed.items()})
        return _Outcome(messages, tally, self._dropped(selection), truncated)

    def _recount(
        self, indexes: list[int], messages: list[Message], changed: Mapping[int, int]
    ) -> Tally:
        """The tally of what stays: from the input's own, where messages count independently."""
        carrier = self.tally.carrier
        if isinstance(self.rule, ChatRule) and (carrier is None or carrier in indexes):
            return self.tally.subset(indexes, changed)
        return self.rule.tally(messages)

    def _dropped(self, selection: Selection) -> tuple[Dropped, ...]:
        stay = set(selection.kept)
        return tuple(
            Dropped(index, self.chat[index], self.tally.costs[index], self.why)
            for position, group in enumerate(self.groups)
            if position not in stay
            for index in range(group.start, group.end)
        )

    def _shrunk(
        self, request: Request, selection: Selection, kept: list[Group]
    ) -> dict[int, tuple[Message, int]]:
        """The shortened results: index -> (message, cost)."""
        shrinker, costs = request.shrinker, self.tally.costs
        indexes = [i for group in kept for i in group.results if i in shrinker.sizes]
        total = sum(group.tokens for group in kept)
        if selection.fixed_level is not None:
            cap = selection.fixed_level
        elif total <= request.room:
            return {}
        elif selection.fits:
            sizes = [shrinker.sizes[i] for i in indexes]
            cap = level(sizes, request.room - (total - sum(sizes)))
        else:
            cap = 0  # nothing but what results keep in any case
        changed = {i: shrinker.shrink(i, cap) for i in indexes if shrinker.sizes[i] > cap}
        changed = {i: new for i, new in changed.items() if new[0] is not self.chat[i]}
        if selection.fixed_level is None and selection.fits:
            total -= sum(costs[i] - cost for i, (_, cost) in changed.items())
            self._give_back(shrinker, changed, request.room - total)
        return changed

    def _give_back(
        self, shrinker: Shrinker, changed: dict[int, tuple[Message, int]], left: int
    ) -> None:
        """Give what rounding left over to the newest of the shortened results."""
        for index in sorted(changed, reverse=True):
            if left <= 0:
                return
            size = shrinker.sizes[index]
            has = size - (self.tally.costs[index] - changed[index][1])
            message, cost = shrinker.shrink(index, has + left)
            gained = cost - changed[index][1]
            if 0 < gained <= left:
                left -= gained
                if message is self.chat[index]:
                    del changed[index]
                else:
                    changed[index] = (message, cost)


@dataclass
class FitPart:
    """A part of a prompt made to fit: what stays, and (index, tokens..., reason) of the rest."""

    messages: list[Message]
    tokens: int
    dropped: list[tuple[int, int, str]]
    truncated: list[tuple[int, int, int, str]]


def fit_part(rule: ChatRule | HarmonyRule, messages: Sequence[Message], room: int) -> FitPart:
    """The newest groups of `messages` in `room` tokens, as a part of some larger prompt."""
    around = sum(part.tokens for part in rule.tally(messages).fixed)
    work = _Work(rule, messages, room + around)
    outcome = work.run((), "recent", True, 0.0, ())
    if outcome.tally.total > work.limit:  # not even the newest group
        why = "history: no room"
        gone = [(i, tokens, why) for i, tokens in enumerate(work.tally.costs)]
        return FitPart([], 0, gone, [])
    return FitPart(
        outcome.messages,
        sum(outcome.tally.costs),
        [(gone.index, gone.tokens, f"history: {gone.reason}") for gone in outcome.dropped],
        [
            (cut.index, cut.tokens_before, cut.tokens_after, f"history: {cut.reason}")
            for cut in outcome.truncated
        ],
    )
