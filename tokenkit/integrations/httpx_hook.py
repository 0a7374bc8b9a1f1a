"""A check in the event hooks of an httpx client: it sees the exact body that is sent."""

from __future__ import annotations

import itertools
import json
from collections.abc import Generator
from decimal import Decimal
from typing import Any

from tokenkit.integrations.guarding import Guard, OnOverflow, api_of_path

__all__ = ["request_hook"]


class _Done:
    """The result of a hook: nothing, which an async client may await."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield  # makes this a generator


class RequestHook:
    """A hook for requests, of sync and async clients alike."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    def __call__(self, request: Any) -> _Done:
        """Check a request; replace its body where it has to change."""
        path = request.url.path
        api = api_of_path(path) if request.method == "POST" else None
        body = _body(request) if api is not None else None
        if api is not None and body is not None:
            whole = body if "model" in body else {**_model_in(path), **body}
            sent = self.guard.checked(api, whole)
            if sent is not whole:
                _replace(request, {key: sent[key] for key in sent if key in body})
        return _Done()


def _body(request: Any) -> dict[str, Any] | None:
    try:
        body = json.loads(request.content)
    except (ValueError, RuntimeError):  # not JSON; or a stream, which is read only once
        return None
    except Exception as error:  # httpx.RequestNotRead, whatever module it is from
        if type(error).__name__ != "RequestNotRead":
            raise
        return None
    return body if isinstance(body, dict) else None


def _model_in(path: str) -> dict[str, str]:
    """Return the model that a path names: Gemini's `models/NAME:...`, Azure's `deployments/NAME`.

    >>> _model_in("/v1beta/models/gemini-3.5-flash:generateContent")
    {'model': 'gemini-3.5-flash'}
    """
    parts = path.split("/")
    for before, name in itertools.pairwise(parts):
        if before in ("models", "deployments"):
            return {"model": name.partition(":")[0]}
    return {}


def _replace(request: Any, body: dict[str, Any]) -> None:
    """Put another body into a request that is about to be sent."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    fresh = type(request)(request.method, request.url, content=content)
    request.stream, request._content = fresh.stream, content
    request.headers["content-length"] = str(len(content))


def request_hook(
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
) -> RequestHook:
    """Make a hook for `event_hooks={"request": [hook]}` of an httpx client, sync or async.

    The arguments are those of `guard`. Requests to other paths than those of chat completions,
    responses, embeddings, messages and the like pass as they are, as does a body that is not JSON.
    Some releases of OpenAI's SDK wrap the error into their own APIConnectionError, whose
    `__cause__` is ours, after their retries; 3.57 does not. `guard` raises ours with all.

    >>> hook = request_hook(max_usd="0.10")
    >>> import httpx                                                        # doctest: +SKIP
    >>> client = httpx.Client(event_hooks={"request": [hook]})              # doctest: +SKIP
    """
    return RequestHook(Guard.of(on_overflow, max_usd, min_output, None))
