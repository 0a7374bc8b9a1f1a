"""A request as it was handed over: its body, API and model, whatever form it came in.

>>> sent = sent_request({"custom_id": "1", "url": "/v1/embeddings", "body": {"model": "m"}}, {})
>>> sent.api.name, sent.prefix, sent.tier
('embeddings', 'body', 'batch')
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tokenkit._checks import shown
from tokenkit.shapes import APIS, CLIENT_KEYS, Api, api_named, given, plain, read_line

__all__ = ["SentRequest", "sent_request"]


class SentRequest(NamedTuple):
    """The body of a request, and what is around it.

    `prefix` is the path of the body in what was handed over, and `around` that whole: a line of a
    batch file. `api` is None where keys decide. `tier` is "batch" for such lines, else "".
    `faults` are what is wrong around the body.
    """

    body: dict[str, Any]
    api: Api | None = None
    prefix: str = ""
    around: Mapping[str, Any] | None = None
    tier: str = ""
    deployment: str = ""
    unknown: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def with_body(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request in the form in which it came, with another body."""
        return body if self.around is None else {**self.around, self.prefix: body}


def sent_request(
    request: object, keywords: Mapping[str, Any], api: str | None = None
) -> SentRequest:
    """Read a request: a mapping, an SDK's object, a list of messages, a line of a batch; keywords
    lie over its keys.

    Raises TypeError for a request of another type, ValueError for an API that is not known.
    """
    named = None
    if api is not None:
        named = api_named(api) if isinstance(api, str) else None
        if named is None:
            raise ValueError(f"api: expected one of {', '.join(APIS)}, got {shown(api)}")
    whole = _fields(request)
    sent = _unwrapped(whole) if keywords.keys().isdisjoint(whole) else None
    if sent is None:
        return SentRequest(_sent_body(whole, keywords), named)
    return sent._replace(body=_sent_body(sent.body, keywords), api=named or sent.api)


_PLAIN = frozenset((str, int, float, bool, list, dict, type(None)))


def _sent_body(fields: dict[str, Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent of a request's fields: none that the client takes, or that says nothing.

    A generator is read once, here.
    """
    fields = {**fields, **keywords}
    if "extra_body" in fields:
        extra = given(fields.pop("extra_body"))
        if isinstance(extra, Mapping):
            fields.update(extra)
    body: dict[str, Any] = {}
    for key, value in fields.items():
        if key in CLIENT_KEYS:
            continue
        if type(value) not in _PLAIN:
            if given(value) is None:
                continue
            if hasattr(value, "__next__"):
                value = list(value)
        body[key] = value
    return body


def _fields(request: object) -> dict[str, Any]:
    if request is None:
        return {}
    if type(request) is dict or isinstance(request, Mapping):
        return dict(request)
    if isinstance(request, (list, tuple)):
        return {"messages": request}
    fields = plain(request)
    if isinstance(fields, dict):
        return fields
    raise TypeError(
        "request: expected the keywords of an API's method, as a mapping, an object of an SDK or "
        f"keyword arguments, got {type(request).__name__}; count() counts a text"
    )


def _unwrapped(record: dict[str, Any]) -> SentRequest | None:
    """Return the request inside a line of a batch file; None for any other record."""
    if "body" in record and isinstance(record["body"], Mapping):
        body = dict(record["body"])
        try:
            line = read_line({"custom_id": "request", "method": "POST", **record})
        except ValueError as error:
            return SentRequest(body, None, "body", record, "batch", faults=(str(error),))
        api = api_named(line.api)
        return SentRequest(
            dict(line.body), api, "body", record, "batch", line.deployment, line.unknown
        )
    if "custom_id" in record and isinstance(record.get("params"), Mapping):
        return SentRequest(dict(record["params"]), APIS["messages"], "params", record, "batch")
    if "key" in record and isinstance(record.get("request"), Mapping):
        inner = dict(record["request"])
        return SentRequest(inner, APIS["generate_content"], "request", record, "batch")
    return None
