"""Tokens in the SQL of DuckDB: counts, truncated texts and chunks of a column.

>>> import duckdb
>>> connection = register(duckdb.connect())
>>> connection.sql("SELECT count_tokens('hello world', 'gpt-5.4')").fetchall()
[(2,)]
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from tokenkit._checks import check_choice

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tokenkit.integrations.sql_functions import SqlFunction

__all__ = ["register"]

_CHUNK = (
    'STRUCT("index" INTEGER, "start" BIGINT, "end" BIGINT, tokens INTEGER, "text" VARCHAR, '
    "headings VARCHAR[])"
)
_TYPES = {
    "count_tokens": "BIGINT",
    "encode_tokens": "UINTEGER[]",
    "fits_tokens": "BOOLEAN",
    "truncate_tokens": "VARCHAR",
    "chunk_tokens": f"{_CHUNK}[]",
}


def register(
    connection: DuckDBPyConnection, *, errors: Literal["raise", "null"] = "raise"
) -> DuckDBPyConnection:
    """Give a connection functions of SQL, and return it.

    - `count_tokens(text, model)`: BIGINT
    - `fits_tokens(text, model, n)`: whether the text has at most n tokens
    - `truncate_tokens(text, model, n[, keep[, marker]])`: as `tokenkit.truncate`
    - `encode_tokens(text, model)`: UINTEGER[]
    - `chunk_tokens(text, model, n)`: a list of STRUCT(index, start, end, tokens, text, headings),
      as a `Chunker` with max_tokens=n makes them; `unnest` makes rows of it

    Texts are VARCHAR, ENUM, or BLOB that holds UTF-8. `model` names a model or an encoding. It and
    the other arguments may differ from row to row. A NULL gives NULL. Errors name the function and
    the argument; those of a text name its row in the vector of 2,048 rows that DuckDB passed. With
    errors="null" a BLOB that is not UTF-8 gives NULL.

    All connections of a database have them. Needs pyarrow. Registering again replaces them; another
    connection of the same database cannot do so with another `errors`: duckdb.CatalogException.

    >>> import duckdb
    >>> connection = register(duckdb.connect())
    >>> connection.sql(
    ...     "SELECT unnest(chunk_tokens('One sea. Two moons.', 'gpt-5.4', 4), recursive := true)"
    ... ).project("tokens, text").fetchall()
    [(3, 'One sea.'), (3, ' Two moons.')]
    """
    import duckdb

    from tokenkit.integrations.sql_functions import FUNCTIONS

    check_choice("errors", errors, ("raise", "null"))
    for name, type in _TYPES.items():
        _remove(connection, name)
        try:
            connection.create_function(
                name,
                _with_parameters(FUNCTIONS[name], errors),
                None,  # any types: it is for us to say what is wrong with them
                type,
                type="arrow",
                null_handling="special",
            )
        except duckdb.CatalogException:
            if errors == _setting(connection):
                return connection
            raise
    return connection


def _remove(connection: DuckDBPyConnection, name: str) -> None:
    import duckdb

    with suppress(duckdb.InvalidInputException):  # it was not there
        connection.remove_function(name)


def _setting(connection: DuckDBPyConnection) -> str:
    """With which `errors` another connection of the same database registered the functions."""
    import duckdb

    try:
        connection.cursor().execute("SELECT count_tokens('\\xFF'::BLOB, 'o200k_base')").fetchall()
    except duckdb.InvalidInputException:
        return "raise"
    return "null"


def _with_parameters(function: SqlFunction, errors: str) -> Callable[..., Any]:
    """The function with as many parameters as DuckDB is to ask for: it reads the signature."""
    # DuckDB calls it on threads of its own.
    call = partial(function, errors=errors, num_threads=1)
    if function.name in ("count_tokens", "encode_tokens"):
        return lambda text, model: call(text, model)
    if function.name == "truncate_tokens":
        # DuckDB asks for one argument of `rest` at least, which is n.
        def truncate(text: Any, model: Any, *rest: Any) -> Any:
            if len(rest) > 3:
                raise TypeError(
                    f"{function.name}: expected at most 5 arguments, got {2 + len(rest)}"
                )
            return call(text, model, *rest)

        return truncate
    return lambda text, model, n: call(text, model, n)
