"""Kinds of values of options: what is refused is said as other errors say it."""

from __future__ import annotations

from contextlib import contextmanager

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Words: TypeAlias = click.Choice[str]
    Kind: TypeAlias = click.ParamType[Any]
else:
    Words = click.Choice  # before click 8.2 it took no type

__all__ = ["Choice", "Number", "WholeNumber"]


class WholeNumber(click.IntRange):
    """A whole number of a range."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        with _said(self, f"a whole number {_range_of(self)}", value, param, ctx):
            return int(super().convert(value, param, ctx))


class Number(click.FloatRange):
    """A number of a range."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        with _said(self, f"a number {_range_of(self)}", value, param, ctx):
            return float(super().convert(value, param, ctx))


class Choice(Words):
    """One of some words."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        *others, last = map(repr, self.choices)
        with _said(self, f"{', '.join(others)} or {last}", value, param, ctx):
            return str(super().convert(value, param, ctx))


@contextmanager
def _said(kind: Kind, expected: str, value: Any, param: Any, ctx: Any) -> Iterator[None]:
    """Say of a value that click refuses what was expected, as other errors do."""
    try:
        yield
    except click.BadParameter:
        kind.fail(f"expected {expected}, got {value!r}", param, ctx)


def _range_of(kind: WholeNumber | Number) -> str:
    if kind.max is None:
        return f"of at least {kind.min}"
    return f"from {kind.min} to {'below ' if kind.max_open else ''}{kind.max}"
