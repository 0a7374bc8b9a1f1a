"""The counting rule of one request: its model, tools and options, checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from tokenkit._checks import check_choice, shown
from tokenkit._vocabularies import no_tokenizer
from tokenkit.chat.checks import fault, wrong_type
from tokenkit.chat.estimate_rule import EstimateRule
from tokenkit.chat.estimates import BASE_ENCODING
from tokenkit.chat.harmony_rule import HarmonyRule
from tokenkit.chat.memo import TextCounts, counts_for
from tokenkit.chat.openai_rule import ChatRule
from tokenkit.chat.rule import Rule
from tokenkit.chat.template import template_for
from tokenkit.chat.template_rule import TemplateRule
from tokenkit.chat.unframed_rule import UnframedRule, UnpublishedRule
from tokenkit.encodings import MODEL_PREFIX_TO_ENCODING, MODEL_TO_ENCODING
from tokenkit.models import Model
from tokenkit.shapes import ReadTools, Tool, Unsure, given, plain, read_tools

__all__ = ["FunctionCall", "ToolChoice", "checked_tools", "request_rule"]

ToolChoice: TypeAlias = Literal["auto", "none", "required", "any"] | Mapping[str, Any]
FunctionCall: TypeAlias = Literal["auto", "none"] | Mapping[str, Any]

_MAX_SCHEMA_DEPTH = 32
# Whose chats are framed as OpenAI's.
_OPENAIS = {*MODEL_TO_ENCODING.values(), *MODEL_PREFIX_TO_ENCODING.values()}
# The rules of models without tools and options, by the model's name.
_plain_rules: dict[str, Rule] = {}
_MOST_PLAIN_RULES = 256


def request_rule(
    model: Model,
    *,
    tools: Sequence[Any] | None = None,
    functions: Sequence[Any] | None = None,
    function_call: FunctionCall | None = None,
    tool_choice: ToolChoice | None = None,
    response_format: object = None,
    image_sizes: Mapping[str, tuple[int, int]] | None = None,
    harmony: Mapping[str, Any] | None = None,
    estimate: bool = False,
) -> Rule:
    """Make the counting rule of a model for one request's tools and options.

    With `estimate`, a model whose tokenizer is private gets a rule that estimates its texts.

    Raises NoTokenizerError for a private tokenizer, and ValueError or TypeError that name the
    faulty option.
    """
    if (
        tools is functions is function_call is tool_choice is None
        and response_format is image_sizes is harmony is None
    ):
        return _plain_rule(model, estimate)
    if model.encoding is None and not estimate:
        raise no_tokenizer(model)
    if not model.takes_messages:
        raise ValueError(
            f"model: expected one that takes messages, got {model.name} of kind {model.kind!r}; "
            "use count() for its texts"
        )
    read = checked_tools(tools, "tools")
    older = checked_tools(functions, "functions")
    unsure = read.unsure + older.unsure
    schema_text = _schema_text(given(response_format), unsure)
    choice = _checked_choice(given(tool_choice), "tool_choice", unsure)
    if choice is None:
        choice = _checked_choice(given(function_call), "function_call", unsure)
    around = _Around(
        functions=read.functions + older.functions,
        others=read.others + older.others,
        unsure=unsure,
        schema_text=schema_text,
        choice=choice,
        tools=given(tools),
        image_sizes=given(image_sizes),
        harmony=given(harmony),
    )
    return _rule_of(model, around)


class _Around(NamedTuple):
    """Holds what a request sends around its messages, checked."""

    functions: list[Tool]
    others: list[Tool]
    unsure: list[Unsure]
    schema_text: str
    choice: object
    tools: Sequence[Any] | None
    image_sizes: Mapping[str, tuple[int, int]] | None
    harmony: Mapping[str, Any] | None


def _rule_of(model: Model, around: _Around) -> Rule:
    """Make the rule of the model's family."""
    if model.encoding is None:
        return _unframed_rule(EstimateRule, model, around)
    counts = counts_for(model.encoding)
    template = template_for(model, counts.encoding)
    if template is None and model.chat_rule == "harmony":
        return _harmony_rule(model, counts, around)
    if around.harmony is not None:
        raise ValueError(f"harmony: expected None, as {model.name} does not use the harmony format")
    if template is not None:
        return TemplateRule(
            model,
            counts,
            template,
            functions=around.functions,
            tools=around.tools,
            unsure=around.unsure,
            tool_choice=around.choice,
            schema_text=around.schema_text,
        )
    if counts.encoding.name not in _OPENAIS:
        unframed = UnpublishedRule if model.chat_rule == "unpublished" else UnframedRule
        return _unframed_rule(unframed, model, around)
    return ChatRule(
        model,
        counts,
        functions=around.functions,
        other_tools=around.others,
        unsure=around.unsure,
        tool_choice=around.choice,
        schema_text=around.schema_text,
        image_sizes=around.image_sizes,
    )


def _unframed_rule(kind: type[EstimateRule], model: Model, around: _Around) -> Rule:
    """Make the rule of a model whose frame of messages is not published."""
    return kind(
        model,
        functions=around.functions,
        other_tools=around.others,
        unsure=around.unsure,
        schema_text=around.schema_text,
        image_sizes=around.image_sizes,
    )


def _harmony_rule(model: Model, counts: TextCounts, around: _Around) -> Rule:
    if around.others:
        where = f"{around.others[0].where}.type"
        raise fault(where, f"expected 'function', the only type that {model.name} takes")
    return HarmonyRule(
        model,
        counts,
        functions=around.functions,
        unsure=around.unsure,
        schema_text=around.schema_text,
        harmony=around.harmony,
    )


