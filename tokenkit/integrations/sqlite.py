"""Tokens in the SQL of SQLite.

>>> import sqlite3
>>> connection = register(sqlite3.connect(":memory:"))
>>> connection.execute("SELECT count_tokens('hello world', 'gpt-5.4')").fetchone()
(2,)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from tokenkit import TokenkitWarning
from tokenkit._checks import check_choice, check_tokens
from tokenkit.integrations.columns import encoding_named

if TYPE_CHECKING:
    from sqlite3 import Connection

__all__ = ["register"]


def register(connection: Connection, *, errors: Literal["raise", "null"] = "raise") -> Connection:
    """Give a connection functions of SQL, and return it.

    - `count_tokens(text, model)`
    - `fits_tokens(text, model, n)`: 1 if the text has at most n tokens, else 0
    - `truncate_tokens(text, model, n[, keep[, marker]])`: as `tokenkit.truncate`

    Texts are TEXT, or BLOB that holds UTF-8. `model` names a model or an encoding. A NULL gives
    NULL; with errors="null", so does a BLOB that is not UTF-8. The functions are deterministic, so
    indexes may be made of them. What is wrong raises `sqlite3.OperationalError`; SQLite does not
    pass on why, so a `TokenkitWarning` says it, with function and argument.

    >>> import sqlite3
    >>> connection = register(sqlite3.connect(":memory:"))
    >>> connection.execute("SELECT truncate_tokens('one two three', 'o200k_base', 2)").fetchone()
    ('one two',)
    """
    check_choice("errors", errors, ("raise", "null"))
    for name, parameters, function in (
        ("count_tokens", 2, _count),
        ("fits_tokens", 3, _fits),
        ("truncate_tokens", 3, _truncate),
        ("truncate_tokens", 4, _truncate),
        ("truncate_tokens", 5, _truncate),
    ):
        connection.create_function(
            name, parameters, _for_sql(name, function, errors), deterministic=True
        )
    return connection


def _for_sql(name: str, function: Callable[..., Any], errors: str) -> Callable[..., Any]:
    def call(value: object, *arguments: object) -> Any:
        if value is None or None in arguments:
            return None
        try:
            text = value if isinstance(value, str) else _decoded(value, errors)
            return None if text is None else function(text, *arguments)
        except Exception as error:
            warnings.warn(TokenkitWarning(f"{name}: {error}"), stacklevel=2)
            raise

    return call


def _decoded(value: object, errors: str) -> str | None:
    if not isinstance(value, bytes):
        kind = "INTEGER" if isinstance(value, int) else "REAL"
        raise TypeError(f"text: expected TEXT or BLOB, got {kind}; CAST(... AS TEXT) makes one")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        if errors == "null":
            return None
        raise ValueError(f"text: invalid UTF-8 at byte {error.start}") from error


def _count(text: str, model: str) -> int:
    return encoding_named(model).count(text)


def _fits(text: str, model: str, limit: int) -> bool:
    return encoding_named(model).within(text, check_tokens("n", limit, None)) is not None


def _truncate(text: str, model: str, max_tokens: int, keep: Any = "head", marker: str = "") -> str:
    encoding = encoding_named(model)
    return encoding.truncate(text, check_tokens("n", max_tokens), keep=keep, marker=marker)
