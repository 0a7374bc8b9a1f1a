"""One pass over a chat in OpenAI's format: what `openai_rule` says, message by message."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenkit._core import value_of_text
from tokenkit.chat.checks import (
    ROLE_SET,
    Message,
    check_call,
    check_calls,
    check_id,
    check_name,
    check_role,
    only_call,
)
from tokenkit.chat.groups import SYSTEM_ROLES
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.rule import ChatScan
from tokenkit.chat.tally import CountPart

if TYPE_CHECKING:
    from tokenkit.chat.openai_rule import ChatRule

__all__ = ["OpenAIScan", "parallel_item"]

_PARALLEL = "multi_tool_use.parallel"
_CALL_KEYS = frozenset(("id", "type", "function"))
_FUNCTION_KEYS = frozenset(("name", "arguments"))
_UNKNOWN_CALL = ("", False)


class OpenAIScan(ChatScan):
    def __init__(self, rule: ChatRule, known: dict[str, int]) -> None:
        super().__init__(rule.model, rule.counts, rule.image_sizes, known)
        self.rule = rule
        # Tool call id -> (function name, called in parallel) of the latest call with that id.
        self.calls: dict[object, tuple[str, bool]] = {}
        # Tokens of "functions." and a name, and of what comes before a call of it.
        self.result_frames: dict[str, int] = {}
        self.call_frames: dict[str, int] = {}
        self.json_key = self.counts.key_of_made(_compact_json, 1)

    def message(self, index: int, message: ChatMessage) -> int:
        """See `ChatScan`. Single calls and their results, of which long chats have many, are
        counted without a look at all that a message may hold."""
        if type(message) is dict and len(message) == 3:
            role, tokens = message.get("role"), 0
            if role == "tool":
                tokens = self.usual_result(index, message)
            elif role == "assistant":
                tokens = self.usual_call(index, message)
            if tokens:
                return tokens
        return super().message(index, message)

    def usual_result(self, index: int, message: Message) -> int:
        """Count the result of a single call, one text; 0 for any other message."""
        content = message.get("content")
        call_id = message.get("tool_call_id")
        if type(content) is not str or type(call_id) is not str:
            return 0
        name, parallel = self.calls.get(call_id, _UNKNOWN_CALL)
        if parallel:
            return 0
        name = name or "tool"
        frame = self.result_frames.get(name)
        if frame is None:
            frame = self.rule.per_message + self.count("functions." + name)
            self.result_frames[name] = frame
        tally = self.result
        tally.results[index] = name, False
        tokens = tally.result_texts[index] = self.count(content)
        tally.calls[index] = False
        tally.doubts[index] = frame + tokens
        return frame + tokens

    def usual_call(self, index: int, message: Message) -> int:
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
        if type(name) is not str or type(text) is not str or type(call["id"]) is not str:
            return 0
        self.result.has_calls = True
        self.calls[call["id"]] = name, False
        frame = self.call_frames.get(name)
        if frame is None:
            frame = self.rule.per_message + 2 + self.count("assistant to=functions." + name)
            self.call_frames[name] = frame
        made = value_of_text(self.remembered, text, self.json_key)
        if made is None:
            made = self.counts.count_made(_compact_json, text)
        self.result.calls[index] = False
        self.result.doubts[index] = frame + made
        beside = self.count(content) if content else 0
        return frame + made + (self.rule.base["assistant"] + beside if beside else 0)

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
        call_id = check_id(index, message.get("tool_call_id"))
        name, parallel = self.calls.get(call_id) or ("", False)
        if not name:
            name = check_name(index, message) or "tool"
        joint = parallel and self.rule.has_tools
        self.result.results[index] = (name, joint)
        if joint:
            texts, tokens = self.content_counter.texts(content, index)
            tokens += self.counts.count_made(parallel_item, "".join(texts))
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
            more = self.counts.count_made(parallel_item, text) - self.count(text)
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


def parallel_item(content: str) -> str:
    """Render one result of parallel calls, as it is in their common list."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = content
    return '{"result":' + json.dumps(value, separators=(",", ":")) + "},"
