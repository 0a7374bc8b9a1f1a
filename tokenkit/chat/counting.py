"""Counting whole chat requests: messages, tools, images, response formats.

>>> count = count_messages([{"role": "user", "content": "Hello, how are you?"}], "gpt-4o")
>>> count.tokens, count.exact
(13, True)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tokenkit._checks import check_choice
from tokenkit._face import public
from tokenkit.chat.checks import check_messages
from tokenkit.chat.reading import without_orphans
from tokenkit.chat.request import FunctionCall, ToolChoice, request_rule
from tokenkit.chat.tally import ChatTally, CountPart, LaterParts
from tokenkit.chat.token_count import TokenCount, frozen_of
from tokenkit.models import Model, get_model

__all__ = ["MessageCount", "count_messages"]


@public
@dataclass(frozen=True)
class MessageCount(TokenCount):
    """Input tokens of a chat request; a `TokenCount` with `parts`, which add up to `tokens`.

    `exact` says whether the rule is documented and reproduced. Where it is not, `low` and `high`
    are at most 16 tokens and 5% of the number apart. Where something is not known (the size of an
    image, a file behind an id), they hold for every value of it, and `high` is None where there is
    no upper bound.
    """

    parts: tuple[CountPart, ...] = LaterParts()  # type: ignore[assignment]


def count_messages(
    messages: Sequence[Any],
    model: str | Model,
    *,
    tools: Sequence[Any] | None = None,
    functions: Sequence[Any] | None = None,
    function_call: FunctionCall | None = None,
    tool_choice: ToolChoice | None = None,
    response_format: Mapping[str, Any] | type | None = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    harmony: Mapping[str, Any] | None = None,
    on_error: Literal["raise", "drop"] = "raise",
) -> MessageCount:
    """Count the input tokens of a chat request; nothing is changed or sent.

    Messages and tools are those of OpenAI's chat format. Those of its responses API, of Anthropic
    and Gemini, tools of MCP, and objects of SDKs are read into it: text is counted, and what is
    not known (an id, an encrypted part, an unknown key) is named in `notes` and leaves the number
    without an upper bound. `functions` and `function_call` are the older names of `tools` and
    `tool_choice`. `response_format` may be a pydantic model. With on_error="drop", results of
    tools without their call and parts of unknown types are left out, each with a note.

    `image_sizes` gives (width, height) in pixels of images that are http URLs. `harmony` gives
    the fields of the system message that gpt-oss models get (model_identity, knowledge_cutoff,
    conversation_start_date, reasoning_effort, channel_config).

    Raises UnknownModelError, NoTokenizerError for a private tokenizer, and ValueError or TypeError
    that name the faulty part (`messages[3].content[1]: ...`). Rules and their sources:
    `openai_rule`, `harmony_rule` and `images` beside this file.

    >>> tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    >>> count = count_messages([{"role": "user", "content": "hello"}], "gpt-4o", tools=[tool])
    >>> count.exact, count.high - count.low <= 16 + 0.05 * count.tokens
    (False, True)
    >>> [(part.kind, part.index) for part in count.parts]
    [('message', 0), ('priming', None), ('tools', None), ('tool', 0)]
    """
    if on_error != "raise":
        check_choice("on_error", on_error, ("raise", "drop"))
    checked: Sequence[Any] = check_messages(messages)
    rule = request_rule(
        get_model(model),
        tools=tools,
        functions=functions,
        function_call=function_call,
        tool_choice=tool_choice,
        response_format=response_format,
        image_sizes=image_sizes,
        harmony=harmony,
    )
    if on_error == "raise":
        return _message_count(rule.tally(checked))
    kept, dropped = without_orphans(checked, rule.model.chat_rule == "harmony")
    tally = rule.tally(kept)
    for note in dropped:
        tally.note(note)
    return _message_count(tally)


def _message_count(tally: ChatTally) -> MessageCount:
    tokens, low, high, exact = tally.numbers()
    return frozen_of(
        MessageCount,
        tokens=tokens,
        low=low,
        high=high,
        exact=exact,
        notes=tuple(tally.notes),
        _lines=tally.lines,
    )
