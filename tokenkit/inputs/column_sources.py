"""Readers of the columns that libraries and data files hold: one table for all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tokenkit.encodings import Encoding
from tokenkit.errors import InputError
from tokenkit.inputs import clusters, frames
from tokenkit.inputs.column_counter import ColumnCounter, OnInvalid
from tokenkit.inputs.datasets import data_files, file_parts
from tokenkit.inputs.distribution import Distribution
from tokenkit.inputs.part_counts import count_parts
from tokenkit.inputs.readers import READERS as READER_OF_KIND, RowOptions
from tokenkit.inputs.remote import shown_uri
from tokenkit.inputs.rows import data_kind

__all__ = ["column_spread"]

Reader = Callable[[Any, str, ColumnCounter], None]
# Library -> what counts a column of its frames. A new one is a line here; all that is not named
# has to offer Arrow's C data interface.
READERS: dict[str, Reader] = {
    "daft": frames.count_daft,
    "dask": clusters.count_dask,
    "datasets": frames.count_datasets,
    "duckdb": frames.count_duckdb,
    "pandas": frames.count_pandas,
    "polars": frames.count_polars,
    "pyarrow": frames.count_pyarrow,
    "pyspark": clusters.count_spark,
    "ray": clusters.count_ray,
}
_COLUMNS = frozenset({"Series", "Array", "ChunkedArray"})  # classes of what is one itself


def column_spread(
    data: object,
    column: str,
    encoding: Encoding,
    *,
    errors: OnInvalid = "raise",
    num_threads: int | None = None,
) -> Distribution:
    """Count each text of a column, and say how the counts are spread, in bounded memory.

    `data` is what `token_report` takes. Raises InputError for a column that is not there and for
    files that cannot be read, TypeError for columns that hold no texts and for other data, and
    ValueError, which names column and row, for a row that is not UTF-8, unless `errors` is "null".

    >>> import pyarrow, tokenkit
    >>> table = pyarrow.table({"text": ["hello world", None]})
    >>> column_spread(table, "text", tokenkit.get_encoding("o200k_base")).pairs()
    [(-1, 1), (2, 1)]
    """
    if not isinstance(column, str):
        raise TypeError(f"column: expected the name of a column, got {type(column).__name__}")
    counter = ColumnCounter(column, encoding, errors, num_threads)
    if isinstance(data, (str, os.PathLike)):
        return _of_files(os.fspath(data), column, counter)
    _reader_of(data)(data, column, counter)
    return counter.spread


def _reader_of(data: object) -> Reader:
    kinds = [] if isinstance(data, type) else type(data).__mro__
    if _COLUMNS.intersection(kind.__name__ for kind in kinds):
        raise TypeError(
            f"data: expected a frame or table, got a {type(data).__name__}; give the one that "
            "holds the column, and the column's name"
        )
    for kind in kinds:
        reader = READERS.get(kind.__module__.partition(".")[0].lstrip("_"))
        if reader is not None:
            return reader
    for method in ("__arrow_c_stream__", "__arrow_c_array__"):
        if kinds and hasattr(data, method):
            return frames.count_arrow_table
    raise TypeError(
        f"data: expected a frame, a table, a data set, a relation or the path of data files, got "
        f"{type(data).__name__}; those of {', '.join(READERS)} are known, and tables that offer "
        "__arrow_c_stream__"
    )


def _of_files(name: str, column: str, counter: ColumnCounter) -> Distribution:
    """Count the column of the data files that a path, a folder, a pattern or a URI means."""
    # Data often lie where git ignores them.
    parts = file_parts(data_files([name], gitignore=False), data_kind)
    batches = count_parts(
        parts, lambda _: column, [counter.encoding], RowOptions(), num_threads=counter.num_threads
    )
    for part, batch in batches:
        where = f"{shown_uri(part.path)}: column {column!r}"
        if isinstance(batch, InputError):
            raise InputError(f"{where}: {batch}") from None
        if batch is None:
            continue
        if batch.errors and counter.errors == "raise":
            number, message = batch.errors[0]
            unit = READER_OF_KIND[part.kind].unit if part.kind else "row"
            # Lines are numbered from 1; rows, as those of all other data, from 0.
            raise InputError(f"{where}: {unit} {number - (unit == 'row')}: {message}")
        counter.spread.add(batch.tokens[0])
        counter.spread.invalid += batch.invalid
    return counter.spread
