"""Lines of request files: what one is, by its keys, and the endpoint that it names.

Sources: `BatchCreateParams` of openai 3.57.0 (PyPI) for the endpoints of the Batch API; Azure's
guide to batches for URLs without `/v1` and with the deployment's name; OpenAI's fine-tuning guides
for examples to imitate (supervised), to prefer (DPO) and to grade (reinforcement); Anthropic's,
Google's and Bedrock's guides for the lines of their batches (2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenkit._checks import check_choice, shown
from tokenkit.shapes.apis import Api
from tokenkit.shapes.chat_request import CHAT_REQUEST
from tokenkit.shapes.requests import RequestBook, read_key
from tokenkit.shapes.responses_request import RESPONSES_REQUEST

__all__ = [
    "CHAT_API",
    "EMBEDDINGS_API",
    "RESPONSES_API",
    "RequestLine",
    "read_line",
    "read_request",
]

CHAT_API, RESPONSES_API, EMBEDDINGS_API = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
_COUNTED = (CHAT_API, RESPONSES_API, EMBEDDINGS_API)
_NOT_COUNTED = (
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
)
# Azure: with or without /openai, the deployment and /v1, and with the version of the API.
_URL = re.compile(
    r"(?:/openai)?(?:/deployments/(?P<name>[^/?]+))?(?:/v1)?(?P<path>/[^?]*?)/?(?:\?.*)?"
)
_ENVELOPE = frozenset(("custom_id", "method", "url", "body"))
_EXAMPLE_KEYS = frozenset(
    ("messages", "tools", "functions", "function_call", "parallel_tool_calls", "response_format")
)
# Labels may stand beside an example, too; the others say how to reply.
_ASKING_KEYS = CHAT_REQUEST.keys() - _EXAMPLE_KEYS - {"metadata", "user", "store", "seed"}
_PREFERENCE_KEYS = frozenset(("input", "preferred_output", "non_preferred_output"))


@dataclass(frozen=True)
class RequestLine:
    """One line: a request, or an example to train with.

    `kind` is "batch" (a request in the Batch API's envelope), "body" (a request's body alone),
    "example" or "preference". `body` is the request or example itself and `prefix` the path it
    stands at; `api` the endpoint, "" where the model's kind decides; `deployment` the name in an
    Azure URL. `unknown` are the keys around the body, or of an example, that are not known.
    """

    kind: str
    body: Mapping[str, Any]
    api: str = ""
    prefix: str = ""
    custom_id: str = ""
    deployment: str = ""
    unknown: tuple[str, ...] = ()


def read_line(record: object) -> RequestLine:
    """Say which kind of line a JSON value is.

    Raises ValueError for another value, naming lines of other systems, and for a request that the
    Batch API does not take.

    >>> line = read_line({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})
    >>> line.kind, line.api
    ('body', '/v1/chat/completions')
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"expected an object, got {shown(record)}")
    _refuse_others(record)
    if record.keys() & {"custom_id", "body"}:
        return _batch_line(record)
    if record.keys() & (_PREFERENCE_KEYS - {"input"}):
        return RequestLine("preference", record, unknown=_others(record, _PREFERENCE_KEYS))
    if _is_body(record):
        return RequestLine("body", record, api=CHAT_API if "messages" in record else "")
    if "messages" in record:
        return RequestLine("example", record, unknown=_others(record, _EXAMPLE_KEYS))
    raise ValueError(
        "expected a request (`custom_id`, `body`; or a body with `model` and `messages` or "
        "`input`) or an example (`messages`), got " + (", ".join(record) or "an empty object")
    )


def _others(record: Mapping[str, Any], known: frozenset[str]) -> tuple[str, ...]:
    return tuple(str(key) for key in record if key not in known and record[key] is not None)


def _is_body(record: Mapping[str, Any]) -> bool:
    """Return whether it is the body of a request: it names a model, or asks for a reply.

    Keys such as `temperature` or `max_tokens` stand in no example.
    """
    if "messages" in record:
        return any(record[key] is not None for key in record.keys() & _ASKING_KEYS)
    if not record.keys() & {"input", "prompt", "previous_response_id", "conversation"}:
        return False
    return "model" in record or record.keys() <= RESPONSES_REQUEST.keys()


def _refuse_others(record: Mapping[str, Any]) -> None:
    """Raise ValueError for a line that is known, and that is not counted here."""
    keys = record.keys()
    if "custom_id" in keys and keys & {"response", "result"}:
        raise ValueError(
            "expected a request, got a result of a batch; `tokenkit cost --usage` prices results"
        )
    if "custom_id" in keys and "params" in keys:
        raise ValueError(
            "expected a request for OpenAI's Batch API, got one for Anthropic's message batches "
            "(`params`), whose models have no public tokenizer; estimate_tokens estimates a text"
        )
    if keys & {"recordId", "modelInput"} or (keys & {"key", "request"} and "body" not in keys):
        raise ValueError(
            "expected a request for OpenAI's Batch API, got one for the batches of Bedrock "
            "(`modelInput`) or Gemini (`request`), which are not counted here"
        )
    if keys >= {"prompt", "completion"}:
        raise ValueError(
            "expected a request (`custom_id`, `body`) or an example (`messages`), got an example "
            "of prompt and completion, for base models, which is not counted here"
        )


def _batch_line(record: Mapping[str, Any]) -> RequestLine:
    custom_id, body = record.get("custom_id"), record.get("body")
    if not isinstance(custom_id, str) or not custom_id:
        raise ValueError(f"custom_id: expected a non-empty string, got {shown(custom_id)}")
    if not isinstance(body, Mapping):
        raise ValueError(f"body: expected an object, got {shown(body)}")
    api, deployment = _endpoint(record.get("url"))
    method: Any = record.get("method")
    check_choice("method", method, ("POST",))
    return RequestLine(
        "batch", body, api, "body", custom_id, deployment, _others(record, _ENVELOPE)
    )


def _endpoint(url: object) -> tuple[str, str]:
    """Return the endpoint of a URL in OpenAI's spelling, and the deployment named in it."""
    match = _URL.fullmatch(url) if isinstance(url, str) else None
    if match is not None:
        endpoint = "/v1" + match["path"]
        if endpoint in _COUNTED:
            return endpoint, match["name"] or ""
        if endpoint in _NOT_COUNTED:
            raise ValueError(
                f"url: {endpoint} is not counted here; expected one of {', '.join(_COUNTED)}"
            )
    known = ", ".join((*_COUNTED, *_NOT_COUNTED))
    raise ValueError(f"url: expected one of {known}, got {shown(url)}")


def read_request(api: Api, body: Mapping[str, Any], prefix: str = "") -> RequestBook:
    """Read a request's body by the table of its API. Paths begin with `prefix`.

    >>> from tokenkit.shapes import APIS
    >>> body = {"model": "m", "input": "a", "mood": 1}
    >>> book = read_request(APIS["embeddings"], body, "body")
    >>> book.fields, book.doubts[0].partition(":")[0]
    ({'model': 'm', 'input': 'a'}, 'body.mood')
    """
    book = RequestBook()
    for key, value in body.items():
        read_key(api.keys, book, prefix, key, value)
    return book
