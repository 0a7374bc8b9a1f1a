"""The guard of clients whose requests all go through `request`: OpenAI's and Anthropic's."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

from tokenkit.integrations.guarding import Guard, api_of_path

__all__ = ["guard_client"]

Client = TypeVar("Client")
_MARK = "_tokenkit_unguarded"


def guard_client(client: Client, guard: Guard) -> Client:
    """Put a guard before all requests of a client, and of its copies; a second one replaces it."""
    inner: Any = client
    send = getattr(inner, _MARK, None) or inner.request

    def api_of(options: Any) -> str | None:
        return api_of_path(options.url) if options.method.lower() == "post" else None

    def checked(options: Any) -> Any:
        body, api = options.json_data, api_of(options)
        if api is None or not isinstance(body, Mapping):
            return options
        extra = options.extra_json
        whole = {**body, **extra} if isinstance(extra, Mapping) else body
        sent = guard.checked(api, whole)
        if sent is whole:
            return options
        return options.model_copy(update={"json_data": dict(sent), "extra_json": None})

    if inspect.iscoroutinefunction(send):

        async def request_async(cast_to: Any, options: Any, **more: Any) -> Any:
            response = await send(cast_to, checked(options), **more)
            return guard.track(response, api_of(options))

        inner.request = request_async
    else:

        def request(cast_to: Any, options: Any, **more: Any) -> Any:
            return guard.track(send(cast_to, checked(options), **more), api_of(options))

        inner.request = request

    def copy(**options: Any) -> Any:
        return guard_client(type(inner).copy(inner, **options), guard)

    setattr(inner, _MARK, send)
    inner.copy = inner.with_options = copy
    return client
