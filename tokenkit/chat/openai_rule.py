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

from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit._core import count_pairs
from tokenkit.chat.checks import ROLES, Message
from tokenkit.chat.groups import SYSTEM_ROLES
from tokenkit.chat.memo import TextCounts
from tokenkit.chat.openai_scan import OpenAIScan, parallel_item
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.rule import note_unsure, scan_chat, unsure_parts
from tokenkit.chat.tally import ChatTally, CountPart
from tokenkit.chat.tool_text import function_block, tools_section
from tokenkit.models import Model
from tokenkit.shapes import Tool, Unsure, json_text

__all__ = ["ChatRule"]

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

    def _scan(self, known: dict[str, int]) -> OpenAIScan:
        return OpenAIScan(self, known)

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
            return self.counts.count_made(parallel_item, "".join(texts))
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
