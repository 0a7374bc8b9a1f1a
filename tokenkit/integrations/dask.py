"""Tokens of a column in Dask data frames, partition by partition; each travels by Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokenkit import Chunker, Encoding, Model
from tokenkit.encodings import encoding_of
from tokenkit.integrations.arrow_batches import (
    ChunkDocuments,
    Errors,
    TextFunction,
    check_column,
)

if TYPE_CHECKING:
    import pyarrow
    from dask.dataframe import DataFrame, Series

__all__ = ["chunk_documents", "count_tokens"]


class _OfSeries:
    """A function of Arrow on a Series of pandas, whose name and index the result has."""

    def __init__(self, road: TextFunction) -> None:
        self.road = road

    def __call__(self, series: Any) -> Any:
        import pandas
        import pyarrow

        counts = self.road(pyarrow.Array.from_pandas(series))
        of_pandas = counts.to_pandas(types_mapper={pyarrow.int64(): pandas.Int64Dtype()}.get)
        return of_pandas.set_axis(series.index).rename(series.name)


class _OfFrame:
    """Splits the documents in a frame of pandas, whose columns all have a type of Arrow."""

    def __init__(self, split: ChunkDocuments, schema: pyarrow.Schema) -> None:
        self.split = split
        self.schema = schema

    def __call__(self, frame: Any) -> Any:
        import pandas
        import pyarrow

        used = frame[self.split.used]
        batch = pyarrow.Table.from_pandas(used, schema=self.schema, preserve_index=False)
        return self.split(batch).to_pandas(types_mapper=pandas.ArrowDtype)


def count_tokens(
    series: Series,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> Series:
    """Count the tokens of each text: a Series of Int64 with its name, null where the text is null.

    Lazy, as Dask is. Raises as `encoding_for_model` does. When computed: TypeError where a row is
    not text, and ValueError, unless errors="null", where bytes are not UTF-8; they name the column
    and the row of the partition.

    >>> import dask.dataframe as dd
    >>> documents = dd.from_dict({"text": ["hello world", "hi"]}, npartitions=2)
    >>> count_tokens(documents["text"], model="gpt-5.4").compute().tolist()
    [2, 1]
    """
    import pandas

    road = TextFunction("count_arrow", encoding_of(model, encoding), str(series.name), errors)
    meta = pandas.Series([], dtype="Int64", name=series.name)
    return series.map_partitions(_OfSeries(road), meta=meta)


def chunk_documents(
    df: DataFrame,
    *,
    text: str,
    id: str,
    chunker: Chunker,
    columns: Sequence[str] = (),
    errors: Errors = "raise",
) -> DataFrame:
    """Split the text of each row into chunks, a row each.

    `text` and `id` are columns of `df`. The result has the columns id, index, start, end, tokens,
    text and headings, as `Chunker.chunk_arrow` gives them, and then those of `columns`; all have
    types of Arrow, and each partition an index from 0. Nulls and empty texts have no chunks.

    Raises ValueError if `df` has no such column, and TypeError and ValueError for options.

    >>> import dask.dataframe as dd
    >>> documents = dd.from_dict({"id": [7], "text": ["hello world"]}, npartitions=1)
    >>> chunker = Chunker("text-embedding-3-small", max_tokens=1)
    >>> chunks = chunk_documents(documents, text="text", id="id", chunker=chunker)
    >>> chunks["text"].compute().tolist()
    ['hello', ' world']
    """
    import pyarrow

    split = ChunkDocuments(text, id=id, chunker=chunker, columns=columns, errors=errors)
    for name in split.used:
        check_column(name, list(df.columns))
    example = df._meta_nonempty[split.used]
    step = _OfFrame(split, pyarrow.Schema.from_pandas(example, preserve_index=False))
    return df.map_partitions(step, meta=step(example).iloc[:0])
