"""A check before the requests of google-genai's client: `generate_content` and its stream."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from tokenkit import CostTracker
from tokenkit.integrations.guarding import (
    Guard,
    OnOverflow,
    add_if_used,
    warn_unmeasured,
    watched_stream,
)

__all__ = ["guard"]

Client = TypeVar("Client")
_METHODS = ("generate_content", "generate_content_stream")


def guard(
    client: Client,
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
) -> Client:
    """Check the requests of `client.models` and `client.aio.models`, and return the client.

    The arguments are those of `tokenkit.integrations.openai.guard`. Chats of the SDK
    (`client.chats`) send through the same methods and are checked, too.

    Raises ValueError for arguments out of range.

    >>> from google import genai                                            # doctest: +SKIP
    >>> client = guard(genai.Client(), on_overflow="clamp")                 # doctest: +SKIP
    """
    policy = Guard.of(on_overflow, max_usd, min_output, tracker)
    inner: Any = client
    for models in (inner.models, inner.aio.models):
        for name in _METHODS:
            method = getattr(models, name)
            setattr(models, name, _guarded(getattr(method, "unguarded", method), policy))
    return client


def _guarded(send: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """Return a method that checks its keywords before it sends them."""

    def followed(response: Any) -> Any:
        if guard.tracker is None:
            return response
        if hasattr(response, "__next__") or hasattr(response, "__anext__"):
            return watched_stream(response, guard.tracker)
        if not add_if_used(guard.tracker, response):
            warn_unmeasured()
        return response

    if inspect.iscoroutinefunction(send):

        async def method_async(**request: Any) -> Any:
            return followed(await send(**guard.checked("generate_content", request)))

        method_async.unguarded = send  # type: ignore[attr-defined]
        return method_async

    def method(**request: Any) -> Any:
        return followed(send(**guard.checked("generate_content", request)))

    method.unguarded = send  # type: ignore[attr-defined]
    return method
