"""Counting whole chat requests: messages, tools, images, response formats.

>>> count = count_messages([{"role": "user", "content": "Hello, how are you?"}], "gpt-4o")
>>> count.tokens, count.exact
(13, True)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenkit._face import public
from tokenkit.chat.content import fail
from tokenkit.chat.harmony_rule import HarmonyRule
from tokenkit.chat.images import image_tokens
from tokenkit.chat.memo import counts_for
from tokenkit.chat.openai_rule import ChatRule
from tokenkit.chat.rule import Rule
from tokenkit.chat.tally import CountPart, Tally
from tokenkit.chat.token_count import TokenCount
from tokenkit.errors import no_tokenizer
from tokenkit.models import Model, get_model

__all__ = [
    "CountPart",
    "MessageCount",
    "count_messages",
    "count_training_tokens",
    "image_tokens",
]

Message = Mapping[str, Any]


@public
@dataclass(frozen=True)
class MessageCount(TokenCount):
    """Input tokens of a chat request; a `TokenCount` with `parts`, which add up to `tokens`.

    `exact` says whether the rule is documented and reproduced. Where it is not, `low` and `high`
    are at most 16 tokens and 5% of the number apart.
    """

    parts: tuple[CountPart, ...] = ()


def count_messages(
    messages: Sequence[Message],
    model: str | Model,
    *,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tool_choice: str | Mapping[str, Any] | None = None,
    response_format: Mapping[str, Any] | None = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    harmony: Mapping[str, Any] | None = None,
) -> MessageCount:
    """Count the input tokens of a request in OpenAI's chat format; nothing is changed or sent.

    `image_sizes` gives (width, height) in pixels of images that are http URLs. `harmony` gives
    the fields of the system message that gpt-oss models get (model_identity, knowledge_cutoff,
    conversation_start_date, reasoning_effort, channel_config).

    Raises UnknownModelError, NoTokenizerError for a private tokenizer, and ValueError or TypeError
    naming the place of bad input (`messages[3].content[1]: ...`). Rules and their sources:
    `openai_rule`, `harmony_rule` and `images` beside this file.

    >>> tool = {"type": "function", "function": {"name": "now", "description": "The time"}}
    >>> count = count_messages([{"role": "user", "content": "hello"}], "gpt-4o", tools=[tool])
    >>> count.exact, count.high - count.low <= 16 + 0.05 * count.tokens
    (False, True)
    """
    checked = check_messages(messages)
    rule = request_rule(
        get_model(model),
        tools=tools,
        tool_choice=tool_choice,
        response_format=response_format,
        image_sizes=image_sizes,
        harmony=harmony,
    )
    return to_count(rule.tally(checked))


def to_count(tally: Tally) -> MessageCount:
    low, high = tally.bounds()
    return MessageCount(tally.total, low, high, tally.exact, tuple(tally.notes), tally.parts())


def check_messages(messages: object) -> Sequence[Message]:
    """`messages` as a sequence; its items are checked where they are counted."""
    if isinstance(messages, (str, bytes, Mapping)) or not isinstance(messages, Iterable):
        raise TypeError(f"messages must be a list of dicts, not {type(messages).__name__}")
    return messages if isinstance(messages, (list, tuple)) else list(messages)


def request_rule(
    model: Model,
    *,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tool_choice: str | Mapping[str, Any] | None = None,
    response_format: Mapping[str, Any] | None = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    harmony: Mapping[str, Any] | None = None,
) -> Rule:
    """The counting rule of a model for one request's tools and options."""
    if model.encoding is None:
        raise no_tokenizer(model.name, model.provider)
    if not model.takes_messages:
        raise ValueError(f"{model.name} takes no messages: its kind is {model.kind!r}; use count()")
    counts = counts_for(model.encoding)
    functions, others = split_tools(tools)
    schema_text = _schema_text(response_format)
    if model.chat_rule == "harmony":
        if others:
            raise ValueError(f"tools: {model.name} takes only function tools")
        return HarmonyRule(
            model, counts, functions=functions, schema_text=schema_text, harmony=harmony
        )
    if harmony is not None:
        raise ValueError(f"harmony: {model.name} does not use the harmony format")
    return ChatRule(
        model,
        counts,
        functions=functions,
        other_tools=others,
        tool_choice=_checked_choice(tool_choice),
        schema_text=schema_text,
        image_sizes=image_sizes,
    )


