"""Fit one chat: count it, select groups, shorten results, count what stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tokenkit.chat import ChatTally, Message, Rule, group_messages, in_turns
from tokenkit.errors import ChatTemplateError
from tokenkit.fitting.result import Dropped, Losses, Truncated
from tokenkit.fitting.selection import Request, Selection, Strategy, select
from tokenkit.fitting.shrink import Shrinker, level

# How often, and by how many tokens at least, more room is tried for a template.
_MOST_TRIES, _LEAST_STEP = 12, 16

__all__ = ["ChatFitter", "Choices", "FittedChat", "FittedPart", "fit_part"]


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of `fit` about losses: see its parameters of these names."""

    protect: tuple[str, ...] = ()
    strategy: Strategy = "recent"
    shrink_results: bool = True
    hysteresis: float = 0.0
    priorities: Sequence[float] = ()
    last: int | None = None


@dataclass
class FittedChat:
    """The messages that stay, their tally, and what was lost."""

    messages: list[Message]
    tally: ChatTally
    losses: Losses = field(default_factory=Losses)
    truncated: tuple[Truncated, ...] = ()

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        return self.losses.dropped()


class ChatFitter:
    """The counts of one chat, and the ways to make it fit `limit` tokens."""

    def __init__(self, rule: Rule, chat: Sequence[Message], limit: int) -> None:
        self.rule = rule
        self.chat = chat
        self.limit = limit
        self.tally = rule.tally(chat)
        self.total = self.tally.total
        self.why = f"the chat has {self.total} tokens, {max(0, limit)} are allowed"
        self.groups = group_messages(chat, self.tally.read, self.tally.costs)

    def fit(self, choices: Choices) -> FittedChat:
        """Choose what stays. The result is over the limit only if what must stay is."""
        if choices.last is not None:
            return self._last(choices.last)
        if self.total <= self.limit:
            return FittedChat(list(self.chat), self.tally)
        shrinker = Shrinker(self.chat, self.tally, self.rule)
        try:
            return self._selected(choices, shrinker)
        except ChatTemplateError:
            # The template takes the chat, and not what is left of it.
            self.groups = in_turns(self.groups)
        try:
            return self._selected(choices, shrinker)
        except ChatTemplateError:
            kept = tuple(name for name in choices.protect if name != "first_user")
            return self._selected(replace(choices, protect=kept), shrinker)

    def _selected(self, choices: Choices, shrinker: Shrinker) -> FittedChat:
        """Select groups until those that stay are within the limit, counted as they are sent."""
        room = self.limit - sum(part.tokens for part in self.tally.fixed)
        while True:
            fits, fitted = self._tried(choices, shrinker, room)
            over = fitted.tally.total - self.limit
            if over <= 0 or not fits:
                if self.rule.whole_chats and not choices.hysteresis:
                    return self._widened(choices, shrinker, room, fitted)
                return fitted
            # Parts that depend on each other (a system message that carries the tools, dropped
            # analysis, a template) can make the whole a little larger than its parts.
            room -= over

    def _widened(
        self, choices: Choices, shrinker: Shrinker, room: int, fitted: FittedChat
    ) -> FittedChat:
        """Try more room, where the whole is far smaller than its parts by themselves."""
        step = self.limit - fitted.tally.total
        for _ in range(_MOST_TRIES):
            if step < max(_LEAST_STEP, self.limit // 32):
                break
            more = self._more(choices, shrinker, room + step)
            if more is None or more.tally.total > self.limit:
                step //= 2
                continue
            room += step
            if more.tally.total > fitted.tally.total:
                fitted = more
                step = self.limit - fitted.tally.total
        return fitted

    def _more(self, choices: Choices, shrinker: Shrinker, room: int) -> FittedChat | None:
        try:
            return self._tried(choices, shrinker, room)[1]
        except ChatTemplateError:
            return None

    def _tried(self, choices: Choices, shrinker: Shrinker, room: int) -> tuple[bool, FittedChat]:
        """Select groups of at most `room` tokens; say whether what must stay has that."""
        shrinker.bare = False
        request = Request(
            self.groups,
            shrinker,
            room,
            choices.protect,
            choices.strategy,
            choices.shrink_results,
            choices.hysteresis,
            choices.priorities,
        )
        selection = select(request)
        return selection.fits, self._build(request, selection)

    def _last(self, number: int) -> FittedChat:
        """Keep the last messages of the chat, the newest group, and what is system's."""
        first = min(len(self.chat) - number, self.groups[-1].start if self.groups else 0)
        kept = [i for i, group in enumerate(self.groups) if group.is_system or group.start >= first]
        self.why = f"only the last {number} messages are read"
        indexes = [i for p in kept for i in range(self.groups[p].start, self.groups[p].end)]
        messages = [self.chat[index] for index in indexes]
        tally = self.rule.tally_kept(self.tally, messages, indexes, {})
        return FittedChat(messages, tally, self._losses(self._gone(Selection(kept, True))))

    def _build(self, request: Request, selection: Selection) -> FittedChat:
        changed = self._shortened(request, selection) if request.shrinks else {}
        gone = self._gone(selection)
        lost = set(gone)
        indexes = [i for i in range(len(self.chat)) if i not in lost]
        chat, costs = self.chat, self.tally.costs
        messages = [changed[i][0] if i in changed else chat[i] for i in indexes]
        truncated = tuple(
            Truncated(index, costs[index], changed[index][1], f"tool result; {self.why}")
            for index in sorted(changed)
        )
        new_costs = {i: cost for i, (_, cost) in changed.items()}
        tally = self.rule.tally_kept(self.tally, messages, indexes, new_costs)
        return FittedChat(messages, tally, self._losses(gone), truncated)

    def _gone(self, selection: Selection) -> list[int]:
        """Give the indexes of the messages that do not stay."""
        stay = set(selection.kept)
        groups = [group for i, group in enumerate(self.groups) if i not in stay]
        return [index for group in groups for index in range(group.start, group.end)]

    def _losses(self, gone: Sequence[int]) -> Losses:
        messages = [self.chat[i] for i in gone]
        costs = [self.tally.costs[i] for i in gone]
        return Losses(gone, messages, costs, self.why)

    def _shortened(self, request: Request, selection: Selection) -> dict[int, tuple[Message, int]]:
        """Shorten results of the groups that stay: index -> (message, its tokens)."""
        shrinker, costs = request.shrinker, self.tally.costs
        stay, holders = set(selection.kept), request.holders
        indexes = [i for i in shrinker.sizes if i in holders and holders[i] in stay]
        total = sum([request.whole[position] for position in selection.kept])
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
        """Give the tokens that rounding left over to the newest of the shortened results."""
        for index in sorted(changed, reverse=True):
            if left <= 0:
                return
            before = changed[index][1]
            text_tokens = shrinker.sizes[index] - (self.tally.costs[index] - before)
            message, cost = shrinker.shrink(index, text_tokens + left)
            gained = cost - before
            if 0 < gained <= left:
                left -= gained
                if message is self.chat[index]:
                    del changed[index]
                else:
                    changed[index] = (message, cost)


@dataclass
class FittedPart:
    """A part of a prompt after fitting: what stays, and (index, tokens..., reason) of losses."""

    messages: list[Message]
    tokens: int
    dropped: list[tuple[int, int, str]]
    truncated: list[tuple[int, int, int, str]]


def fit_part(rule: Rule, messages: Sequence[Message], room: int) -> FittedPart:
    """Fit the newest groups of `messages` into `room` tokens, as a part of some larger prompt."""
    around = sum(part.tokens for part in rule.tally(messages).fixed)
    fitter = ChatFitter(rule, messages, room + around)
    fitted = fitter.fit(Choices())
    if fitted.tally.total > fitter.limit:  # not even the newest group
        why = "history: no room"
        losses = [(i, tokens, why) for i, tokens in enumerate(fitter.tally.costs)]
        return FittedPart([], 0, losses, [])
    return FittedPart(
        fitted.messages,
        sum(fitted.tally.costs),
        [(loss.index, loss.tokens, f"history: {loss.reason}") for loss in fitted.dropped],
        [
            (loss.index, loss.tokens_before, loss.tokens_after, f"history: {loss.reason}")
            for loss in fitted.truncated
        ],
    )
