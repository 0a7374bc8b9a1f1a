"""Counting in the harmony format of the gpt-oss models.

Source: openai/harmony, docs/format.md and the renderer it documents (@ec7606d, 2025-11-05).
A message is <|start|>HEADER<|message|>TEXT<|end|> (<|call|> ends a tool call); the reply is primed
with <|start|>assistant. The header's parts are tokenized one by one, each special token is one
token. Chat messages map onto it so: "system" and "developer" are developer messages with an
"# Instructions" section, the first of which also holds the tools; the model's own system message
exists only if `harmony` gives its fields; an assistant's text is in the channel "final" unless
the message names a `channel`, tool calls and results are in "commentary", `reasoning_content` in
"analysis". Analysis before the first final answer is dropped when the last answer is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit.chat.checks import (
    Message,
    check_call,
    check_id,
    check_name,
    check_role,
    fault,
    wrong_type,
)
from tokenkit.chat.groups import SYSTEM_ROLES
from tokenkit.chat.harmony_text import functions_section, system_text
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.reading import ChatMessage, read_chat
from tokenkit.chat.rule import ChatScan, note_unsure, scan_chat, unsure_parts
from tokenkit.chat.tally import ChatTally, CountPart
from tokenkit.models import Model
from tokenkit.shapes import ReadMessage, Tool, Unsure

__all__ = ["HarmonyRule"]

_FRAME = 3  # <|start|> <|message|> <|end|>
_PRIMING = 2  # <|start|> assistant


class HarmonyRule:
    """The rule of the gpt-oss models; see `Rule`."""

    whole_chats = False

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        *,
        functions: Sequence[Tool] = (),
        unsure: Sequence[Unsure] = (),
        schema_text: str = "",
        harmony: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.counts = counts
        self.unsure = unsure
        definitions = [tool.definition for tool in functions]
        tools_text = functions_section(definitions) if functions else ""
        self.sections = "\n\n".join(filter(None, (tools_text, schema_text)))
        self.system = system_text(harmony, bool(functions)) if harmony is not None else None

    def tally_kept(
        self,
        tally: ChatTally,
        messages: Sequence[Message],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> ChatTally:
        """See `Rule`: analysis is counted or not by the messages around it, so all are counted."""
        return self.tally(messages)

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of a tool result, without its frame."""
        return self.counts.count("".join(texts))

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
        """See `Rule`."""
        chat = read_chat(messages, harmony=True)
        dropped = _dropped_analysis(chat)
        numbered = list(enumerate(chat))
        scan = scan_chat(lambda known: _HarmonyScan(self, dropped, known), self.counts, numbered)
        tally = scan.result
        tally.fixed = [CountPart("reply", "priming", _PRIMING)]
        if self.system is not None:
            tokens = _FRAME + self.counts.count("system") + self.counts.count(self.system)
            tally.fixed.append(CountPart("harmony", "system", tokens))
        if self.sections:
            tokens = self.counts.count(self.sections)
            if not scan.has_system:
                tokens += _FRAME + self.counts.count("developer")
            tally.fixed.append(CountPart("tools", "tools", tokens))
        tally.fixed += unsure_parts(self.unsure, self.counts)
        note_unsure(tally, self.unsure, self.counts)
        return tally


def _dropped_analysis(messages: Sequence[ChatMessage]) -> int:
    """Count the leading messages that lose their analysis (0: none does)."""
    first, last_is_final = None, False
    for index, item in enumerate(messages):
        for message in item.messages if isinstance(item, ReadMessage) else (item,):
            if isinstance(message, Mapping) and message.get("role") == "assistant":
                last_is_final = _channel(message) == "final"
                if last_is_final and first is None:
                    first = index
    return first if first is not None and last_is_final else 0


def _channel(message: Message) -> str:
    channel = message.get("channel")
    if isinstance(channel, str):
        return channel
    calls = message.get("tool_calls") or message.get("function_call")
    return "commentary" if calls else "final"


