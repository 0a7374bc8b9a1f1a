"""Sends one request to a count endpoint and reads the number, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tokenkit._checks import as_whole
from tokenkit._version import __version__
from tokenkit._visible import shown_line
from tokenkit.errors import InputError

__all__ = ["EndpointError", "asked_tokens"]

_MOST_BYTES = 1 << 20  # of an answer
_LONGEST_WORDS = 200  # characters of a vendor's message
_REASONS = {
    401: "the key was refused",
    403: "the key may not do this",
    404: "no such model or address",
    429: "too many requests, or no credit is left; try again later",
}
_ENDS = (401, 403, 429)


class EndpointError(InputError):
    """A request that got no number. `ends` says that those after it would not get one either."""

    def __init__(self, message: str, *, ends: bool = False) -> None:
        super().__init__(message)
        self.ends = ends


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would go along, to another host."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None


def asked_tokens(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], answer: str, seconds: float
) -> int:
    """Post a body as JSON; return the whole number under the key `answer` of the result.

    Raises EndpointError, whose message never holds the headers.
    """
    data = json.dumps(body).encode()
    own = {"content-type": "application/json", "user-agent": f"tokenkit/{__version__}"}
    request = urllib.request.Request(url, data, {**own, **headers}, method="POST")
    local = urlsplit(url).scheme == "http"  # on this machine, where no proxy stands between
    proxies = [urllib.request.ProxyHandler({})] if local else []
    try:
        with urllib.request.build_opener(_Stay, *proxies).open(request, timeout=seconds) as reply:
            told = reply.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error, headers) from None
    except TimeoutError:
        raise EndpointError(f"no answer within {seconds:g} seconds", ends=True) from None
    except (OSError, ValueError, http.client.HTTPException) as error:  # no, or half an answer
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            raise EndpointError(f"no answer within {seconds:g} seconds", ends=True) from None
        words = getattr(reason, "strerror", None) or type(reason).__name__
        raise EndpointError(f"no connection: {words}", ends=True) from None
    return _number(told, answer)


def _number(told: bytes, answer: str) -> int:
    try:
        value = json.loads(told[:_MOST_BYTES])
    except (ValueError, RecursionError):
        raise EndpointError(
            f"expected JSON with `{answer}`, got {_kind(told)}; is the base URL that of the API?"
        ) from None
    number = as_whole(value.get(answer)) if isinstance(value, dict) else None
    if number is None or number < 0:
        raise EndpointError(f"expected a whole number `{answer}` in the answer, got none")
    return number


def _kind(told: bytes) -> str:
    start = told[:200].lstrip().lower()
    if not start:
        return "an empty answer"
    return "a page of HTML" if start.startswith((b"<!doctype", b"<html")) else "something else"


def _refused(error: urllib.error.HTTPError, headers: Mapping[str, str]) -> EndpointError:
    """Make the error of a status other than 200. A message about a key may quote it: such are left
    out, and in others our headers are."""
    status = error.code
    words = f"status {status}"
    if 300 <= status < 400:
        words += ": the address is another one; redirects are not followed"
    elif status in _REASONS:
        words += f": {_REASONS[status]}"
    if status not in (401, 403):
        words += _message(error, headers)
    return EndpointError(words, ends=status in _ENDS)


def _message(error: urllib.error.HTTPError, headers: Mapping[str, str]) -> str:
    """Return what the vendor says, as all three do it: {"error": {"message": ...}}."""
    try:
        told = json.loads(error.read(_MOST_BYTES))
        message = told["error"]["message"]
    except (ValueError, RecursionError, LookupError, TypeError, OSError):
        return ""
    if not isinstance(message, str):
        return ""
    for value in headers.values():
        for secret in {value, value.removeprefix("Bearer ")}:
            message = message.replace(secret, "[the key]")
    return f" ({shown_line(message, _LONGEST_WORDS)})"
