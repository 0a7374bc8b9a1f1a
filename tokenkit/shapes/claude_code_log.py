"""Lines of the session logs that Claude Code writes, one file per session and per side chain.

There is no published format. Source: logs as their readers describe them (2026): ccusage
(github.com/ccusage/ccusage, issues 901, 938 and 976), and the lists of line types and keys of
github.com/oneryalcin/agent-schemas. A reply is written several times while it streams in, with one
`message.id` and `requestId`, and its `output_tokens` grow: the last one counts. Sessions that are
resumed or forked, and side chains, repeat lines of others. What Claude Code says itself, such as
errors of the API, has the model `<synthetic>` and no tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenkit.shapes.log_records import LogRecord, holds_tokens, name_of
from tokenkit.shapes.meanings import harmless

__all__ = ["LOG", "STREAM", "is_claude_code", "read_claude_code"]

LOG, STREAM = "Claude Code", "Claude Code's stream"
SYNTHETIC = "<synthetic>"
# Types of lines without a request of their own.
_TYPES = harmless(
    """user system summary attachment progress queue-operation file-history-snapshot
    file-history-delta last-prompt custom-title ai-title agent-name agent-color agent-setting
    permission-mode mode pr-link tag task-summary worktree-state content-replacement
    attribution-snapshot speculation-accept cost-state atis-latch artifact-autoreact-ledger
    artifact-comment-monitor bridge-session context-collapse rate_limit_event stream_event
    tool_progress auth_status"""
)
_MARKS = ("sessionId", "leafUuid", "isSnapshotUpdate", "parentUuid")
# The sums of a session or a turn, and what a tool, such as a side chain, says it used.
_SUMS = frozenset(("cost-state", "system", "user", "attachment", "stream_event"))


def is_claude_code(value: Any) -> bool:
    """Return whether a value is a line of a session log of Claude Code.

    >>> is_claude_code({"type": "summary", "leafUuid": "u", "summary": "A talk"})
    True
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        return False
    own = any(mark in value for mark in _MARKS) or ("session_id" in value and "uuid" in value)
    return own and "payload" not in value


def read_claude_code(where: str, line: Mapping[str, Any]) -> LogRecord | str | None:
    """Return the request that a line tells of, None where it has none, or what is not known of it.

    >>> line = {"type": "assistant", "sessionId": "s", "requestId": "r", "timestamp": "2026-11-01",
    ...         "message": {"id": "m", "model": "claude-opus-5", "usage": {"output_tokens": 9}}}
    >>> read_claude_code("line 1", line).identity
    ('Claude Code', 'm', 'r')
    """
    kind = line["type"]
    if kind == "progress":  # of a side chain: its lines stand inside
        inner = line.get("data")
        inner = inner.get("message") if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping) and inner.get("type") == "assistant":
            return read_claude_code(where, {"sessionId": line.get("sessionId"), **inner})
        return None
    if kind != "assistant":
        if kind in _SUMS or (kind in _TYPES and not holds_tokens(line)):
            return None
        tokens = ", with numbers of tokens" if holds_tokens(line) else ""
        return f"lines of type {kind!r}{tokens}"
    message = line.get("message")
    usage = message.get("usage") if isinstance(message, Mapping) else None
    if not isinstance(message, Mapping) or not isinstance(usage, Mapping):
        return "lines of type 'assistant' without usage"
    if message.get("model") == SYNTHETIC and not holds_tokens(usage):
        return None
    # A stream that Claude Code prints has its own spelling, and replies as they began.
    session = name_of(line.get("sessionId"))
    log = STREAM if session is None else LOG
    own = name_of(message.get("id")), name_of(line.get("requestId"))
    output = usage.get("output_tokens")
    return LogRecord(
        where,
        {**line, "message": _light(message)},
        session or name_of(line.get("session_id")),
        (log, *own) if own[0] is not None else (log, where),
        output if isinstance(output, int) else 0,
    )


def _light(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without what was said, of which only the types are read."""
    content = message.get("content")
    types = [
        {"type": part.get("type")} if isinstance(part, Mapping) else part
        for part in (content if isinstance(content, list) else ())
    ]
    return {"type": "message", **message, "content": types}
