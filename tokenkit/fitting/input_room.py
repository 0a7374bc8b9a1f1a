"""The tokens that an input may have, and what follows from them for the result."""

from __future__ import annotations

from dataclasses import dataclass

from tokenkit.chat import ChatTally, Message, frozen_of
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.budget import MaxOutput, reply_tokens, reserved_tokens, tightest_limit
from tokenkit.fitting.result import Dropped, Fit, Losses, Truncated
from tokenkit.models import Model

__all__ = ["InputRoom", "input_room"]


@dataclass(frozen=True, slots=True)
class InputRoom:
    """The most tokens that an input may have, and how many are reserved for the reply."""

    model: Model
    max_output: MaxOutput
    reserved: int
    limit: int
    limit_name: str

    def overflow(self, needed: int) -> ContextOverflowError:
        """Make the error for an input of `needed` tokens of which nothing more can be dropped."""
        available = max(0, self.limit)
        return ContextOverflowError(
            f"messages that must stay: expected at most {available} tokens ({self.limit_name} of "
            f"{self.model.name}, {self.reserved} reserved for the reply), got {needed}; shorten "
            "them, protect fewer, or ask for a smaller reply",
            needed=needed,
            available=available,
            limit_name=self.limit_name,
        )

    def result(
        self,
        messages: list[Message],
        tally: ChatTally,
        dropped: Losses | tuple[Dropped, ...],
        truncated: tuple[Truncated, ...],
    ) -> Fit:
        """Make the result for the messages that stay."""
        tokens, low, high, exact = tally.numbers()
        later = isinstance(dropped, Losses)
        losses = {"_losses": tuple(dropped)} if later else {"dropped": dropped}
        return frozen_of(
            Fit,
            **losses,
            tokens=tokens,
            low=low,
            high=high,
            exact=exact,
            notes=tuple(tally.notes),
            messages=messages,
            max_output=reply_tokens(self.model, self.max_output, tokens),
            limit=self.limit,
            limit_name=self.limit_name,
            truncated=truncated,
            model=self.model.name,
            record=self.model,
        )


def input_room(
    model: Model, max_output: MaxOutput, min_output: int, reasoning: int, safety: float
) -> InputRoom:
    """Compute the room of an input. Raises ValueError or TypeError for numbers out of range."""
    reserved = reserved_tokens(model, max_output, min_output, reasoning)
    return InputRoom(model, max_output, reserved, *tightest_limit(model, reserved, safety))
