"""Function definitions as the chat models see them: a TypeScript namespace.

OpenAI does not publish the format. This rendering was found by fitting prompt token counts that
the API returned (2024 and 2025, cl100k and o200k models), starting from the shape that OpenAI's
harmony format documents for gpt-oss:

- each line of a description becomes its own comment line above what it describes;
- an object none of whose parts has a comment is on one line: `{ a: string, b?: number }`;
  any other has one property per line, not indented;
- an array of something on several lines is `Array<...>`, otherwise `...[]`;
- enum items are JSON literals joined by `|`, integers are `number`, a missing type is `any`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["function_block", "namespace_text", "tools_section"]

_NAMES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
    "object": "object",
    "array": "Array<any>",
}
_MAX_DEPTH = 32
_HEADER = "# Tools\n\n## functions\n\n"


def tools_section(functions: Sequence[Mapping[str, Any]]) -> str:
    """Render the text that tools add to the system message."""
    return _HEADER + namespace_text(functions)


def namespace_text(functions: Sequence[Mapping[str, Any]]) -> str:
    """Render all functions as one namespace.

    >>> print(namespace_text([{"name": "now", "description": "The time."}]))
    namespace functions {
    <BLANKLINE>
    // The time.
    type now = () => any;
    <BLANKLINE>
    } // namespace functions
    """
    blocks = "".join(function_block(function) for function in functions)
    return "namespace functions {\n\n" + blocks + "} // namespace functions"


def function_block(function: Mapping[str, Any]) -> str:
    """Render one function with its trailing blank line."""
    parameters = function.get("parameters")
    schema: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else {}
    signature = "()"
    if schema.get("properties"):
        signature = f"(_: {_Renderer(schema).members(schema, 0)})"
    lines = _comment(function.get("description"))
    return "".join(lines) + f"type {function['name']} = {signature} => any;\n\n"


def _comment(description: object) -> list[str]:
    if not isinstance(description, str) or not description:
        return []
    return [f"// {line}\n" for line in description.split("\n")]


class _Renderer:
    """Render the schemas of one function; `root` resolves `$ref`."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root

    def members(self, schema: Mapping[str, Any], depth: int) -> str:
        required = schema.get("required") or ()
        entries: list[tuple[list[str], str, str]] = []
        for name, value in schema["properties"].items():
            prop = self.resolve(value)
            mark = "" if name in required else "?"
            default = _default(prop)
            text = f"{name}{mark}: {self.type(prop, depth + 1)}"
            entries.append((_comment(prop.get("description")), text, default))
        if not any(comment or default or "\n" in text for comment, text, default in entries):
            return "{ " + ", ".join(text for _, text, _ in entries) + " }"
        lines = ["".join(comment) + f"{text},{default}\n" for comment, text, default in entries]
        return "{\n" + "".join(lines) + "}"

    def type(self, schema: Mapping[str, Any], depth: int = 0) -> str:
        schema = self.resolve(schema)
        if depth > _MAX_DEPTH:  # a recursive schema: the models cannot see it unrolled either
            return "any"
        if isinstance(schema.get("enum"), (list, tuple)) and schema["enum"]:
            return " | ".join(_literal(item) for item in schema["enum"])
        if "const" in schema:
            return _literal(schema["const"])
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(key), (list, tuple)) and schema[key]:
                joint = " & " if key == "allOf" else " | "
                return joint.join(self.type(item, depth + 1) for item in schema[key])
        kind = schema.get("type")
        if isinstance(kind, (list, tuple)):
            return " | ".join(self.type({**schema, "type": item}, depth + 1) for item in kind)
        if kind == "array" and isinstance(schema.get("items"), Mapping):
            inner = self.type(schema["items"], depth + 1)
            return f"Array<\n{inner}\n>" if "\n" in inner else f"{inner}[]"
        if schema.get("properties"):
            return self.members(schema, depth)
        return _NAMES.get(kind, "any") if isinstance(kind, str) else "any"

    def resolve(self, schema: object) -> Mapping[str, Any]:
        """Follow `$ref` into the function's own schema; what is not there is `any`."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(schema, Mapping):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return schema
            target: object = self.root
            for key in reference[2:].split("/"):
                target = target.get(key, {}) if isinstance(target, Mapping) else {}
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **rest} if isinstance(target, Mapping) else {}
        return {}


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    plain = isinstance(value, str) and "enum" in schema
    return f" // default: {value if plain else _literal(value)}"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
