"""Reads Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, Literal

from tokenkit.errors import InputError
from tokenkit.inputs.readers.arrow import column_path, first_line, row_texts
from tokenkit.inputs.readers.batches import PLAIN, RowOptions, RowTexts
from tokenkit.inputs.sources import STDIN, arrow_file, pyarrow_module

__all__ = ["ParquetTable"]

# Decoded in parts of about so many bytes; how many rows that is, is learnt while reading.
PART_BYTES = 2 << 20
FIRST_ROWS, LEAST_ROWS = 64, 16
MOST_ROWS = 1 << 16


class ParquetTable:
    """A Parquet file. It cannot come from a pipe, as its index comes last."""

    endings = (".parquet",)
    packed = False
    unit: Literal["line", "row"] = "row"
    value: Literal["field", "column"] = "column"

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        pyarrow = pyarrow_module()
        from pyarrow.parquet import ParquetFile

        try:
            with nullcontext() if path == STDIN else arrow_file(path) as source:
                if source is None:
                    raise InputError("expected a Parquet file, got a pipe; name the file")
                file = ParquetFile(source, buffer_size=1 << 20, pre_buffer=False)
                text_path = column_path(file.schema_arrow, name)
                id_path = column_path(file.schema_arrow, id_name) if id_name else None
                paths = [text_path] + ([id_path] if id_path else [])
                names = list(dict.fromkeys(".".join(path) for path in paths))
                size, number = source.size(), max(1, file.metadata.num_rows)
                parts = parquet_parts(file, names)
                yield from row_texts(parts, text_path, id_path, lambda done: size * done // number)
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError(first_line(error)) from None


def parquet_parts(file: Any, names: list[str]) -> Iterator[Any]:
    """Record batches of about PART_BYTES.

    Rows are as many as the file's own figures allow, but these do not say how often a value of a
    dictionary is repeated. So the first parts are small, and where they were too careful or too
    bold, reading starts again with another number of rows and skips those that are done.
    """
    learnt = FIRST_ROWS
    for index in range(file.num_row_groups):
        group = file.metadata.row_group(index)
        most = _most_rows(group, names)
        done, may_grow = 0, True
        while done < group.num_rows:
            rows = min(learnt, most)
            past = done
            for part in file.iter_batches(batch_size=rows, row_groups=[index], columns=names):
                if past >= part.num_rows:
                    past -= part.num_rows
                    continue
                part, past = part.slice(past), 0
                done += part.num_rows
                yield part
                fitting = part.num_rows * PART_BYTES // max(1, part.nbytes)
                learnt = max(LEAST_ROWS, min(MOST_ROWS, fitting))
                wanted = min(learnt, most)
                if wanted * 16 <= rows:
                    may_grow = False  # rows of changing sizes must not make it go to and fro
                elif not may_grow or wanted < 4 * rows:
                    learnt = rows
                    continue
                break


def _most_rows(group: Any, names: list[str]) -> int:
    """How many rows of a row group take about PART_BYTES, if no value is repeated."""
    columns = [group.column(index) for index in range(group.num_columns)]
    size = sum(
        column.total_uncompressed_size
        for column in columns
        if any(f"{column.path_in_schema}.".startswith(f"{name}.") for name in names)
    )
    fitting: int = PART_BYTES * group.num_rows // max(1, size)
    return max(1, min(MOST_ROWS, fitting))
