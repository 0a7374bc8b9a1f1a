"""The counting rule of models whose chat template is at hand.

The chat is written by the template, with the beginning of the reply, and the text is encoded with
its special tokens: what `apply_chat_template(chat, add_generation_prompt=True)` of transformers
5.24.0 does. The number is that of the whole text. Each message has the tokens of the text that the
template's loop wrote with it in hand, counted alone; what these do not add up to is around them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenkit.chat.checks import Message
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.rule import note_unsure, unsure_parts
from tokenkit.chat.tally import AROUND, ChatTally, CountPart
from tokenkit.chat.template import ChatTemplate, Written
from tokenkit.chat.template_chat import (
    Form,
    GivenChat,
    GivenMessage,
    as_object,
    given_messages,
    given_tools,
)
from tokenkit.chat.template_views import unread_items
from tokenkit.errors import ChatTemplateError
from tokenkit.models import Model
from tokenkit.shapes import Tool, Unsure, json_text

__all__ = ["TemplateRule"]

# Stands for a chat where there is none: templates look at the first message.
_PROBE: tuple[Message, ...] = ({"role": "user", "content": "."},)


class _Finder:
    """Looks for texts in what was written, from where the last one was found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._from = 0

    def holds(self, text: str) -> bool:
        """Return whether the text stands there."""
        found = self.text.find(text, self._from)
        if found < 0 and self._from:
            found = self.text.find(text)
        self._from = max(0, found)
        return found >= 0


@dataclass(frozen=True)
class _Counted:
    """A chat as it was given to its template, and the text that came of it."""

    given: GivenChat
    form: Form
    written: Written
    text: str
    tokens: int
    # Tokens with the parts of contents written as Python writes a list, if the template does that.
    as_lists: int | None = None


