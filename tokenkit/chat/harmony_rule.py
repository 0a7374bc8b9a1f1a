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

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit.chat.content import PartCounter, fail
from tokenkit.chat.groups import SYSTEM_ROLES
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.openai_rule import check_call, check_name, check_role
from tokenkit.chat.tally import CountPart, Tally
from tokenkit.models import Model

__all__ = ["HarmonyRule", "functions_section", "system_text"]

_CHANNELS = ("analysis", "commentary", "final")
_FIELDS = (
    "model_identity",
    "knowledge_cutoff",
    "conversation_start_date",
    "reasoning_effort",
    "channel_config",
)
_IDENTITY = "You are ChatGPT, a large language model trained by OpenAI."
_FRAME = 3  # <|start|> <|message|> <|end|>
_PRIMING = 2  # <|start|> assistant


class HarmonyRule:
    """Counts messages for one gpt-oss request; the same interface as `ChatRule`."""

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        *,
        functions: Sequence[Mapping[str, Any]] = (),
        schema_text: str = "",
        harmony: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.counts = counts
        self.sections = "\n\n".join(
            filter(None, (functions_section(functions) if functions else "", schema_text))
        )
        self.system = system_text(harmony, bool(functions)) if harmony is not None else None

    def tally_kept(
        self,
        tally: Tally,
        messages: Sequence[Mapping[str, Any]],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> Tally:
        """See `Rule`: analysis is counted or not by the messages around it, so all are counted."""
        return self.tally(messages)

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of a tool result, without its frame."""
        return self.counts.count("".join(texts))

    def tally(self, messages: Sequence[Mapping[str, Any]]) -> Tally:
        """Count `messages`; raises ValueError or TypeError naming the place of bad input."""
        dropped = _dropped_analysis(messages)
        run = _Run(self, dropped)
        tally = run.over(messages)
        if run.missing:
            self.counts.learn(run.missing)
            run = _Run(self, dropped, patient=True)
            tally = run.over(messages)
        tally.fixed = [CountPart("reply", "priming", _PRIMING)]
        if self.system is not None:
            tokens = _FRAME + self.counts.count("system") + self.counts.count(self.system)
            tally.fixed.append(CountPart("harmony", "system", tokens))
        if self.sections:
            tokens = self.counts.count(self.sections)
            if not run.has_system:
                tokens += _FRAME + self.counts.count("developer")
            tally.fixed.append(CountPart("tools", "tools", tokens))
        return tally


def _dropped_analysis(messages: Sequence[Mapping[str, Any]]) -> int:
    """How many leading messages lose their analysis (0: none does)."""
    first, last_is_final = None, False
    for index, message in enumerate(messages):
        if isinstance(message, Mapping) and message.get("role") == "assistant":
            last_is_final = _channel(message) == "final"
            if last_is_final and first is None:
                first = index
    return first if first is not None and last_is_final else 0


def _channel(message: Mapping[str, Any]) -> str:
    channel = message.get("channel")
    if isinstance(channel, str):
        return channel
    calls = message.get("tool_calls") or message.get("function_call")
    return "commentary" if calls else "final"


class _Run:
    """One pass over a chat. Unknown texts are collected in `missing` and count 0."""

    def __init__(self, rule: HarmonyRule, dropped: int, patient: bool = False) -> None:
        self.rule = rule
        self.dropped = dropped
        self.patient = patient
        self.missing: list[str] = []
        self.has_system = False
        self.result = Tally()
        self.parts = PartCounter(rule.model, None, self.result)
        self.names: dict[object, str] = {}

    def over(self, messages: Sequence[Mapping[str, Any]]) -> Tally:
        self.result.costs = [self.message(index, m) for index, m in enumerate(messages)]
        return self.result

    def count(self, text: str) -> int:
        if self.patient:
            return self.rule.counts.count(text)
        tokens = self.rule.counts.known.get(text)
        if tokens is None:
            self.missing.append(text)
            return 0
        return tokens

    def text(self, index: int, content: object) -> tuple[str, int]:
        texts, tokens = self.parts.texts(content, index)
        return "".join(texts), tokens

    def message(self, index: int, message: Mapping[str, Any]) -> int:
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
        name = self.names.get(message.get("tool_call_id")) or check_name(index, message)
        if not name:
            raise fail(f"messages[{index}]", "a tool result needs a tool_call_id or a name")
        full = name if name.startswith("functions.") else "functions." + name
        self.result.results[index] = (name, False)
        return tokens + self.count(full) + self.header(message, "commentary")

    def developer(self, index: int, message: Mapping[str, Any]) -> int:
        text, tokens = self.text(index, message.get("content"))
        text = "# Instructions\n\n" + text
        if self.rule.sections and not self.has_system:
            text += "\n\n"  # the tools follow after a blank line
        self.has_system = True
        return tokens + _FRAME + self.count("developer") + self.count(text)

    def assistant(self, index: int, message: Mapping[str, Any]) -> int:
        text, tokens = self.text(index, message.get("content"))
        kept = index >= self.dropped
        thought = message.get("reasoning_content")
        if isinstance(thought, str) and thought and kept:
            tokens += self.line("analysis", thought)
        calls = message.get("tool_calls") or ()
        if not isinstance(calls, (list, tuple)):
            raise fail(f"messages[{index}].tool_calls", "must be a list")
        call = message.get("function_call")
        if text or (not calls and call is None):
            channel = _channel(message)
            if channel != "analysis" or kept:
                tokens += _FRAME + self.count("assistant") + self.count(text)
                tokens += self.header(message, channel)
        for number, item in enumerate(calls):
            where = f"messages[{index}].tool_calls[{number}]"
            if not isinstance(item, Mapping):
                raise fail(where, f"must be a dict, not {type(item).__name__}")
            name, arguments = check_call(f"{where}.function", item.get("function"))
            self.names[item.get("id")] = name
            tokens += self.call(name, arguments)
        if call is not None:
            tokens += self.call(*check_call(f"messages[{index}].function_call", call))
        return tokens

    def line(self, channel: str, text: str) -> int:
        """An assistant message that says `text` in a channel."""
        return _FRAME + 1 + self.count("assistant") + self.count(channel) + self.count(text)

    def call(self, name: str, arguments: str) -> int:
        full = name if name.startswith("functions.") else "functions." + name
        header = self.count(" to=" + full) + self.count(" ") + 1 + self.count("json")
        return self.line("commentary", arguments) + header

    def header(self, message: Mapping[str, Any], channel: str) -> int:
        """The recipient, channel and content type of a message's header."""
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


def system_text(harmony: Mapping[str, Any], has_functions: bool) -> str:
    """The text of harmony's system message.

    Raises ValueError for an unknown field or value.
    """
    unknown = [key for key in harmony if key not in _FIELDS and key != "type"]
    if unknown:
        raise fail(f"harmony[{unknown[0]!r}]", f"unknown field; known: {', '.join(_FIELDS)}")
    top = [harmony.get("model_identity", _IDENTITY)]
    if harmony.get("knowledge_cutoff"):
        top.append(f"Knowledge cutoff: {harmony['knowledge_cutoff']}")
    if harmony.get("conversation_start_date"):
        top.append(f"Current date: {harmony['conversation_start_date']}")
    sections = ["\n".join(line for line in top if line)]
    effort = harmony.get("reasoning_effort", "medium")
    if effort is not None:
        if str(effort).lower() not in ("low", "medium", "high"):
            problem = f"must be low, medium or high, not {effort!r}"
            raise fail("harmony['reasoning_effort']", problem)
        sections.append(f"Reasoning: {str(effort).lower()}")
    config = harmony.get("channel_config") or {}
    channels = config.get("valid_channels", _CHANNELS)
    if channels:
        line = f"# Valid channels: {', '.join(channels)}."
        if config.get("channel_required", True):
            line += " Channel must be included for every message."
        if has_functions:
            line += "\nCalls to these tools must go to the commentary channel: 'functions'."
        sections.append(line)
    return "\n\n".join(section for section in sections if section)


def functions_section(functions: Sequence[Mapping[str, Any]]) -> str:
    """The tools section of the developer message."""
    lines = ["## functions\n", "namespace functions {\n"]
    for function in functions:
        lines += [f"// {line}" for line in str(function.get("description") or "").splitlines()]
        parameters = function.get("parameters")
        signature = f"(_: {_type(parameters, '')})" if isinstance(parameters, Mapping) else "()"
        lines.append(f"type {function['name']} = {signature} => any;\n")
    lines.append("} // namespace functions")
    return "# Tools\n\n" + "\n".join(lines)


_SIMPLE = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean"}


def _type(schema: Mapping[str, Any], indent: str) -> str:
    """A JSON schema as harmony's TypeScript."""
    variants = schema.get("oneOf")
    if isinstance(variants, list):
        lines = []
        for number, variant in enumerate(variants):
            said = [variant["description"]] if isinstance(variant.get("description"), str) else []
            said += _default(variant)
            comment = f" // {' '.join(said)}" if said else ""
            bar = f"\n{indent} | " if number else f"{indent} | "
            lines.append(bar + _nullable(variant, _type(variant, indent + "   ")) + comment)
        return "".join(lines)
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join("number" if item == "integer" else str(item) for item in kind) or "any"
    if kind == "object":
        return _object(schema, indent)
    if kind == "array":
        items = schema.get("items")
        return f"{_type(items, indent)}[]" if isinstance(items, Mapping) else "Array<any>"
    if kind == "string" and schema.get("enum"):
        return " | ".join(f'"{item}"' for item in schema["enum"] if isinstance(item, str))
    return _SIMPLE.get(kind, "any") if isinstance(kind, str) else "any"


def _object(schema: Mapping[str, Any], indent: str) -> str:
    said = schema.get("description")
    out = [f"{indent}// {said}\n" if isinstance(said, str) else "", "{\n"]
    required = schema.get("required") or ()
    for key, value in (schema.get("properties") or {}).items():
        if isinstance(value.get("title"), str):
            out.append(f"{indent}// {value['title']}\n{indent}//\n")
        variants = value.get("oneOf")
        above = isinstance(value.get("description"), str)
        if isinstance(variants, list) and above and variants:
            above = value["description"] != variants[0].get("description")
        if above:
            out.append(f"{indent}// {value['description']}\n")
        examples = [item for item in value.get("examples") or () if isinstance(item, str)]
        if value.get("examples"):
            out.append(f"{indent}// Examples:\n")
            out += [f'{indent}// - "{item}"\n' for item in examples]
        mark = "" if key in required else "?"
        default = _default(value)
        if isinstance(variants, list):
            out += [f"{indent}// {text}\n" for text in default]
            out.append(f"{indent}{key}{mark}:\n{_variants(value, indent, above)}{indent},\n")
            continue
        text = _nullable(value, _type(value, indent + "    "))
        comment = f" // {default[0]}" if default else ""
        out.append(f"{indent}{key}{mark}: {text},{comment}\n")
    return "".join(out) + indent + "}"


def _variants(value: Mapping[str, Any], indent: str, described: bool) -> str:
    """The alternatives of a property, one per line."""
    lines = []
    for number, variant in enumerate(value["oneOf"]):
        said = []
        text = variant.get("description")
        if isinstance(text, str) and not (number == 0 and described):
            said = [text] if text != value.get("description") else []
        said += _default(variant)
        comment = f" // {' '.join(said)}" if said else ""
        kind = _nullable(variant, _type(variant, indent + "   "))
        lines.append(f"{indent} | {kind}{comment}\n")
    return "".join(lines)


def _nullable(schema: Mapping[str, Any], text: str) -> str:
    return f"{text} | null" if schema.get("nullable") is True and "null" not in text else text


def _default(schema: Mapping[str, Any]) -> list[str]:
    if "default" not in schema:
        return []
    value = schema["default"]
    if isinstance(value, str):
        return [f"default: {value}" if schema.get("enum") else f'default: "{value}"']
    return [f"default: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"]
