"""The part of an encoding that reads Arrow columns: what it says of each row is a column, too."""

from __future__ import annotations

import sys

from tokenkit._checks import check_tokens, checked_threads
from tokenkit._face import later
from tokenkit.encodings.arrow import (
    ArrowArray,
    ArrowColumn,
    ArrowCounts,
    Errors,
    arrow_texts,
    pandas_index,
)
from tokenkit.encodings.vocabulary import Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tokenkit.encodings.engine import Engine
else:
    later(globals(), Literal="typing:Literal")


class Columns(Vocabulary):
    """Counts, compares, encodes and truncates columns. A base of `Encoding`.

    All methods take any object with `__arrow_c_array__` or `__arrow_c_stream__` (arrays, chunked
    arrays and streams of pyarrow, Polars, pandas and others) of type string, large_string,
    string_view, their binary twins holding UTF-8, or a dictionary of these.
    """

    if TYPE_CHECKING:  # where hints are read, the name is not known
        engine: Engine

    def count_arrow(
        self, array: ArrowArray, *, errors: Errors = "raise", num_threads: int | None = None
    ) -> ArrowCounts:
        """Count each row of an Arrow array of strings, without making a str of each.

        Takes any object with `__arrow_c_array__` or `__arrow_c_stream__` (arrays, chunked arrays
        and streams of pyarrow, Polars, pandas and others) of type string, large_string,
        string_view, their binary twins holding UTF-8, or a dictionary of these. Gives an Arrow
        array of int64, null where the row is null. On threads, by default one per processor.

        Raises TypeError for other types, and ValueError with row and byte if a row is not UTF-8;
        with errors="null" such rows are null, and `.invalid_count` says how many.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.count_arrow(pyarrow.array(["hello world", None, ""])).to_pylist()
        [2, None, 0]
        """
        texts = arrow_texts(array, errors)
        counts = self.engine.count_arrow(texts, checked_threads(num_threads))
        return ArrowCounts(counts, texts.invalid_count, pandas_index(array))

    def fits_arrow(
        self,
        array: ArrowArray,
        limit: int,
        *,
        errors: Errors = "raise",
        num_threads: int | None = None,
    ) -> ArrowColumn:
        """Find which rows of an Arrow array of strings have at most `limit` tokens.

        Gives an Arrow array of bool, null where the row is null. Of a longer row, no more is read
        than it takes to know. Takes and raises what `count_arrow` does, and TypeError unless the
        limit is a whole number; no row fits a limit below 0.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.fits_arrow(pyarrow.array(["hello", "hello world", None]), 1).to_pylist()
        [True, False, None]
        """
        limit = max(-1, min(check_tokens("limit", limit, None), sys.maxsize))
        texts = arrow_texts(array, errors)
        fit = self.engine.fits_arrow(texts, limit, checked_threads(num_threads))
        return ArrowColumn(fit, texts.invalid_count)

    def encode_arrow(
        self, array: ArrowArray, *, errors: Errors = "raise", num_threads: int | None = None
    ) -> ArrowColumn:
        """Encode each row of an Arrow array of strings; special tokens are ordinary text.

        Gives an Arrow array of list<uint32>, null where the row is null. Takes and raises what
        `count_arrow` does, and ValueError for more than 2,147,483,647 ids in all: pass such a
        column in parts, or use `encode_ragged`.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.encode_arrow(pyarrow.array(["hello world", None, ""])).to_pylist()
        [[24912, 2375], None, []]
        """
        texts = arrow_texts(array, errors)
        ids = self.engine.encode_arrow(texts, checked_threads(num_threads))
        return ArrowColumn(ids, texts.invalid_count)

    def truncate_arrow(
        self,
        array: ArrowArray,
        max_tokens: int,
        *,
        keep: Literal["head", "tail", "ends"] = "head",
        marker: str = "",
        unit: Literal["grapheme", "char"] = "grapheme",
        errors: Errors = "raise",
        num_threads: int | None = None,
    ) -> ArrowColumn:
        """Truncate each row of an Arrow array of strings as `truncate` does.

        Gives an Arrow array of string, or large_string for large_string and large_binary, null
        where the row is null. Takes and raises what `count_arrow` and `truncate` do, and ValueError
        for more than 2,147,483,647 bytes in all in a string array: pass such a column in parts, or
        as large_string.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> column = pyarrow.array(["one two three", "one", None])
        >>> enc.truncate_arrow(column, 2, marker="...").to_pylist()
        ['one...', 'one', None]
        """
        from tokenkit.encodings.truncation import truncate_settings

        settings = truncate_settings(self.engine, max_tokens, keep, marker, unit)
        texts = arrow_texts(array, errors)
        rows = self.engine.truncate_arrow(texts, settings, checked_threads(num_threads))
        return ArrowColumn(rows, texts.invalid_count)
