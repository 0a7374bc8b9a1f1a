"""The counting rule of models whose tokenizer is private: an estimate of each text, with bounds.

Nothing is published about the frames around messages, calls and tools of such models: each is taken
as `FRAME` tokens, none to twice as many. Anthropic puts a system prompt of its own before tools, of
159 to 530 tokens by model (docs.anthropic.com, "Tool use pricing and tokens", Claude 3; read in
2026). `estimates` says where the ratios of texts come from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tokenkit.chat.checks import Message, check_calls, check_name, check_role
from tokenkit.chat.estimates import BASE_ENCODING, text_bounds
from tokenkit.chat.memo import TextCounts, counts_for
from tokenkit.chat.reading import ChatMessage
from tokenkit.chat.rule import ChatScan
from tokenkit.chat.tally import AROUND, ChatTally, CountPart
from tokenkit.models import Model
from tokenkit.shapes import Tool, Unsure, json_text

__all__ = ["FRAME", "EstimateRule"]

# Tokens taken for the frame of a message where its format is private: none to twice this.
FRAME = 4
_TOOL_PROMPT, _LONGEST_TOOL_PROMPT = 340, 600


class Span(NamedTuple):
    """The tokens of a text: the likeliest number, and bounds."""

    tokens: int
    low: int
    high: int


class EstimateRule:
    """See `Rule`. The number of every text is an estimate of `estimate_tokens`.

    `frame` is what is taken for the frame of a message, a call or a tool.
    """

    whole_chats = False
    frame = Span(FRAME, 0, 2 * FRAME)

    def __init__(
        self,
        model: Model,
        *,
        functions: Sequence[Tool] = (),
        other_tools: Sequence[Tool] = (),
        unsure: Sequence[Unsure] = (),
        schema_text: str = "",
        image_sizes: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.model = model
        self.counts: TextCounts = counts_for(self.encoding_of(model))
        self.functions = functions
        self.other_tools = other_tools
        self.around = unsure
        self.schema_text = schema_text
        self.image_sizes = image_sizes

    @staticmethod
    def encoding_of(model: Model) -> str:
        """Name the encoding whose counts are at hand."""
        return BASE_ENCODING

    def span(self, text: str) -> Span:
        """Estimate the tokens of one text."""
        best, low, high = text_bounds(text, self.model)
        return Span(round(best), math.floor(low), math.ceil(high))

    def tally(self, messages: Sequence[ChatMessage]) -> ChatTally:
        """See `Rule`."""
        scan = _EstimateScan(self)
        scan.run(enumerate(messages))
        tally = scan.result
        tally.fixed = self.surroundings(tally)
        self.finish(tally)
        if not messages:  # no exact number of a private format, either
            tally.above[AROUND] = tally.above.get(AROUND, 0) + FRAME
        return tally

    def finish(self, tally: ChatTally) -> None:
        """Note what the number was made of."""
        tally.note(
            f"no public tokenizer is known for {self.model.name}: texts are estimated, and the "
            "frames of messages taken as 0 to 8 tokens each"
        )
        if self.model.chat_template:
            tally.note("chat_template: not used, as it needs the model's encoding")

    def tally_kept(
        self,
        tally: ChatTally,
        messages: Sequence[Message],
        kept: Sequence[int],
        changed: Mapping[int, int],
    ) -> ChatTally:
        """See `Rule`."""
        return self.tally(messages)

    def result_tokens(self, texts: Sequence[str], parallel: bool) -> int:
        """Estimate the texts of a tool result, without its frame."""
        return sum(self.span(text).tokens for text in texts)

    def surroundings(self, tally: ChatTally) -> list[CountPart]:
        """Count what is around the messages: tools, their prompt, the response format."""
        parts: list[CountPart] = []
        if (self.functions or self.other_tools) and self.model.provider == "anthropic":
            prompt = Span(_TOOL_PROMPT, 0, _LONGEST_TOOL_PROMPT)
            parts.append(CountPart("tools", "tools", add_span(tally, AROUND, prompt)))
            tally.note("tools: Anthropic's prompt before tools is taken as 340 tokens, 0 to 600")
        for tool in (*self.functions, *self.other_tools):
            tokens = add_span(tally, AROUND, self.span(json_text(tool.definition)))
            tokens += add_span(tally, AROUND, self.frame)
            name = tool.definition.get("name") or tool.definition.get("type")
            parts.append(CountPart(f"{tool.where} {name}", "tool", tokens, tool.index))
        if self.schema_text:
            tokens = add_span(tally, AROUND, self.span(self.schema_text))
            parts.append(CountPart("response_format", "response_format", tokens))
        for part in self.around:
            tokens = add_unsure(self, tally, AROUND, part)
            if tokens:
                parts.append(CountPart(part.path, "tools", tokens))
        return parts


def add_span(tally: ChatTally, index: int, span: Span) -> int:
    """Add the bounds of a text to a tally; give its tokens."""
    if span.low < span.tokens:
        tally.excess[index] = tally.excess.get(index, 0) + span.tokens - span.low
    if span.high > span.tokens:
        tally.above[index] = tally.above.get(index, 0) + span.high - span.tokens
    return span.tokens


def add_unsure(rule: EstimateRule, tally: ChatTally, index: int, part: Unsure) -> int:
    """Note a part whose text may count or not; give the tokens that are counted for it."""
    span = rule.span(part.text) if part.text else Span(0, 0, 0)
    more = rule.span(part.maybe).high if part.maybe else 0
    tally.note(f"{part.path}: {part.note}")
    if part.open:
        tally.unbounded.add(index)
    return add_span(tally, index, Span(span.tokens, 0, span.high + more))


class _EstimateScan(ChatScan):
    def __init__(self, rule: EstimateRule) -> None:
        super().__init__(rule.model, rule.counts, rule.image_sizes, {})
        self.rule = rule

    def plain_message(self, index: int, message: Message) -> int:
        """Estimate one message of OpenAI's chat format with its frame."""
        role = check_role(index, message)
        content = message.get("content")
        if len(message) == 2 and type(content) is str and role not in ("tool", "function"):
            return self._sum(index, 0, [content], 1)
        texts, tokens = self.content_counter.texts(content, index)
        calls = check_calls(index, message.get("tool_calls") or ())
        texts = [*texts, *(f"{name} {arguments}" for _, name, arguments in calls)]
        name = check_name(index, message)
        refusal = message.get("refusal")
        texts += [text for text in (name, refusal) if isinstance(text, str) and text]
        if message.get("function_call") is not None:
            texts.append(json_text(message["function_call"]))
        if role in ("tool", "function"):
            self.result.results[index] = (name or "tool", False)
        return self._sum(index, tokens, texts, 1 + len(calls))

    def _sum(self, index: int, tokens: int, texts: Sequence[str], frames: int) -> int:
        """Add the texts and frames of a message, and their bounds, to the tokens of its parts."""
        best = low = 0
        high = self.rule.frame.high * frames
        for text in texts:
            span = self.rule.span(text)
            best += span.tokens
            low += span.low
            high += span.high
        best += self.rule.frame.tokens * frames
        return tokens + add_span(self.result, index, Span(best, low, high))

    def unsure(self, index: int, part: Unsure) -> int:
        """See `ChatScan`."""
        return add_unsure(self.rule, self.result, index, part)
