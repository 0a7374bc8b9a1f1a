"""Prompts built from sections that share the room of a model.

>>> from tokenkit import Prompt
>>> prompt = Prompt("gpt-4o", max_output=1_000)
>>> _ = prompt.system("Answer from the documents.")
>>> _ = prompt.section("documents", ["First text.", "Second text."], priority=5, max_tokens=0.5)
>>> _ = prompt.user("What do they say?")
>>> [message["role"] for message in prompt.render().messages]
['system', 'system', 'user']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenkit._checks import check_fraction, check_tokens
from tokenkit._face import public
from tokenkit.chat import (
    ChatRule,
    HarmonyRule,
    Message,
    check_messages,
    check_role,
    group_messages,
    request_rule,
)
from tokenkit.fitting.allot import Allotment, allot
from tokenkit.fitting.fitter import Dropped, Fit, Truncated, fit_part, room_for
from tokenkit.fitting.shrink import MARKER
from tokenkit.models import Model, get_model

__all__ = ["Prompt"]

SEPARATOR = "\n\n"
SHRINKS = {"tail": "head", "head": "tail", "ends": "ends", "drop": ""}


@dataclass(frozen=True)
class _Section:
    """One entry of a prompt. `texts` None: `messages` are a history or a fixed message."""

    name: str
    messages: tuple[Message, ...]
    role: str = ""
    texts: tuple[str, ...] | None = None
    priority: float = 0
    max_tokens: int | float | None = None
    min_tokens: int = 0
    flex: float = 0
    shrink: str = "tail"
    keep_with: str | None = None
    fallback: str | None = None
    fixed: bool = False


@dataclass
class _Rendered:
    """What became of one entry."""

    messages: list[Message]
    tokens: int
    dropped: list[tuple[int, int, str]] = field(default_factory=list)
    truncated: list[tuple[int, int, int, str]] = field(default_factory=list)


@public
class Prompt:
    """A prompt whose parts are chosen when it is rendered; parts appear in the order added.

    `max_output`, `min_output`, `reasoning_reserve` and `safety` mean what they mean to `fit`.
    The methods return the prompt, so that calls can be chained.
    """

    def __init__(
        self,
        model: str | Model,
        *,
        max_output: str | int = "auto",
        min_output: int = 256,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_reserve: int = 0,
        safety: float = 0.0,
    ) -> None:
        self.model = get_model(model)
        self.max_output = max_output
        self.min_output = min_output
        self.tools = tools
        self.reasoning_reserve = reasoning_reserve
        self.safety = check_fraction("safety", safety)
        self._entries: list[_Section] = []
        room_for(self.model, max_output, min_output, reasoning_reserve, self.safety)

    def system(self, text: str) -> Prompt:
        """A system message that always stays whole."""
        return self._fixed("system", text)

    def user(self, text: str | Sequence[Mapping[str, Any]]) -> Prompt:
        """A user message (text or content parts) that always stays whole."""
        return self._fixed("user", text)

    def _fixed(self, role: str, content: Any) -> Prompt:
        if not isinstance(content, str if role == "system" else (str, list, tuple)):
            raise TypeError(f"{role}: must be a text, not {type(content).__name__}")
        message = {"role": role, "content": content}
        self._entries.append(_Section(role, (message,), fixed=True))
        return self

    def section(
        self,
        name: str,
        texts: str | Sequence[str],
        *,
        priority: float = 0,
        max_tokens: int | float | None = None,
        min_tokens: int = 0,
        flex: float = 0,
        shrink: str = "tail",
        keep_with: str | None = None,
        fallback: str | None = None,
        role: str = "system",
    ) -> Prompt:
        """Texts that become one message of `role`, joined by blank lines.

        Higher `priority` is filled first. `max_tokens` caps the text (an int is tokens, a float a
        share of the input limit); tokens that all others leave go to sections with `flex`, in its
        proportion, beyond their caps. A section that cannot have `min_tokens` (or its whole text,
        if that is less) is replaced by `fallback`, or goes. `shrink` says what is cut: the
        "tail", the "head", the middle so that both "ends" stay, or whole texts from the end
        ("drop"). `keep_with` names an entry ("history" too) without which this one goes as well.

        Raises ValueError for a name given twice and for numbers out of range.
        """
        where = f"section {name!r}"
        self._check_new(name, where, priority)
        items = (texts,) if isinstance(texts, str) else tuple(texts)
        for index, text in enumerate(items):
            if not isinstance(text, str):
                raise TypeError(f"{where}: texts[{index}] must be a string, not {text!r}")
        if shrink not in SHRINKS:
            raise ValueError(f"{where}: shrink must be one of {', '.join(SHRINKS)}")
        if isinstance(max_tokens, float) and not 0 <= max_tokens <= 1:
            raise ValueError(f"{where}: max_tokens as a share must be 0 to 1, not {max_tokens}")
        if isinstance(max_tokens, int):
            check_tokens(f"{where}: max_tokens", max_tokens)
        check_tokens(f"{where}: min_tokens", min_tokens)
        if not flex >= 0:
            raise ValueError(f"{where}: flex must be at least 0, not {flex}")
        message = {"role": role, "content": SEPARATOR.join(items)}
        self._entries.append(
            _Section(
                name, (message,), role, items, priority, max_tokens, min_tokens, flex, shrink,
                keep_with, fallback,
            )
        )  # fmt: skip
        return self

    def history(self, messages: Sequence[Message], *, priority: float = 0) -> Prompt:
        """Earlier messages; the newest stay, tool calls and their results together.

        Raises ValueError naming a tool result without its call, and for a second history.
        """
        self._check_new("history", "history", priority)
        chat = tuple(check_messages(messages))
        for index, message in enumerate(chat):
            check_role(index, message)
        group_messages(chat)
        self._entries.append(_Section("history", chat, priority=priority))
        return self

    def _check_new(self, name: str, where: str, priority: object) -> None:
        if any(entry.name == name for entry in self._entries if not entry.fixed):
            raise ValueError(f"{where}: there is already one of this name")
        if isinstance(priority, bool) or not isinstance(priority, (int, float)):
            raise TypeError(f"{where}: priority must be a number, not {priority!r}")

    def render(
        self, *, model: str | Model | None = None, max_output: str | int | None = None
    ) -> Fit:
        """The prompt for its model and reply, or for others ("what if"), as a `Fit`.

        Indexes in `dropped` and `truncated` count the messages of the whole, unshortened prompt.
        Raises ContextOverflowError if the system and user messages alone do not fit.
        """
        record = self.model if model is None else get_model(model)
        output = self.max_output if max_output is None else max_output
        room = room_for(record, output, self.min_output, self.reasoning_reserve, self.safety)
        rule = request_rule(record, tools=self.tools)
        rendering = _Rendering(self._entries, rule, room.limit)
        parts = rendering.run()
        messages = [message for part in parts for message in part.messages]
        tally = rule.tally(messages)
        if tally.total > room.limit:
            raise room.overflow(tally.total)
        return room.fit(messages, tally, *rendering.losses(parts))


class _Rendering:
    """One rendering of a prompt's entries into `limit` tokens."""

    def __init__(
        self, entries: Sequence[_Section], rule: ChatRule | HarmonyRule, limit: int
    ) -> None:
        self.entries = entries
        self.rule = rule
        self.limit = limit
        self.count = rule.counts.count
        self.names = {entry.name: i for i, entry in enumerate(entries)}
        whole = [message for entry in entries for message in entry.messages]
        tally = rule.tally(whole)
        self.around = sum(part.tokens for part in tally.fixed)
        self.costs: list[int] = []
        self.starts: list[int] = []
        self.texts: list[int] = []
        at = 0
        for entry in entries:
            self.starts.append(at)
            self.costs.append(sum(tally.costs[at : at + len(entry.messages)]))
            self.texts.append(self.count(SEPARATOR.join(entry.texts)) if entry.texts else 0)
            at += len(entry.messages)

    def run(self) -> list[_Rendered]:
        room = self.limit - self.around
        room -= sum(c for c, e in zip(self.costs, self.entries, strict=True) if e.fixed)
        while True:
            parts = self._render(room)
            messages = [message for part in parts for message in part.messages]
            over = self.rule.tally(messages).total - self.limit
            if over <= 0 or room <= 0:
                return parts
            room -= over

    def _render(self, room: int) -> list[_Rendered]:
        """All entries in `room` tokens for those that may go."""
        gone: dict[int, str] = {}
        while True:
            parts = self._share(room, gone)
            left_alone = self._left_alone(parts, gone)
            if not left_alone:
                return parts
            gone.update(left_alone)  # and their room goes to the others

    def _share(self, room: int, gone: Mapping[int, str]) -> list[_Rendered]:
        entries = self.entries
        order = [i for i, entry in enumerate(entries) if not entry.fixed and i not in gone]
        order.sort(key=lambda i: (-entries[i].priority, i))
        allotments = [self._allotment(i) for i in order]
        granted = allot(allotments, max(0, room))
        parts = {
            i: _Rendered(list(entry.messages), self.costs[i])
            for i, entry in enumerate(entries)
            if entry.fixed
        }
        for i, why in gone.items():
            parts[i] = _Rendered([], 0, dropped=[(0, self.costs[i], why)])
        spare = max(0, room) - sum(granted)
        for i, allotment, tokens in zip(order, allotments, granted, strict=True):
            most = min(allotment.full if allotment.flex else allotment.cap, tokens + spare)
            parts[i] = self._entry(i, most)
            spare += tokens - parts[i].tokens
        return [parts[i] for i in range(len(entries))]

    def _left_alone(self, parts: Sequence[_Rendered], gone: Mapping[int, str]) -> dict[int, str]:
        """Entries whose companion (`keep_with`) is not there, and why they go."""
        found = {}
        for i, entry in enumerate(self.entries):
            if entry.keep_with is None or i in gone:
                continue
            if entry.keep_with not in self.names:
                raise ValueError(f"section {entry.name!r}: no entry is named {entry.keep_with!r}")
            if parts[i].messages and not parts[self.names[entry.keep_with]].messages:
                found[i] = f"section {entry.name!r}: {entry.keep_with!r} is gone"
        return found

    def _allotment(self, i: int) -> Allotment:
        """What an entry wants, in tokens with its frame."""
        entry, full = self.entries[i], self.costs[i]
        frame = full - self.texts[i] if entry.texts is not None else 0
        cap = full
        if isinstance(entry.max_tokens, float):
            cap = min(full, frame + int(entry.max_tokens * self.limit))
        elif entry.max_tokens is not None:
            cap = min(full, frame + entry.max_tokens)
        least = min(cap, frame + entry.min_tokens) if entry.min_tokens else 0
        substitute = frame + self.count(entry.fallback) if entry.fallback else 0
        return Allotment(full, cap, least, entry.flex, substitute)

    def _entry(self, i: int, tokens: int) -> _Rendered:
        """Entry i in at most `tokens`."""
        entry, full = self.entries[i], self.costs[i]
        if full <= tokens:
            return _Rendered(list(entry.messages), full)
        if entry.texts is None:
            return self._history(entry, tokens)
        frame = full - self.texts[i]
        room = tokens - frame
        text = self._shorten(entry, room) if room > 0 else ""
        used = self.count(text) if text else 0
        if not text or used < min(entry.min_tokens, self.texts[i]) - len(MARKER):
            text, used = entry.fallback or "", self.count(entry.fallback or "")
            why = f"section {entry.name!r}: replaced by its fallback"
        else:
            why = f"section {entry.name!r}: {room} tokens of room"
        if not text or used > room:
            return _Rendered([], 0, dropped=[(0, full, f"section {entry.name!r}: no room")])
        message = {"role": entry.role, "content": text}
        return _Rendered([message], frame + used, truncated=[(0, full, frame + used, why)])

    def _shorten(self, entry: _Section, room: int) -> str:
        texts = entry.texts or ()
        keep = SHRINKS[entry.shrink]
        if keep:
            whole = SEPARATOR.join(texts)
            marker = MARKER if self.count(MARKER) < room else ""
            return str(self.rule.counts.encoding.truncate(whole, room, keep=keep, marker=marker))
        for end in range(len(texts) - 1, 0, -1):
            text = SEPARATOR.join(texts[:end])
            if self.count(text) <= room:
                return text
        return ""

    def _history(self, entry: _Section, tokens: int) -> _Rendered:
        part = fit_part(self.rule, entry.messages, tokens)
        return _Rendered(part.messages, part.tokens, part.dropped, part.truncated)

    def losses(
        self, parts: Sequence[_Rendered]
    ) -> tuple[tuple[Dropped, ...], tuple[Truncated, ...]]:
        dropped: list[Dropped] = []
        truncated: list[Truncated] = []
        for entry, start, part in zip(self.entries, self.starts, parts, strict=True):
            for index, tokens, why in part.dropped:
                dropped.append(Dropped(start + index, entry.messages[index], tokens, why))
            for index, before, after, why in part.truncated:
                truncated.append(Truncated(start + index, before, after, why))
        return tuple(dropped), tuple(truncated)
