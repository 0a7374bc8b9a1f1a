"""Frames, tables and streams of one process: the texts of a column, part by part.

What the objects of other libraries offer is asked of them, so none is imported here but pyarrow,
which reads tables that others hand over as an Arrow stream.
"""

from __future__ import annotations

from typing import Any

from tokenkit.inputs.column_counter import PART_ROWS, ColumnCounter, check_column
from tokenkit.inputs.readers.arrow import column_path, picked
from tokenkit.inputs.remote import pyarrow_module

__all__ = [
    "count_arrow_table",
    "count_daft",
    "count_datasets",
    "count_duckdb",
    "count_pandas",
    "count_polars",
    "count_pyarrow",
]

# What a scan of a data set holds at once: rows of a batch, and batches read ahead. With threads,
# pyarrow reads up to 1 GB ahead of what takes the batches.
_SCAN = {"batch_size": 1 << 12, "batch_readahead": 2, "fragment_readahead": 1, "use_threads": False}


def count_polars(frame: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a DataFrame, or of a LazyFrame, which runs, and reads no other column."""
    lazy = hasattr(frame, "collect_schema") and hasattr(frame, "collect")
    check_column(column, frame.collect_schema().names() if lazy else frame.columns)
    if not lazy:
        parts = [frame]
    else:
        from polars.selectors import by_name  # a bare name could be a pattern

        chosen = frame.select(by_name(column))
        batches = hasattr(chosen, "collect_batches")
        parts = chosen.collect_batches() if batches else [chosen.collect()]
    for part in parts:
        series = part.get_column(column)
        for start in range(0, len(series), PART_ROWS):
            counter.add(series.slice(start, PART_ROWS))


def count_pandas(frame: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a DataFrame: str, bytes and nulls as objects, strings, categories."""
    check_column(column, list(frame.columns))
    series = frame[column]
    of_python = series.dtype == object or getattr(series.dtype, "storage", "") == "python"
    for start in range(0, len(series), PART_ROWS):
        part = series.iloc[start : start + PART_ROWS]
        if of_python:
            pairs = zip(part.tolist(), part.isna().tolist(), strict=True)
            counter.add_texts([None if null else text for text, null in pairs])
        else:
            counter.add(part)


def count_pyarrow(data: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a table, a record batch, a reader of these, a data set or a scanner."""
    if hasattr(data, "scanner"):
        data = _scanner(data, column_path(data.schema, column)[0])
    if hasattr(data, "to_reader") and hasattr(data, "projected_schema"):  # a scanner
        data = data.to_reader()
    elif hasattr(data, "to_reader"):
        top = column_path(data.schema, column)[0]
        data = data.select([top]).to_reader(PART_ROWS)
    count_arrow_table(data, column, counter)


def _scanner(data: Any, top: str) -> Any:
    """Make a scanner of one column of a data set."""
    from pyarrow import dataset

    options: dict[str, Any] = {"columns": {top: dataset.field(top)}, **_SCAN}
    if getattr(getattr(data, "format", None), "type_name", "") == "parquet":
        # With this buffer, a file would be held as a whole.
        parquet = dataset.ParquetFragmentScanOptions(pre_buffer=False)
        options["fragment_scan_options"] = parquet
    return data.scanner(**options)


def count_arrow_table(data: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a table that comes by Arrow's C data interface, such as in a stream."""
    pyarrow = pyarrow_module()
    try:
        if hasattr(data, "__arrow_c_stream__"):
            reader = pyarrow.RecordBatchReader.from_stream(data)
        else:
            reader = pyarrow.table(data).to_reader()
    except (TypeError, pyarrow.ArrowInvalid) as error:
        raise TypeError(
            f"data: expected a table, got {type(data).__name__} ({error}); give the table that "
            "holds the column"
        ) from None
    path = column_path(reader.schema, column)
    for batch in reader:
        for start in range(0, len(batch), PART_ROWS):
            counter.add(picked(batch.slice(start, PART_ROWS), path))


def count_duckdb(relation: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a relation, which runs, and computes no other column."""
    check_column(column, getattr(relation, "columns", ()))
    quoted = column.replace('"', '""')
    chosen = relation.project(f'"{quoted}"')
    read = getattr(chosen, "to_arrow_reader", None) or chosen.fetch_record_batch
    count_arrow_table(read(PART_ROWS), column, counter)


def count_datasets(data: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a Dataset or an IterableDataset of Hugging Face's `datasets`."""
    if isinstance(data, dict):
        raise TypeError(
            f"data: expected a Dataset, got a {type(data).__name__}; choose one of its splits, "
            f"such as data[{next(iter(data), 'train')!r}]"
        )
    check_column(column, data.column_names or [column])  # an IterableDataset may not know them
    for table in data.select_columns([column]).with_format("arrow").iter(PART_ROWS):
        counter.add(table.column(column))


def count_daft(frame: Any, column: str, counter: ColumnCounter) -> None:
    """Count a column of a DataFrame of Daft, whose parts come here one after the other."""
    check_column(column, frame.column_names)
    for batch in frame.select(column).to_arrow_iter():
        counter.add(batch.column(0))
