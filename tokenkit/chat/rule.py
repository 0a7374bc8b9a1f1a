"""The interface of a counting rule, and the scan over a chat that the rules share.

One rule counts one family of chat formats. A new family is a new rule, a scan of its own, and a
line in `request_rule`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from tokenkit._core import value_of_text
from tokenkit.chat.checks import Message
from tokenkit.chat.content import ContentCounter
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.reading import ChatMessage, as_read
from tokenkit.chat.tally import AROUND, ChatTally, CountPart
from tokenkit.models import Model
from tokenkit.shapes import ReadMessage, Unsure, is_plain_message

__all__ = ["ChatScan", "Rule", "note_unsure", "scan_chat", "unsure_parts"]


class Rule(Protocol):
    """Count the messages of one request: a model, its tools and options.

    `request_rule` makes it. `counts` are the remembered token counts of the model's encoding.
    """

    @property
    def model(self) -> Model: ...

    @property
    def counts(self) -> TextCounts: ...

    @property
    def whole_chats(self) -> bool:
        """Whether a message has other tokens in one chat than in another, or is refused there."""
        ...

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
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

    `remembered` holds counts of texts by their digests, and `known` those of other texts. Texts
    that are in neither are collected in `missing` and count 0.
    """

    harmony = False  # whether messages have the keys of the harmony format

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        image_sizes: Mapping[str, tuple[int, int]] | None,
        known: dict[str, int],
    ) -> None:
        self.counts = counts
        self.remembered = counts.known
        self.known = known
        self.missing: list[str] = []
        self.has_system = False
        self.result = ChatTally()
        self.content_counter = ContentCounter(model, image_sizes, self.result)
        self.readings: dict[int, ReadMessage] = {}

    def run(self, messages: Iterable[tuple[int, ChatMessage]]) -> None:
        """Count messages, each with its index, into `result`."""
        self.result.costs = [self.message(index, message) for index, message in messages]

    def message(self, index: int, message: ChatMessage) -> int:
        """Count one message of any shape with its frame."""
        if type(message) is dict and is_plain_message(message, self.harmony):
            return self.plain_message(index, message)
        return self.read_message(index, message)

    @abstractmethod
    def plain_message(self, index: int, message: Message) -> int:
        """Count one message of OpenAI's chat format with its frame."""

    def read_message(self, index: int, message: ChatMessage) -> int:
        """Read a message of another shape, and count what it is read into."""
        reading = self.readings.get(index)
        if reading is None:
            reading = as_read(index, message, self.harmony)
            self.readings[index] = reading
        tally = self.result
        tally.read[index] = reading
        tokens = sum(self.plain_message(index, item) for item in reading.messages)
        if index in tally.results and not _is_own_result(message, reading):
            del tally.results[index]
        for path in reading.empty:
            tally.note(f"{path}: this key is not known; it is empty")
        return tokens + sum(self.unsure(index, item) for item in reading.unsure)

    def unsure(self, index: int, part: Unsure) -> int:
        """Count what is known of a part, and note what is not."""
        return _note(self.result, index, part, self.count)

    def count(self, text: str) -> int:
        """Count a text, or note that it is missing."""
        tokens = value_of_text(self.remembered, text, self.counts.key)
        if tokens is None:
            tokens = self.known.get(text)
            if tokens is None:
                self.missing.append(text)
                return 0
        return tokens


def _note(tally: ChatTally, index: int, part: Unsure, count: Callable[[str], int]) -> int:
    """Note what is unsure about a part of a message; give the tokens that are counted for it."""
    tokens = count(part.text) if part.text else 0
    tally.excess[index] = tally.excess.get(index, 0) + tokens
    if part.maybe:
        tally.above[index] = tally.above.get(index, 0) + count(part.maybe)
    if part.open:
        tally.unbounded.add(index)
    tally.note(f"{part.path}: {part.note}")
    return tokens


def note_unsure(
    tally: ChatTally, unsure: Sequence[Unsure], counts: TextCounts, index: int = AROUND
) -> None:
    """Note what is unsure about the tools and options of a request, or about message `index`."""
    for part in unsure:
        _note(tally, index, part, counts.count)


def unsure_parts(unsure: Sequence[Unsure], counts: TextCounts) -> list[CountPart]:
    """Give a line of the breakdown for each part of tools and options that is counted so."""
    return [CountPart(part.path, "tools", counts.count(part.text)) for part in unsure if part.text]


def _is_own_result(message: object, reading: ReadMessage) -> bool:
    """Return whether a result is a mapping in OpenAI's form, which may be shortened as it is."""
    return (
        isinstance(message, Mapping)
        and len(reading.messages) == 1
        and message.get("role") == reading.messages[0]["role"]
        and (isinstance(message.get("content"), str) or reading.messages[0]["role"] == "function")
    )


_Scan = TypeVar("_Scan", bound=ChatScan)


def scan_chat(
    new_scan: Callable[[dict[str, int]], _Scan],
    counts: TextCounts,
    messages: Sequence[tuple[int, ChatMessage]],
) -> _Scan:
    """Scan messages, each with its index; `new_scan` makes a scan that knows counts of some texts.

    Texts that were never counted are counted in one native call, and all is scanned again.
    """
    scan = new_scan({})
    scan.run(messages)
    if scan.missing:
        # What the first scan found is found again: a memo that forgets leaves its dict as it was.
        first, numbers = scan, counts.count_all(scan.missing)
        scan = new_scan(dict(zip(first.missing, numbers, strict=True)))
        scan.remembered, scan.readings = first.remembered, first.readings
        scan.run(messages)
    return scan
