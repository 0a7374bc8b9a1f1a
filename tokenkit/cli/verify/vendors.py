"""The vendors that have a count endpoint: where it is, what it takes, and what it answers.

Sources, of 2026-11: `POST /v1/responses/input_tokens` answers `input_tokens` (OpenAI's reference,
"Input tokens", and the types of its SDK 3.57); `POST /v1/messages/count_tokens` answers
`input_tokens` (Anthropic's reference, "Count tokens in a Message", and the types of its SDK 2.14);
`POST /v1beta/models/MODEL:countTokens` takes `generateContentRequest` and answers `totalTokens`
(Google's reference, "Counting tokens"). Names of variables are those that the SDKs read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from tokenkit.errors import InputError
from tokenkit.models import get_model, resolve_model

__all__ = ["VENDORS", "CountRequest", "Vendor", "checked_url", "key_of", "vendor_of"]


_VERSION = re.compile(r"/v\d+(alpha|beta)?$")


@dataclass(frozen=True)
class CountRequest:
    """A request to count: its name for people, the body to send, and what is counted of it.

    `counted` is the request as `preflight` reads it, `source` what it was made of: a `text` or a
    `request`. `left_out` are keys that the endpoint does not take.
    """

    name: str
    counted: dict[str, Any]
    sent: dict[str, Any]
    source: dict[str, Any]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vendor:
    """One count endpoint. `path` may hold {model}; `takes` are the keys of a request it counts.

    `version` stands before the path. A base URL that has a path is complete where `whole_base` is
    True, as OpenAI's SDK takes it; the others' ends with the version or lacks it.
    """

    name: str
    api: str
    base_url: str
    version: str
    whole_base: bool
    path: str
    answer: str
    key_variables: tuple[str, ...]
    takes: str
    headers: Callable[[str], dict[str, str]]
    of_text: Callable[[str], dict[str, Any]]

    def url(self, base_url: str | None, model: str) -> str:
        """Where requests go.

        >>> VENDORS["openai"].url("http://localhost:8000", "gpt-5.4")
        'http://localhost:8000/v1/responses/input_tokens'
        """
        base = (base_url or self.base_url).rstrip("/")
        before = urlsplit(base).path
        if not (before and self.whole_base) and not _VERSION.search(before):
            base += self.version
        return base + self.path.format(model=quote(model, safe="-._"))

    def text_request(self, name: str, text: str, model: str) -> CountRequest:
        """Make the request of one message of the user."""
        return self._made(name, {"model": model, **self.of_text(text)}, {"text": text}, ())

    def read_request(self, name: str, request: object, model: str) -> CountRequest:
        """Take a request as it would be sent to the vendor, or a line of a batch file.

        Raises InputError for one of another API.
        """
        body = request
        for key in ("body", "params", "request"):
            if isinstance(request, Mapping) and isinstance(request.get(key), Mapping):
                body = request[key]
        own = self.takes.split()
        if not isinstance(body, Mapping) or own[0] not in body:
            raise InputError(f"expected a request of {self.name} with `{own[0]}`, got none")
        kept = {key: value for key, value in body.items() if key in own}
        left_out = tuple(key for key in body if key not in (*own, "model"))
        return self._made(name, {"model": model, **kept}, {"request": dict(body)}, left_out)

    def _made(
        self, name: str, body: dict[str, Any], source: dict[str, Any], left_out: tuple[str, ...]
    ) -> CountRequest:
        sent = body
        if self.api == "generate_content":
            sent = {"generateContentRequest": {**body, "model": f"models/{body['model']}"}}
        return CountRequest(name, body, sent, source, left_out)


VENDORS = {
    "openai": Vendor(
        "OpenAI's responses API",
        "responses",
        "https://api.openai.com",
        "/v1",
        True,
        "/responses/input_tokens",
        "input_tokens",
        ("OPENAI_API_KEY",),
        "input instructions tools tool_choice parallel_tool_calls text reasoning conversation "
        "previous_response_id truncation personality",
        lambda key: {"authorization": f"Bearer {key}"},
        lambda text: {"input": text},
    ),
    "anthropic": Vendor(
        "Anthropic's messages API",
        "messages",
        "https://api.anthropic.com",
        "/v1",
        False,
        "/messages/count_tokens",
        "input_tokens",
        ("ANTHROPIC_API_KEY",),
        "messages system tools tool_choice thinking cache_control output_config speed prefill",
        lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
        lambda text: {"messages": [{"role": "user", "content": text}]},
    ),
    "google": Vendor(
        "the Gemini API",
        "generate_content",
        "https://generativelanguage.googleapis.com",
        "/v1beta",
        False,
        "/models/{model}:countTokens",
        "totalTokens",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        "contents systemInstruction tools toolConfig generationConfig cachedContent safetySettings",
        lambda key: {"x-goog-api-key": key},
        lambda text: {"contents": [{"role": "user", "parts": [{"text": text}]}]},
    ),
}


def vendor_of(model: str) -> tuple[Vendor, str]:
    """Return the vendor of a model, and the name by which the vendor knows it.

    Raises UnknownModelError, and ValueError for a vendor without a count endpoint.

    >>> vendor, name = vendor_of("openai/gpt-5.4")
    >>> vendor.url(None, name), name
    ('https://api.openai.com/v1/responses/input_tokens', 'gpt-5.4')
    """
    record = get_model(model)
    vendor = VENDORS.get(record.provider)
    if vendor is None:
        raise ValueError(
            f"{record.name}: expected a model of {', '.join(VENDORS)}, whose APIs count tokens, "
            f"got one of {record.provider}"
        )
    found = resolve_model(model)
    return vendor, model if found.rule == "exact" else record.name


def checked_url(url: str) -> str:
    """Check a base URL: https, or http on this machine, without a user, a query or a fragment.

    Raises ValueError.

    >>> checked_url("http://127.0.0.1:8000/v1")
    'http://127.0.0.1:8000/v1'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    local = host in ("localhost", "127.0.0.1", "::1")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError(
            "--base-url: expected a URL with https, or with http on this machine, got another; "
            "a key is sent there"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("--base-url: expected a URL without a user, a query or a fragment")
    return url


def key_of(vendor: Vendor) -> tuple[str, str]:
    """Return the variable that holds the user's key, and the key; an empty one if none is set.

    Raises ValueError for what no header can hold; it never quotes the key.
    """
    for variable in vendor.key_variables:
        key = os.environ.get(variable, "").strip()
        if key:
            if not (key.isascii() and key.isprintable() and " " not in key):
                raise ValueError(f"{variable}: expected a key of ASCII letters, got other signs")
            return variable, key
    return vendor.key_variables[0], ""
