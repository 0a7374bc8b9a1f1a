"""`read_tools`: tool definitions of any system, as functions and as tools of other kinds.

Sources: the types of openai 3.57.0, anthropic 2.14.0 and google-genai 3.6.1 (PyPI), the schema of
the Model Context Protocol (2025-11-25) and botocore 1.44.8 (`toolSpec`). What a hosted tool adds to
a prompt is not published: its definition is counted, without an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenkit.shapes.schemas import account_schema, lowered
from tokenkit.shapes.sdk_objects import plain
from tokenkit.shapes.unsure import MessageBook, Unsure, json_text, keys

__all__ = ["ReadTools", "Tool", "read_tools"]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its index in the request, its path, and its definition.

    The definition of a function has the keys name, description, parameters and strict.
    """

    index: int
    where: str
    definition: dict[str, Any]


@dataclass
class ReadTools:
    """Functions, tools of other kinds, and what is unsure about them."""

    functions: list[Tool] = field(default_factory=list)
    others: list[Tool] = field(default_factory=list)
    unsure: list[Unsure] = field(default_factory=list)


def read_tools(tools: Iterable[Any], where: str = "tools") -> ReadTools:
    """Read the tools of a request; `where` is their path in it.

    What is wrong in a known place (a name that is a number) stays as it is, for the counter to
    refuse; a tool without keys is a definition of None.

    >>> schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    >>> read_tools([{"name": "weather", "input_schema": schema}]).functions[0].definition["name"]
    'weather'
    """
    read = ReadTools()
    book = MessageBook(lambda *_: None, unsure=read.unsure)
    for index, value in enumerate(tools):
        _read(read, book, index, f"{where}[{index}]", plain(value))
    return read


_MARKS = """cache_control annotations title icons execution _meta strict allowed_callers
    eager_input_streaming response response_json_schema behavior async async_"""
_DOUBTS = {"counted": "input_examples", "opening": "defer_loading"}
_WRAPPER = keys("type function", harmless="cache_control strict")
_FLAT = keys(
    """type name description parameters input_schema parameters_json_schema output_schema""",
    harmless=_MARKS,
    **_DOUBTS,
)
_CUSTOM = keys(
    "type name description format custom",
    harmless="cache_control allowed_callers async async_",
    **_DOUBTS,
)
_CUSTOM_INSIDE = keys("name description format")
_FORMAT = keys("type grammar syntax definition")
_NAMESPACE = keys("type name description tools")
_SPEC = keys("name description input_schema", harmless="strict")
_DECLARATIONS = ("function_declarations", "functionDeclarations")
_SCHEMAS = (
    "parameters",
    "input_schema",
    "inputSchema",
    "parameters_json_schema",
    "parametersJsonSchema",
)
_HOSTED_NOTE = (
    "a hosted tool, or one of an unknown type, is counted by its definition alone: no upper bound"
)


def _read(read: ReadTools, book: MessageBook, index: int, where: str, tool: Any) -> None:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if not isinstance(tool, dict):
        read.functions.append(Tool(index, where, tool))
    elif any(key in tool for key in _DECLARATIONS):
        _gemini(read, book, index, where, tool)
    elif isinstance(tool.get("toolSpec"), dict):
        book.account(where, tool, keys("toolSpec"))
        spec = tool["toolSpec"]
        schema = spec.get("inputSchema")
        book.account(f"{where}.toolSpec", spec, _SPEC)
        inner = schema
        if isinstance(schema, dict) and "json" in schema:
            book.account(f"{where}.toolSpec.inputSchema", schema, keys("json"))
            inner = schema["json"]
        _flat(read, book, index, f"{where}.toolSpec", {**spec, "inputSchema": inner})
    elif kind == "namespace" and isinstance(tool.get("tools"), list):
        book.account(where, tool, _NAMESPACE)
        _doubtful(book, where, "namespaces", {**tool, "tools": None})
        for number, inner in enumerate(tool["tools"]):
            _read(read, book, index, f"{where}.tools[{number}]", inner)
    elif kind == "function" or (kind in (None, "custom") and _is_function(tool)):
        _function(read, book, index, where, tool)
    elif kind == "custom":
        _custom(read, book, index, where, tool)
    else:
        read.others.append(Tool(index, where, tool))
        for path in [where] if kind is not None else [f"{where}.{key}" for key in tool]:
            book.doubt(path, _HOSTED_NOTE)


def _is_function(tool: dict[str, Any]) -> bool:
    if tool.get("type") == "custom":
        return any(key in tool for key in _SCHEMAS)
    return "name" in tool or "function" in tool


def _function(
    read: ReadTools, book: MessageBook, index: int, where: str, tool: dict[str, Any]
) -> None:
    function = tool.get("function")
    if "function" not in tool:
        _flat(read, book, index, where, tool)
    elif not isinstance(function, dict):
        read.functions.append(Tool(index, where, {"function": function}))
    else:
        book.account(where, tool, _WRAPPER)
        _flat(read, book, index, f"{where}.function", function)


def _flat(
    read: ReadTools, book: MessageBook, index: int, where: str, function: dict[str, Any]
) -> None:
    """Read a function whose name is in the same object as its schema, under any of its names."""
    book.account(where, function, _FLAT)
    definition: dict[str, Any] = {
        key: function[key] for key in ("name", "description") if key in function
    }
    schema = next((function[key] for key in _SCHEMAS if function.get(key) is not None), None)
    if schema is not None:
        definition["parameters"] = lowered(schema)
        account_schema(book, f"{where}.parameters", definition["parameters"])
    output = function.get("output_schema", function.get("outputSchema"))
    if output is not None:
        note = "whether the model gets this schema is not published"
        book.doubt(f"{where}.outputSchema", note, maybe=json_text(output), open=False)
    read.functions.append(Tool(index, where.removesuffix(".function"), definition))


def _custom(
    read: ReadTools, book: MessageBook, index: int, where: str, tool: dict[str, Any]
) -> None:
    book.account(where, tool, _CUSTOM)
    inner = tool.get("custom", tool)
    if inner is not tool and isinstance(inner, dict):
        book.account(f"{where}.custom", inner, _CUSTOM_INSIDE)
    form = inner.get("format") if isinstance(inner, dict) else None
    if isinstance(form, dict):
        book.account(f"{where}.format", form, _FORMAT)
    _doubtful(book, where, "custom tools", tool)


def _doubtful(book: MessageBook, where: str, kind: str, tool: Mapping[str, Any]) -> None:
    text = json_text({key: item for key, item in tool.items() if item is not None})
    note = f"how {kind} are written for the model is not published"
    book.doubt(where, note, text=text, maybe=text, open=False)


def _gemini(
    read: ReadTools, book: MessageBook, index: int, where: str, tool: dict[str, Any]
) -> None:
    """Read one of Gemini's tools: declarations of functions, and hosted tools beside them."""
    for key, item in tool.items():
        if item is None:
            continue
        if key not in _DECLARATIONS:
            book.doubt(f"{where}.{key}", _HOSTED_NOTE)
        elif not isinstance(item, list):
            book.unknown(f"{where}.{key}", item)
        else:
            for number, function in enumerate(item):
                path = f"{where}.{key}[{number}]"
                if isinstance(function, dict):
                    _flat(read, book, index, path, function)
                else:
                    book.unknown(path, function)
