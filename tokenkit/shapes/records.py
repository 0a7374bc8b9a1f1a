"""Documents that hold many usage objects: lists, pages of an export or report, traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tokenkit.shapes.meanings import fields_of, get, has

__all__ = ["usage_records"]

# Documents, by the keys whose lists hold the records or further documents.
_LISTS = ("results", "data", "model_breakdown", "resourceSpans", "scopeSpans", "spans")
_TRACES = _LISTS[3:]
# What says when the records of a document were made.
_STARTS = ("start_time", "starting_at", "date")


def usage_records(document: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, usage object or response) for each in a document; itself if it is one.

    Rows of a usage export or report get the day of the bucket that they stand in. Sources: the
    pages of openai 3.57.0 (`UsageCompletionsResponse`) and of Anthropic's usage reports (2026), and
    OTLP's JSON (`resourceSpans`).

    >>> bucket = {"object": "bucket", "start_time": 0, "results": [{"input_tokens": 5}]}
    >>> list(usage_records({"object": "page", "data": [bucket]}))
    [('data[0].results[0]', {'input_tokens': 5, 'start_time': 0})]
    """
    if isinstance(document, (list, tuple)) and not hasattr(document, "_asdict"):
        for index, item in enumerate(document):
            yield from usage_records(item, f"{where}[{index}]")
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
        yield from usage_records(item, place)


def _list_key(document: Any) -> str | None:
    """Return the key whose list is to be read on; None where this is a record itself."""
    if has(document, "usage") or fields_of(document) is None:
        return None
    key = next((key for key in _LISTS if isinstance(get(document, key), (list, tuple))), None)
    if key in ("results", "data"):
        page = get(document, "object") in ("page", "bucket") or has(document, "has_more")
        return key if page or has(document, "starting_at") else None
    return key
