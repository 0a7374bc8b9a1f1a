"""Tokens in PyArrow's compute: datasets and Acero filter and project by them.

>>> import pyarrow as pa, pyarrow.compute as pc, pyarrow.dataset as ds
>>> data = ds.dataset(pa.table({"text": ["hello world", "hi", None]}))
>>> data.to_table(filter=count_tokens(pc.field("text"), "gpt-5.4") > 1)["text"].to_pylist()
['hello world']
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from tokenkit import Encoding, Model
from tokenkit._checks import check_choice, check_tokens
from tokenkit.encodings import ENCODINGS, encoding_of
from tokenkit.integrations.sql_functions import FUNCTIONS, SqlFunction

if TYPE_CHECKING:
    from typing import TypeAlias

    Errors: TypeAlias = Literal["raise", "null"]

__all__ = ["count_tokens", "encode_tokens", "fits_tokens", "register", "truncate_tokens"]

_ARGUMENTS = {
    "count": {"model": pa.string()},
    "encode": {"model": pa.string()},
    "fits": {"model": pa.string(), "n": pa.int64()},
    "truncate": {
        "model": pa.string(),
        "n": pa.int64(),
        "keep": pa.string(),
        "marker": pa.string(),
    },
}

# Of the function's name, by what becomes of texts that are not UTF-8.
_SUFFIXES = {"raise": "", "null": "_or_null"}


def register() -> None:
    """Register tokenkit_count, tokenkit_encode, tokenkit_fits and tokenkit_truncate with PyArrow.

    They are for `pyarrow.compute.call_function`, and take what the functions of this module put
    together for you: texts as large_binary that holds UTF-8, the name of a model or an encoding,
    for the last two n, an int64, and for the last `keep` and `marker`. All but the texts may be
    scalars. tokenkit_count_or_null and so on give null for texts that are not UTF-8. Registering
    again does nothing. Each process has a registry of its own.

    >>> register()
    >>> texts = pa.array(["hello world", None]).cast(pa.large_binary())
    >>> pc.call_function("tokenkit_count", [texts, pa.scalar("gpt-5.4")]).to_pylist()
    [2, None]
    """
    registered = set(pc.list_functions())
    for verb, arguments in _ARGUMENTS.items():
        for errors, suffix in _SUFFIXES.items():
            name = f"tokenkit_{verb}{suffix}"
            if name in registered:
                continue
            function = replace(FUNCTIONS[f"{verb}_tokens"], name=name)
            with suppress(pa.ArrowKeyError):  # another thread has just done so
                pc.register_scalar_function(
                    _Kernel(function, errors),
                    name,
                    {
                        "summary": f"tokenkit: {verb}",
                        "description": f"text, {', '.join(arguments)}",
                    },
                    {"text": pa.large_binary(), **arguments},
                    function.type,
                )


class _Kernel:
    """A function as PyArrow calls it: with a context, and scalars where a value is the same."""

    def __init__(self, function: SqlFunction, errors: str) -> None:
        self._function = partial(function, errors=errors)

    def __call__(self, context: Any, *values: Any) -> pa.Array:
        return self._function(*(_array(value, context.batch_length) for value in values))


def _array(value: Any, rows: int) -> pa.Array:
    if isinstance(value, pa.Scalar):
        return pa.repeat(value, rows) if value.is_valid else pa.nulls(rows, value.type)
    # Acero of pyarrow 26 makes nulls of a plan's constants that have no buffer, as they must have.
    return pa.nulls(rows, value.type) if value.null_count == len(value) else value


def count_tokens(
    column: pc.Expression | str,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> pc.Expression:
    """Make an expression of the tokens of each row: int64.

    `column` is an expression or the name of a field, of strings, of binary that holds UTF-8, or of
    a dictionary of these. A null row is null. Raises TypeError for another column, and what
    `tokenkit.count` raises for model and encoding; an `Encoding` of your own has to be in
    `tokenkit.registry.ENCODINGS`. Texts that are not UTF-8 raise ValueError when they are read;
    with errors="null" they give null.

    >>> import pyarrow.dataset as ds
    >>> data = ds.dataset(pa.table({"text": ["hello world", None]}))
    >>> data.to_table(columns={"n": count_tokens("text", "gpt-5.4")})["n"].to_pylist()
    [2, None]
    """
    return _called("count", errors, column, _name(model, encoding))


def encode_tokens(
    column: pc.Expression | str,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> pc.Expression:
    """Make an expression of the ids of each row, a list of uint32; see `count_tokens`.

    >>> import pyarrow.dataset as ds
    >>> data = ds.dataset(pa.table({"text": ["hello world", None]}))
    >>> data.to_table(columns={"ids": encode_tokens("text", "gpt-5.4")})["ids"].to_pylist()
    [[24912, 2375], None]
    """
    return _called("encode", errors, column, _name(model, encoding))


def fits_tokens(
    column: pc.Expression | str,
    limit: int,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> pc.Expression:
    """Make an expression of whether a row has at most `limit` tokens; see `count_tokens`.

    >>> import pyarrow.dataset as ds
    >>> data = ds.dataset(pa.table({"text": ["hello world", "hi"]}))
    >>> data.to_table(filter=fits_tokens("text", 1, "gpt-5.4"))["text"].to_pylist()
    ['hi']
    """
    limit = check_tokens("limit", limit, None)
    return _called("fits", errors, column, _name(model, encoding), limit)


def truncate_tokens(
    column: pc.Expression | str,
    max_tokens: int,
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    keep: Literal["head", "tail", "ends"] = "head",
    marker: str = "",
    errors: Errors = "raise",
) -> pc.Expression:
    """Make an expression of truncated texts, large_string: as `tokenkit.truncate`.

    Raises what that and `count_tokens` do.

    >>> import pyarrow.dataset as ds
    >>> data = ds.dataset(pa.table({"text": ["one two three"]}))
    >>> short = truncate_tokens("text", 2, "gpt-5.4", keep="tail")
    >>> data.to_table(columns={"short": short})["short"].to_pylist()
    [' two three']
    """
    name = _name(model, encoding)
    encoding_of(None, name).truncate("", max_tokens, keep=keep, marker=marker)  # checks them
    return _called("truncate", errors, column, name, check_tokens("n", max_tokens), keep, marker)


def _name(model: str | Model | None, encoding: str | Encoding | None) -> str:
    chosen = encoding_of(model, encoding)
    if ENCODINGS.get(chosen.name) is not chosen:
        raise ValueError(
            f"encoding: expected one that is known by its name, got {chosen.name!r}; put it into "
            "tokenkit.registry.ENCODINGS"
        )
    return chosen.name


def _called(
    verb: str, errors: Errors, column: pc.Expression | str, *arguments: str | int
) -> pc.Expression:
    check_choice("errors", errors, ("raise", "null"))
    if isinstance(column, str):
        column = pc.field(column)
    if not isinstance(column, pc.Expression):
        raise TypeError(
            "column: expected an expression or the name of a field, got "
            f"{type(column).__name__}; Encoding.count_arrow takes arrays"
        )
    register()
    texts = column.cast(pa.large_binary())
    constants = [pc.scalar(value) for value in arguments]
    return pc.Expression._call(f"tokenkit_{verb}{_SUFFIXES[errors]}", [texts, *constants])
