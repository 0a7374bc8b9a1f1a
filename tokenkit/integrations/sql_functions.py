"""Functions of SQL over Arrow columns: a text, and arguments that may differ from row to row.

DuckDB and PyArrow's compute have them under the same names. They need pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tokenkit import Chunker, Encoding
from tokenkit._checks import check_tokens
from tokenkit.integrations.columns import encoding_named, naming

__all__ = ["FUNCTIONS", "SqlFunction"]

CHUNKS = pa.list_(
    pa.struct(
        {
            "index": pa.int32(),
            "start": pa.int64(),
            "end": pa.int64(),
            "tokens": pa.int32(),
            "text": pa.string(),
            "headings": pa.list_(pa.string()),
        }
    )
)


@dataclass(frozen=True)
class SqlFunction:
    """A function of SQL: `road` makes, of its arguments behind the text, one from texts to results.

    >>> texts = pa.array(["hello world", "hi", None])
    >>> FUNCTIONS["count_tokens"](texts, pa.array(["gpt-5.4", "gpt-4", "gpt-4"])).to_pylist()
    [2, 1, None]
    """

    name: str
    road: Callable[..., Callable[..., Any]]
    type: pa.DataType

    def __call__(
        self, texts: Any, *arguments: Any, errors: str = "raise", num_threads: int | None = None
    ) -> pa.Array:
        """Apply the function to arrays of one length.

        A row in which anything is null is null. Raises what the methods of `Encoding` do, naming
        the function and, for texts, the row.
        """
        apply = partial(self._apply, errors=errors, num_threads=num_threads)
        if not len(texts):
            return pa.nulls(0, self.type)
        if all(len(argument.unique()) == 1 for argument in arguments):
            return apply(texts, tuple(argument[0].as_py() for argument in arguments))
        return self._by_rows(texts, [argument.to_pylist() for argument in arguments], apply)

    def _apply(self, texts: Any, key: tuple[Any, ...], **options: Any) -> pa.Array:
        if None in key:
            return pa.nulls(len(texts), self.type)
        with naming(self.name):
            road = self.road(*key)
        with naming(f"{self.name}: text"):
            made = pa.array(road(texts, **options))
        return made if made.type == self.type else made.cast(self.type)

    def _by_rows(self, texts: Any, arguments: list[list[Any]], apply: Any) -> pa.Array:
        """Apply to the rows of equal arguments together, and put the results in order again."""
        rows_of: dict[tuple[Any, ...], list[int]] = {}
        for row, key in enumerate(zip(*arguments, strict=True)):
            rows_of.setdefault(key, []).append(row)
        order: list[int] = []
        parts = []
        for key, rows in rows_of.items():
            try:
                parts.append(apply(texts.take(pa.array(rows)), key))
            except ValueError:
                others = set(range(len(texts))).difference(rows)
                only = [None if row in others else row for row in range(len(texts))]
                apply(texts.take(pa.array(only)), key)  # raises with the number of the row
                raise
            order += rows
        return pa.concat_arrays(parts).take(pc.sort_indices(pa.array(order)))


def _count(model: Any) -> Callable[..., Any]:
    return encoding_named(model).count_arrow


def _encode(model: Any) -> Callable[..., Any]:
    return encoding_named(model).encode_arrow


def _fits(model: Any, limit: Any) -> Callable[..., Any]:
    return partial(encoding_named(model).fits_arrow, limit=_whole(limit, None))


def _truncate(
    model: Any, max_tokens: Any, keep: Any = "head", marker: Any = ""
) -> Callable[..., Any]:
    encoding = encoding_named(model)
    max_tokens = _whole(max_tokens)
    encoding.truncate("", max_tokens, keep=keep, marker=marker)  # checks them
    return partial(encoding.truncate_arrow, max_tokens=max_tokens, keep=keep, marker=marker)


def _chunk(model: Any, max_tokens: Any) -> Callable[..., Any]:
    return _chunker(encoding_named(model), _whole(max_tokens, 1)).chunk_arrow_lists


def _whole(number: Any, least: int | None = 0) -> int:
    """The number n; one of DuckDB's HUGEINT, as sum() gives, comes as a decimal."""
    if isinstance(number, Decimal) and number.as_tuple().exponent == 0:
        number = int(number)
    return check_tokens("n", number, least)


@lru_cache(64)
def _chunker(encoding: Encoding, max_tokens: int) -> Chunker:
    return Chunker(encoding=encoding, max_tokens=max_tokens)


FUNCTIONS = {
    made.name: made
    for made in (
        SqlFunction("count_tokens", _count, pa.int64()),
        SqlFunction("encode_tokens", _encode, pa.list_(pa.uint32())),
        SqlFunction("fits_tokens", _fits, pa.bool_()),
        SqlFunction("truncate_tokens", _truncate, pa.large_string()),
        SqlFunction("chunk_tokens", _chunk, CHUNKS),
    )
}
