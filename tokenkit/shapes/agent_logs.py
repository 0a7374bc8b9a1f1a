"""`AgentLogs`: the session logs of coding agents, read together, so that no request counts twice.

>>> logs = AgentLogs()
>>> line = {"type": "assistant", "sessionId": "s", "timestamp": "2026-11-01T10:00:00Z",
...         "message": {"id": "m", "model": "claude-opus-5", "usage": {"output_tokens": 9}}}
>>> logs.take("a.jsonl", "line 1", line), logs.take("a.jsonl", "line 2", line)
(True, True)
>>> [record.where for record in logs.records()]
['a.jsonl: line 1']
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tokenkit.shapes.claude_code_log import LOG, STREAM, is_claude_code, read_claude_code
from tokenkit.shapes.codex_log import CodexLog, is_codex
from tokenkit.shapes.log_records import LogRecord, name_of
from tokenkit.shapes.records import usage_records

__all__ = ["AgentLogs"]


class AgentLogs:
    """Takes in lines of logs of Claude Code and Codex; `records` gives their requests.

    `doubts` says after that what was not read: sums that leave it out are too low.
    """

    def __init__(self) -> None:
        self._requests: dict[tuple[Any, ...], LogRecord] = {}
        self._codex: dict[str, CodexLog] = {}
        self._results: dict[str | None, tuple[str, Any]] = {}
        self._unread: Counter[tuple[str, str]] = Counter()

    def take(self, file: str, where: str, value: Any) -> bool:
        """Take in a line of a file; False if it is none of such a log."""
        if is_codex(value):
            log = self._codex.setdefault(file, CodexLog())
            self._note(file, log.take(f"{file}: {where}", value))
            return True
        if not is_claude_code(value):
            return False
        if value["type"] == "result":  # the sum of a session so far, at the end of its stream
            self._results[name_of(value.get("session_id"))] = f"{file}: {where}", value
            return True
        read = read_claude_code(f"{file}: {where}", value)
        if isinstance(read, LogRecord):
            before = self._requests.get(read.identity)
            self._requests[read.identity] = read if before is None else _one(before, read)
        else:
            self._note(file, read)
        return True

    def _note(self, file: str, unread: str | None) -> None:
        if unread is not None:
            self._unread[file, unread] += 1

    def records(self) -> list[LogRecord]:
        """Return each request once."""
        by_session: dict[str, CodexLog] = {}
        for log in self._codex.values():
            if log.session is not None:
                by_session.setdefault(log.session, log)
        found = self._of_claude_code()
        for file, log in self._codex.items():
            records, doubt = log.records(by_session)
            found += records
            self._note(file, doubt)
        return found

    def _of_claude_code(self) -> list[LogRecord]:
        """Return the requests of logs; of sessions without one, the result of the stream."""
        kinds: dict[str, list[LogRecord]] = {LOG: [], STREAM: []}
        for record in self._requests.values():
            kinds[record.identity[0]].append(record)
        logged = {record.session for record in kinds[LOG]}
        found = kinds[LOG]
        for record in kinds[STREAM]:
            if record.session not in logged and record.session not in self._results:
                found.append(record)
                self._note(record.where.partition(": ")[0], _BEGUN)
        for session, (where, result) in self._results.items():
            if session not in logged:
                for path, sums in usage_records(result):
                    found.append(LogRecord(f"{where} {path}", sums, session))
        return found

    @property
    def doubts(self) -> list[str]:
        """List what was not read, by file, in words."""
        return [
            f"{file}: {number} times {what}" if number > 1 else f"{file}: {what}"
            for (file, what), number in self._unread.items()
        ]


def _one(first: LogRecord, second: LogRecord) -> LogRecord:
    """Return one of two copies of a request: the later state of the reply, else the first."""
    return second if second.rank > first.rank else first


_BEGUN = "replies of a stream without its result: their output may be longer"
