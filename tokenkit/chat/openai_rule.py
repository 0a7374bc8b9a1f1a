"""Counting in OpenAI's chat format (all models but gpt-oss).

Documented (OpenAI cookbook, "How to count tokens with tiktoken", read 2026): a message is 3 tokens
plus role and content, a `name` 1 more, and the reply is primed with 3; gpt-3.5-turbo-0301 has 4 and
-1. What tools and tool calls cost is not documented; these rules reproduce counts that the API
returned in 2024 and 2025:

- tools are a section appended to the first system message, or a system message of their own, one
  token less than that text (`tokenkit.chat.tool_text`); tool_choice "none" is 1 token, a named
  function 7 and its name;
- a tool call is a message `assistant to=functions.NAME` holding the arguments as compact JSON, and
  2 tokens; text beside it is a message of its own;
- a tool result is a message of the role `functions.NAME`;
- several calls in one message become one call of `multi_tool_use.parallel`, and their results one
  JSON list in ASCII (OpenAI forum threads 538914, 816259 and 1375117), so that text in other
  scripts costs several times its usual tokens;
- without tools in the request, several calls in one message are 27 - 5n tokens for n calls, each
  with 4 more, twice its name and its arguments, one on each line; each result is 3 and its text
  (n0isy/openai-tokens-count @dde0932, 2024-08-24, fitted to counts that the API returned).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit._core import count_pairs
from tokenkit.chat.checks import (
    ROLE_SET,
    ROLES,
    Message,
    check_call,
    check_calls,
    check_name,
    check_role,
    only_call,
)
from tokenkit.chat.groups import SYSTEM_ROLES
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.rule import ChatScan, note_unsure, scan_chat, unsure_parts
from tokenkit.chat.tally import ChatTally, CountPart
from tokenkit.chat.tool_text import function_block, tools_section
from tokenkit.models import Model
from tokenkit.shapes import Tool, Unsure, json_text

__all__ = ["ChatRule"]

_PARALLEL = "multi_tool_use.parallel"
_CALL_KEYS = frozenset(("id", "type", "function"))
_FUNCTION_KEYS = frozenset(("name", "arguments"))
_UNKNOWN_CALL = ("", False)
_PRIMING = 3


class ChatRule:
    """The rule of OpenAI's chat models; see `Rule`.

    `unsure` holds what is not known of tools and options. `tally` may be called for any
    list of messages; every text is counted once.
    """

    whole_chats = False

    def __init__(
        self,
        model: Model,
        counts: TextCounts,
        *,
        functions: Sequence[Tool] = (),
        other_tools: Sequence[Tool] = (),
        unsure: Sequence[Unsure] = (),
        tool_choice: object = None,
        schema_text: str = "",
        image_sizes: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.model = model
        self.counts = counts
        self.functions = functions
        self.other_tools = other_tools
        self.unsure = unsure
        self.tool_choice = tool_choice
        self.schema_text = schema_text
        self.image_sizes = image_sizes
        old = model.chat_rule == "gpt-3.5-turbo-0301"
        self.per_message = 4 if old else 3
        self.per_name = -1 if old else 1
        self.has_tools = bool(functions or other_tools)
        self.pads_system = self.has_tools or bool(schema_text)
        frames = counts.frames.get((self.per_message, self.pads_system))
        if frames is None:
            frames = self._frames()
            counts.frames[self.per_message, self.pads_system] = frames
        self.base, self.plain = frames
        self._around: dict[bool, list[CountPart]] = {}

    def _frames(self) -> tuple[dict[str, int], dict[str, int]]:
        """Count the frame of each role, and of the roles whose messages are a frame and a text."""
        base = {role: self.per_message + self.counts.count(role) for role in ROLES}
        plain = {"user", "assistant"}
        if not self.pads_system:
            plain |= SYSTEM_ROLES
        return base, {role: base[role] for role in ROLES if role in plain}

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
        """See `Rule`. Messages of a role and a text, which are most, are counted without a scan."""
        counts = self.counts
        costs, texts, indexes, others = count_pairs(
            messages, "role", "content", self.plain, counts.known, counts.key
        )
        tally = ChatTally()
        if others:
            tally = scan_chat(self._scan, counts, [(i, messages[i]) for i in others]).result
            for index, tokens in zip(others, tally.costs, strict=True):
                costs[index] = tokens
        if texts:
            for index, tokens in zip(indexes, counts.count_all(texts), strict=True):
                costs[index] += tokens
        tally.costs = costs
        return self._finished(tally)

    def _scan(self, known: dict[str, int]) -> _OpenAIScan:
        return _OpenAIScan(self, known)

    def tally_kept(
        self,
        tally: ChatTally,
        messages: Sequence[Message],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> ChatTally:
        """See `Rule`: messages count independently, but for the one that carries the tools."""
        if (
            tally.details
            or tally.read
            or tally.above
            or not (tally.carrier is None or tally.carrier in kept)
        ):
            return self.tally(messages)
        return self._finished(tally.subset(kept, changed))

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Count the texts of a tool result, without its frame."""
        if parallel:
            return self.counts.count_made(_parallel_item, "".join(texts))
        return sum(map(self.counts.count, texts))

    def _finished(self, tally: ChatTally) -> ChatTally:
        """Add what is around the counted messages, and what is uncertain about all of it."""
        has_carrier = tally.carrier is not None
        around = self._around.get(has_carrier)
        if around is None:
            around = self._around[has_carrier] = self._surroundings(has_carrier)
        tally.fixed = around
        if tally.calls:
            if True in tally.calls.values():
                tally.note("parallel tool calls follow a rule that OpenAI does not publish")
            subject = "tool calls" if tally.has_calls else "tool results"
            tally.note(f"{subject} follow a rule that OpenAI does not publish")
        if self.pads_system or self.tool_choice is not None:
            tally.doubt += sum(part.tokens for part in around) - _PRIMING or 1
            tally.note("tools and response formats follow a rule that OpenAI does not publish")
        for tool in self.other_tools:
            tally.add_doubt(self.counts.count(json_text(tool.definition)))
        note_unsure(tally, self.unsure, self.counts)
        if self.model.kind == "reasoning":
            tally.margin += 1 + len(tally.costs)
            tally.note(f"message framing of {self.model.name} is not documented")
        elif not self.model.encoding_exact:
            tally.margin += 1 + len(tally.costs)
        if not self.model.encoding_exact:
            tally.doubt += sum(tally.costs)
            tally.note(f"the encoding of {self.model.name} is assumed to be {self.model.encoding}")
        return tally

    def _surroundings(self, has_carrier: bool) -> list[CountPart]:
        """Count what is around the messages: priming, tools, tool_choice, response_format."""
        count = self.counts.count
        parts = [CountPart("reply", "priming", _PRIMING)]
        frame = 0 if has_carrier or not self.pads_system else self.base["system"]
        if self.functions or self.other_tools:
            parts += self._tool_parts(frame)
            frame = 0
        choice = self.tool_choice
        if choice is not None:
            tokens = 1 if choice == "none" else 0
            if isinstance(choice, Mapping):
                tokens = 7 + count(_choice_name(choice))
            parts.append(CountPart("tool_choice", "tool_choice", tokens))
        if self.schema_text:
            tokens = count(self.schema_text) + frame
            parts.append(CountPart("response_format", "response_format", tokens))
        return parts + unsure_parts(self.unsure, self.counts)

    def _tool_parts(self, frame: int) -> list[CountPart]:
        count = self.counts.count
        parts = []
        whole = frame
        if self.functions:
            whole += count(tools_section([tool.definition for tool in self.functions])) - 1
        own = 0
        for tool in self.functions:
            tokens = count(function_block(tool.definition))
            own += tokens
            where = f"{tool.where} {tool.definition['name']}"
            parts.append(CountPart(where, "tool", tokens, tool.index))
        # What belongs to no single tool, and what their texts share at the joints.
        parts.insert(0, CountPart("tools", "tools", whole - own))
        for tool in self.other_tools:
            tokens = count(json_text(tool.definition))
            where = f"{tool.where} {tool.definition.get('type')}"
            parts.append(CountPart(where, "tool", tokens, tool.index))
        return parts