def _plain_rule(model: Model, estimate: bool) -> Rule:
    """Give the rule of a model without tools and options, made once for a record of a model."""
    rule = _plain_rules.get(model.name)
    if rule is not None and rule.model is model:
        counts = counts_for(model.encoding or BASE_ENCODING)
        if rule.counts is counts and (estimate or model.encoding is not None):
            return rule
    rule = request_rule(model, tools=(), estimate=estimate)
    if len(_plain_rules) >= _MOST_PLAIN_RULES:
        _plain_rules.clear()
    _plain_rules[model.name] = rule
    return rule


def checked_tools(tools: object, name: str) -> ReadTools:
    """Read tools of any shape, by the name of their option, and check what can be rendered.

    Raises TypeError, or ValueError that names the faulty tool.

    >>> tools = [{"type": "web_search"}, {"type": "function", "function": {"name": "now"}}]
    >>> read = checked_tools(tools, "tools")
    >>> read.functions[0].definition, read.others[0].definition
    ({'name': 'now'}, {'type': 'web_search'})
    """
    tools = given(tools)
    if tools is None:
        return ReadTools()
    if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Iterable):
        raise TypeError(f"{name}: expected a list of dicts, got {type(tools).__name__}")
    read = read_tools(tools, name)
    for tool in read.functions:
        function = tool.definition
        if not isinstance(function, dict):
            raise wrong_type(tool.where, "a dict", function)
        if "function" in function:
            raise wrong_type(f"{tool.where}.function", "a dict", function["function"])
        if not isinstance(function.get("name"), str):
            raise wrong_type(f"{tool.where}.function.name", "str", function.get("name"))
        _check_schema(function.get("parameters"), f"{tool.where}.function.parameters")
    return read


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


# The keys of a tool choice; those of Anthropic's and Gemini's mean the same.
_CHOICE_KEYS = frozenset(("type", "function", "custom", "name", "disable_parallel_tool_use"))
_FORMAT_KEYS = frozenset(("type", "json_schema", "name", "description", "schema", "strict"))
_WORDS = {"any": "required"}
# Types of a choice that say it all; others name a tool that the vendor runs.
_TYPED_WORDS = (None, "auto", "any", "none", "required")


def _checked_choice(choice: object, name: str, unsure: list[Unsure]) -> object:
    choice = plain(choice)
    if choice is None or choice == "auto":  # what the API does without one
        return None
    if isinstance(choice, dict):
        _unknown(choice, _CHOICE_KEYS, name, unsure)
        for key in ("function", "custom"):
            if isinstance(choice.get(key), dict):
                _unknown(choice[key], frozenset(("name",)), f"{name}.{key}", unsure)
        if set(choice) <= {"type", "disable_parallel_tool_use"}:
            kind = choice.get("type")
            if kind in _TYPED_WORDS:
                return _checked_choice(kind, name, unsure)
            note = f"{shown(kind)} is told to the model by no published rule: no upper bound"
            unsure.append(Unsure(f"{name}.type", note))
        return choice
    choice = _WORDS.get(choice, choice) if isinstance(choice, str) else choice
    if choice in ("none", "required"):
        return choice
    raise ValueError(f"{name}: expected 'auto', 'none', 'required' or a dict, got {shown(choice)}")


def _unknown(
    value: Mapping[str, Any], known: frozenset[str], name: str, unsure: list[Unsure]
) -> None:
    """Note keys of an option that are not known."""
    unsure += [
        Unsure(f"{name}.{key}", "this key is not known, so the number has no upper bound")
        for key, item in value.items()
        if key not in known and item is not None
    ]


def _schema_text(response_format: object, unsure: list[Unsure]) -> str:
    """Render the text that a JSON schema adds to the prompt, as harmony's guide describes it."""
    if response_format is None:
        return ""
    if isinstance(response_format, type):
        response_format = _format_of_class(response_format)
    response_format = plain(response_format)
    if not isinstance(response_format, Mapping):
        raise TypeError(f"response_format: expected a dict, got {type(response_format).__name__}")
    kind: Any = response_format.get("type")
    check_choice("response_format.type", kind, ("text", "json_object", "json_schema"))
    _unknown(response_format, _FORMAT_KEYS, "response_format", unsure)
    if kind != "json_schema":
        return ""
    schema = response_format.get("json_schema", response_format)
    if not isinstance(schema, Mapping):
        got = type(schema).__name__
        raise TypeError(f"response_format.json_schema: expected a dict, got {got}")
    if schema is not response_format:
        _unknown(schema, _FORMAT_KEYS, "response_format.json_schema", unsure)
    return _response_section(schema)


def _format_of_class(model: Any) -> dict[str, Any]:
    """Make the response format of a pydantic model, as SDKs do."""
    make = getattr(model, "model_json_schema", None)
    if not callable(make):
        raise TypeError(
            f"response_format: expected a dict or a pydantic model, got the class {model.__name__}"
        )
    return {"type": "json_schema", "json_schema": {"name": model.__name__, "schema": make()}}


def _response_section(schema: Mapping[str, Any]) -> str:
    lines = ["# Response Formats", "", f"## {schema.get('name', 'response')}", ""]
    if isinstance(schema.get("description"), str):
        lines.append(f"// {schema['description']}")
    body = json.dumps(schema.get("schema", {}), ensure_ascii=False, separators=(",", ":"))
    return "\n".join([*lines, body])
