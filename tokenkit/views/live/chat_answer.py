"""Answers of the live page's server about a chat: its tokens, and what stays within a limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tokenkit._strict_json import strict_json
from tokenkit.chat import CHATS
from tokenkit.fitting import CHAT_KEYS, Fit, Preflight, RequestChat, fit, preflight
from tokenkit.shapes import APIS, plain, read_request
from tokenkit.views.parts import message_text

__all__ = ["chat_answer"]

LONGEST_PREVIEW = 600  # characters of a message to show
MOST_TRIES = 5


def chat_answer(text: str, model: str | None, limit: int | None) -> dict[str, Any]:
    """Check a request, and fit its chat into `limit` tokens of input if that is given.

    `text` is JSON: a request of any API that `preflight` reads, or a list of messages; `model` is
    that of a request which names none. Raises ValueError for what is not JSON, and what `preflight`
    raises.

    >>> answer = chat_answer('[{"role": "user", "content": "Hello"}]', "gpt-4", None)
    >>> answer["tokens"], answer["parts"][0]["text"]
    (8, 'Hello')
    """
    request = _parsed(text)
    named = isinstance(request, dict) and _names_model(request)
    options: dict[str, Any] = {} if named or model is None else {"model": model}
    check = preflight(request, **options)
    answer = {**check.to_dict(), "parts": _parts(check), "fit": None}
    if limit is not None:
        try:
            answer["fit"] = _fit(check, limit)
        except (LookupError, TypeError, ValueError) as error:
            answer["fit"] = {"error": str(error)}
    return answer


def _parsed(text: str) -> Any:
    try:
        return strict_json(text)
    except RecursionError:
        raise ValueError("expected JSON that is nested less deeply than this") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(
            f"expected JSON, a request or a list of messages: {error.msg}, {place}"
        ) from None


def _names_model(request: Mapping[str, Any]) -> bool:
    inner = (request.get(key) for key in ("body", "params", "request"))
    return any(isinstance(one, dict) and "model" in one for one in (request, *inner))


def _parts(check: Preflight) -> list[dict[str, Any]]:
    counted = check.api in CHATS and check.parts
    messages = (
        CHATS[check.api](read_request(APIS[check.api], check.sent.body))[0] if counted else []
    )
    parts = []
    for part in check.parts:
        row = {"where": part.where, "kind": part.kind, "tokens": part.tokens, "index": part.index}
        index = part.index
        if part.kind == "message" and index is not None and index < len(messages):
            row |= {"role": _role(messages[index]), "text": _preview(messages[index])}
        parts.append(row)
    return parts


def _role(message: Any) -> str:
    fields = plain(message)
    if not isinstance(fields, Mapping):
        return "user"
    return str(fields.get("role") or fields.get("type") or "?")


def _preview(message: Any) -> str:
    fields = plain(message)
    text = fields if isinstance(fields, str) else ""
    if isinstance(fields, Mapping):
        try:
            text = message_text(fields)
        except (AttributeError, TypeError):
            text = ""
        text = text or json.dumps(fields, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_PREVIEW else f"{text[:LONGEST_PREVIEW]}…"


def _fit(check: Preflight, limit: int) -> dict[str, Any]:
    """Fit the chat into `limit` tokens, all that is sent around it counted."""
    if check.api not in CHAT_KEYS:
        raise ValueError(f"a request to {check.api} holds no chat to fit")
    if not check.parts:
        raise ValueError("the request cannot be counted; see its problem")
    chat = RequestChat(check)
    room = limit
    for _ in range(MOST_TRIES):
        fitted = fit(
            chat.messages, check.sent.body["model"], max_output=None, tools=chat.tools,
            max_input=room, on_overflow="return",
        )  # fmt: skip
        shorter = chat.request_with(fitted.messages)
        tokens = preflight(shorter, api=check.api).tokens
        # What is around the chat (a tool choice, a schema) counts besides what `fit` knows of.
        if tokens <= limit or fitted.headroom < 0 or room == 0:
            break
        room = max(0, room - (tokens - limit))
    return {
        "limit": limit,
        "tokens": tokens,
        "over": max(0, tokens - limit),
        "messages": _fates(len(chat.messages), fitted),
        "request": json.dumps(check.sent.with_body(shorter), indent=2, ensure_ascii=False),
    }


def _fates(number: int, fitted: Fit) -> list[dict[str, Any]]:
    """Say of each message of the chat whether it is kept, shortened or dropped, and why."""
    fates: list[dict[str, Any]] = [{"status": "kept"} for _ in range(number)]
    for lost in fitted.dropped:
        fates[lost.index] = {"status": "dropped", "tokens": lost.tokens, "reason": lost.reason}
    for cut in fitted.truncated:
        fates[cut.index] = {
            "status": "shortened",
            "tokens": cut.tokens_after,
            "reason": f"{cut.tokens_before} tokens before: {cut.reason}",
        }
    return fates
