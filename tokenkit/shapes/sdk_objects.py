"""Objects of other libraries as plain dicts, lists and strings, before their keys are read.

Messages come as dicts, but as pydantic models of an SDK, dataclasses, user-made mappings and enums,
too. `plain` writes them as JSON would: what reads them then knows five types, not fifty.
"""

from __future__ import annotations

import dataclasses
import enum
import operator
from collections.abc import Mapping
from typing import Any

__all__ = ["given", "is_class", "is_left_out", "plain"]

_LEFT_OUT = frozenset(("NotGiven", "Omit", "Unset", "NotGivenOr", "_Unset", "UnsetType"))
_DEEPEST = 64
_PLAIN = (str, int, float, bool, type(None))


def is_left_out(value: object) -> bool:
    """Return whether a value says "not given": the sentinels `NOT_GIVEN` and `omit` of SDKs.

    They are known by the names of their types, so no SDK is imported.

    >>> class NotGiven: pass
    >>> is_left_out(NotGiven()), is_left_out(None)
    (True, False)
    """
    return type(value).__name__ in _LEFT_OUT or (
        isinstance(value, type) and value.__name__ in _LEFT_OUT
    )


def given(value: Any) -> Any:
    """Return the value of an option, None where it is one of the sentinels of SDKs."""
    return None if value is not None and is_left_out(value) else value


def is_class(value: object) -> bool:
    """Return whether this is a class, such as a pydantic model given as a response format."""
    return isinstance(value, type)


def plain(value: Any, depth: int = 0) -> Any:
    """Write a message, a tool or a part of one as plain dicts, lists, strings and numbers.

    Fields that are not given are left out. Values without keys stay as they are.

    >>> from types import MappingProxyType
    >>> plain(MappingProxyType({"role": "user", "content": ("Hi",)}))
    {'role': 'user', 'content': ['Hi']}
    """
    if type(value) in _PLAIN or depth > _DEEPEST:
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return _plain_fields(value.items(), depth)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        return [plain(item, depth + 1) for item in value]
    fields = _fields(value)
    if fields is not None:
        return _plain_fields(fields, depth)
    if hasattr(type(value), "__index__") and not hasattr(value, "__len__"):
        return operator.index(value)
    return value


def _plain_fields(items: Any, depth: int) -> dict[Any, Any]:
    return {
        plain(key, depth + 1): plain(item, depth + 1)
        for key, item in items
        if not is_left_out(item)
    }


def _fields(value: Any) -> Any:
    """Return the (key, value) pairs of an object that can say them, None for any other."""
    if is_class(value):
        return None
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        fields = dump()
        return fields.items() if isinstance(fields, Mapping) else None
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    if hasattr(value, "_asdict"):
        return value._asdict().items()
    convert = getattr(value, "to_dict", None)
    if callable(convert):
        fields = convert()
        return fields.items() if isinstance(fields, Mapping) else None
    return None
