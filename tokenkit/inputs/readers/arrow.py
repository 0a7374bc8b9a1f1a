"""Reads Arrow's files and streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from tokenkit._visible import listed, shown_line
from tokenkit.errors import InputError
from tokenkit.inputs.limits import too_big
from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import PLAIN, RowOptions, RowTexts, column_index
from tokenkit.inputs.remote import pyarrow_module
from tokenkit.inputs.sources import STDIN, arrow_file, opened

__all__ = [
    "ArrowFile",
    "checked",
    "column_path",
    "first_line",
    "leaf_type",
    "picked",
    "python_values",
    "row_texts",
]

# A record batch of more rows is not read: Arrow's columnar format advises writers to stay below
# this number, and null columns, which take no bytes, could claim any.
MOST_ROWS = 2**31 - 1
PART_ROWS = 1 << 20


class ArrowFile:
    """The IPC format: a file, or a stream, also one in a file."""

    endings = (".arrow", ".feather", ".ipc")
    packed = False
    unit: Literal["line", "row"] = "row"
    value: Literal["field", "column"] = "column"

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        with _reading_errors():
            if path != STDIN:
                with arrow_file(path) as source:
                    if source is not None:
                        yield from _of_file(source, name, id_name, options.most)
                        return
            with opened(path) as (file, position):  # a pipe
                pyarrow = pyarrow_module()
                stream = pyarrow.ipc.open_stream(pyarrow.PythonFile(file))
                yield from _selected(stream, stream.schema, name, id_name, position, options.most)

    def type_of(self, path: str, name: str) -> Any:
        if path == STDIN:
            return None
        with _reading_errors(), arrow_file(path) as source:
            if source is None:
                return None
            schema = _reader(source).schema
            return leaf_type(schema, column_path(schema, name))


@contextmanager
def _reading_errors() -> Iterator[None]:
    """Turn errors of Arrow and of the system into InputError."""
    pyarrow = pyarrow_module()
    try:
        yield
    except (OSError, MemoryError, pyarrow.ArrowException) as error:
        raise InputError(first_line(error)) from None
    except UnicodeDecodeError:
        raise InputError("expected names of columns in UTF-8, got others; is it damaged?") from None


def _reader(source: Any) -> Any:
    """Open a file, or a stream in a file."""
    import pyarrow

    try:
        return pyarrow.ipc.open_file(source)
    except pyarrow.ArrowInvalid:
        source.seek(0)
        return pyarrow.ipc.open_stream(source)


def _of_file(source: Any, name: str, id_name: str | None, most: int) -> Iterator[RowTexts]:
    import pyarrow

    reader = _reader(source)
    schema = reader.schema
    if not hasattr(reader, "num_record_batches"):  # a stream
        yield from _selected(reader, schema, name, id_name, source.tell, most)
        return
    wanted = {column_path(schema, column)[0] for column in (name, id_name) if column}
    options = pyarrow.ipc.IpcReadOptions(
        included_fields=[index for index, column in enumerate(schema.names) if column in wanted]
    )
    reader = pyarrow.ipc.open_file(source, options=options)  # which reads no other columns
    done = 0

    def numbered() -> Iterator[Any]:
        nonlocal done
        while done < reader.num_record_batches:
            done += 1
            yield reader.get_batch(done - 1)

    size, number = source.size(), max(1, reader.num_record_batches)
    place = lambda: size * done // number  # noqa: E731
    yield from _selected(numbered(), schema, name, id_name, place, most)


def _selected(
    parts: Iterable[Any],
    schema: Any,
    name: str,
    id_name: str | None,
    position: Callable[[], int],
    most: int,
) -> Iterator[RowTexts]:
    """Rows of record batches; checks that the columns are there."""
    text_path = column_path(schema, name)
    id_path = column_path(schema, id_name) if id_name else None
    tops = list(dict.fromkeys([text_path[0]] + ([id_path[0]] if id_path else [])))
    pieces = _halved(checked(part.select(tops)) for part in parts)
    return row_texts(pieces, text_path, id_path, lambda _: position(), most)


def column_path(schema: Any, name: str) -> list[str]:
    """The column that a name means, and behind it the fields of its structs: dots lead into them
    unless a column has that very name.

    Raises InputError, which lists the columns or fields that there are.
    """
    if name in schema.names:
        column_index(schema.names, name)
        return [name]
    parts = name.split(".")
    ways = [
        (".".join(parts[:length]), parts[length:])
        for length in range(len(parts) - 1, 0, -1)
        if ".".join(parts[:length]) in schema.names
    ]
    if not ways:
        column_index(schema.names, name)
    top, fields = ways[0]
    kind = schema.types[column_index(schema.names, top)]
    path = [top]
    for field in fields:
        inner = _field_names(kind)
        if field not in inner:
            raise InputError(
                f"expected a field {field!r} in {'.'.join(path)!r}, got "
                f"{listed(inner) or shown_line(str(kind), 200)}"
            )
        kind = kind.field(inner.index(field)).type
        path.append(field)
    return path


def leaf_type(schema: Any, path: list[str]) -> Any:
    """The type of what a path of `column_path` leads to; of a dictionary that of its values."""
    import pyarrow

    kind = schema.field(path[0]).type
    for field in path[1:]:
        kind = kind.field(_field_names(kind).index(field)).type
    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _field_names(kind: Any) -> list[str]:
    """The names of a struct's fields; none for another type."""
    import pyarrow

    if not pyarrow.types.is_struct(kind):
        return []
    return [kind.field(index).name for index in range(kind.num_fields)]


