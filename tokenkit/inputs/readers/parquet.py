"""Reads Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

from tokenkit.errors import InputError
from tokenkit.inputs.limits import too_big
from tokenkit.inputs.readers.arrow import checked, column_path, first_line, leaf_type, row_texts
from tokenkit.inputs.readers.batches import PLAIN, RowOptions, RowTexts
from tokenkit.inputs.remote import is_uri, pyarrow_module
from tokenkit.inputs.sources import STDIN, arrow_file

__all__ = ["ParquetTable", "row_groups_of"]

# Decoded in parts of about so many bytes; how many rows that is, is learnt while reading.
PART_BYTES = 2 << 20
FIRST_ROWS, LEAST_ROWS = 64, 16
MOST_ROWS = 1 << 16
# Asked of a file at once: a request to another store takes as long as reading some megabytes.
_LOCAL_BYTES, _REMOTE_BYTES = 1 << 20, 8 << 20


class ParquetTable:
    """A Parquet file. It cannot come from a pipe, as its index comes last."""

    endings = (".parquet",)
    packed = False
    unit: Literal["line", "row"] = "row"
    value: Literal["field", "column"] = "column"

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        with _opened(path) as (file, source):
            text_path = column_path(file.schema_arrow, name)
            id_path = column_path(file.schema_arrow, id_name) if id_name else None
            paths = [text_path] + ([id_path] if id_path else [])
            names = list(dict.fromkeys(".".join(path) for path in paths))
            size, number = source.size(), max(1, file.metadata.num_rows)
            groups, first = options.groups, 0
            if groups is not None:
                first = sum(group.num_rows for group in _row_groups(file.metadata)[: groups.start])
            _check_average(file, names, options.most)
            parts = map(checked, parquet_parts(file, names, groups))
            position = lambda done: size * done // number  # noqa: E731
            yield from row_texts(parts, text_path, id_path, position, options.most, first)

    def type_of(self, path: str, name: str) -> Any:
        with _opened(path) as (file, _):
            return leaf_type(file.schema_arrow, column_path(file.schema_arrow, name))


def _check_average(file: Any, names: list[str], most: int) -> None:
    """Raise InputError for rows that take more than `most` bytes on average, before any is read.

    The figures are those of all columns together: where others than the wanted ones are there, they
    may be what is big, and the rows are looked at when they are read.
    """
    wanted = _columns(file, names)
    if len(wanted) < len(file.schema):
        return
    before = 0
    for group in _row_groups(file.metadata):
        if group.total_byte_size > most * len(wanted) * max(1, group.num_rows):
            raise too_big("a row", most, f"row {before + 1} or one behind it: ")
        before += group.num_rows


def row_groups_of(path: str) -> list[tuple[int, int]]:
    """Read how many rows and unpacked bytes each row group has. Raises InputError."""
    with _opened(path) as (file, _):
        return [(group.num_rows, group.total_byte_size) for group in _row_groups(file.metadata)]


@contextmanager
def _opened(path: str) -> Iterator[tuple[Any, Any]]:
    """Open a Parquet file, and its bytes. Raises InputError, within the context, too."""
    pyarrow = pyarrow_module()
    from pyarrow.parquet import ParquetFile

    try:
        with nullcontext() if path == STDIN else arrow_file(path) as source:
            if source is None:
                raise InputError("expected a Parquet file, got a pipe; name the file")
            asked = _REMOTE_BYTES if is_uri(path) else _LOCAL_BYTES
            yield ParquetFile(source, buffer_size=asked, pre_buffer=False), source
    except (OSError, MemoryError, pyarrow.ArrowException) as error:
        raise InputError(first_line(error)) from None
    except UnicodeDecodeError:
        raise InputError("expected names of columns in UTF-8, got others; is it damaged?") from None


def parquet_parts(file: Any, names: list[str], groups: range | None = None) -> Iterator[Any]:
    """Record batches of about PART_BYTES, of all row groups or of these.

    Rows are as many as the file's own figures allow, but these do not say how often a value of a
    dictionary is repeated. So the first parts are small, and where they were too careful or too
    bold, reading starts again with another number of rows and skips those that are done.

    Raises InputError if the file contradicts itself, as about the number of rows.
    """
    learnt = FIRST_ROWS
    columns = _columns(file, names)
    for index, group in enumerate(_row_groups(file.metadata)):
        if groups is not None and index not in groups:
            continue
        most = _fitting_rows(group.num_rows, group.total_byte_size)
        done, may_grow, is_read = 0, True, False
        while done < group.num_rows:
            rows = min(learnt, most)
            past = before = done
            for part in file.iter_batches(batch_size=rows, row_groups=[index], columns=names):
                if not is_read:
                    # Not earlier: where they cannot be read, pyarrow ends the process.
                    sizes = _chunk_sizes(group, index, columns)
                    most, is_read = _fitting_rows(group.num_rows, sum(sizes)), True
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
            if done == before:
                raise _contradiction(f"{group.num_rows} rows in row group {index + 1}", done)


def _row_groups(metadata: Any) -> list[Any]:
    """The row groups of a file. Raises InputError if their rows are not those of the file."""
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    rows = [group.num_rows for group in groups]
    if sum(rows) != metadata.num_rows or min(rows, default=0) < 0:
        raise _contradiction(f"{metadata.num_rows} rows in its row groups", rows)
    return groups


def _columns(file: Any, names: list[str]) -> list[tuple[int, bool]]:
    """The indexes of the named columns' leaves, and whether each has a value for each row."""
    leaves = [file.schema.column(index) for index in range(len(file.schema))]
    return [
        (index, leaf.max_repetition_level == 0)
        for index, leaf in enumerate(leaves)
        if any(f"{leaf.path}.".startswith(f"{name}.") for name in names)
    ]


def _chunk_sizes(group: Any, index: int, columns: list[tuple[int, bool]]) -> list[int]:
    """The unpacked bytes of a row group's columns. Raises InputError if one has fewer or more
    values than the group has rows."""
    chunks = [(group.column(column), is_flat) for column, is_flat in columns]
    for chunk, is_flat in chunks:
        if is_flat and chunk.num_values != group.num_rows:
            values = f"{group.num_rows} values of {chunk.path_in_schema!r} in row group {index + 1}"
            raise _contradiction(values, chunk.num_values)
    return [chunk.total_uncompressed_size for chunk, _ in chunks]


def _contradiction(expected: str, got: object) -> InputError:
    return InputError(f"expected {expected}, got {got}; is it damaged?")


def _fitting_rows(rows: int, size: int) -> int:
    """How many of so many rows of `size` bytes take about PART_BYTES, if no value is repeated."""
    return max(1, min(MOST_ROWS, PART_BYTES * rows // max(1, size)))
