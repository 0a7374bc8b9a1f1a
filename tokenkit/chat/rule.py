"""The interface of a counting rule: one rule for each family of chat formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tokenkit.chat.memo import TextCounts
from tokenkit.chat.tally import Tally
from tokenkit.models import Model

__all__ = ["Rule"]


class Rule(Protocol):
    """Count the messages of one request: a model, its tools and options.

    `request_rule` makes it. `counts` are the remembered token counts of the model's encoding.
    """

    @property
    def model(self) -> Model: ...

    @property
    def counts(self) -> TextCounts: ...

    def tally(self, messages: Sequence[Mapping[str, Any]]) -> Tally:
        """Count `messages`. Raises ValueError or TypeError that name the faulty part."""
        ...

    def tally_kept(
        self,
        tally: Tally,
        messages: Sequence[Mapping[str, Any]],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> Tally:
        """Count the `messages` that stay of a chat whose whole count is `tally`.

        `kept` holds their indexes in the whole chat; `changed` the new tokens of those that were
        shortened, by index. Gives what `tally(messages)` gives, sooner where it can.
        """
        ...

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of one tool result, without the frame around them."""
        ...
