"""Function definitions as the text that chat models see."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.chat.tool_text import namespace_text


def test_tools_text() -> None:
    schema = {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "Where.\nA city."},
            "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
            "days": {"type": "integer", "enum": [1, 7]},
            "area": {"type": "object", "properties": {"a": {"type": "number"}, "b": {}}},
            "tags": {"type": "array", "items": {"type": "string"}},
            "rows": {
                "type": "array",
                "items": {"type": "object", "properties": {"n": {"description": "N."}}},
            },
            "free": {"type": "object"},
            "any": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "maybe": {"type": ["integer", "null"]},
            "kind": {"const": "x"},
            "again": {"$ref": "#/$defs/unit"},
        },
        "required": ["place", "area"],
        "$defs": {"unit": {"type": "boolean"}},
    }
    functions = [{"name": "weather", "description": "The weather.\nNow.", "parameters": schema}]
    assert namespace_text([*functions, {"name": "stop", "parameters": {}}]) == (
        "namespace functions {\n\n"
        "// The weather.\n// Now.\n"
        "type weather = (_: {\n"
        "// Where.\n// A city.\n"
        "place: string,\n"
        'unit?: "c" | "f", // default: c\n'
        "days?: 1 | 7,\n"
        "area: { a?: number, b?: any },\n"
        "tags?: string[],\n"
        "rows?: Array<\n{\n// N.\nn?: any,\n}\n>,\n"
        "free?: object,\n"
        "any?: string | null,\n"
        "maybe?: number | null,\n"
        'kind?: "x",\n'
        "again?: boolean,\n"
        "}) => any;\n\n"
        "type stop = () => any;\n\n"
        "} // namespace functions"
    )


def test_recursive_schema_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert "any" in namespace_text([{"name": "f", "parameters": node}])


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "a?: string | null"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "a?: string | null"),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, "a?: string & null"),
        ({"type": "string", "default": "x"}, 'a?: string, // default: "x"\n'),
        ({"enum": ["x", "y"], "default": "x"}, 'a?: "x" | "y", // default: x\n'),
        ({"$ref": "#/$defs/size"}, "a?: number, // default: 1\n"),
        ({"$ref": "#/$defs/size", "default": 2}, "a?: number, // default: 2\n"),
    ],
)
def test_a_property_is_written_on_its_line(schema: Any, text: str) -> None:
    parameters = {"properties": {"a": schema}, "$defs": {"size": {"type": "number", "default": 1}}}
    assert text in namespace_text([{"name": "f", "parameters": parameters}])
