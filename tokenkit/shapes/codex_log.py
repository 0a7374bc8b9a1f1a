"""The session logs of Codex: files `rollout-*.jsonl` of lines with a timestamp, type and payload.

Source: `RolloutLine`, `SessionMeta`, `TurnContextItem`, `TokenCountEvent` and `TokenUsageInfo` of
openai/codex, codex-rs/protocol/src/protocol.rs (2026). `total_token_usage` is the sum since the
session began, `last_token_usage` that of the last response; the model is that of the turn. The same
count is written again when only the rate limits change, and the log of a fork or of a subagent may
begin with the events of its parent, under new times (github.com/ccusage/ccusage, issues 1288 and
1370, pull request 1435).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenkit.shapes.log_records import LogRecord, holds_tokens, name_of
from tokenkit.shapes.meanings import harmless

__all__ = ["CodexLog", "is_codex"]

_TYPES = harmless(
    """session_meta turn_context response_item compacted event_msg world_state ghost_snapshot
    inter_agent_communication"""
)
# Numbers of tokens in these repeat those of events.
_SUMS = frozenset(("session_meta", "turn_context", "response_item", "compacted", "world_state"))


@dataclass(frozen=True, slots=True)
class _Event:
    """A count: its line, time, and the numbers by which copies are told."""

    where: str
    time: str
    numbers: tuple[Any, ...]
    value: dict[str, Any]


def is_codex(value: Any) -> bool:
    """Return whether a value is a line of a session log of Codex.

    >>> is_codex({"timestamp": "2026-11-01T10:00:00Z", "type": "session_meta", "payload": {}})
    True
    """
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("payload"), Mapping)
        and isinstance(value.get("timestamp"), str)
        and isinstance(value.get("type"), str)
    )


@dataclass(slots=True)
class CodexLog:
    """One file of a session, line by line."""

    session: str | None = None
    parents: list[str] = field(default_factory=list)
    begun: str = ""
    model: str | None = None
    tier: str | None = None
    events: list[_Event] = field(default_factory=list)
    searches: list[Mapping[str, Any]] = field(default_factory=list)
    _totals: Mapping[str, Any] | None = None

    def take(self, where: str, line: Mapping[str, Any]) -> str | None:
        """Take in a line; return what is not known of it."""
        kind, payload = line["type"], line["payload"]
        if kind == "session_meta":
            self._meta(line["timestamp"], payload)
        elif kind == "turn_context":
            self.model = name_of(payload.get("model")) or self.model
            self.tier = name_of(payload.get("service_tier"))
        elif kind == "response_item" and payload.get("type") == "web_search_call":
            self.searches.append(payload)
        elif kind == "event_msg" and payload.get("type") == "token_count":
            return self._count(where, line["timestamp"], payload)
        elif kind not in _TYPES:
            return f"lines of type {kind!r}"
        elif kind not in _SUMS and holds_tokens(payload):
            return f"lines of type {kind!r}, {payload.get('type')!r}, with numbers of tokens"
        return None

    def _meta(self, time: str, meta: Mapping[str, Any]) -> None:
        own = name_of(meta.get("id")) or name_of(meta.get("session_id"))
        if self.session is None:
            self.session, self.begun = own, time
            source = meta.get("source")
            spawn = source.get("subagent") if isinstance(source, Mapping) else None
            spawn = spawn.get("thread_spawn") if isinstance(spawn, Mapping) else None
            spawn = spawn.get("parent_thread_id") if isinstance(spawn, Mapping) else None
            named = (meta.get("forked_from_id"), meta.get("parent_thread_id"), spawn)
            self.parents += [name for name in map(name_of, named) if name is not None]
        elif own is not None and own != self.session:
            self.parents.append(own)  # copied from the parent's log

    def _count(self, where: str, time: str, payload: Mapping[str, Any]) -> str | None:
        info = payload.get("info")
        if not isinstance(info, Mapping):
            return None  # only the rate limits
        last, totals = info.get("last_token_usage"), info.get("total_token_usage")
        before, self._totals = self._totals, totals
        if totals is not None and totals == before:
            return None
        if not isinstance(last, Mapping):
            return "lines of type 'event_msg' with a sum alone"
        value: dict[str, Any] = {"object": "response", "created_at": time, "usage": last}
        if self.model:
            value["model"] = self.model
        if self.tier:
            value["service_tier"] = self.tier
        if self.searches:
            value["output"], self.searches = self.searches, []
        self.events.append(_Event(where, time, (totals, last), value))
        missed = _missed(before, totals, last)
        return f"{missed} tokens between two counts, in no event" if missed else None

    def records(self, others: Mapping[str, CodexLog]) -> tuple[list[LogRecord], str | None]:
        """Return the requests of this log alone, and what is in doubt of it.

        `others` are the logs of this run by their sessions; copies of a parent's events are left
        out.
        """
        doubt = None
        # A log of the same session is a copy of it, such as one that was archived.
        names = [*self.parents, *([] if self.session is None else [self.session])]
        known = [others[name] for name in names if others.get(name, self) is not self]
        copied = max((self._copied(log) for log in known), default=0)
        if self.parents and not known:
            copied = self._written_at_once()
            if copied:
                doubt = (
                    f"{copied} counts, written when the session was forked from "
                    f"{self.parents[0]}, whose log is not here: they are taken as copies"
                )
        records = [
            LogRecord(event.where, event.value, self.session) for event in self.events[copied:]
        ]
        return records, doubt

    def _copied(self, other: CodexLog) -> int:
        """Return how many counts at the beginning are those of another log."""
        number = 0
        for own, before in zip(self.events, other.events, strict=False):
            if own.numbers != before.numbers:
                break
            number += 1
        return number

    def _written_at_once(self) -> int:
        """Return how many counts were written in the second in which the session began."""
        second, number = self.begun[:19], 0
        while number < len(self.events) and self.events[number].time[:19] == second:
            number += 1
        return number


def _missed(before: Any, totals: Any, last: Mapping[str, Any]) -> int:
    """Return the tokens by which two sums differ beyond the last response."""
    if not isinstance(before, Mapping) or not isinstance(totals, Mapping):
        return 0
    missed = 0
    for key in ("input_tokens", "output_tokens"):
        numbers = [place.get(key) for place in (totals, before, last)]
        whole, *parts = [number for number in numbers if isinstance(number, int)] or [0]
        missed += max(0, whole - sum(parts)) if len(parts) == len(numbers) - 1 else 0
    return missed
