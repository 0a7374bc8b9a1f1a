"""Tokens of a column in Daft, as expressions; each travels by Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokenkit import Chunker, Encoding, Model
from tokenkit._checks import check_str, shown
from tokenkit.encodings import encoding_of
from tokenkit.integrations.arrow_batches import Errors, TextFunction

if TYPE_CHECKING:
    from daft import Expression

__all__ = ["chunk_tokens", "count_tokens"]


def count_tokens(
    column: Expression | str,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> Expression:
    """Count the tokens of each text: an expression of int64, null where the text is null.

    `column` is an expression or the name of a column. The texts are strings, or UTF-8 in binary.
    With errors="null" the count is also null where bytes are not UTF-8; the default raises
    ValueError, which names the column and the row of the batch.
    Raises as `encoding_for_model` does.

    >>> import daft
    >>> documents = daft.from_pydict({"text": ["hello world", "hi"]})
    >>> tokens = count_tokens(daft.col("text"), model="gpt-5.4")
    >>> documents.select(tokens.alias("tokens")).to_pydict()
    {'tokens': [2, 1]}
    """
    from daft import DataType

    column = _expression(column)
    road = TextFunction("count_arrow", encoding_of(model, encoding), column.name(), errors)
    return _applied(road, column, DataType.int64())


def chunk_tokens(
    column: Expression | str, chunker: Chunker, *, errors: Errors = "raise"
) -> Expression:
    """Split each text into chunks: lists of structs with index, start, end, tokens, text and
    headings, for `DataFrame.explode` and `unnest`. Otherwise as `count_tokens`.

    >>> import daft
    >>> documents = daft.from_pydict({"text": ["hello world"]})
    >>> chunks = chunk_tokens(daft.col("text"), Chunker("text-embedding-3-small", max_tokens=1))
    >>> documents.select(chunks.alias("chunk")).explode("chunk").count_rows()
    2
    """
    from daft import DataType

    if not isinstance(chunker, Chunker):
        raise TypeError(f"chunker: expected a Chunker, got {shown(chunker)}")
    column = _expression(column)
    road = TextFunction("chunk_arrow_lists", chunker, column.name(), errors)
    chunk = DataType.struct(
        {
            "index": DataType.int32(),
            "start": DataType.int64(),
            "end": DataType.int64(),
            "tokens": DataType.int32(),
            "text": DataType.string(),
            "headings": DataType.list(DataType.string()),
        }
    )
    return _applied(road, column, DataType.list(chunk))


def _expression(column: Expression | str) -> Expression:
    import daft

    if isinstance(column, daft.Expression):
        return column
    return daft.col(check_str("column", column))


def _applied(road: TextFunction, column: Expression, returned: Any) -> Expression:
    import daft

    def of_batch(texts: Any) -> Any:
        return road(texts.to_arrow())

    of_batch.__annotations__ = {}  # Daft would read them
    applied: Expression = daft.func.batch(return_dtype=returned)(of_batch)(column)
    return applied
