"""Counts of the rows of a data set, its parts side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tokenkit._checks import checked_threads
from tokenkit.encodings import Encoding
from tokenkit.errors import InputError
from tokenkit.inputs.datasets import FilePart
from tokenkit.inputs.readers import RowOptions
from tokenkit.inputs.rows import RowBatch, counted, read_rows
from tokenkit.inputs.workers import side_by_side

__all__ = ["count_parts", "readers_for"]

_MOST_READERS = 8  # each holds some batches


def readers_for(parts: Sequence[FilePart], num_threads: int | None = None) -> int:
    """How many parts to read at a time: as many as there are processors, within bounded memory."""
    return max(1, min(_MOST_READERS, len(parts), checked_threads(num_threads)))


def count_parts(
    parts: Sequence[FilePart],
    name_of: Callable[[FilePart], str],
    encodings: Sequence[Encoding],
    options: RowOptions,
    *,
    id_name: str | None = None,
    in_order: bool = False,
    num_threads: int | None = None,
) -> Iterator[tuple[FilePart, RowBatch | InputError | None]]:
    """Count the rows of parts: (part, batch) as they come, and (part, None) behind the last batch.

    `name_of` gives the field or column of a part. With `in_order`, rows come in the order of the
    parts, which are then read one after the other. A part that cannot be read gives the InputError
    behind what could be counted of it.
    """
    readers = 1 if in_order else readers_for(parts, num_threads)
    threads = max(1, checked_threads(num_threads) // readers)

    def count(part: FilePart) -> Iterator[RowBatch | InputError | None]:
        chosen = replace(options, groups=part.groups)
        try:
            rows = read_rows(part.path, name_of(part), id_name, part.kind, chosen)
            errors = options.decoding.errors
            yield from counted(rows, encodings, threads, errors, part.first)
        except InputError as error:
            yield error
        yield None

    return side_by_side(parts, count, readers)
