"""`HistoryFitter`: fit a framework's chat before each request, and say what was lost.

The adapters of frameworks turn their own messages into what `fit` reads, and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tokenkit import Budget, ContextOverflowError, Fit, Model, fit, get_model
from tokenkit._checks import check_choice
from tokenkit.chat import request_rule

__all__ = ["HistoryFitter", "MaxOutput", "OnFit", "OnTooLong", "chat_tokens"]

OnTooLong: TypeAlias = Literal["fit", "raise"]
OnFit: TypeAlias = Callable[[Fit], object]
MaxOutput: TypeAlias = int | Literal["auto"] | None


def chat_tokens(chat: Sequence[Any], model: Model, **around: Any) -> int:
    """Count a chat with what is sent around it (tools, a response format).

    Tokens of a model whose tokenizer is private are estimated.

    >>> chat_tokens([{"role": "user", "content": "Hello"}], get_model("gpt-4o"))
    8
    """
    return request_rule(model, **around, estimate=True).tally(chat).total


@dataclass(frozen=True)
class HistoryFitter:
    """How the chat of an agent is kept within its model's limits.

    `max_output` (tokens of the reply to keep free), `safety` and `hysteresis` (fractions of the
    limit) are those of `fit`. `on_overflow` says what happens to a chat that is too long: "fit"
    drops the oldest messages and shortens results of tools, "raise" raises ContextOverflowError.
    `on_fit` is called with the `Fit` each time that something was lost.
    """

    max_output: MaxOutput = "auto"
    on_overflow: OnTooLong = "fit"
    safety: float = 0.0
    hysteresis: float = 0.0
    on_fit: OnFit | None = None

    def __post_init__(self) -> None:
        check_choice("on_overflow", self.on_overflow, ("fit", "raise"))
        arguments: Any = vars(self)
        options = {name: arguments[name] for name in _FITTED}
        fit([], _ANY_MODEL, on_overflow="return", **options)

    def kept(
        self,
        chat: Sequence[Any],
        model: str | Model,
        *,
        tools: Sequence[Any] | None = None,
        response_format: Mapping[str, Any] | None = None,
        max_output: MaxOutput = None,
    ) -> dict[int, Any] | None:
        """Return the messages that stay by their index in `chat`; None where all of them do.

        A message is another object than before only if it was shortened. `max_output` replaces the
        fitter's own.

        Raises ContextOverflowError if what must stay does not fit, and what `fit` raises.

        >>> chat = [{"role": "user", "content": "word " * 8_000}, {"role": "user", "content": "Hi"}]
        >>> HistoryFitter().kept(chat, "gpt-4"), HistoryFitter().kept(chat[1:], "gpt-4")
        ({1: {'role': 'user', 'content': 'Hi'}}, None)
        """
        record = get_model(model)
        reply = self.max_output if max_output is None else max_output
        around: dict[str, Any] = {"tools": tools or None, "response_format": response_format}
        budget = Budget.for_model(record, max_output=reply, safety=self.safety)
        tokens = chat_tokens(chat, record, **around)
        if tokens <= budget.input_limit:
            return None
        if self.on_overflow == "raise":
            raise _too_long(tokens, budget)
        options: dict[str, Any] = {"safety": self.safety, "hysteresis": self.hysteresis}
        fitted = fit(chat, record, **around, max_output=reply, **options)
        if self.on_fit is not None:
            self.on_fit(fitted)
        dropped = {loss.index for loss in fitted.dropped}
        stay = (index for index in range(len(chat)) if index not in dropped)
        return dict(zip(stay, fitted.messages, strict=True))


# Arguments are checked when a fitter is made, with a model that any chat fits.
_FITTED = ("max_output", "safety", "hysteresis")
_ANY_MODEL = Model(name="any", kind="chat", context_window=10**15, encoding="o200k_base")


def _too_long(tokens: int, budget: Budget) -> ContextOverflowError:
    return ContextOverflowError(
        f"chat: expected at most {budget.input_limit} tokens ({budget.limit_name} of "
        f"{budget.model}, {budget.reserved} reserved for the reply), got {tokens}; shorten it, or "
        "use on_overflow='fit'",
        needed=tokens,
        available=budget.input_limit,
        limit_name=budget.limit_name,
    )
