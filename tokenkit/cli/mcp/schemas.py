"""JSON schemas of the MCP server's tools, and the check of arguments against them.

Only the few keys of JSON Schema are used that `check_arguments` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tokenkit._checks import check_choice, shown
from tokenkit.errors import nearest

__all__ = ["check_arguments", "check_size"]

Schema: TypeAlias = dict[str, Any]
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_VALUE = 8  # bytes that a value counts besides its text


def text(description: str) -> Schema:
    """The schema of a text."""
    return {"type": "string", "description": description}


def whole(
    description: str, least: int = 0, *, most: int | None = None, default: int | None = None
) -> Schema:
    """The schema of a whole number."""
    schema: Schema = {"type": "integer", "description": description, "minimum": least}
    return schema | _given(maximum=most, default=default)


def number(description: str, *, default: float) -> Schema:
    """The schema of a number from 0."""
    return {"type": "number", "description": description, "minimum": 0, "default": default}


def flag(description: str, *, default: bool | None = None) -> Schema:
    """The schema of true or false."""
    return {"type": "boolean", "description": description} | _given(default=default)


def choice(description: str, *choices: str) -> Schema:
    """The schema of one of some words, of which the first is the default."""
    return {
        "type": "string",
        "description": description,
        "enum": list(choices),
        "default": choices[0],
    }


def array(description: str) -> Schema:
    """The schema of a list of objects."""
    return {"type": "array", "description": description, "items": {"type": "object"}}


def record(required: str = "", /, **properties: Schema) -> Schema:
    """The schema of an object with these properties; `required` names those it must have."""
    return {"type": "object", "properties": properties, "required": required.split()}


def _given(**values: Any) -> Schema:
    return {name: value for name, value in values.items() if value is not None}


MODEL = text("The name of a model, such as gpt-5.4 or claude-sonnet-5.")
ENCODING = text("The name of an encoding, such as o200k_base, in place of a model.")
MESSAGES = array("Messages with role and content, in the form of OpenAI, Anthropic or Gemini.")
TOOLS = array("Definitions of tools, in the form of OpenAI, Anthropic, Gemini or MCP.")
NOTES: Schema = {
    "type": "array",
    "items": {"type": "string"},
    "description": "What was assumed, or is not known.",
}
COUNTED = record(
    "tokens low high exact notes",
    tokens=whole("The best known number of tokens."),
    low=whole("The least that it can be."),
    high={
        "type": ["integer", "null"],
        "description": "The most that it can be; null: no upper bound.",
    },
    exact=flag("Whether low, tokens and high are one number."),
    notes=NOTES,
)
MONEY = record(
    "model total partial lines unpriced notes",
    model=text("The model whose prices were taken."),
    total=text("USD of all that has a price, as a decimal string."),
    partial=flag("Whether something has no listed price."),
    lines=array("What is paid for: item, quantity, unit, price and amount in USD."),
    unpriced=array("All without a listed price, and why."),
    notes=NOTES,
)


def check_arguments(takes: Schema, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check the arguments of a call against a schema; return them without those that are null.

    Raises ValueError or TypeError that names the argument.

    >>> check_arguments(record("n", n=whole("How many.", 1)), {"n": 0})
    Traceback (most recent call last):
    ValueError: n: expected at least 1, got 0
    """
    known = takes["properties"]
    given = {name: value for name, value in arguments.items() if value is not None}
    for name in given:
        if name not in known:
            raise ValueError(f"{shown(name)}: this argument is not known.{nearest(name, known)}")
    for name in takes["required"]:
        if name not in given:
            raise ValueError(f"{name}: expected {_kind(known[name])}, got none")
    return {name: _checked(name, known[name], value) for name, value in given.items()}


def _checked(name: str, schema: Schema, value: Any) -> Any:
    kind = schema["type"]
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON Schema takes 5.0 as a whole number
    is_type = isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not is_type:
        raise TypeError(f"{name}: expected {_kind(schema)}, got {shown(value)}")
    if "enum" in schema:
        check_choice(name, value, schema["enum"])
    if "minimum" in schema and not value >= schema["minimum"]:
        raise ValueError(f"{name}: expected at least {schema['minimum']}, got {value}")
    if "maximum" in schema and value > schema["maximum"]:
        raise ValueError(f"{name}: expected at most {schema['maximum']}, got {value}")
    return value


def _kind(schema: Schema) -> str:
    return {
        "string": "a string",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "array": "a list",
        "object": "an object",
    }[schema["type"]]


def check_size(arguments: Mapping[str, Any], most_mb: int) -> None:
    """Check that the arguments of a call take at most so many MB: one byte a character, and
    eight a value.

    Raises ValueError.

    >>> check_size({"text": "a" * (1 << 20)}, 1)
    Traceback (most recent call last):
    ValueError: expected arguments of at most 1 MB, got more; send less, or start the server ...
    """
    room = most_mb << 20
    waiting: list[Any] = [arguments]
    while waiting:
        value = waiting.pop()
        room -= _VALUE
        if isinstance(value, str):
            room -= len(value)
        elif isinstance(value, Mapping):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        if room < 0:
            raise ValueError(
                f"expected arguments of at most {most_mb} MB, got more; send less, or start the "
                "server with a larger --max-mb"
            )
