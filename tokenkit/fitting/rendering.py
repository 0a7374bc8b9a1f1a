"""Render a prompt's entries into a number of tokens: share the room, shorten, list the losses."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tokenkit.chat import Message, Rule
from tokenkit.fitting.allot import Allotment, allot
from tokenkit.fitting.chat_fitter import fit_part
from tokenkit.fitting.result import Dropped, Truncated
from tokenkit.fitting.shrink import MARKER

__all__ = ["SEPARATOR", "Entry", "RenderedEntry", "Rendering"]

SEPARATOR = "\n\n"


@dataclass(frozen=True)
class Entry:
    """One entry of a prompt. `texts` None: `messages` are a history or a fixed message."""

    name: str
    messages: tuple[Message, ...]
    role: str = ""
    texts: tuple[str, ...] | None = None
    priority: float = 0
    max_tokens: int | float | None = None
    min_tokens: int = 0
    flex: float = 0
    keep: Literal["head", "tail", "ends"] | None = "head"
    keep_with: str | None = None
    fallback: str | None = None
    fixed: bool = False


@dataclass
class RenderedEntry:
    """The part that stays of an entry, and (index in it, tokens..., reason) of its losses."""

    messages: list[Message]
    tokens: int
    dropped: list[tuple[int, int, str]] = field(default_factory=list)
    truncated: list[tuple[int, int, int, str]] = field(default_factory=list)


class Rendering:
    """One rendering of a prompt's entries into `limit` tokens."""

    def __init__(self, entries: Sequence[Entry], rule: Rule, limit: int) -> None:
        self.entries = entries
        self.rule = rule
        self.limit = limit
        self.count = rule.counts.count
        # Sections may have the names of fixed entries, "system" and "user".
        order = sorted(range(len(entries)), key=lambda i: not entries[i].fixed)
        self.index_of = {entries[i].name: i for i in order}
        whole = [message for entry in entries for message in entry.messages]
        tally = rule.tally(whole)
        self.around = sum(part.tokens for part in tally.fixed)
        # Of each entry: its tokens with frames, its first message, the tokens of its texts.
        self.costs: list[int] = []
        self.starts: list[int] = []
        self.text_tokens: list[int] = []
        start = 0
        for entry in entries:
            end = start + len(entry.messages)
            self.starts.append(start)
            self.costs.append(sum(tally.costs[start:end]))
            self.text_tokens.append(self.count(SEPARATOR.join(entry.texts)) if entry.texts else 0)
            start = end

    def run(self) -> list[RenderedEntry]:
        """Render all entries; over the limit only if the fixed ones alone are."""
        room = self.limit - self.around
        room -= sum(c for c, e in zip(self.costs, self.entries, strict=True) if e.fixed)
        while True:
            parts = self._render(room)
            messages = [message for part in parts for message in part.messages]
            over = self.rule.tally(messages).total - self.limit
            if over <= 0 or room <= 0:
                return parts
            room -= over

    def _render(self, room: int) -> list[RenderedEntry]:
        """Render with `room` tokens for the entries that are not fixed."""
        dropped: dict[int, str] = {}
        while True:
            parts = self._share(room, dropped)
            alone = self._without_companion(parts)
            if not alone:
                return parts
            dropped.update(alone)  # and their room goes to the others

    def _share(self, room: int, dropped: Mapping[int, str]) -> list[RenderedEntry]:
        entries = self.entries
        order = [i for i, entry in enumerate(entries) if not entry.fixed and i not in dropped]
        order.sort(key=lambda i: (-entries[i].priority, i))
        allotments = [self._allotment(i) for i in order]
        granted = allot(allotments, max(0, room))
        parts = {
            i: RenderedEntry(list(entry.messages), self.costs[i])
            for i, entry in enumerate(entries)
            if entry.fixed
        }
        for i, why in dropped.items():
            parts[i] = RenderedEntry([], 0, dropped=[(0, self.costs[i], why)])
        spare = max(0, room) - sum(granted)
        for i, allotment, tokens in zip(order, allotments, granted, strict=True):
            most = min(allotment.full if allotment.flex else allotment.cap, tokens + spare)
            parts[i] = self._entry(i, most)
            spare += tokens - parts[i].tokens
        return [parts[i] for i in range(len(entries))]

    def _without_companion(self, parts: Sequence[RenderedEntry]) -> dict[int, str]:
        """Give the entries whose `keep_with` is not there, and why they are dropped."""
        alone = {}
        for i, entry in enumerate(self.entries):
            if entry.keep_with is None:
                continue
            where = f"section {entry.name!r}"
            if entry.keep_with not in self.index_of:
                known = ", ".join(map(repr, self.index_of))
                raise ValueError(
                    f"{where}: keep_with: expected one of {known}, got {entry.keep_with!r}"
                )
            if parts[i].messages and not parts[self.index_of[entry.keep_with]].messages:
                alone[i] = f"{where}: {entry.keep_with!r} was dropped"
        return alone

    def _allotment(self, i: int) -> Allotment:
        """Say what an entry wants, in tokens with its frame."""
        entry, full = self.entries[i], self.costs[i]
        frame = full - self.text_tokens[i] if entry.texts is not None else 0
        cap = min(full, frame + self._most(entry))
        least = min(cap, frame + entry.min_tokens) if entry.min_tokens else 0
        substitute = frame + self.count(entry.fallback) if entry.fallback else 0
        return Allotment(full, cap, least, entry.flex, substitute)

    def _most(self, entry: Entry) -> int:
        """Give the most tokens of text that an entry may have without flex."""
        if isinstance(entry.max_tokens, float):
            return int(entry.max_tokens * self.limit)
        return sys.maxsize if entry.max_tokens is None else entry.max_tokens

    def _entry(self, i: int, tokens: int) -> RenderedEntry:
        """Render entry `i` into at most `tokens`."""
        entry, full = self.entries[i], self.costs[i]
        if full <= tokens:
            return RenderedEntry(list(entry.messages), full)
        if entry.texts is None:
            part = fit_part(self.rule, entry.messages, tokens)
            return RenderedEntry(part.messages, part.tokens, part.dropped, part.truncated)
        where = f"section {entry.name!r}"
        frame = full - self.text_tokens[i]
        room = tokens - frame
        text, why = self._shorten(i, room), f"{where}: {room} tokens of room"
        if not text:
            text, why = entry.fallback or "", f"{where}: replaced by its fallback"
        used = self.count(text)
        if not text or used > room:
            return RenderedEntry([], 0, dropped=[(0, full, f"{where}: no room")])
        message = {"role": entry.role, "content": text}
        return RenderedEntry([message], frame + used, truncated=[(0, full, frame + used, why)])

    def _shorten(self, i: int, room: int) -> str:
        """Shorten the texts of entry `i` to `room` tokens; "" where it cannot have its minimum."""
        entry = self.entries[i]
        texts = entry.texts or ()
        least = max(1, min(entry.min_tokens, self.text_tokens[i], self._most(entry)))
        if room < least:
            return ""
        if entry.keep is not None:
            whole = SEPARATOR.join(texts)
            marker = MARKER if self.count(MARKER) < room else ""
            encoding = self.rule.counts.encoding
            return str(encoding.truncate(whole, room, keep=entry.keep, marker=marker))
        for end in range(len(texts) - 1, 0, -1):
            text = SEPARATOR.join(texts[:end])
            if self.count(text) <= room:
                return text if self.count(text) >= least else ""
        return ""

    def losses(
        self, parts: Sequence[RenderedEntry]
    ) -> tuple[tuple[Dropped, ...], tuple[Truncated, ...]]:
        """List what was dropped and shortened, by the indexes of the whole prompt."""
        dropped: list[Dropped] = []
        truncated: list[Truncated] = []
        for entry, start, part in zip(self.entries, self.starts, parts, strict=True):
            for index, tokens, why in part.dropped:
                dropped.append(Dropped(start + index, entry.messages[index], tokens, why))
            for index, before, after, why in part.truncated:
                truncated.append(Truncated(start + index, before, after, why))
        return tuple(dropped), tuple(truncated)
