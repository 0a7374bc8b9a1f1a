"""Mappings and lists of a request that note which of their items a template reads.

A view is a dict or list in every way that a template can tell, so a template renders what it would
of plain data. Names of their own begin with an underscore, which the sandbox keeps from templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, SupportsIndex

from tokenkit.chat.checks import fault
from tokenkit.chat.template_meter import MOST_DEPTH, View

__all__ = ["DictView", "ListView", "place", "unread_items", "viewed"]


class DictView(View, dict[Any, Any]):
    """A mapping that notes which keys were read. `_place` says what the loop over it is about."""

    __slots__ = ("_all", "_place", "_seen", "_size")

    def __init__(self, items: Mapping[Any, Any], size: int) -> None:
        super().__init__(items)
        self._seen: set[Any] = set()
        self._all = False
        self._size = size
        self._place: object = None

    def __getitem__(self, key: Any) -> Any:
        self._seen.add(key)
        return dict.__getitem__(self, key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._seen.add(key)
        return dict.get(self, key, default)

    def __iter__(self) -> Iterator[Any]:
        return dict.__iter__(self)  # without it, dict(view) would not ask for the items

    def items(self) -> Any:
        self._all = True
        return dict.items(self)

    def values(self) -> Any:
        self._all = True
        return dict.values(self)

    def copy(self) -> dict[Any, Any]:
        return dict(self.items())

    def __repr__(self) -> str:
        self._all = True
        return dict.__repr__(self)


class ListView(View, list[Any]):
    """A list that notes which items were read, and whether it was written as Python writes it."""

    __slots__ = ("_all", "_seen", "_shown", "_size")

    def __init__(self, items: list[Any], size: int) -> None:
        super().__init__(items)
        self._seen: set[int] = set()
        self._all = False
        self._shown = False
        self._size = size

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int):
            self._seen.add(key if key >= 0 else key + len(self))
        else:
            self._all = True
        return list.__getitem__(self, key)

    def __iter__(self) -> Iterator[Any]:
        self._all = True
        return list.__iter__(self)

    def __reversed__(self) -> Iterator[Any]:
        self._all = True
        return list.__reversed__(self)

    def __contains__(self, item: object) -> bool:
        self._all = True
        return list.__contains__(self, item)

    def __add__(self, other: Any) -> Any:
        self._all = True
        return list.__add__(self, other)

    def __mul__(self, number: SupportsIndex) -> Any:
        self._all = True
        return list.__mul__(self, number)

    def __repr__(self) -> str:
        self._all = self._shown = True
        return list.__repr__(self)


def viewed(value: Any, where: str, depth: int = 0) -> Any:
    """Make a view of plain data; what no JSON could hold is the name of its type.

    Raises ValueError, with the path `where`, for data that is nested too deeply or holds itself.

    >>> view = viewed({"role": "user", "content": "Hi"}, "messages[0]")
    >>> view["role"], [path for path, _ in unread_items(view, "messages[0]")]
    ('user', ['messages[0].content'])
    """
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth >= MOST_DEPTH:
        raise fault(where, f"expected values at most {MOST_DEPTH} deep, got deeper ones")
    if isinstance(value, Mapping):
        items = {key: viewed(item, where, depth + 1) for key, item in value.items()}
        return DictView(items, sum(_size(key) + _size(item) for key, item in items.items()))
    if isinstance(value, (list, tuple)):
        listed = [viewed(item, where, depth + 1) for item in value]
        return ListView(listed, sum(map(_size, listed)))
    return f"<{type(value).__name__}>"


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and len(value) == 0)


def place(view: Any, owner: object) -> Any:
    """Say what the loop over a view is about, and give the view."""
    view._place = owner
    return view


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value) + 4
    return value._size + 4 if isinstance(value, View) else 8


def unread_items(view: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of what was not read in a view, the outermost ones only.

    Empty values say nothing, and are skipped.
    """
    if isinstance(view, DictView):
        if view and not view._all and not view._seen & view.keys():
            yield path, view
            return
        for key, item in dict.items(view):
            if view._all or key in view._seen:
                yield from unread_items(item, f"{path}.{key}")
            elif not _is_empty(item):
                yield f"{path}.{key}", item
    elif isinstance(view, ListView):
        if view and not view._all and not view._seen:
            yield path, view
            return
        for index, item in enumerate(list.__iter__(view)):
            if view._all or index in view._seen:
                yield from unread_items(item, f"{path}[{index}]")
            else:
                yield f"{path}[{index}]", item
