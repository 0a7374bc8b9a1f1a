"""instructor: what its attempts cost, and a warning of those that are too long or too dear.

instructor turns what its hooks raise into warnings, so a hook cannot stop a request. The guard of
the client beneath can: `instructor.from_openai(tokenkit.integrations.openai.guard(OpenAI()))`
raises instructor's InstructorRetryException, whose `__cause__` is our error, after one attempt.
"""

from __future__ import annotations

import warnings
from decimal import Decimal
from typing import Any, TypeVar

from tokenkit import ContextOverflowError, CostLimitError, CostTracker, TokenkitWarning, preflight
from tokenkit.integrations.guarding import Guard

__all__ = ["hooks"]

Client = TypeVar("Client")


def hooks(
    client: Client,
    tracker: CostTracker | None = None,
    *,
    max_usd: Decimal | float | str | None = None,
) -> Client:
    """Add hooks to an instructor client that price each attempt, and return the client.

    Retries are attempts, too, and `tracker` adds up all of them. An attempt that does not fit its
    model for sure, or that may cost more than `max_usd` (USD) or an unknown sum, is a
    TokenkitWarning: it is sent nevertheless. With a guarded client, give the tracker to the guard
    or to the hooks, not to both.

    Raises ValueError for a negative `max_usd`.

    >>> import instructor                                                   # doctest: +SKIP
    >>> spent = CostTracker()
    >>> client = hooks(instructor.from_provider("openai/gpt-5.4"), spent)   # doctest: +SKIP
    """
    guard = Guard.of("raise", max_usd, 256, tracker)

    def check(*_: Any, **request: Any) -> None:
        checked = preflight(request)
        try:
            guard.check_cost(checked.raise_if_over())
        except (ContextOverflowError, CostLimitError) as error:
            told = f"{error}; it is sent nevertheless: guard the client beneath to stop it"
            warnings.warn(told, TokenkitWarning, stacklevel=2)

    hooked: Any = client
    hooked.on("completion:kwargs", check)
    hooked.on("completion:response", guard.track)
    return client
