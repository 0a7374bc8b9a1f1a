"""Frames that lie on several machines: each part is counted where it lies.

The workers make a small table of each part, of numbers of tokens and how many rows have each; the
tables are added up. So the numbers depend neither on the parts nor on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tokenkit.encodings import Encoding
from tokenkit.inputs.column_counter import ColumnCounter, OnInvalid, check_column
from tokenkit.inputs.distribution import Distribution

__all__ = ["count_dask", "count_ray", "count_spark"]

# Types of Spark's columns that hold texts, as `DataFrame.dtypes` names them.
_SPARK_TEXTS = ("string", "binary", "varchar", "char")


def _spread_of(
    arrays: Iterable[Any], column: str, encoding: Encoding, errors: OnInvalid
) -> Distribution:
    """Count the arrays of one part, in a worker, which has one processor."""
    counter = ColumnCounter(column, encoding, errors, num_threads=1)
    for array in arrays:
        counter.add(array)
    return counter.spread


def _as_batch(spread: Distribution) -> Any:
    import pyarrow

    tokens, rows = zip(*spread.pairs(), strict=True) if spread.pairs() else ((), ())
    arrays = [pyarrow.array(numbers, pyarrow.int64()) for numbers in (tokens, rows)]
    return pyarrow.record_batch(arrays, names=["tokens", "rows"])


def count_spark(frame: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a DataFrame of Spark by `mapInArrow`."""
    check_column(column, frame.columns)
    kind = dict(frame.dtypes)[column]
    if not kind.startswith(_SPARK_TEXTS):
        raise TypeError(f"column {column!r}: expected a column of text, got {kind}")
    name, encoding, errors = column, counter.encoding, counter.errors

    def count_part(batches: Iterator[Any]) -> Iterator[Any]:
        yield _as_batch(_spread_of((batch.column(0) for batch in batches), name, encoding, errors))

    quoted = column.replace("`", "``")
    texts = frame.select(f"`{quoted}`").toDF("text")  # mapInArrow takes no dots in names
    parts = texts.mapInArrow(count_part, "tokens long, rows long")
    # Added up there first: there may be more parts than the driver could hold.
    counter.spread.add_pairs(map(tuple, parts.groupBy("tokens").sum("rows").collect()))


def count_ray(data: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a Dataset of Ray by `map_batches`, block by block."""
    columns = data.columns() or []
    if not columns and data.count() == 0:
        return  # without rows, Ray may not know the columns
    check_column(column, columns)
    name, encoding, errors = column, counter.encoding, counter.errors

    def count_block(table: Any) -> Any:
        import pyarrow

        spread = _spread_of([table.column(name)], name, encoding, errors)
        return pyarrow.Table.from_batches([_as_batch(spread)])

    chosen = data.select_columns([column])
    parts = chosen.map_batches(count_block, batch_format="pyarrow", batch_size=None)
    for table in parts.iter_batches(batch_format="pyarrow", batch_size=None):
        counter.spread.add_pairs(zip(*(table.column(at).to_pylist() for at in (0, 1)), strict=True))


def count_dask(frame: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a DataFrame of Dask by `map_partitions`."""
    check_column(column, list(frame.columns))
    meta = {"tokens": "int64", "rows": "int64"}
    count_part = _pandas_part(column, counter.encoding, counter.errors)
    parts = frame[[column]].map_partitions(count_part, meta=meta, enforce_metadata=False)
    for tokens, rows in parts.compute().itertuples(index=False):
        counter.spread.add_pairs([(tokens, rows)])


def _pandas_part(column: str, encoding: Encoding, errors: OnInvalid) -> Callable[[Any], Any]:
    def count_part(frame: Any) -> Any:
        from tokenkit.inputs.frames import count_pandas

        counter = ColumnCounter(column, encoding, errors, num_threads=1)
        count_pandas(frame, column, counter)
        return _as_batch(counter.spread).to_pandas()

    return count_part
