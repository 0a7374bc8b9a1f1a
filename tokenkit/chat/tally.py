"""The tokens of a chat, message by message, before they become a `MessageCount`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from tokenkit._face import public
from tokenkit.shapes import ReadMessage

__all__ = ["AROUND", "ChatTally", "CountPart", "LaterParts", "Lines"]

# Where nothing is unknown, bounds are at most so wide: tokens, and a share of the total.
WIDEST_TOKENS = 16
WIDEST_SHARE = 0.05
# In place of a message's index: what is around all messages.
AROUND = -1


@public
@dataclass(frozen=True)
class CountPart:
    """One line of a breakdown; `where` names its part of the request.

    `kind` is "message", "image", "audio", "file", "tool", "tools", "tool_choice",
    "response_format", "system" (the system message of gpt-oss) or "priming". `index` is that of
    the message ("message", "image", "audio", "file") or of the tool ("tool"); None for the others.
    """

    where: str
    kind: str
    tokens: int
    index: int | None = None

    @property
    def in_message(self) -> bool:
        """Whether this is a message or a part of one; `index` is then the message's."""
        return self.kind in ("message", "image", "audio", "file")


_Value = TypeVar("_Value")


def _moved(values: Mapping[int, _Value], places: Mapping[int, int]) -> dict[int, _Value]:
    """Give `values` by the new indexes of the messages that stay, which `places` has by the old."""
    return {places[old]: value for old, value in values.items() if old in places}


@dataclass
class ChatTally:
    """Tokens of each message and of everything around them, and how sure they are.

    `costs[i]` includes the images, audio and files of message i, which `details[i]` lists.
    `doubts[i]` are those of its tokens whose rendering OpenAI does not document, `margins[i]` is
    how many tokens it may be off for other reasons. Where something is unknown (the size of an
    image, a key), `excess[i]` is how many tokens fewer it may have, `above[i]` how many more, and
    `unbounded` holds the messages for which there is no such number. `doubt`, `margin` and
    `open_ended` are the same for what is around the messages.
    """

    costs: list[int] = field(default_factory=list)
    fixed: list[CountPart] = field(default_factory=list)
    details: dict[int, list[CountPart]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    doubts: dict[int, int] = field(default_factory=dict)
    margins: dict[int, int] = field(default_factory=dict)
    excess: dict[int, int] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)
    unbounded: set[int] = field(default_factory=set)
    open_ended: bool = False
    doubt: int = 0
    margin: int = 0
    # Tool results: index -> (function name, called in parallel); what their cost depends on.
    results: dict[int, tuple[str, bool]] = field(default_factory=dict)
    # Tokens of the text of results, of those of which they are known.
    result_texts: dict[int, int] = field(default_factory=dict, compare=False)
    # Tool calls and their results: index -> called in parallel.
    calls: dict[int, bool] = field(default_factory=dict)
    # Whether there are calls, not results alone.
    has_calls: bool = False
    # Messages of other shapes, and what they were read into.
    read: dict[int, ReadMessage] = field(default_factory=dict)
    # The system message that carries the tools, if one does.
    carrier: int | None = None

    @property
    def total(self) -> int:
        total = sum(self.costs)
        for part in self.fixed:
            total += part.tokens
        return total

    @property
    def exact(self) -> bool:
        if self.unbounded or self.open_ended or self.excess or self.above:
            return False
        return not (self.doubts or self.margins or self.doubt or self.margin)

    def subset(self, kept: Sequence[int], changed: Mapping[int, int]) -> ChatTally:
        """Give the messages at indexes `kept`, some with other costs, and nothing around them.

        For chats of texts and calls alone: what `details` lists has notes that name its message.
        """
        costs = self.costs
        places = dict(zip(kept, range(len(kept)), strict=True)) if self.calls or self.doubts else {}
        doubts = _moved(self.doubts, places)
        for index, tokens in changed.items():
            if index in self.doubts and index in places:
                doubts[places[index]] += tokens - costs[index]
        return ChatTally(
            costs=[changed[i] if i in changed else costs[i] for i in kept],
            doubts=doubts,
            calls=_moved(self.calls, places),
            has_calls=self.has_calls,
            carrier=None if self.carrier is None else kept.index(self.carrier),
        )

    def numbers(self) -> tuple[int, int, int | None, bool]:
        """Give the total, low and high around it, and whether it is exact.

        High is None where there is no upper bound. What follows from rules that are fitted is no
        wider than promised; what is unknown adds all that it may be.
        """
        total = self.total
        if self.exact:
            return total, total, total, True
        half = self._half(total)
        low = max(0, total - half - sum(self.excess.values()))
        if self.unbounded or self.open_ended:
            return total, low, None, False
        return total, low, total + half + sum(self.above.values()), False

    def _half(self, total: int) -> int:
        """Give how far the total may be off by rules that are fitted, to either side."""
        width = WIDEST_TOKENS + int(WIDEST_SHARE * total)
        doubt = self.doubt + sum(self.doubts.values())
        half = self.margin + sum(self.margins.values()) + (8 + int(0.05 * doubt) if doubt else 0)
        return min(half, width // 2)

    def most_of(self, messages: Sequence[int]) -> int | None:
        """Give the most tokens of messages, by index, and of what is around all; None: no bound."""
        if self.open_ended or not self.unbounded.isdisjoint((AROUND, *messages)):
            return None
        around = sum(part.tokens for part in self.fixed)
        above = sum(self.above.get(index, 0) for index in (AROUND, *messages))
        own = sum(self.costs[index] for index in messages)
        return around + own + above + self._half(self.total)

    def least_of(self, messages: Sequence[int]) -> int:
        """Give the least tokens of messages, by index."""
        own = sum(self.costs[index] - self.excess.get(index, 0) for index in messages)
        return max(0, own - self._half(self.total))

    def bounds(self) -> tuple[int, int | None]:
        """Give (low, high) around the total; high None where there is no upper bound."""
        _, low, high, _ = self.numbers()
        return low, high

    def add_doubt(self, tokens: int) -> None:
        """Note that so many of the tokens around the messages may not be there."""
        self.excess[AROUND] = self.excess.get(AROUND, 0) + tokens

    def note(self, text: str) -> None:
        self.notes.setdefault(text)

    def parts(self) -> tuple[CountPart, ...]:
        """Give the breakdown; its tokens add up to the total."""
        return _parts_of(*self.lines)

    @property
    def lines(self) -> Lines:
        """What the breakdown is made of."""
        return self.costs, self.details, self.fixed


Lines: TypeAlias = tuple[Sequence[int], Mapping[int, Sequence[CountPart]], Sequence[CountPart]]


def _parts_of(
    costs: Sequence[int],
    details: Mapping[int, Sequence[CountPart]],
    fixed: Sequence[CountPart],
) -> tuple[CountPart, ...]:
    lines: list[CountPart] = []
    for index, tokens in enumerate(costs):
        inside = details.get(index, ())
        own = tokens - sum(part.tokens for part in inside)
        lines.append(CountPart(f"messages[{index}]", "message", own, index))
        lines.extend(inside)
    return (*lines, *fixed)


class LaterParts:
    """Stands for the field `parts` of a count: made of its `_lines` when it is first asked for.

    Most who count a long chat want the number alone. A count that is made with parts holds them.
    """

    def __get__(self, count: object | None, _owner: type) -> tuple[CountPart, ...]:
        if count is None:
            return ()  # what the dataclass takes as the default
        held = vars(count)
        parts: tuple[CountPart, ...] = _parts_of(*held["_lines"])
        held["parts"] = parts
        return parts
