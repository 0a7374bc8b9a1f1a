"""The counting rule of one request: its model, tools and options, checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from tokenkit._checks import check_choice, shown
from tokenkit.chat.checks import fault, wrong_type
from tokenkit.chat.harmony_rule import HarmonyRule
from tokenkit.chat.memo import counts_for
from tokenkit.chat.openai_rule import ChatRule
from tokenkit.chat.rule import Rule
from tokenkit.errors import no_tokenizer
from tokenkit.models import Model

__all__ = ["ToolChoice", "request_rule"]

ToolChoice: TypeAlias = Literal["auto", "none", "required"] | Mapping[str, Any]

_MAX_SCHEMA_DEPTH = 32
Tools = dict[int, Mapping[str, Any]]  # by their index in the request


def request_rule(
    model: Model,
    *,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tool_choice: ToolChoice | None = None,
    response_format: Mapping[str, Any] | None = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    harmony: Mapping[str, Any] | None = None,
) -> Rule:
    """Make the counting rule of a model for one request's tools and options.

    Raises NoTokenizerError for a private tokenizer, and ValueError or TypeError that name the
    faulty option.
    """
    if model.encoding is None:
        raise no_tokenizer(model.name, model.provider)
    if not model.takes_messages:
        raise ValueError(
            f"model: expected one that takes messages, got {model.name} of kind {model.kind!r}; "
            "use count() for its texts"
        )
    counts = counts_for(model.encoding)
    functions, others = split_tools(tools)
    schema_text = _schema_text(response_format)
    if model.chat_rule == "harmony":
        if others:
            where = f"tools[{min(others)}].type"
            raise fault(where, f"expected 'function', the only type that {model.name} takes")
        return HarmonyRule(
            model, counts, functions=functions, schema_text=schema_text, harmony=harmony
        )
    if harmony is not None:
        raise ValueError(f"harmony: expected None, as {model.name} does not use the harmony format")
    return ChatRule(
        model,
        counts,
        functions=functions,
        other_tools=others,
        tool_choice=_checked_choice(tool_choice),
        schema_text=schema_text,
        image_sizes=image_sizes,
    )


def split_tools(tools: Sequence[Mapping[str, Any]] | None) -> tuple[Tools, Tools]:
    """Split tools into function definitions and tools of other types, both by their index.

    Raises TypeError, or ValueError that names the faulty tool.

    >>> split_tools([{"type": "web_search"}, {"type": "function", "function": {"name": "now"}}])
    ({1: {'name': 'now'}}, {0: {'type': 'web_search'}})
    """
    functions: Tools = {}
    others: Tools = {}
    if tools is None:
        return functions, others
    if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Iterable):
        raise TypeError(f"tools: expected a list of dicts, got {type(tools).__name__}")
    for index, tool in enumerate(tools):
        where = f"tools[{index}]"
        if not isinstance(tool, Mapping):
            raise wrong_type(where, "a dict", tool)
        if tool.get("type", "function") != "function":
            others[index] = tool
            continue
        function = tool.get("function", tool)
        if not isinstance(function, Mapping):
            raise wrong_type(f"{where}.function", "a dict", function)
        if not isinstance(function.get("name"), str):
            raise wrong_type(f"{where}.function.name", "str", function.get("name"))
        _check_schema(function.get("parameters"), f"{where}.function.parameters")
        functions[index] = function
    return functions, others


def _check_schema(schema: object, where: str, depth: int = 0) -> None:
    """Refuse what cannot be rendered: a schema, or its properties, of another type than dict."""
    if schema is None or isinstance(schema, bool) or depth > _MAX_SCHEMA_DEPTH:
        return
    if not isinstance(schema, Mapping):
        raise wrong_type(where, "a JSON schema (a dict)", schema)
    properties = schema.get("properties")
    if properties is not None and not isinstance(properties, Mapping):
        raise wrong_type(f"{where}.properties", "a dict", properties)
    for name, value in (properties or {}).items():
        _check_schema(value, f"{where}.properties.{name}", depth + 1)


def _checked_choice(choice: object) -> object:
    if choice is None or choice == "auto":  # what the API does without one
        return None
    if isinstance(choice, Mapping) or choice in ("none", "required"):
        return choice
    raise ValueError(
        f"tool_choice: expected 'auto', 'none', 'required' or a dict, got {shown(choice)}"
    )


def _schema_text(response_format: object) -> str:
    """Render the text that a JSON schema adds to the prompt, as harmony's guide describes it."""
    if response_format is None:
        return ""
    if not isinstance(response_format, Mapping):
        raise TypeError(f"response_format: expected a dict, got {type(response_format).__name__}")
    kind: Any = response_format.get("type")
    check_choice("response_format.type", kind, ("text", "json_object", "json_schema"))
    if kind != "json_schema":
        return ""
    schema = response_format.get("json_schema", response_format)
    if not isinstance(schema, Mapping):
        got = type(schema).__name__
        raise TypeError(f"response_format.json_schema: expected a dict, got {got}")
    return _response_section(schema)


def _response_section(schema: Mapping[str, Any]) -> str:
    lines = ["# Response Formats", "", f"## {schema.get('name', 'response')}", ""]
    if isinstance(schema.get("description"), str):
        lines.append(f"// {schema['description']}")
    body = json.dumps(schema.get("schema", {}), ensure_ascii=False, separators=(",", ":"))
    return "\n".join([*lines, body])
