"""Functions of columns and frames of Spark, which travel to its workers by Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tokenkit import Chunker, Encoding, Model
from tokenkit._checks import check_tokens, shown
from tokenkit.encodings import encoding_of
from tokenkit.integrations.arrow_batches import (
    ChunkDocuments,
    Errors,
    TextFunction,
    check_column,
)

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructType


def count_tokens(
    column: str | Column,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> Column:
    """Count the tokens of each text of a column: a column of bigint, null where the text is null.

    The texts are strings, or UTF-8 in binary. With errors="null" the count is also null where bytes
    are not UTF-8; the default stops the job, naming column and row. Raises as `encoding_for_model`
    does, before any job, and TypeError for options.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> documents.select(count_tokens("text", model="gpt-5.4").alias("tokens")).first().tokens
    2
    """
    road = TextFunction("count_arrow", encoding_of(model, encoding), _name(column), errors)
    return _applied("count_tokens", road, column, "bigint")


def encode_tokens(
    column: str | Column,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> Column:
    """Encode each text of a column: array<int>, the ids. Otherwise as `count_tokens`.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> documents.select(encode_tokens("text", model="gpt-5.4").alias("ids")).first().ids
    [24912, 2375]
    """
    road = TextFunction("encode_arrow", encoding_of(model, encoding), _name(column), errors)
    return _applied("encode_tokens", road, column, "array<int>")


def fits_tokens(
    column: str | Column,
    limit: int,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    errors: Errors = "raise",
) -> Column:
    """Find whether each text has at most `limit` tokens: boolean. Otherwise as `count_tokens`.

    It stops reading a text at the limit, so that it is faster than a count.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> documents.where(fits_tokens("text", 2, model="gpt-5.4")).count()
    1
    """
    check_tokens("limit", limit, None)
    road = TextFunction("fits_arrow", encoding_of(model, encoding), _name(column), errors, limit)
    return _applied("fits_tokens", road, column, "boolean")


def truncate_tokens(
    column: str | Column,
    max_tokens: int,
    *,
    model: str | Model | None = None,
    encoding: str | Encoding | None = None,
    keep: Literal["head", "tail", "ends"] = "head",
    marker: str = "",
    errors: Errors = "raise",
) -> Column:
    """Truncate each text to at most `max_tokens` tokens, as `Encoding.truncate` does: string.

    Otherwise as `count_tokens`.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> documents.select(truncate_tokens("text", 1, model="gpt-5.4").alias("short")).first().short
    'hello'
    """
    enc = encoding_of(model, encoding)
    enc.truncate("", max_tokens, keep=keep, marker=marker)  # what is wrong is said here
    road = TextFunction(
        "truncate_arrow", enc, _name(column), errors, max_tokens, keep=keep, marker=marker
    )
    return _applied("truncate_tokens", road, column, "string")


def chunk_tokens(column: str | Column, chunker: Chunker, *, errors: Errors = "raise") -> Column:
    """Split each text into chunks: an array of structs with index, start, end, tokens, text and
    headings, for `explode` or `inline`. Otherwise as `count_tokens`.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> chunker = Chunker("text-embedding-3-small", max_tokens=1)
    >>> chunks = documents.select(chunk_tokens("text", chunker).alias("chunks")).first().chunks
    >>> [chunk.text for chunk in chunks]
    ['hello', ' world']
    """
    if not isinstance(chunker, Chunker):
        raise TypeError(f"chunker: expected a Chunker, got {shown(chunker)}")
    road = TextFunction("chunk_arrow_lists", chunker, _name(column), errors)
    from pyspark.sql.types import ArrayType

    return _applied("chunk_tokens", road, column, ArrayType(_chunk_type()))


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
    text and headings, as `Chunker.chunk_arrow` gives them, and then those of `columns`, with the
    value of the document at each of its chunks. Nulls and empty texts have no chunks.

    Raises ValueError if `df` has no such column, and TypeError and ValueError for options.

    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> documents = spark.createDataFrame([(7, "hello world")], "id int, text string")
    >>> chunker = Chunker("text-embedding-3-small", max_tokens=1)
    >>> chunks = chunk_documents(documents, text="text", id="id", chunker=chunker)
    >>> [(row.id, row.start, row.text) for row in chunks.sort("index").collect()]
    [(7, 0, 'hello'), (7, 5, ' world')]
    """
    from pyspark.sql.types import StructField, StructType

    split = ChunkDocuments(text, id=id, chunker=chunker, columns=columns, errors=errors)
    for name in split.used:
        check_column(name, df.columns)
    fields = {field.name: field for field in df.schema.fields}
    schema = StructType(
        [
            StructField("id", fields[id].dataType),
            *_chunk_type().fields,
            *(StructField(name, fields[name].dataType) for name in columns),
        ]
    )

    def chunked(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            for part in split.parts(batch.rename_columns(split.used)):
                yield from part.to_batches()

    # By number, as mapInArrow finds no column with a dot in its name.
    numbered = [_quoted(df, name).alias(str(at)) for at, name in enumerate(split.used)]
    return df.select(numbered).mapInArrow(chunked, schema)


def _chunk_type() -> StructType:
    from pyspark.sql import types

    kinds = {
        "index": types.IntegerType(),
        "start": types.LongType(),
        "end": types.LongType(),
        "tokens": types.IntegerType(),
        "text": types.StringType(),
        "headings": types.ArrayType(types.StringType()),
    }
    return types.StructType([types.StructField(name, kind) for name, kind in kinds.items()])


def _quoted(df: DataFrame, name: str) -> Column:
    quoted = name.replace("`", "``")
    return df[f"`{quoted}`"]


def _name(column: str | Column) -> str:
    shown = str(column)  # that of a Column is Column<'text'>
    return shown.removeprefix("Column<'").removesuffix("'>")


def _applied(name: str, road: TextFunction, column: str | Column, returned: Any) -> Column:
    """Apply a function of arrays of Arrow to a column; it shows by this name in plans."""
    from pyspark.sql import functions

    def of_arrow(texts: Any) -> Any:
        return road(texts)

    def of_pandas(texts: Any) -> Any:  # before Spark 4.1
        import pandas
        import pyarrow

        made = road(pyarrow.Array.from_pandas(texts))
        if pyarrow.types.is_nested(made.type):  # Spark takes lists and dictionaries for these
            return pandas.Series(made.to_pylist(), dtype=object)
        return made.to_pandas(types_mapper=pandas.ArrowDtype)

    by_arrow: Any = getattr(functions, "arrow_udf", None)
    maker, function = (by_arrow, of_arrow) if by_arrow else (functions.pandas_udf, of_pandas)
    function.__annotations__ = {}  # or Spark looks for its own kinds among them
    function.__name__ = name
    applied: Column = maker(function, returned)(column)
    return applied
