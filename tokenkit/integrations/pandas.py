"""Tokens of a Series of pandas: importing this gives every Series the accessor `tokens`.

>>> import pandas as pd
>>> import tokenkit.integrations.pandas
>>> frame = pd.DataFrame({"text": ["hello world", None, ""]}, index=[7, 8, 9])
>>> frame.assign(tokens=frame["text"].tokens.count("gpt-5.4"))
          text  tokens
7  hello world       2
8          NaN    <NA>
9                    0

Results have the index and the name of the Series; what is missing stays missing. Series of str, of
bytes that hold UTF-8, of ArrowDtype and categories are taken. Errors name the Series and the row,
counted from 0. pyarrow is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pyarrow as pa

from tokenkit import Chunker, Encoding, Model
from tokenkit.encodings import encoding_of, repaired
from tokenkit.integrations.columns import applied, naming

if TYPE_CHECKING:
    from typing import TypeAlias

    Errors: TypeAlias = Literal["raise", "null"]

__all__ = ["SeriesTokens"]


@pd.api.extensions.register_series_accessor("tokens")
class SeriesTokens:
    """The accessor `tokens` of a Series.

    `model` is a name or a `Model`, `encoding` a name or an `Encoding`; give one of them. Bytes
    that are not UTF-8 raise ValueError; with errors="null" they become missing. Other arguments and
    errors are those of the methods of `Encoding` of the same name.
    """

    def __init__(self, series: pd.Series) -> None:
        self._series = series

    def count(
        self,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> pd.Series:
        """Count the tokens of each row: Int64.

        >>> pd.Series(["hello world", None]).tokens.count(encoding="o200k_base").tolist()
        [2, <NA>]
        """
        chosen = encoding_of(model, encoding)
        counts = self._applied(partial(chosen.count_arrow, errors=errors))
        return self._made(pd.Int64Dtype().__from_arrow__(counts))

    def encode(
        self,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> pd.Series:
        """Encode each row: Arrow-backed lists of uint32. Special tokens are ordinary text.

        >>> pd.Series(["hello world"]).tokens.encode("gpt-5.4")[0]
        [24912, 2375]
        """
        chosen = encoding_of(model, encoding)
        ids = self._applied(partial(chosen.encode_arrow, errors=errors))
        return self._made(pd.arrays.ArrowExtensionArray(ids))

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
    ) -> pd.Series:
        """Truncate each row to at most `max_tokens` tokens, as `Encoding.truncate` does.

        The result has the dtype of the Series where that is one of texts, else object.

        >>> pd.Series(["one two three"]).tokens.truncate(2, "gpt-5.4").tolist()
        ['one two']
        """
        chosen = encoding_of(model, encoding)
        road = partial(
            chosen.truncate_arrow,
            max_tokens=max_tokens,
            keep=keep,
            marker=marker,
            unit=unit,
            errors=errors,
        )
        return self._made(*_as_texts(self._applied(road, whole=True), self._series.dtype))

    def fits(
        self,
        limit: int,
        model: str | Model | None = None,
        *,
        encoding: str | Encoding | None = None,
        errors: Errors = "raise",
    ) -> pd.Series:
        """Say of each row whether it has at most `limit` tokens: boolean.

        >>> pd.Series(["hello world", None]).tokens.fits(1, "gpt-5.4").tolist()
        [False, <NA>]
        """
        chosen = encoding_of(model, encoding)
        fitting = self._applied(partial(chosen.fits_arrow, limit=limit, errors=errors))
        return self._made(pd.BooleanDtype().__from_arrow__(fitting))

    def chunk(self, chunker: Chunker, *, errors: Errors = "raise") -> pd.Series:
        """Split each row into chunks: Arrow-backed lists of structs, for `explode`.

        The fields are index, start, end, tokens, text and headings, as `Chunker.chunk_arrow` has;
        `series.explode().struct.explode()` makes columns of them. An empty text has no chunks.

        >>> chunker = Chunker("gpt-5.4", max_tokens=3, trim=True)
        >>> chunks = pd.Series(["One sea. Two moons."], index=[7]).tokens.chunk(chunker)
        >>> chunks.explode().struct.field("text").to_list()
        ['One sea.', 'Two moons.']
        """
        if not isinstance(chunker, Chunker):
            raise TypeError(f"chunker: expected a Chunker, got {type(chunker).__name__}")
        chunks = self._applied(partial(chunker.chunk_arrow_lists, errors=errors), whole=True)
        return self._made(pd.arrays.ArrowExtensionArray(chunks))

    def _applied(self, road: Callable[..., object], *, whole: bool = False) -> pa.ChunkedArray:
        name = self._series.name
        with naming("a Series without a name" if name is None else f"column {name!r}"):
            texts = self._texts(whole)
            parts = applied(road, texts, texts.get_total_buffer_size())
        return pa.chunked_array([pa.array(part) for part in parts])

    def _made(self, values: object, dtype: object = None) -> pd.Series:
        index, name = self._series.index, self._series.name
        return pd.Series(values, index=index, name=name, dtype=dtype, copy=False)

    def _texts(self, whole: bool) -> pa.Array | pa.ChunkedArray:
        """The texts as Arrow has them. Lone surrogates, which it cannot have, are counted as
        U+FFFD, as everywhere; where the texts themselves are wanted (`whole`) they raise."""
        try:
            texts = pa.array(self._series, from_pandas=True)
        except (pa.ArrowException, UnicodeError):
            values = [_checked(row, value, whole) for row, value in enumerate(self._series)]
            return pa.array(values, pa.large_binary(), from_pandas=True)
        kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
        if pa.types.is_floating(kind) and texts.null_count == len(texts):
            return pa.nulls(len(texts))  # a column of which pandas knows no more than that
        return texts


def _checked(row: int, value: object, whole: bool) -> object:
    """Return a row as bytes, and what is missing as it is. Raises for others, naming the row."""
    if isinstance(value, str):
        text = repaired(value)
        if whole and text != value:
            raise ValueError(f"row {row}: expected text, got a lone surrogate, which Arrow has not")
        return text.encode()
    if isinstance(value, bytes) or pd.isna(value) is True:
        return value
    raise TypeError(f"row {row}: expected str or bytes, got {type(value).__name__}")


def _as_texts(texts: pa.ChunkedArray, dtype: object) -> tuple[object, object]:
    """Texts as values of this dtype, or of object where it is another than one of texts."""
    if isinstance(dtype, pd.StringDtype):
        return dtype.__from_arrow__(texts), dtype
    if isinstance(dtype, pd.ArrowDtype):
        return pd.arrays.ArrowExtensionArray(texts), None
    return texts.to_pylist(), object
