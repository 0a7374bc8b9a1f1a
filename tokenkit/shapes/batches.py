"""Lines of the results of a batch: OpenAI's (Azure's, Mistral's), Anthropic's, Gemini's, Bedrock's.

Source: OpenAI's, Anthropic's and Google's guides to their batch APIs, `MessageBatchResult` of
anthropic 2.14.0, and Bedrock's guide to batch inference (2026). What is in such a file was served
at batch rates; a line without a response is a request that failed.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes import litellm
from tokenkit.shapes.meanings import HARMLESS, INNER, Table, get, harmless, has
from tokenkit.shapes.shape import Shape

__all__ = ["SHAPES", "failure_of"]


def _is_openai(value: Any) -> bool:
    return has(value, "custom_id") and (has(value, "response") or has(value, "error"))


def _is_anthropic(value: Any) -> bool:
    return has(value, "custom_id", "result")


def _is_gemini(value: Any) -> bool:
    return (has(value, "key") or has(value, "processed_time") or has(value, "request")) and (
        has(value, "response") or has(value, "error")
    )


def _is_bedrock(value: Any) -> bool:
    return has(value, "recordId") and (has(value, "modelOutput") or has(value, "error"))


_BODY = Table({"body": INNER, **harmless("status_code request_id headers")})
SHAPES = (
    Shape(
        "OpenAI batch result",
        _is_openai,
        Table(
            {
                "response": _BODY,
                **harmless("id custom_id error"),
            }
        ),
        tier="batch",
    ),
    Shape(
        "Anthropic batch result",
        _is_anthropic,
        Table({"custom_id": HARMLESS, "result": Table({"type": HARMLESS, "message": INNER})}),
        tier="batch",
    ),
    Shape(
        "logged response",
        lambda value: has(get(value, "response"), "body"),
        Table({"response": _BODY, **harmless("id error request")}),
    ),
    Shape(
        "Gemini batch result",
        _is_gemini,
        Table(
            {
                "response": INNER,
                **harmless("key error metadata request status processed_time custom_id id"),
            }
        ),
        tier="batch",
    ),
    Shape(
        "Bedrock batch result",
        _is_bedrock,
        Table({"modelOutput": INNER, **harmless("recordId modelInput error")}),
        host="bedrock",
        tier="batch",
    ),
)


def failure_of(value: Any) -> str | None:
    """Return why a line of a batch's results, or of a log, has no usage; None for all others."""
    if _is_anthropic(value):
        result = get(value, "result")
        kind = get(result, "type")
        if kind == "succeeded":
            return None
        return _told(get(result, "error"), f"the request was {kind}")
    if _is_openai(value) or has(get(value, "response"), "body"):
        response = get(value, "response")
        body = get(response, "body")
        status = get(response, "status_code")
        if response is None or get(body, "error") is not None:
            return _told(get(body, "error") or get(value, "error"), "the request failed")
        failed = isinstance(status, int) and status >= 400
        return f"the request failed with status {status}" if failed else None
    if _is_gemini(value) or _is_bedrock(value):
        if has(value, "response") or has(value, "modelOutput"):
            return None
        return _told(get(value, "error"), "the request failed")
    unpaid = litellm.unpaid(value)
    if unpaid is not None:
        return _told(get(value, "error_information"), unpaid)
    if get(value, "object") == "error" or get(value, "type") == "error":
        return _told(get(value, "error"), "the request failed")
    return None


def _told(error: Any, what: str) -> str:
    inner = get(error, "error") or error  # Anthropic wraps its errors once more
    names = ("code", "type", "errorCode", "error_code", "error_class")
    code = next((get(inner, name) for name in names if get(inner, name)), None)
    message = next(
        (
            get(inner, name)
            for name in ("message", "errorMessage", "error_message")
            if get(inner, name)
        ),
        None,
    )
    said = ": ".join(str(part) for part in (code, message) if part)
    return f"{what} ({said})" if said else what
