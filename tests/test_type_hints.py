"""`typing.get_type_hints` reads every public name: agents and validators build schemas with it."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator

import pytest

import tokenkit


def of_class(kind: type) -> Iterator[tuple[str, object]]:
    """The class, and its public methods and properties."""
    yield kind.__name__, kind
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("tokenkit"):
            continue
        for name, member in vars(base).items():
            inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
            if not name.startswith("_") and inspect.isfunction(inspect.unwrap(inner)):
                yield f"{kind.__name__}.{name}", inner


def public() -> Iterator[tuple[str, object]]:
    for name in vars(tokenkit)["__all__"]:
        value = getattr(tokenkit, name)
        if isinstance(value, type):
            yield from of_class(value)
        elif callable(value):
            yield name, value


CASES = dict(public())


@pytest.mark.parametrize("name", CASES)
def test_hints_are_types(name: str) -> None:
    hints = typing.get_type_hints(CASES[name])
    for parameter, hint in hints.items():
        # What stands in for a name until it is needed must not be what is read.
        assert "_face" not in type(hint).__module__, parameter


def test_all_are_read() -> None:
    assert {"count", "chunk", "fit", "Fit", "Encoding.encode", "Budget.for_model"} <= CASES.keys()


def test_choices_are_literals() -> None:
    hints = typing.get_type_hints(tokenkit.truncate)
    assert typing.get_args(hints["keep"]) == ("head", "tail", "ends")
    assert tokenkit.Model in typing.get_args(hints["model"])
