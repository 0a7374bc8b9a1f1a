"""Details that only the provider's own object has inside a wrapper's: kinds of tokens, the tier.

LangChain keeps Anthropic's `usage` beside its `usage_metadata`, which has no service tier; the AI
SDK keeps it as `raw` beside its sums, which do not say how long written tokens live, nor which
tokens are audio.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tokenkit.shapes.notebook import Notebook, Unread

__all__ = ["compare_wholes", "take_details"]

_WORDS = ("tier", "speed", "region", "latency")
_PARTS = (
    *("cached", "cached_text", "cached_audio", "cached_image"),
    *("written", "written_short", "written_long"),
    *("audio_in", "image_in", "audio_out", "image_out", "reasoning"),
)
_WHOLES = {"input": "input_tokens", "output": "output_tokens"}


def take_details(book: Notebook) -> None:
    """Take the words and parts that a wrapper leaves out from the provider's own objects in it."""
    for own in book.repeated:
        for word in _WORDS:
            if word in own.words:
                book.word(word, own.words[word])
        for slot in _PARTS:
            if not book.has(slot):
                for path, number in own.counts.get(slot, {}).items():
                    book.count(slot, path, number)


def compare_wholes(
    book: Notebook, numbers: Mapping[str, int], own: Sequence[Mapping[str, int]]
) -> None:
    """Make the cost partial where a whole is another one by the provider's own object.

    `own` are the numbers of the objects in `book.repeated`, by themselves.
    """
    for inner, its in zip(book.repeated, own, strict=True):
        for slot, name in _WHOLES.items():
            if not (book.has(slot) and inner.has(slot)) or numbers[name] == its[name]:
                continue
            reason = f"{name} is {numbers[name]}, and {its[name]} by the provider's own object"
            book.notes.append(f"{reason}: the cost is partial")
            missing = Decimal(abs(its[name] - numbers[name]))
            book.unread.append(Unread(name, missing, "token", reason))
