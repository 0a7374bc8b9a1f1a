"""`fit_request`: fit the chat of a whole request, in the shape in which it came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.preflight_result import Preflight
from tokenkit.fitting.request_chat import CHAT_KEYS, RequestChat
from tokenkit.fitting.request_check import preflight
from tokenkit.fitting.result import Fit
from tokenkit.models import get_model

__all__ = ["fit_request"]

_MOST_TRIES = 5


def fit_request(check: Preflight) -> tuple[dict[str, Any], Fit | None]:
    """Return the checked request with a chat that fits its model, and the `Fit` of it.

    Messages are dropped and tool results shortened, as `fit` does, until the reply that the request
    asks for has its room (256 tokens where it names no number); only if the messages that must stay
    leave it none is the reply clamped as in `check.request`. The Fit is None where nothing had to
    go. The request is not changed; its messages, items and contents stay the caller's own objects.

    Raises ContextOverflowError if what must stay does not fit, or the request holds no chat.

    >>> chat = [{"role": "user", "content": "word " * 8_000}, {"role": "user", "content": "Why?"}]
    >>> check = preflight(model="gpt-4", messages=chat, max_tokens=1_000)
    >>> request, fitted = fit_request(check)
    >>> check.fits, len(request["messages"]), preflight(request).fits
    (False, 1, True)
    """
    capped = _capped(check)
    again = check if capped == check.sent.body else preflight(capped, api=check.api)
    if again.fits is not False:
        return capped, None
    if check.api not in CHAT_KEYS or check.sent.around is not None:
        again.raise_if_over()
    try:
        return _fitted(again)
    except ContextOverflowError:
        if check.request == capped:
            raise
        return _fitted(preflight(check.request, api=check.api))


def _capped(check: Preflight) -> dict[str, Any]:
    """Return the request with a reply of at most the model's cap."""
    cap = get_model(check.sent.body["model"]).max_output_tokens
    if cap is None or check.max_output is None or check.max_output <= cap:
        return dict(check.sent.body)
    return replace(check, reply=(check.reply[0], cap)).request


def _fitted(check: Preflight) -> tuple[dict[str, Any], Fit]:
    chat = RequestChat(check)
    safety, most = 0.0, 0
    for _ in range(_MOST_TRIES):
        fitted = fit(
            chat.messages,
            check.sent.body["model"],
            max_output=check.max_output or "auto",
            tools=chat.tools,
            safety=safety,
        )
        shorter = chat.request_with(fitted.messages)
        result = preflight(shorter, api=check.api)
        if result.fits is not False:
            return shorter, fitted
        # What is around the chat (a tool choice, a schema) counts besides what `fit` knows of.
        over = result.low - (result.room or 0)
        if over <= 0:
            break  # it is refused for another reason than its length
        most = most or fitted.limit
        safety = min(0.99, 1 - (fitted.tokens - over - 1) / most)
    raise ContextOverflowError(
        "; ".join(map(str, result.problems)),
        needed=result.low,
        available=max(0, result.room or 0),
        limit_name=result.limit_name,
    )
