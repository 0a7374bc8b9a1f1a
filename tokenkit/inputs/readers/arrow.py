"""Reads Arrow's files and streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from tokenkit.errors import InputError
from tokenkit.inputs.readers import batches
from tokenkit.inputs.readers.batches import RowTexts, column_index
from tokenkit.inputs.sources import STDIN, opened, pyarrow_module

__all__ = ["ArrowFile", "first_line", "row_texts"]


class ArrowFile:
    """The IPC format: a file, or a stream, also one in a file."""

    endings = (".arrow", ".feather", ".ipc")
    packed = False
    unit: Literal["line", "row"] = "row"
    value: Literal["field", "column"] = "column"

    def rows(self, path: str, name: str, id_name: str | None) -> Iterator[RowTexts]:
        pyarrow = pyarrow_module()
        try:
            if path == STDIN:
                with opened(path) as (file, position):
                    stream = pyarrow.ipc.open_stream(pyarrow.PythonFile(file))
                    yield from _selected(stream, stream.schema, name, id_name, position)
                return
            with pyarrow.memory_map(path) as source:
                yield from _of_file(source, name, id_name)
        except (OSError, pyarrow.ArrowException) as error:
            raise InputError(first_line(error)) from None
        except UnicodeDecodeError:
            raise InputError(
                "expected names of columns in UTF-8, got others: is it damaged?"
            ) from None


def _of_file(source: Any, name: str, id_name: str | None) -> Iterator[RowTexts]:
    import pyarrow

    try:
        reader = pyarrow.ipc.open_file(source)
    except pyarrow.ArrowInvalid:  # a stream in a file
        source.seek(0)
        stream = pyarrow.ipc.open_stream(source)
        yield from _selected(stream, stream.schema, name, id_name, source.tell)
        return
    done = 0

    def numbered() -> Iterator[Any]:
        nonlocal done
        while done < reader.num_record_batches:
            done += 1
            yield reader.get_batch(done - 1)

    size, number = source.size(), max(1, reader.num_record_batches)
    yield from _selected(numbered(), reader.schema, name, id_name, lambda: size * done // number)


def _selected(
    parts: Iterable[Any],
    schema: Any,
    name: str,
    id_name: str | None,
    position: Callable[[], int],
) -> Iterator[RowTexts]:
    """Rows of record batches; checks that the columns are there."""
    names = list(dict.fromkeys([name] + ([id_name] if id_name else [])))
    for column in names:
        column_index(schema.names, column)
    pieces = _halved(_checked(part.select(names)) for part in parts)
    return row_texts(pieces, name, id_name, lambda _: position())


def _checked(part: Any) -> Any:
    """The same record batch; a damaged file gives offsets and indices that lead out of memory."""
    part.validate(full=True)
    return part


def _halved(parts: Iterable[Any]) -> Iterator[Any]:
    """The same rows, no record batch of more than BATCH_BYTES but one of a single row."""
    for part in parts:
        if part.nbytes <= batches.BATCH_BYTES or part.num_rows < 2:
            yield part
        else:
            half = part.num_rows // 2
            yield from _halved([part.slice(0, half), part.slice(half)])


def row_texts(
    parts: Iterable[Any], name: str, id_name: str | None, position: Callable[[int], int]
) -> Iterator[RowTexts]:
    """Join record batches to batches of BATCH_BYTES; `position` takes the rows read so far."""
    held: list[Any] = []
    done = size = 0
    for part in parts:
        held.append(part)
        size += part.nbytes
        if size >= batches.BATCH_BYTES:
            done += sum(waiting.num_rows for waiting in held)
            yield _joined(held, name, id_name, done, position(done))
            held, size = [], 0
    if held:
        done += sum(waiting.num_rows for waiting in held)
        yield _joined(held, name, id_name, done, position(done))


def _joined(parts: list[Any], name: str, id_name: str | None, done: int, position: int) -> RowTexts:
    import pyarrow

    texts = pyarrow.chunked_array([part.column(name) for part in parts])
    ids = None
    if id_name:
        ids = [key for part in parts for key in part.column(id_name).to_pylist()]
    return RowTexts(texts, ids, [], range(done - len(texts) + 1, done + 1), position)


def first_line(error: BaseException) -> str:
    """The first line of the message of an error of the system or of Arrow."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0] if str(text) else type(error).__name__
