"""Tokens as expressions of Polars: importing this gives every column the namespace `tokens`.

>>> import polars as pl
>>> import tokenkit.integrations.polars
>>> frame = pl.DataFrame({"text": ["hello world", None, ""]})
>>> frame.select(pl.col("text").tokens.count("gpt-5.4"))["text"].to_list()
[2, None, 0]
>>> frame["text"].tokens.fits(1, "gpt-5.4").to_list()
[False, None, True]

All expressions are named as their column, keep nulls, take String, Categorical, Enum and Binary
that holds UTF-8, and work row by row: lazily, in the streaming engine and in groups. An error names
the column, and the row in what Polars passed: the column of a frame, or a batch of the streaming
engine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import polars as pl

from tokenkit import Chunker, Encoding, Model, TokenReport, token_report
from tokenkit._checks import check_choice, check_tokens
from tokenkit.encodings import encoding_of
from tokenkit.integrations.columns import applied, naming

if TYPE_CHECKING:
    from typing import TypeAlias

    Errors: TypeAlias = Literal["raise", "null"]

__all__ = ["ExprTokens", "FrameTokens", "SeriesTokens"]

Column = TypeVar("Column")

# Before this version, Polars exports a dictionary's codes as if they were all of it.
WHOLE_CATEGORIES = (1, 34)
VERSION = tuple(int(part) for part in pl.__version__.split(".")[:2])

CHUNKS = pl.List(
    pl.Struct(
        {
            "index": pl.Int32,
            "start": pl.Int64,
            "end": pl.Int64,
            "tokens": pl.Int32,
            "text": pl.String,
            "headings": pl.List(pl.String),
        }
    )
)


class Tokens(Generic[Column]):
    """The methods of `tokens`, on an expression and on a Series alike.

    `model` is a name or a `Model`, `encoding` a name or an `Encoding`; give one of them. Rows of
    Binary that are not UTF-8 raise ValueError; with errors="null" they become null. Wrong arguments
    raise at once, as those of `Encoding` and of `tokenkit.count` do.
    """

    def __init__(self, column: Column) -> None:
        self._column = column

    def _mapped(self, dtype: Any, road: Callable[..., object]) -> Column:
        raise NotImplementedError

    def count(
        self,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> Column:
        """Count the tokens of each row: Int64.

        >>> pl.Series(["hello world"]).tokens.count(encoding="o200k_base").item()
        2
        """
        road = encoding_of(model, encoding).count_arrow
        return self._mapped(pl.Int64, partial(road, errors=_checked(errors)))

    def encode(
        self,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> Column:
        """Encode each row: List(UInt32). Special tokens are ordinary text.

        >>> pl.Series(["hello world"]).tokens.encode("gpt-5.4").to_list()
        [[24912, 2375]]
        """
        road = encoding_of(model, encoding).encode_arrow
        return self._mapped(pl.List(pl.UInt32), partial(road, errors=_checked(errors)))

    def truncate(
        self,
        max_tokens: int,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        keep: Literal["head", "tail", "ends"] = "head",
        marker: str = "",
        unit: Literal["grapheme", "char"] = "grapheme",
        errors: Errors = "raise",
    ) -> Column:
        """Truncate each row to at most `max_tokens` tokens, as `Encoding.truncate` does: String.

        >>> pl.Series(["one two three"]).tokens.truncate(2, "gpt-5.4").item()
        'one two'
        """
        chosen = encoding_of(model, encoding)
        chosen.truncate("", max_tokens, keep=keep, marker=marker, unit=unit)  # checks them
        road = partial(
            chosen.truncate_arrow,
            max_tokens=max_tokens,
            keep=keep,
            marker=marker,
            unit=unit,
            errors=_checked(errors),
        )
        return self._mapped(pl.String, road)

    def fits(
        self,
        limit: int,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> Column:
        """Say of each row whether it has at most `limit` tokens: Boolean.

        >>> pl.Series(["hello world", None]).tokens.fits(1, "gpt-5.4").to_list()
        [False, None]
        """
        limit = check_tokens("limit", limit, None)
        road = encoding_of(model, encoding).fits_arrow
        return self._mapped(pl.Boolean, partial(road, limit=limit, errors=_checked(errors)))

    def chunk(self, chunker: Chunker, *, errors: Errors = "raise") -> Column:
        """Split each row into chunks: lists of structs, for `explode` and then `unnest`.

        The fields are index, start, end, tokens, text and headings, as `Chunker.chunk_arrow` has.
        An empty text has no chunks. Raises ContextOverflowError where one character alone is more
        than the limit.

        >>> from tokenkit import Chunker
        >>> chunker = Chunker("gpt-5.4", max_tokens=3, trim=True)
        >>> chunks = pl.Series("text", ["One sea. Two moons."]).tokens.chunk(chunker)
        >>> chunks.explode().struct.field("text").to_list()
        ['One sea.', 'Two moons.']
        """
        if not isinstance(chunker, Chunker):
            raise TypeError(f"chunker: expected a Chunker, got {type(chunker).__name__}")
        road = partial(chunker.chunk_arrow_lists, errors=_checked(errors))
        return self._mapped(CHUNKS, road)


@pl.api.register_expr_namespace("tokens")
class ExprTokens(Tokens[pl.Expr]):
    """The namespace `tokens` of expressions; see `Tokens`."""

    def _mapped(self, dtype: Any, road: Callable[..., object]) -> pl.Expr:
        return self._column.map_batches(
            partial(_of_series, road=road), return_dtype=dtype, is_elementwise=True
        )


@pl.api.register_series_namespace("tokens")
class SeriesTokens(Tokens[pl.Series]):
    """The namespace `tokens` of Series; see `Tokens`."""

    def _mapped(self, dtype: Any, road: Callable[..., object]) -> pl.Series:
        return _of_series(self._column, road)


@pl.api.register_dataframe_namespace("tokens")
@pl.api.register_lazyframe_namespace("tokens")
class FrameTokens:
    """The namespace `tokens` of DataFrame and LazyFrame."""

    def __init__(self, frame: pl.DataFrame | pl.LazyFrame) -> None:
        self._frame = frame

    def report(
        self,
        column: str,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        **options: Any,
    ) -> TokenReport:
        """Report the tokens of a column, as `tokenkit.token_report` does, which takes the options.

        >>> frame = pl.LazyFrame({"text": ["hello world", None]})
        >>> frame.tokens.report("text", "gpt-5.4", limit=1).over_limit
        1
        """
        return token_report(self._frame, column, model, encoding=encoding, **options)


def _of_series(series: pl.Series, road: Callable[..., object]) -> pl.Series:
    if VERSION < WHOLE_CATEGORIES and series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    with naming(f"column {series.name!r}" if series.name else "a column without a name"):
        parts = applied(road, series, series.estimated_size())
    # The name that is given to an empty Series is lost.
    return pl.concat([pl.Series(part) for part in parts], rechunk=False).alias(series.name)


def _checked(errors: Errors) -> Errors:
    return check_choice("errors", errors, ("raise", "null"))
