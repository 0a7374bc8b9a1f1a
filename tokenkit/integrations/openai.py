"""A check before every request of OpenAI's client, and of every program on httpx.

`guard` wraps a client of the package `openai`: sync or async, Azure's too, streaming or not.
`request_hook` is for `httpx` (and what has its event hooks), and sees the exact body that is sent,
so it serves every framework on it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from tokenkit import CostTracker
from tokenkit.integrations.guarding import Guard, OnOverflow
from tokenkit.integrations.httpx_hook import request_hook
from tokenkit.integrations.sdk_guard import guard_client

__all__ = ["guard", "request_hook"]

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

    A request that does not fit its model for sure raises ContextOverflowError, or with "clamp"
    asks for a shorter reply (at least `min_output` tokens), or with "fit" drops and shortens
    messages as `fit` does, too. One that may cost more than `max_usd` (USD), or an unknown sum,
    raises CostLimitError. `tracker` adds up the cost of what comes back; a stream of chat
    completions reports it only with `stream_options={"include_usage": True}`.

    Chat completions, responses, embeddings, completions, moderations, images and speech are
    checked, also in streams, with raw responses and from copies of the client; uploads of
    recordings are not. Guarding a client again replaces its guard.

    Raises ValueError for arguments out of range.

    >>> from openai import OpenAI                                           # doctest: +SKIP
    >>> client = guard(OpenAI(), on_overflow="clamp", max_usd="0.50")       # doctest: +SKIP
    """
    return guard_client(client, Guard.of(on_overflow, max_usd, min_output, tracker))
