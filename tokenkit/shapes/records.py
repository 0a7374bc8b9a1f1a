"""Documents that hold many usage objects: lists, pages of an export or report, traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokenkit.shapes.meanings import fields_of, get, has

__all__ = ["usage_records"]

# Documents, by the keys whose lists hold the records or further documents.
_LISTS = (
    *("results", "data", "model_breakdown", "resourceSpans", "scopeSpans", "spans"),
    *("resourceLogs", "scopeLogs", "logRecords"),
)
_DEEPEST = 32
# What says when the records of a document were made.
_STARTS = ("start_time", "starting_at", "date")


def usage_records(
    document: Any, where: str = "", within: tuple[int, ...] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield (path, usage object or response) for each in a document; itself if it is one.

    Rows of a usage export or report get the day of the bucket that they stand in. Sources: the
    pages of openai 3.57.0 (`UsageCompletionsResponse`) and of Anthropic's usage reports (2026),
    OTLP's JSON (`resourceSpans`, `resourceLogs`), the sums by model of LangChain's
    `UsageMetadataCallbackHandler` (langchain-core 1.8.4) and of the results that Claude Code prints
    (`modelUsage`). What is nested deeper than 32 levels, or holds itself, is
    given as it is; `within` are the ids of what it stands in.

    >>> bucket = {"object": "bucket", "start_time": 0, "results": [{"input_tokens": 5}]}
    >>> list(usage_records({"object": "page", "data": [bucket]}))
    [('data[0].results[0]', {'input_tokens': 5, 'start_time': 0})]
    """
    if id(document) in within or len(within) > _DEEPEST:
        yield where, document
        return
    within = (*within, id(document))
    if isinstance(document, (list, tuple)) and not hasattr(document, "_asdict"):
        for index, item in enumerate(document):
            yield from usage_records(item, f"{where}[{index}]", within)
        return
    by_model = _by_model(document)
    if by_model is not None:
        path, sums, inside = by_model
        for name, item in sums:
            yield f"{where}{path}[{name!r}]", {**inside, "model": name, "usage_report": item}
        return
    key = _list_key(document)
    if key is None:
        yield where, document
        return
    start = next((get(document, name) for name in _STARTS if has(document, name)), None)
    for index, item in enumerate(get(document, key)):
        place = f"{where}.{key}[{index}]".lstrip(".")
        if key in ("results", "model_breakdown") and fields_of(item) is not None:
            item = {
                **dict(fields_of(item) or ()),
                **({"start_time": start} if start is not None else {}),
            }
        yield from usage_records(item, place, within)


def _list_key(document: Any) -> str | None:
    """Return the key whose list is to be read on; None where this is a record itself."""
    if has(document, "usage") or fields_of(document) is None:
        return None
    key = next((key for key in _LISTS if isinstance(get(document, key), (list, tuple))), None)
    if key in ("results", "data"):
        page = get(document, "object") in ("page", "bucket") or has(document, "has_more")
        return key if page or has(document, "starting_at") else None
    return key


# The keys of a model's sum in a result of Claude Code, and what they are called in Anthropic's API.
_CLAUDE_CODE = {
    "inputTokens": "input_tokens",
    "outputTokens": "output_tokens",
    "cacheReadInputTokens": "cache_read_input_tokens",
    "cacheCreationInputTokens": "cache_creation_input_tokens",
    "webSearchRequests": "web_search_requests",
}
# What Claude Code reckons itself, and limits of the model.
_NO_TOKENS = ("costUSD", "contextWindow", "maxOutputTokens")


def _by_model(document: Any) -> tuple[str, list[tuple[str, Any]], dict[str, Any]] | None:
    """Return the path of sums by model, the sums, and what all share; None for other documents."""
    if not isinstance(document, dict) or not document:
        return None
    sums = document.get("modelUsage")
    if document.get("type") == "result" and isinstance(sums, dict) and sums:
        # Claude Code writes "[1m]" behind a model that it asks for a window of 1M tokens.
        items = [
            (str(name).removesuffix("[1m]"), _anthropic_usage(item)) for name, item in sums.items()
        ]
        session = {key: document[key] for key in ("session_id",) if key in document}
        return "modelUsage", items, session
    whole = ("input_tokens", "output_tokens")
    if "billed_units" in document:  # of one answer of Cohere, beside its tokens
        return None
    if all(isinstance(item, dict) and has(item, *whole) for item in document.values()):
        return "", [(str(name), item) for name, item in document.items()], {}
    return None


def _anthropic_usage(sums: Any) -> Any:
    """Return a model's sum of Claude Code as Anthropic's API writes usage."""
    if not isinstance(sums, dict):
        return sums
    usage = {
        _CLAUDE_CODE.get(key, key): value for key, value in sums.items() if key not in _NO_TOKENS
    }
    searches = usage.pop("web_search_requests", None)
    return (
        usage
        if searches is None
        else {**usage, "server_tool_use": {"web_search_requests": searches}}
    )
