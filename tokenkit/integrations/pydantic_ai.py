"""pydantic-ai: a model that counts on this machine and checks requests, and a history that fits.

`guard` wraps a model: `UsageLimits(count_tokens_before_request=True)` then works with models that
have no endpoint to count with, such as OpenAI's chat models. `history_processor` is for the
capability `ProcessHistory`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tokenkit import CostTracker, Model, get_model
from tokenkit.integrations.guarding import Guard, OnOverflow
from tokenkit.integrations.history import HistoryFitter, MaxOutput, OnFit, OnTooLong

if TYPE_CHECKING:
    from tokenkit.integrations.pydantic_ai_model import GuardedModel, HistoryProcessor

__all__ = ["guard", "history_processor"]


def guard(
    model: Any,
    *,
    name: str | Model | None = None,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
) -> GuardedModel:
    """Wrap a pydantic-ai model so that each request is checked before it is sent, streams too.

    `model` is a model or the name of one, such as "openai:gpt-5.4"; give it to an `Agent`. Its
    `count_tokens` counts on this machine: messages, instructions, tools and the output's schema.
    The other arguments are those of `tokenkit.integrations.openai.guard`; with "fit" the run keeps
    its whole history, only what is sent is shorter. `name` says which model it is, where its own
    name does not. Tokens of models whose tokenizer is private are estimated.

    Guard the models inside a `FallbackModel`, not the whole: each has limits of its own.

    Raises ImportError without pydantic-ai, UnknownModelError, and ValueError for arguments out of
    range. Requests raise ContextOverflowError, CostLimitError, and ValueError for messages that
    cannot be counted.

    >>> from pydantic_ai import Agent, UsageLimits                          # doctest: +SKIP
    >>> agent = Agent(guard("openai-chat:gpt-5.4", on_overflow="fit"))      # doctest: +SKIP
    >>> limits = UsageLimits(count_tokens_before_request=True, input_tokens_limit=9_000)
    ... # doctest: +SKIP
    >>> await agent.run("Hello", usage_limits=limits)                       # doctest: +SKIP
    """
    from tokenkit.integrations.pydantic_ai_model import GuardedModel

    policy = Guard.of(on_overflow, max_usd, min_output, tracker)
    return GuardedModel(model, policy, None if name is None else get_model(name))


def history_processor(
    model: str | Model | None = None,
    *,
    max_output: MaxOutput = "auto",
    on_overflow: OnTooLong = "fit",
    safety: float = 0.0,
    hysteresis: float = 0.0,
    on_fit: OnFit | None = None,
) -> HistoryProcessor:
    """Make a processor for `ProcessHistory` that keeps an agent's history within its model.

    Messages, instructions and the run's tools are counted. Where they leave the reply no room, the
    oldest messages are dropped and results of tools shortened, as `fit` does; calls stay with their
    results. pydantic-ai keeps what a processor returns as the history of the run: what is dropped
    is dropped for good (`guard(model, on_overflow="fit")` keeps it).

    `model` is that of the run by default. The reply's room in tokens is the run's `max_tokens`
    where it is set, else `max_output`. `safety` and `hysteresis` (fractions of the limit) are those
    of `fit`; `on_fit` is called with the `Fit` each time something was lost.

    Raises ImportError without pydantic-ai, UnknownModelError, and ValueError for arguments out of
    range. The processor raises ContextOverflowError if what must stay does not fit, or at once with
    on_overflow="raise".

    >>> from pydantic_ai.capabilities import ProcessHistory                 # doctest: +SKIP
    >>> kept = ProcessHistory(history_processor(max_output=4_000))          # doctest: +SKIP
    >>> agent = Agent("openai:gpt-5.4", capabilities=[kept])                # doctest: +SKIP
    """
    from tokenkit.integrations.pydantic_ai_model import HistoryProcessor

    fitter = HistoryFitter(max_output, on_overflow, safety, hysteresis, on_fit)
    return HistoryProcessor(fitter, None if model is None else get_model(model))
