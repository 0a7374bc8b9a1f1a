"""The tokens of one whole request, and the paths that its notes and errors name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

from tokenkit.chat.tally import ChatTally, CountPart
from tokenkit.chat.token_count import TokenCount

__all__ = ["OPTIONS", "CountedChat", "Paths", "Places", "RequestCount", "begin_count"]

OPTIONS = ("tools", "functions", "function_call", "tool_choice", "response_format")
_MESSAGE = re.compile(r"^messages\[(\d+)\]")
_OPTION = re.compile(rf"^({'|'.join(OPTIONS)}|messages)(?=[\[.:])")


@dataclass
class RequestCount:
    """The tokens of a request while they are made: what `TokenCount` holds, and what is around it.

    `notes` begin with a path of the request, those in `general` do not; `reply` is the limit of one
    reply in tokens, `replies` how many are asked for; `partial` says that something is billed which
    `tokens` do not hold, `problems` what the API will refuse. `inputs` are the tokens of each input
    of an embeddings request, of each example of a training file. `chat` holds the messages of a
    request that has some. `characters` are those of a text
    to be spoken, `seconds` the length of a recording; `reply_path` is where `reply` stands.
    """

    tokens: int
    low: int
    high: int | None
    exact: bool
    notes: list[str] = field(default_factory=list)
    general: list[str] = field(default_factory=list)
    reply: int = 0
    replies: int = 1
    partial: bool = False
    problems: list[str] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    chat: CountedChat | None = None
    reply_path: str = ""
    characters: int = 0
    seconds: float | None = None

    @property
    def parts(self) -> tuple[CountPart, ...]:
        """The breakdown of a chat's tokens; none where the input is texts."""
        return () if self.chat is None else self.chat.tally.parts()

    def unbounded(self, note: str) -> None:
        """Note something that may add any number of tokens."""
        self.high, self.exact, self.partial = None, False, True
        self.notes.append(note)

    def at_most(self, more: int, note: str) -> None:
        """Note something that may add so many tokens."""
        self.high = None if self.high is None else self.high + more
        self.exact = False
        self.notes.append(note)

    def at_least(self, fewer: int, note: str) -> None:
        """Note something that may take so many tokens away."""
        self.low = max(0, self.low - fewer)
        self.exact = False
        self.notes.append(note)


def begin_count(count: TokenCount, paths: Paths) -> RequestCount:
    """Begin a request's count with that of its messages."""
    request = RequestCount(
        count.tokens, count.low, count.high, count.exact, partial=count.high is None
    )
    paths.share(request, count.notes)
    return request


class Places(Sequence[str]):
    """The path of each message of a request, made when it is asked for.

    `ahead` are those before the items of the list at `path`.

    >>> list(Places("input", 2, ("instructions",)))
    ['instructions', 'input[0]', 'input[1]']
    """

    def __init__(self, path: str, items: int, ahead: tuple[str, ...] = ()) -> None:
        self.path = path
        self.items = items
        self.ahead = ahead

    def __len__(self) -> int:
        return len(self.ahead) + self.items

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        before = len(self.ahead)
        return self.ahead[index] if index < before else f"{self.path}[{index - before}]"


class CountedChat(NamedTuple):
    """The messages of a request as they were counted, and their tokens."""

    messages: Sequence[Any]
    tally: ChatTally


class Paths(NamedTuple):
    """Notes and errors of `count_messages` in the paths of the request's own body."""

    messages: Sequence[str]
    options: Mapping[str, str]

    def of(self, text: str) -> str:
        """Return an error with its path."""
        return self.own(text) or text

    def share(self, count: RequestCount, notes: Iterable[str]) -> None:
        """Add notes to a count, those that begin with a path with the request's own."""
        for note in notes:
            own = self.own(note)
            if own is None:
                count.general.append(note)
            else:
                count.notes.append(own)

    def own(self, text: str) -> str | None:
        """Return a text that begins with a path, with the request's own path; None for others."""
        match = _MESSAGE.match(text)
        if match and int(match[1]) < len(self.messages):
            place, rest = self.messages[int(match[1])], text[match.end() :]
            if rest.startswith(".content[") and not place.endswith("]"):  # blocks of `system`
                rest = rest.removeprefix(".content")
            return place + rest
        match = _OPTION.match(text)
        if match and match[1] in self.options:
            return self.options[match[1]] + text[match.end() :]
        return None