def _choice_name(choice: Mapping[str, Any]) -> str:
    function = choice.get("function", choice)
    name = function.get("name") if isinstance(function, Mapping) else None
    return name if isinstance(name, str) else ""


class _OpenAIScan(ChatScan):
    def __init__(self, rule: ChatRule, known: dict[str, int]) -> None:
        super().__init__(rule.model, rule.counts, rule.image_sizes, known)
        self.rule = rule
        # Tool call id -> (function name, called in parallel) of the latest call with that id.
        self.calls: dict[object, tuple[str, bool]] = {}

    def message(self, index: int, message: ChatMessage) -> int:
        """See `ChatScan`. Single calls and their results, of which long chats have many, are
        counted without a look at all that a message may hold."""
        if type(message) is dict and len(message) == 3:
            role, tokens = message.get("role"), 0
            if role == "tool":
                tokens = self.usual_result(index, message)
            elif role == "assistant":
                tokens = self.usual_call(message)
            if tokens:
                self.result.doubts[index] = tokens
                self.result.calls[index] = False
                return tokens
        return super().message(index, message)

    def usual_result(self, index: int, message: Message) -> int:
        """Count the result of a single call, one text; 0 for any other message."""
        content = message.get("content")
        if type(content) is not str or "tool_call_id" not in message:
            return 0
        name, parallel = self.calls.get(message["tool_call_id"], _UNKNOWN_CALL)
        if parallel:
            return 0
        name = name or "tool"
        self.result.results[index] = name, False
        return self.rule.per_message + self.count("functions." + name) + self.count(content)

    def usual_call(self, message: Message) -> int:
        """Count a call of one function, with or without a text; 0 for any other message."""
        content, calls = message.get("content", 0), message.get("tool_calls")
        if (content is not None and type(content) is not str) or type(calls) is not list:
            return 0
        call = calls[0] if len(calls) == 1 else None
        if type(call) is not dict or call.keys() != _CALL_KEYS:
            return 0
        function = call["function"]
        if type(function) is not dict or function.keys() != _FUNCTION_KEYS:
            return 0
        name, text = function["name"], function["arguments"]
        if type(name) is not str or type(text) is not str:
            return 0
        beside = self.count(content) if content else 0
        tokens = self.rule.base["assistant"] + beside if beside else 0
        self.result.has_calls = True
        self.calls[call["id"]] = name, False
        tokens += self.rule.per_message + 2 + self.count("assistant to=functions." + name)
        return tokens + self.counts.count_made(_compact_json, text)

    def plain_message(self, index: int, message: Message) -> int:
        """Count one message of OpenAI's chat format with its frame."""
        # type() first: isinstance of an abstract class is slow, and chats are long.
        role = message.get("role") if type(message) is dict else None
        if type(role) is not str or role not in ROLE_SET:
            role = check_role(index, message)
        if role == "assistant":
            return self.assistant(index, message)
        if role == "tool":
            return self.tool_result(index, message)
        tokens = self.rule.base[role]
        content = message.get("content")
        if role == "function":
            # The role itself is the function's name here.
            name = check_name(index, message, required=True)
            self.result.results[index] = (name, False)
            return self.rule.per_message + self.count(name) + self.content(index, content)
        if role in SYSTEM_ROLES:
            if self.rule.pads_system and not self.has_system:
                self.result.carrier = index
                texts, extra = self.content_counter.texts(content, index)
                # Sections follow after a blank line, which may merge with the text before it.
                content, tokens = "".join(texts) + "\n\n", tokens + extra
            self.has_system = True
        return tokens + self.content(index, content) + self.name(index, message)

    def content(self, index: int, content: object) -> int:
        if type(content) is str:
            return self.count(content)
        if content is None:
            return 0
        texts, tokens = self.content_counter.texts(content, index)
        for text in texts:
            tokens += self.count(text)
        return tokens

    def name(self, index: int, message: Message) -> int:
        if "name" not in message:
            return 0
        name = check_name(index, message)
        return self.rule.per_name + self.count(name) if name else 0

    def assistant(self, index: int, message: Message) -> int:
        content = self.content(index, message.get("content"))
        refusal = message.get("refusal")
        if isinstance(refusal, str):
            content += self.count(refusal)
        if message.get("audio") is not None:
            self.earlier_speech(index)
        calls, call = message.get("tool_calls"), message.get("function_call")
        if calls:
            framed = self.rule.base["assistant"] + content + self.name(index, message)
            return (framed if content else 0) + self.tool_calls(index, calls)
        tokens = self.rule.base["assistant"] + content + self.name(index, message)
        if call is not None:
            name, arguments = check_call(f"messages[{index}].function_call", call)
            tokens += 3 + self.count(name) + self.count(arguments)
            self.result.has_calls = True
            self.doubtful(index, tokens, parallel=False)
        return tokens

    def earlier_speech(self, index: int) -> None:
        where = f"messages[{index}].audio"
        self.result.note(f"{where}: earlier speech cannot be counted here")
        self.result.details.setdefault(index, []).append(CountPart(where, "audio", 0, index))
        self.result.unbounded.add(index)

    def tool_calls(self, index: int, calls: object) -> int:
        checked = only_call(calls) or check_calls(index, calls)
        parallel = len(checked) > 1
        self.result.has_calls = True
        for call_id, name, _ in checked:
            self.calls[call_id] = (name, parallel)
        if parallel and not self.rule.has_tools:
            tokens = self.separate_calls(checked)
        elif parallel:
            # The call's message, the frame of the one result message, and 2 as for a single call.
            tokens = 2 * self.rule.per_message + 2 * self.count(_PARALLEL) + 2
            tokens += self.count("assistant to=")
            pairs = [text for _, name, arguments in checked for text in (name, arguments)]
            tokens += self.counts.count_made(_parallel_uses, *pairs)
        else:
            _, name, text = checked[0]
            tokens = self.rule.per_message + 2 + self.count("assistant to=functions." + name)
            tokens += self.counts.count_made(_compact_json, text)
        self.doubtful(index, tokens, parallel)
        return tokens

    def separate_calls(self, calls: Sequence[tuple[object, str, str]]) -> int:
        """Count parallel calls of a request without tools, where each call stands for itself."""
        tokens = self.rule.base["assistant"] + 23 - 5 * len(calls)
        for _, name, arguments in calls:
            tokens += 3 + self.count("function") + 2 * self.count(name)
            tokens += self.counts.count_made(_arguments_by_line, arguments)
        return tokens

    def tool_result(self, index: int, message: Message) -> int:
        content = message.get("content")
        name, parallel = self.calls.get(message.get("tool_call_id")) or ("", False)
        if not name:
            name = check_name(index, message) or "tool"
        joint = parallel and self.rule.has_tools
        self.result.results[index] = (name, joint)
        if joint:
            texts, tokens = self.content_counter.texts(content, index)
            tokens += self.counts.count_made(_parallel_item, "".join(texts))
        elif parallel:
            texts, tokens = self.content_counter.texts(content, index)
            tokens += 2 + self.count("tool") + sum(self.count(text) for text in texts)
            self.escapes(index, "".join(texts))
        else:
            tokens = self.rule.per_message + self.count("functions." + name)
            tokens += self.count(content) if type(content) is str else self.content(index, content)
        self.doubtful(index, tokens, parallel)
        return tokens

    def escapes(self, index: int, text: str) -> None:
        """Note that a result may be escaped as those of requests with tools are."""
        if not text.isascii():
            more = self.counts.count_made(_parallel_item, text) - self.count(text)
            if more > 0:
                self.result.above[index] = self.result.above.get(index, 0) + more

    def doubtful(self, index: int, tokens: int, parallel: bool) -> None:
        """Note a tool call, or the result of one, whose rule is not published."""
        doubts = self.result.doubts
        doubts[index] = doubts.get(index, 0) + tokens
        self.result.calls[index] = parallel


# Made once: json.dumps makes one for each call.
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _compact_json(text: str) -> str:
    """Render `text` as compact JSON; unchanged if it is not JSON."""
    try:
        return _COMPACT.encode(json.loads(text))
    except (ValueError, RecursionError):
        return text


def _parallel_uses(*pairs: str) -> str:
    """Render parallel calls as the one call that holds them, from their names and arguments."""
    uses = ", ".join(
        f'{{"recipient_name": "functions.{name}", "parameters": {_compact_json(text)}}}'
        for name, text in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return f'{{"tool_uses": [{uses}]}}'


def _arguments_by_line(text: str) -> str:
    """Render the arguments of a call one on each line; "" if there are none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict):
        return _compact_json(text)
    lines = [
        f"{json.dumps(key, ensure_ascii=False)}:"
        + json.dumps(item, ensure_ascii=False, separators=(",", ":"))
        for key, item in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}" if lines else ""


def _parallel_item(content: str) -> str:
    """Render one result of parallel calls, as it is in their common list."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = content
    return '{"result":' + json.dumps(value, separators=(",", ":")) + "},"