def split_tools(
    tools: Sequence[Mapping[str, Any]] | None,
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """(function definitions, tools of other types); raises ValueError naming the bad tool."""
    functions: list[Mapping[str, Any]] = []
    others: list[Mapping[str, Any]] = []
    if tools is None:
        return functions, others
    if isinstance(tools, (str, Mapping)) or not isinstance(tools, Iterable):
        raise TypeError(f"tools must be a list of dicts, not {type(tools).__name__}")
    for index, tool in enumerate(tools):
        where = f"tools[{index}]"
        if not isinstance(tool, Mapping):
            raise fail(where, f"must be a dict, not {type(tool).__name__}")
        if tool.get("type", "function") != "function":
            others.append(tool)
            continue
        function = tool.get("function", tool)
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise fail(f"{where}.function.name", "must be a string")
        _check_schema(function.get("parameters"), f"{where}.function.parameters")
        functions.append(function)
    return functions, others


def _check_schema(schema: object, where: str, depth: int = 0) -> None:
    """Refuse what cannot be rendered: a schema or properties that are not mappings."""
    if schema is None or isinstance(schema, bool) or depth > 32:
        return
    if not isinstance(schema, Mapping):
        raise fail(where, f"must be a JSON schema (a dict), not {type(schema).__name__}")
    properties = schema.get("properties")
    if properties is not None and not isinstance(properties, Mapping):
        raise fail(f"{where}.properties", f"must be a dict, not {type(properties).__name__}")
    for name, value in (properties or {}).items():
        _check_schema(value, f"{where}.properties.{name}", depth + 1)


def _checked_choice(choice: object) -> object:
    if choice is None or choice == "auto":  # what the API does without one
        return None
    if isinstance(choice, Mapping) or choice in ("none", "required"):
        return choice
    raise ValueError(f"tool_choice must be auto, none, required or a dict, not {choice!r}")


def _schema_text(response_format: object) -> str:
    """Write what a JSON schema adds to the prompt, as harmony's guide describes it for gpt-oss."""
    if response_format is None:
        return ""
    if not isinstance(response_format, Mapping):
        raise TypeError(f"response_format must be a dict, not {type(response_format).__name__}")
    kind = response_format.get("type")
    if kind in ("text", "json_object"):
        return ""
    if kind != "json_schema":
        raise ValueError(f"response_format.type must be text, json_object or json_schema: {kind!r}")
    schema = response_format.get("json_schema", response_format)
    if not isinstance(schema, Mapping):
        raise TypeError(f"response_format.json_schema must be a dict, not {type(schema).__name__}")
    return render_schema(schema)


def render_schema(schema: Mapping[str, Any]) -> str:
    lines = ["# Response Formats", "", f"## {schema.get('name', 'response')}", ""]
    if isinstance(schema.get("description"), str):
        lines.append(f"// {schema['description']}")
    body = json.dumps(schema.get("schema", {}), ensure_ascii=False, separators=(",", ":"))
    return "\n".join([*lines, body])


def count_training_tokens(
    examples: Iterable[Mapping[str, Any]], model: str | Model, *, epochs: int = 1
) -> int:
    """Tokens that a fine-tuning job on chat `examples` is billed for.

    Per example 1, and per message 3 with its role and content, times the epochs; this reproduces
    the billed count of a public job (gpt-3.5-turbo-1106, 4,445 tokens). Examples longer than the
    model's training limit are cut by OpenAI; that is not applied here.

    Raises ValueError naming the example and message at fault.

    >>> example = {"messages": [{"role": "user", "content": "Hi"},
    ...                         {"role": "assistant", "content": "Hello!"}]}
    >>> count_training_tokens([example], "gpt-4o-mini", epochs=3)
    36
    """
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs must be a whole number of at least 1, not {epochs!r}")
    record = get_model(model)
    total = 0
    for index, example in enumerate(examples):
        messages = example.get("messages") if isinstance(example, Mapping) else None
        if not isinstance(messages, (list, tuple)):
            raise ValueError(f"examples[{index}].messages: must be a list of messages")
        rule = request_rule(record, tools=example.get("tools"))
        try:
            tally = rule.tally(messages)
        except (TypeError, ValueError) as error:
            raise type(error)(f"examples[{index}].{error}") from None
        priming = sum(part.tokens for part in tally.fixed if part.kind == "priming")
        total += 1 + tally.total - priming
    return total * epochs
