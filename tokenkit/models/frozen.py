"""Deep read-only copies of JSON-like data, and plain ones of those."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

__all__ = ["FrozenDict", "freeze", "thaw"]


class FrozenDict(dict[str, Any]):
    """A dict that refuses changes: records are shared, so a change would leak to everyone."""

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("a model record cannot be changed; use dataclasses.replace or to_record()")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenDict, (dict(self),))


FrozenDict.__module__ = "tokenkit.models"  # pickles name the face; this file may move


def freeze(value: Any) -> Any:
    """Return a deep read-only copy: FrozenDict for a mapping, tuple for a list."""
    if isinstance(value, Mapping):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """Return a deep plain copy of frozen data: dicts, lists, days as text, sets sorted."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
