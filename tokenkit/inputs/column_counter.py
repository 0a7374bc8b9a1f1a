"""Counts the texts of one column, which comes in parts, into a `Distribution`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from tokenkit._checks import check_choice, checked_threads
from tokenkit._visible import listed
from tokenkit.encodings import Encoding
from tokenkit.errors import InputError
from tokenkit.inputs.distribution import INVALID, MISSING, Distribution

__all__ = ["PART_ROWS", "ColumnCounter", "OnInvalid", "check_column"]

# So many rows are counted at once, so that memory does not grow with the column.
PART_ROWS = 1 << 17
OnInvalid: TypeAlias = Literal["raise", "null"]
_ROW = re.compile(r"^row (\d+)")


class ColumnCounter:
    """Counts the parts of a column in the order of its rows; `spread` is what was counted.

    With `errors="null"`, rows that are not UTF-8 are invalid rows of the spread; with "raise" they
    raise ValueError, which names column and row, from 0. Raises ValueError for other `errors`.

    >>> import pyarrow, tokenkit
    >>> counter = ColumnCounter("text", tokenkit.get_encoding("o200k_base"))
    >>> counter.add(pyarrow.array(["hello world", None]))
    >>> counter.add_texts(["hi", None])
    >>> counter.spread.tokens, counter.spread.missing
    (3, 2)
    """

    def __init__(
        self,
        column: str,
        encoding: Encoding,
        errors: OnInvalid = "raise",
        num_threads: int | None = None,
    ) -> None:
        self.column = column
        self.encoding = encoding
        self.errors = check_choice("errors", errors, ("raise", "null"))
        self.num_threads = checked_threads(num_threads)
        self.spread = Distribution()
        self._rows = 0

    def add(self, array: Any) -> None:
        """Count an Arrow array, or a stream of them. Raises TypeError if it holds no texts."""
        try:
            counts = self.encoding.count_arrow(
                array, errors=self.errors, num_threads=self.num_threads
            )
        except TypeError as error:
            raise TypeError(f"column {self.column!r}: {error}") from None
        except ValueError as error:
            raise ValueError(self._named(str(error))) from None
        tokens = counts.to_numpy(null=MISSING)
        self.spread.add(tokens)
        self.spread.invalid += counts.invalid_count
        self._rows += len(tokens)

    def _named(self, message: str) -> str:
        """Say in a message on a row of a part which row of the column that is."""
        message = _ROW.sub(lambda found: f"row {self._rows + int(found[1])}", message)
        return f"column {self.column!r}, {message}"

    def add_texts(self, texts: Sequence[Any]) -> None:
        """Count texts of Python (str or bytes), None for nulls. Raises TypeError for others."""
        rows = [row for row, text in enumerate(texts) if text is not None]
        tokens = np.full(len(texts), MISSING, np.int64)
        try:
            present = [texts[row] for row in rows]
            tokens[rows] = self.encoding.count_batch(present, num_threads=self.num_threads)
        except (TypeError, ValueError):
            tokens[rows] = [self._counted_alone(row, texts[row]) for row in rows]
        self.spread.add(tokens)
        self._rows += len(tokens)

    def _counted_alone(self, row: int, text: Any) -> int:
        try:
            return self.encoding.count(text)
        except TypeError:
            got = type(text).__name__
            where = f"column {self.column!r}, row {self._rows + row}"
            raise TypeError(f"{where}: expected str, or bytes of UTF-8, got {got}") from None
        except ValueError as error:
            if self.errors == "null":
                return INVALID
            raise ValueError(self._named(f"row {row}: {error}")) from None


def check_column(column: str, columns: Sequence[Any]) -> None:
    """Check that one column has the name. Raises InputError, which lists those that there are."""
    number = sum(1 for name in columns if name == column)
    if number != 1:
        got = listed(columns) or "none"
        wanted = f"a column {column!r}" if number == 0 else f"one column {column!r}"
        raise InputError(f"expected {wanted}, got columns {got}")
