"""DSPy: language models whose requests are checked before they are sent, and replies priced.

`guard` wraps a `dspy.LM`. `callback` prices what any LM answers. It does not check: DSPy logs what
a callback raises, and sends the request nevertheless.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tokenkit import CostTracker, Model, get_model
from tokenkit.integrations.guarding import Guard, OnOverflow

if TYPE_CHECKING:
    from tokenkit.integrations.dspy_lm import GuardedLM, PricingCallback

__all__ = ["callback", "guard"]


def guard(
    lm: Any,
    *,
    name: str | Model | None = None,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
) -> GuardedLM:
    """Return a copy of a `dspy.LM` that checks each request before it is sent.

    A request that does not fit its model for sure raises an error that is a ContextOverflowError
    and DSPy's ContextWindowExceededError, so `dspy.ReAct` drops its oldest steps and goes on. The
    arguments are those of `tokenkit.integrations.openai.guard`; `name` says which model it is,
    where its own name does not. Answers from DSPy's cache are checked, too. A saved program loads
    with a plain LM.

    Raises ImportError without DSPy, TypeError for another kind of LM, UnknownModelError, and
    ValueError for arguments out of range. Calls raise CostLimitError, and ValueError for messages
    that cannot be counted.

    >>> import dspy                                                         # doctest: +SKIP
    >>> dspy.configure(lm=guard(dspy.LM("openai/gpt-5.4"), max_usd="0.50")) # doctest: +SKIP
    """
    from tokenkit.integrations.dspy_lm import GuardedLM

    policy = Guard.of(on_overflow, max_usd, min_output, None)
    return GuardedLM.of(lm, policy, None if name is None else get_model(name))


def callback(tracker: CostTracker, *, model: str | Model | None = None) -> PricingCallback:
    """Make a callback that adds the cost of each reply to `tracker`; cached ones cost nothing.

    `model` is what the replies name by default. A reply without a usage, or with DSPy's history
    switched off, leaves the sum partial.

    Raises ImportError without DSPy, and UnknownModelError.

    >>> import dspy                                                         # doctest: +SKIP
    >>> spent = CostTracker()
    >>> dspy.configure(callbacks=[callback(spent)])                         # doctest: +SKIP
    """
    from tokenkit.integrations.dspy_lm import PricingCallback

    return PricingCallback(tracker, None if model is None else get_model(model))