class _HarmonyScan(ChatScan):
    harmony = True

    def __init__(self, rule: HarmonyRule, dropped: int, known: dict[str, int]) -> None:
        super().__init__(rule.model, rule.counts, None, known)
        self.rule = rule
        self.dropped = dropped  # messages before this one lose their analysis
        self.names: dict[object, str] = {}  # of functions, by the id of the call

    def text(self, index: int, content: object) -> tuple[str, int]:
        texts, tokens = self.content_counter.texts(content, index)
        return "".join(texts), tokens

    def plain_message(self, index: int, message: Message) -> int:
        """Count one message of OpenAI's chat format with its frame."""
        role = check_role(index, message)
        if role in SYSTEM_ROLES:
            return self.developer(index, message)
        if role == "assistant":
            return self.assistant(index, message)
        text, tokens = self.text(index, message.get("content"))
        tokens += _FRAME + self.count(text)
        if role == "user":
            name = check_name(index, message)
            return tokens + self.count("user") + (self.count(":" + name) if name else 0)
        call_id = check_id(index, message.get("tool_call_id"))
        name = self.names.get(call_id) or check_name(index, message)
        if not name:
            where = f"messages[{index}]"
            raise fault(where, "expected a tool_call_id of an earlier call, or a name, got neither")
        full = name if name.startswith("functions.") else "functions." + name
        self.result.results[index] = (name, False)
        return tokens + self.count(full) + self.header(message, "commentary")

    def developer(self, index: int, message: Message) -> int:
        text, tokens = self.text(index, message.get("content"))
        text = "# Instructions\n\n" + text
        if self.rule.sections and not self.has_system:
            text += "\n\n"  # the tools follow after a blank line
        self.has_system = True
        return tokens + _FRAME + self.count("developer") + self.count(text)

    def assistant(self, index: int, message: Message) -> int:
        text, tokens = self.text(index, message.get("content"))
        kept = index >= self.dropped
        thought = message.get("reasoning_content")
        if isinstance(thought, str) and thought and kept:
            tokens += self.line("analysis", thought)
        calls = message.get("tool_calls") or ()
        if not isinstance(calls, (list, tuple)):
            raise wrong_type(f"messages[{index}].tool_calls", "a list", calls)
        call = message.get("function_call")
        if text or (not calls and call is None):
            channel = _channel(message)
            if channel != "analysis" or kept:
                tokens += _FRAME + self.count("assistant") + self.count(text)
                tokens += self.header(message, channel)
        tokens += self.tool_calls(index, calls)
        if call is not None:
            tokens += self.call(*check_call(f"messages[{index}].function_call", call))
        return tokens

    def tool_calls(self, index: int, calls: Sequence[object]) -> int:
        tokens = 0
        for number, call in enumerate(calls):
            where = f"messages[{index}].tool_calls[{number}]"
            if not isinstance(call, Mapping):
                raise wrong_type(where, "a dict", call)
            name, arguments = check_call(f"{where}.function", call.get("function"))
            self.names[check_id(index, call.get("id"))] = name
            tokens += self.call(name, arguments)
        return tokens

    def line(self, channel: str, text: str) -> int:
        """Count an assistant message that says `text` in a channel."""
        return _FRAME + 1 + self.count("assistant") + self.count(channel) + self.count(text)

    def call(self, name: str, arguments: str) -> int:
        full = name if name.startswith("functions.") else "functions." + name
        header = self.count(" to=" + full) + self.count(" ") + 1 + self.count("json")
        return self.line("commentary", arguments) + header

    def header(self, message: Message, channel: str) -> int:
        """Count the recipient, channel and content type of a message's header."""
        tokens = 1 + self.count(channel)
        recipient = message.get("recipient")
        if isinstance(recipient, str) and recipient != "all":
            tokens += self.count(" to=" + recipient)
        content_type = message.get("content_type")
        if isinstance(content_type, str):
            rest = content_type.removeprefix("<|constrain|>")
            if rest != content_type:
                tokens += self.count(" ") + 1 + self.count(rest)
            else:
                tokens += self.count(" " + content_type)
        return tokens
