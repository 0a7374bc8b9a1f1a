"""A check before every request of Anthropic's client: `messages.create`, `stream`, and the beta's.

Tokens of Claude are estimated, with bounds: only a request that is over the limit for sure is
stopped.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from tokenkit import CostTracker
from tokenkit.integrations.guarding import Guard, OnOverflow
from tokenkit.integrations.sdk_guard import guard_client

__all__ = ["guard"]

Client = TypeVar("Client")


def guard(
    client: Client,
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
) -> Client:
    """Check every request of `client` before it is sent, and return the client.

    The arguments are those of `tokenkit.integrations.openai.guard`.

    Raises ValueError for arguments out of range.

    >>> from anthropic import Anthropic                                     # doctest: +SKIP
    >>> client = guard(Anthropic(), max_usd=1)                              # doctest: +SKIP
    """
    return guard_client(client, Guard.of(on_overflow, max_usd, min_output, tracker))
