"""The interface of the readers of data files, and the batches that they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tokenkit._visible import listed
from tokenkit.errors import InputError
from tokenkit.inputs.decoding import UTF8, Decoding
from tokenkit.inputs.limits import MOST_MB, most_bytes

__all__ = [
    "BATCH_BYTES",
    "PLAIN",
    "READ_BYTES",
    "ROW_BYTES",
    "Reader",
    "RowOptions",
    "RowTexts",
    "column_index",
]

# About so many bytes of text make a batch; so many are asked of a file at once.
BATCH_BYTES = 8 << 20
READ_BYTES = 1 << 20
ROW_BYTES = 64  # what a row takes besides its text, about


@dataclass
class RowTexts:
    """Rows that follow each other: a list of texts (str, bytes or None), or an Arrow array.

    `ids` are the values that name the rows, `numbers` the line or row of each text, from 1.
    `errors` holds (line or row, message) for each row that is wrong. `position` is how many bytes
    of the file, as it lies on the disk, have been read.
    """

    texts: Any
    ids: list[Any] | None = None
    errors: list[tuple[int, str]] = field(default_factory=list)
    numbers: list[int] | range = field(default_factory=list)
    position: int = 0

    def append(self, text: Any, number: int, key: Any) -> None:
        """Add a row to a list of texts."""
        self.texts.append(text)
        self.numbers.append(number)  # type: ignore[union-attr]  # a range belongs to an Arrow array
        if self.ids is not None:
            self.ids.append(key)


@dataclass(frozen=True)
class RowOptions:
    """How rows are read, beyond what the kind of file says.

    `delimiter`, `quote` and `escape` are single characters of CSV; None is the kind's own. `header`
    says whether the first line of CSV has the names of the columns; None is yes, but then a number
    names no column. With `values`, all values are given as they are, not only texts. `most` is how
    many bytes of memory a row may take (`tokenkit.inputs.limits` says how they are reckoned). Of
    Parquet, only the row groups `groups` are read; None is all.
    """

    decoding: Decoding = UTF8
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool | None = None
    values: bool = False
    most: int = most_bytes(MOST_MB)
    groups: range | None = None


PLAIN = RowOptions()


class Reader(Protocol):
    """Reads one kind of data file. `READERS` in the face of this folder has one for each kind."""

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of such files' names, such as ".csv"."""

    @property
    def packed(self) -> bool:
        """Whether the file may be packed by gzip or zstd as a whole."""

    @property
    def unit(self) -> Literal["line", "row"]:
        """The unit that the numbers in errors count."""

    @property
    def value(self) -> Literal["field", "column"]:
        """The word for the values of a row."""

    def rows(
        self, path: str, name: str, id_name: str | None, options: RowOptions = PLAIN
    ) -> Iterator[RowTexts]:
        """Read the texts in field or column `name` of a file, and what names the rows.

        `path` may be "-" for standard input. Raises InputError if the file cannot be read or has no
        such column.
        """

    def type_of(self, path: str, name: str) -> Any:
        """The type of Arrow that a column has; None where the file states no types.

        Raises InputError if the file cannot be read or has no such column.
        """


def column_index(names: Sequence[str], name: str) -> int:
    """The index of a column. Raises InputError, which lists the columns that there are, and for a
    name that several have."""
    numbers = [number for number, other in enumerate(names, 1) if other == name]
    if not numbers:
        raise InputError(f"expected a column {name!r}, got {listed(names) or 'an empty file'}")
    if len(numbers) > 1:
        several = ", ".join(map(str, numbers))
        raise InputError(f"expected one column {name!r}, got columns {several} of that name")
    return numbers[0] - 1
