"""The interface of a counting rule, and the scan over a chat that the rules share.

One rule counts one family of chat formats. A new family is a new rule, a scan of its own, and a
line in `request_rule`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from tokenkit.chat.checks import Message
from tokenkit.chat.content import ContentCounter
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.tally import ChatTally
from tokenkit.models import Model

__all__ = ["ChatScan", "Rule", "scan_chat"]


class Rule(Protocol):
    """Count the messages of one request: a model, its tools and options.

    `request_rule` makes it. `counts` are the remembered token counts of the model's encoding.
    """

    @property
    def model(self) -> Model: ...

    @property
    def counts(self) -> TextCounts: ...

    def tally(self, messages: Sequence[Message]) -> ChatTally:
        """Count `messages`. Raises ValueError or TypeError that name the faulty part."""
        ...

    def tally_kept(
        self,
        tally: ChatTally,
        messages: Sequence[Message],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> ChatTally:
        """Count the `messages` that stay of a chat whose whole count is `tally`.

        `kept` holds their indexes in the whole chat; `changed` the new tokens of those that were
        shortened, by index. Gives what `tally(messages)` gives, sooner where it can.
        """
        ...

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of one tool result, without the frame around them."""
        ...


class ChatScan(ABC):
    """One pass over a chat; a rule says in `message` how it counts one.

    `known` holds counts of texts. Texts that were never counted are collected in `missing` and
    count 0. `plain_texts` are those that `scan_chat` adds to the messages at `plain_indexes`.
    """

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        image_sizes: Mapping[str, tuple[int, int]] | None,
        known: dict[str, int],
    ) -> None:
        self.counts = counts
        self.known = known
        self.missing: list[str] = []
        self.plain_texts: list[str] = []
        self.plain_indexes: list[int] = []
        self.has_system = False
        self.result = ChatTally()
        self.content_counter = ContentCounter(model, image_sizes, self.result)

    def run(self, messages: Sequence[Message]) -> None:
        """Count all messages into `result`."""
        self.result.costs = [self.message(index, m) for index, m in enumerate(messages)]

    @abstractmethod
    def message(self, index: int, message: Message) -> int:
        """Count one message with its frame."""

    def count(self, text: str) -> int:
        """Count a text, or note that it is missing."""
        tokens = self.known.get(text)
        if tokens is None:
            tokens = self.counts.known_count(text)
            if tokens is None:
                self.missing.append(text)
                return 0
            self.known[text] = tokens
        return tokens


_Scan = TypeVar("_Scan", bound=ChatScan)


def scan_chat(
    new_scan: Callable[[dict[str, int]], _Scan], counts: TextCounts, messages: Sequence[Message]
) -> _Scan:
    """Scan a chat and give the scan; `new_scan` makes one that knows the counts of some texts.

    Texts that were never counted are counted in one native call, and the chat is scanned again.
    """
    scan = new_scan({})
    scan.run(messages)
    if scan.missing:
        numbers = counts.count_all(scan.missing)
        scan = new_scan({**scan.known, **dict(zip(scan.missing, numbers, strict=True))})
        scan.run(messages)
    costs = scan.result.costs
    for index, tokens in zip(scan.plain_indexes, counts.count_all(scan.plain_texts), strict=True):
        costs[index] += tokens
    return scan