def picked(part: Any, path: list[str]) -> Any:
    """The array that a path leads to. A field of a null is null."""
    import pyarrow.compute

    array = part.column(path[0])
    for field in path[1:]:
        array = pyarrow.compute.struct_field(array, [_field_names(array.type).index(field)])
    return array


def checked(part: Any) -> Any:
    """The same record batch. Raises InputError if it leads out of its memory, as that of a damaged
    file may: by offsets, indices, views, or numbers of nulls.

    Texts are looked at as bytes: a row that is not UTF-8 is named when it is counted.
    """
    if part.num_rows > MOST_ROWS:
        raise InputError(
            f"expected at most {MOST_ROWS} rows in a record batch, got {part.num_rows}; is it "
            "damaged?"
        )
    for name, column in zip(part.schema.names, part.columns, strict=True):
        try:
            column.validate()
            column.view(_as_bytes(column.type)).validate(full=True)
        except ValueError as error:
            raise InputError(f"column {name!r}: {first_line(error)}; is it damaged?") from None
    return part


def _as_bytes(kind: Any) -> Any:
    """The type in which the texts of this one are bytes."""
    import pyarrow
    from pyarrow import types

    if types.is_dictionary(kind):
        return pyarrow.dictionary(kind.index_type, _as_bytes(kind.value_type), kind.ordered)
    if types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pyarrow.struct([field.with_type(_as_bytes(field.type)) for field in fields])
    if types.is_string(kind):
        return pyarrow.binary()
    if types.is_large_string(kind):
        return pyarrow.large_binary()
    return pyarrow.binary_view() if kind == pyarrow.string_view() else kind


def _halved(parts: Iterable[Any]) -> Iterator[Any]:
    """The same rows, no record batch of more than BATCH_BYTES but one of a single row, and none of
    more than PART_ROWS."""
    for part in parts:
        small = part.nbytes <= batches.BATCH_BYTES and part.num_rows <= PART_ROWS
        if small or part.num_rows < 2:
            yield part
        else:
            half = part.num_rows // 2
            yield from _halved([part.slice(0, half), part.slice(half)])


def row_texts(
    parts: Iterable[Any],
    text_path: list[str],
    id_path: list[str] | None,
    position: Callable[[int], int],
    most: int,
    first: int = 0,
) -> Iterator[RowTexts]:
    """Join record batches to batches of BATCH_BYTES; `position` takes the rows read so far, with
    the `first` ones that lie before. The paths are those of `column_path`. Raises InputError for a
    row of more than `most` bytes."""
    held: list[Any] = []
    done, size = first, 0
    for part in parts:
        if part.nbytes > most:
            ahead = done + sum(waiting.num_rows for waiting in held)
            _check_sizes(picked(part, text_path), most, ahead + 1)
        held.append(part)
        size += part.nbytes
        if size >= batches.BATCH_BYTES or sum(len(waiting) for waiting in held) >= PART_ROWS:
            done += sum(waiting.num_rows for waiting in held)
            yield _joined(held, text_path, id_path, done, position(done))
            held, size = [], 0
    if held:
        done += sum(waiting.num_rows for waiting in held)
        yield _joined(held, text_path, id_path, done, position(done))


def _check_sizes(column: Any, most: int, first: int) -> None:
    """Raise InputError for a row of more than `most` bytes; `first` is the number of the first."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        sizes = _sizes(column.dictionary)
        if max(sizes, default=0) > most:
            sizes = [0 if index is None else sizes[index] for index in column.indices.to_pylist()]
    else:
        sizes = _sizes(column)
    for row, size in enumerate(sizes, first):
        if size > most:
            raise too_big("a row", most, f"row {row}: ")


def _sizes(column: Any) -> list[int]:
    """The bytes of each row."""
    if str(column.type).endswith("_view"):  # slices of it have all bytes
        return [value.as_buffer().size if value.is_valid else 0 for value in column]
    return [column.slice(row, 1).nbytes for row in range(len(column))]


def _joined(
    parts: list[Any], text_path: list[str], id_path: list[str] | None, done: int, position: int
) -> RowTexts:
    import pyarrow

    texts = pyarrow.chunked_array([picked(part, text_path) for part in parts])
    first = done - len(texts) + 1
    ids = None
    if id_path:
        keys = pyarrow.chunked_array([picked(part, id_path) for part in parts])
        ids = python_values(keys, ".".join(id_path), first)
    return RowTexts(texts, ids, [], range(first, done + 1), position)


def python_values(column: Any, name: str, first: int) -> list[Any]:
    """The values of a column as Python has them. Raises InputError for one that it cannot have,
    such as a day behind the year 9999."""
    wrong = (ValueError, OverflowError, TypeError, ArithmeticError)
    try:
        return list(column.to_pylist())
    except wrong:
        for row, value in enumerate(column, first):
            try:
                value.as_py()
            except wrong as error:
                raise InputError(f"row {row}: column {name!r}: {first_line(error)}") from None
        raise


def first_line(error: BaseException) -> str:
    """The first line of the message of an error of the system or of Arrow."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0] if str(text) else type(error).__name__