class TemplateRule:
    """See `Rule`. `tools` are the request's own, of which `functions` were read."""

    whole_chats = True

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        template: ChatTemplate,
        *,
        functions: Sequence[Tool] = (),
        tools: object = None,
        unsure: Sequence[Unsure] = (),
        tool_choice: object = None,
        schema_text: str = "",
    ) -> None:
        self.model = model
        self.counts = counts
        self.template = template
        self.functions = functions
        self.tools = given_tools(functions, tools)
        self.around = unsure
        self.tool_choice = tool_choice
        self.schema_text = schema_text

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
        """See `Rule`. Raises ChatTemplateError too, as for a chat that the template refuses."""
        if not messages:
            return self._empty()
        chat = given_messages(messages)
        counted = self._counted(chat, self.tools)
        tally = ChatTally()
        self._share(tally, chat, counted)
        finder = _Finder(counted.text)
        for message in chat:
            self._note_message(tally, message, counted, finder)
        self._note_request(tally, chat, counted)
        return tally

    def tally_kept(
        self,
        tally: ChatTally,
        messages: Sequence[Message],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> ChatTally:
        """See `Rule`: what a template writes of a message may depend on all others."""
        return self.tally(messages)

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of a result; `parallel` says that the template writes it as JSON."""
        if parallel:
            return self.counts.count(_escaped("".join(texts)))
        return sum(self.counts.count(text) for text in texts)

    # ---- writing

    def _counted(self, chat: Sequence[GivenMessage], tools: Sequence[dict[str, Any]]) -> _Counted:
        """Write a chat in the first of its forms that the template takes."""
        first_error: ChatTemplateError | None = None
        shown: _Counted | None = None
        for form in _forms(chat):
            given = GivenChat.of(chat, tools, form)
            try:
                written = self.template.write(given.messages, given.tools, given.size)
            except ChatTemplateError as error:
                first_error = first_error or error
                continue
            text = written.text
            as_lists = shown.tokens if shown is not None else None
            counted = _Counted(given, form, written, text, self._tokens(text), as_lists)
            if form.flat or not given.shows_parts:
                return counted
            shown = shown or counted
        if shown is not None:
            return shown
        raise first_error or ChatTemplateError(f"{self.template.where}: no form of this chat")

    def _tokens(self, text: str) -> int:
        return int(self.counts.encoding.count(text, allowed_special="all"))

    # ---- sharing

    def _share(self, tally: ChatTally, chat: Sequence[GivenMessage], counted: _Counted) -> None:
        """Share the tokens between messages, tools and what is around them."""
        own: dict[Any, int] = {}
        reply = 0
        for owner, text in counted.written.segments:
            tokens = self._tokens(text)
            reply = tokens if owner is None else 0
            own[owner] = own.get(owner, 0) + tokens
        if own.keys() == {None}:  # all of it was written at the end
            reply = 0
        tally.costs = [own.get(message.index, 0) for message in chat]
        tools = self._tool_parts(chat, counted, own)
        rest = counted.tokens - sum(tally.costs) - sum(part.tokens for part in tools)
        finder = _Finder(counted.text)
        for message in chat:
            if not tally.costs[message.index]:
                # Written outside of a loop over messages: its texts, as far as there is room.
                tokens = sum(map(self.counts.count, _texts(message, finder)))
                tally.costs[message.index] = tokens = min(tokens, max(0, rest - reply))
                rest -= tokens
        before = rest - reply
        tally.fixed = [CountPart("template", "system", before)] if before else []
        tally.fixed += [*tools, CountPart("reply", "priming", reply)]

    def _tool_parts(
        self, chat: Sequence[GivenMessage], counted: _Counted, own: Mapping[Any, int]
    ) -> list[CountPart]:
        """Count what the tools add to the text, each of them where a loop writes it."""
        if not self.tools:
            return []
        parts = []
        for index, tool in enumerate(self.functions):
            if tokens := own.get(("tool", index), 0):
                where = f"{tool.where} {tool.definition['name']}"
                parts.append(CountPart(where, "tool", tokens, tool.index))
        each = sum(part.tokens for part in parts)
        try:
            added = counted.tokens - self._counted(chat, ()).tokens
        except ChatTemplateError:  # such a chat needs its tools
            added = each
        return [CountPart("tools", "tools", max(0, added - each)), *parts]

    # ---- what is not sure

    def _note_message(
        self, tally: ChatTally, message: GivenMessage, counted: _Counted, finder: _Finder
    ) -> None:
        index = message.index
        if message.reading is not None:
            tally.read[index] = message.reading
            for path in message.reading.empty:
                tally.note(f"{path}: this key is not known; it is empty")
        unread = dict(counted.given.unread(message))
        for part in message.reading.unsure if message.reading is not None else ():
            skipped = part.open and any(_covers(path, part.path) for path in unread)
            if skipped or not message.own:
                note_unsure(tally, [part], self.counts, index)
                unread = {p: v for p, v in unread.items() if not _covers(p, part.path)}
        for path, value in unread.items():
            _doubt_text(tally, self.counts, index, path, value)
            if path.startswith(f"{message.where}.audio"):  # earlier speech
                tally.unbounded.add(index)
        for path, part_ in message.parts():
            if "text" not in part_ and "refusal" not in part_:
                tally.unbounded.add(index)
                tally.excess[index] = tally.costs[index]
                kind = part_.get("type")
                tally.note(f"{path}: a template writes texts alone; of {kind!r} no bound is known")
        self._note_content(tally, message, finder)
        self._note_form(tally, message, counted)

    def _note_content(self, tally: ChatTally, message: GivenMessage, finder: _Finder) -> None:
        """Note texts that are not in the prompt, and results of tools, which may be shortened."""
        for fields in message.fields:
            content = fields.get("content")
            if not isinstance(content, str) or not content.strip():
                continue
            is_result = fields["role"] in ("tool", "function")
            if tally.costs[message.index] and not is_result:
                continue
            text = content.strip()
            as_it_is = finder.holds(text)
            escaped = not as_it_is and finder.holds(_escaped(text))
            if is_result and message.own:
                tally.results[message.index] = (str(fields.get("name") or "tool"), escaped)
            if not (as_it_is or escaped or tally.costs[message.index]):
                where = f"{message.where}.content"
                _doubt_text(tally, self.counts, message.index, where, content, "writes")

    def _note_form(self, tally: ChatTally, message: GivenMessage, counted: _Counted) -> None:
        """Note what was changed for the template's sake, and where others might do it otherwise."""
        index, form = message.index, counted.form
        arguments = [function.get("arguments") for function in message.calls()]
        texts = [item for item in arguments if isinstance(item, str)]
        if form.objects and any(as_object(text) is not text for text in texts):
            tally.note("tool_calls: arguments are given to the template as objects, as it expects")
        if not form.objects and any(isinstance(item, dict) for item in arguments):
            count = sum(self.counts.count(json_text(item)) for item in arguments)
            tally.above[index] = tally.above.get(index, 0) + count
            tally.excess[index] = tally.excess.get(index, 0) + count // 2
            tally.note(f"{message.where}.tool_calls: the template expects arguments as a text")
        parts = list(message.parts())
        if form.flat and parts:
            tally.note(f"{message.where}.content: the template takes a text; parts are its lines")
            if len(parts) > 1 or counted.as_lists is not None:
                # Other software may join them otherwise, or not at all, as transformers.
                longer = max(0, (counted.as_lists or 0) - counted.tokens)
                tally.above[index] = tally.above.get(index, 0) + len(parts) + longer
                tally.excess[index] = tally.excess.get(index, 0) + len(parts)

    def _note_request(
        self, tally: ChatTally, chat: Sequence[GivenMessage], counted: _Counted
    ) -> None:
        """Note the source of the number, and what is unsure about tools and options."""
        tally.note(f"counted by the chat template of {self.template.where}")
        if counted.written.dated:
            tally.note("the template writes today's date")
        if counted.given.tools is not None:
            for path, value in unread_items(counted.given.tools, "tools"):
                if path.rpartition(".")[2] not in ("type", "strict", "cache_control"):
                    _doubt_text(tally, self.counts, AROUND, path, value)
        tally.fixed += unsure_parts(self.around, self.counts)
        note_unsure(tally, self.around, self.counts)
        if self.schema_text:
            _doubt_text(tally, self.counts, AROUND, "response_format", self.schema_text, "is given")
        if self.tool_choice is not None:
            tools = sum(part.tokens for part in tally.fixed if part.kind in ("tool", "tools"))
            tally.add_doubt(max(1, tools))
            tally.open_ended = tally.open_ended or self.tool_choice != "none"
            tally.note("tool_choice: how a server tells it to the model is not in the template")
        if not self.model.encoding_exact:
            tally.doubt += counted.tokens
            tally.note(f"the encoding of {self.model.name} is assumed to be {self.model.encoding}")

    def _empty(self) -> ChatTally:
        """Count what is around a chat without messages, as far as a template can say it."""
        tally = self.tally(_PROBE)
        tally.costs = []
        tally.margin += 2
        tally.note("no messages: counted as what is around one of the user's")
        return tally


def _forms(chat: Sequence[GivenMessage]) -> Iterator[Form]:
    """Yield the forms of a chat, the one that templates should take first."""
    calls = any(next(message.calls(), None) is not None for message in chat)
    parts = any(next(message.parts(), None) is not None for message in chat)
    for objects in (True, False) if calls else (True,):
        for flat in (False, True) if parts else (False,):
            yield Form(objects, flat)


def _texts(message: GivenMessage, written: _Finder) -> Iterator[str]:
    """Yield the texts of a message that its template wrote as they are."""
    for fields in message.fields:
        content = fields.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        for part in parts:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str) and text.strip() and written.holds(text.strip()):
                yield text.strip()


def _escaped(text: str) -> str:
    """Write a text as JSON does, without the quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _covers(outer: str, inner: str) -> bool:
    """Return whether a path is that of another, or of what holds it or is in it."""
    shorter, longer = sorted((outer, inner), key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _doubt_text(
    tally: ChatTally,
    counts: TextCounts,
    index: int,
    path: str,
    value: object,
    never: str = "reads",
) -> None:
    """Note something that the template skips; it may reach the model some other way."""
    text = value if isinstance(value, str) else json_text(value)
    tally.above[index] = tally.above.get(index, 0) + counts.count(text)
    tally.note(f"{path}: the chat template never {never} this, so it is not counted")
