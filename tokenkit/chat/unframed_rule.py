"""The counting rule of models whose tokenizer is at hand and whose chat template is not.

Texts are counted exactly, each alone; a template may strip them, and write what it likes around
them. The bounds are those of the 71 templates that llama.cpp publishes (`models/templates` in the
sdist of llama-cpp-python 0.3.36, PyPI), measured on 2026-11-29 with o200k_base: 1 to 14 tokens
around each message, 0 to 1,170 around a chat without a system message, up to 71 around others, and
up to 661 around the definitions of tools.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenkit.chat.estimate_rule import EstimateRule, Span, add_span
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.tally import AROUND, ChatTally, CountPart
from tokenkit.models import Model
from tokenkit.shapes import plain

__all__ = ["UnframedRule", "UnpublishedRule"]

_AROUND = Span(5, 0, 128)
_OWN_SYSTEM = 1_200  # tokens of a system message that a template writes where there is none
_TOOL_PROMPT = Span(80, 0, 700)
# A text may lose white space, and merge with what is around it.
_EDGE = 2


class _CountedTexts(EstimateRule):
    """See `Rule`. Texts are counted, the frames around them are not known."""

    @staticmethod
    def encoding_of(model: Model) -> str:
        """See `EstimateRule`."""
        return str(model.encoding)

    def span(self, text: str) -> Span:
        """See `EstimateRule`."""
        tokens = self.counts.count(text)
        if "</think>" in text:  # templates leave earlier reasoning out
            return Span(tokens, 0, tokens + _EDGE)
        least = self.counts.count(text.strip()) - _EDGE
        return Span(tokens, max(0, min(tokens, least)), tokens + _EDGE)


class UnframedRule(_CountedTexts):
    """See `Rule`. The frames may be those of any chat template."""

    frame = Span(5, 0, 16)

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
        """See `Rule`."""
        tally = super().tally(messages)
        if not any(_is_system(message) for message in messages):
            tally.above[AROUND] = tally.above.get(AROUND, 0) + _OWN_SYSTEM
            tally.note("no system message: a template may write one of its own, up to 1200 tokens")
        return tally

    def surroundings(self, tally: ChatTally) -> list[CountPart]:
        """See `EstimateRule`."""
        parts = super().surroundings(tally)
        unsure = sum(part.tokens for part in parts)  # left out, or written with indents
        tally.excess[AROUND] = tally.excess.get(AROUND, 0) + unsure
        tally.above[AROUND] = tally.above.get(AROUND, 0) + unsure
        if self.functions or self.other_tools:
            tokens = add_span(tally, AROUND, _TOOL_PROMPT)
            parts.insert(0, CountPart("tools", "tools", tokens))
        parts.append(CountPart("reply", "priming", add_span(tally, AROUND, _AROUND)))
        return parts

    def finish(self, tally: ChatTally) -> None:
        """See `EstimateRule`."""
        tally.note(
            f"no chat template is known for {self.model.name}: texts are counted, and the frames "
            "of messages taken as 0 to 16 tokens each; give it with "
            "register_model(..., chat_template=...)"
        )
        if self.schema_text or self.functions or self.other_tools:
            tally.note("tools and response formats: a template may leave them out")


def _is_system(message: Any) -> bool:
    role = plain(message).get("role") if isinstance(plain(message), dict) else None
    return role in ("system", "developer")


class UnpublishedRule(_CountedTexts):
    """See `Rule`. The frames are those of an API, whose format is private."""

    def finish(self, tally: ChatTally) -> None:
        """See `EstimateRule`."""
        tally.note(
            f"the format of chats of {self.model.name} is private: texts are counted with "
            f"{self.model.encoding}, and the frames of messages taken as 0 to 8 tokens each"
        )
