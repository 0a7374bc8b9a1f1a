"""The texts that harmony writes into a prompt: its system message, and tools as TypeScript.

Source: openai/harmony, docs/format.md and the renderer it documents (@ec7606d, 2025-11-05).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit._checks import shown
from tokenkit.chat.checks import fault

__all__ = ["functions_section", "system_text"]

_CHANNELS = ("analysis", "commentary", "final")
_FIELDS = (
    "model_identity",
    "knowledge_cutoff",
    "conversation_start_date",
    "reasoning_effort",
    "channel_config",
)
_IDENTITY = "You are ChatGPT, a large language model trained by OpenAI."


def system_text(harmony: Mapping[str, Any], has_functions: bool) -> str:
    """Render harmony's system message.

    Raises ValueError for an unknown field or value.

    >>> print(system_text({"channel_config": {"valid_channels": []}}, has_functions=False))
    You are ChatGPT, a large language model trained by OpenAI.
    <BLANKLINE>
    Reasoning: medium
    """
    for field in harmony:
        if field not in _FIELDS and field != "type":
            raise fault("harmony", f"expected the fields {', '.join(_FIELDS)}, got {shown(field)}")
    top = [harmony.get("model_identity", _IDENTITY)]
    if harmony.get("knowledge_cutoff"):
        top.append(f"Knowledge cutoff: {harmony['knowledge_cutoff']}")
    if harmony.get("conversation_start_date"):
        top.append(f"Current date: {harmony['conversation_start_date']}")
    sections = ["\n".join(line for line in top if line)]
    effort = harmony.get("reasoning_effort", "medium")
    if effort is not None:
        if str(effort).lower() not in ("low", "medium", "high"):
            problem = f"expected 'low', 'medium' or 'high', got {shown(effort)}"
            raise fault("harmony.reasoning_effort", problem)
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
    """Render the tools section of the developer message."""
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
    """Render a JSON schema as harmony's TypeScript."""
    variants = schema.get("oneOf")
    if isinstance(variants, list):
        return "\n".join(_variant(_schema(variant), indent) for variant in variants)
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join("number" if item == "integer" else str(item) for item in kind) or "any"
    if kind == "object":
        return _object(schema, indent)
    if kind == "array":
        items = schema.get("items")
        return f"{_type(items, indent)}[]" if isinstance(items, Mapping) else "Array<any>"
    if kind == "string" and _listed(schema.get("enum")):
        return " | ".join(f'"{item}"' for item in schema["enum"] if isinstance(item, str))
    return _SIMPLE.get(kind, "any") if isinstance(kind, str) else "any"


def _schema(value: object) -> Mapping[str, Any]:
    """Give a schema as a mapping: `true`, which allows all, says nothing."""
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _variant(variant: Mapping[str, Any], indent: str) -> str:
    description = variant.get("description")
    remarks = [description] if isinstance(description, str) else []
    return _commented_variant(variant, indent, remarks)


def _commented_variant(variant: Mapping[str, Any], indent: str, remarks: Sequence[str]) -> str:
    remarks = [*remarks, *_default(variant)]
    comment = f" // {' '.join(remarks)}" if remarks else ""
    return f"{indent} | {_nullable(variant, _type(variant, indent + '   '))}{comment}"


def _object(schema: Mapping[str, Any], indent: str) -> str:
    description = schema.get("description")
    out = [f"{indent}// {description}\n" if isinstance(description, str) else "", "{\n"]
    required = _listed(schema.get("required"))
    for key, value in (schema.get("properties") or {}).items():
        value = _schema(value)
        if isinstance(value.get("title"), str):
            out.append(f"{indent}// {value['title']}\n{indent}//\n")
        variants = value.get("oneOf")
        above = isinstance(value.get("description"), str)
        if isinstance(variants, list) and above and variants:
            above = value["description"] != _schema(variants[0]).get("description")
        if above:
            out.append(f"{indent}// {value['description']}\n")
        given = _listed(value.get("examples"))
        examples = [item for item in given if isinstance(item, str)]
        if given:
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
    """Render the alternatives of a property, one per line."""
    lines = []
    for number, variant in enumerate(value["oneOf"]):
        text = variant.get("description")
        repeated = text == value.get("description") or (number == 0 and described)
        remarks = [text] if isinstance(text, str) and not repeated else []
        lines.append(_commented_variant(variant, indent, remarks) + "\n")
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
