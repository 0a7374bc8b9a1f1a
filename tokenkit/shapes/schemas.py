"""JSON schemas of tools: their keywords are known, and Gemini's are written as all others are.

Source: JSON Schema 2020-12, and the OpenAPI 3.0 keywords of google-genai 3.6.1's `Schema`.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes.unsure import MessageBook, json_text, keys

__all__ = ["account_schema", "lowered"]

_TYPES = frozenset(("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"))
_KNOWN = keys(
    """type properties required enum const items description default any_of one_of all_of not
    $ref $defs definitions title format pattern minimum maximum exclusive_minimum
    exclusive_maximum multiple_of min_length max_length min_items max_items unique_items
    min_properties max_properties additional_properties pattern_properties property_names
    prefix_items additional_items contains min_contains max_contains examples example nullable
    property_ordering read_only write_only deprecated $schema $id $anchor $comment if then else
    dependent_required dependent_schemas unevaluated_properties unevaluated_items
    content_encoding content_media_type discriminator $dynamicRef $dynamicAnchor
    $recursiveRef ref defs"""
).read
_MAPS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas", "defs")
_LISTS = ("anyOf", "oneOf", "allOf", "any_of", "one_of", "all_of", "prefixItems")
_SCHEMAS = ("items", "not", "additionalProperties", "contains", "if", "then", "else")
_DEEPEST = 32


def account_schema(book: MessageBook, path: str, schema: Any, depth: int = 0) -> None:
    """Note keywords that no table knows, at every depth: their text may count."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    for key, item in schema.items():
        where = f"{path}.{key}"
        if key not in _KNOWN:
            note = "this keyword of a schema is not known; its text may count"
            book.doubt(where, note, maybe=json_text({str(key): item}), open=False)
        elif key in _MAPS and isinstance(item, dict):
            for name, inner in item.items():
                account_schema(book, f"{where}.{name}", inner, depth + 1)
        elif key in _LISTS and isinstance(item, list):
            for index, inner in enumerate(item):
                account_schema(book, f"{where}[{index}]", inner, depth + 1)
        elif key in _SCHEMAS:
            account_schema(book, where, item, depth + 1)


def lowered(schema: Any, depth: int = 0) -> Any:
    """Write Gemini's names of types ("STRING") as JSON Schema does ("string").

    >>> lowered({"type": "OBJECT", "properties": {"a": {"type": "STRING"}}})
    {'type': 'object', 'properties': {'a': {'type': 'string'}}}
    """
    if depth > _DEEPEST or not isinstance(schema, (dict, list)):
        return schema
    if isinstance(schema, list):
        return [lowered(item, depth + 1) for item in schema]
    return {
        key: item.lower()
        if key == "type" and isinstance(item, str) and item in _TYPES
        else lowered(item, depth + 1)
        for key, item in schema.items()
    }
