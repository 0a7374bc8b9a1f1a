"""`LogRecord`: a request that the log of an agent's session tells of, and its session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["LogRecord", "holds_tokens", "name_of", "session_of"]

# Where systems write the session, conversation or thread that a record belongs to: Claude Code,
# LiteLLM, OpenAI's and OpenTelemetry's names (gen_ai.conversation.id, session.id).
_SESSIONS = (
    "sessionId",
    "session_id",
    "conversation_id",
    "thread_id",
    "gen_ai.conversation.id",
    "session.id",
    "litellm_session_id",
    "trace_id",
    "traceId",
)
_INSIDE = ("attributes", "metadata", "conversation")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One request that a log tells of: `value` is what `read_usage` takes.

    `where` is its line. Records of one `identity` are one request, of which the one with the
    largest `rank` is the last to be written.
    """

    where: str
    value: Mapping[str, Any]
    session: str | None = None
    identity: tuple[Any, ...] = ()
    rank: int = 0


def name_of(value: Any) -> str | None:
    """Return a name or an id as text; None where there is none.

    >>> name_of("m1"), name_of(5), name_of(None), name_of([])
    ('m1', '5', None, None)
    """
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def session_of(value: Any) -> str | None:
    """Return the session, conversation, thread or trace that a record names; None without one.

    >>> session_of({"attributes": {"gen_ai.conversation.id": "c1"}})
    'c1'
    """
    if not isinstance(value, Mapping):
        return None
    attributes = value.get("attributes")
    if isinstance(attributes, (list, tuple)):  # OTLP
        pairs = (item for item in attributes if isinstance(item, Mapping))
        inner = {item.get("key"): item.get("value") for item in pairs}
        found = {
            key: item.get("stringValue") for key, item in inner.items() if isinstance(item, Mapping)
        }
        value = {**value, "attributes": found}
    for place in (value, *(value.get(key) for key in _INSIDE)):
        for key in _SESSIONS if isinstance(place, Mapping) else ():
            name = name_of(place.get(key))
            if name is not None:
                return name
    conversation = value.get("conversation")
    return name_of(conversation.get("id")) if isinstance(conversation, Mapping) else None


def holds_tokens(value: Any) -> bool:
    """Return whether numbers of tokens, not all 0, stand somewhere in a value.

    >>> holds_tokens({"payload": {"usage": {"input_tokens": 5}}}), holds_tokens({"tokens": "a lot"})
    (True, False)
    """
    return any(True for _ in _numbers(value, 0))


def _numbers(value: Any, depth: int) -> Iterator[int]:
    items = value.items() if isinstance(value, Mapping) else ()
    inner = value if isinstance(value, (list, tuple)) else ()
    for key, item in items:
        named = isinstance(key, str) and key.lower().endswith(("_tokens", "tokens"))
        if named and isinstance(item, int) and not isinstance(item, bool) and item:
            yield item
    if depth < _DEEPEST:
        for item in (*(item for _, item in items), *inner):
            yield from _numbers(item, depth + 1)
