"""Arrow columns: texts on their way in, counts on their way out.

All through Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), so
that no Arrow library is needed and none is preferred.
"""

from __future__ import annotations

from tokenkit._checks import check_choice
from tokenkit._core import ArrowColumn as CoreColumn, ArrowIds, ArrowTexts, stream_capsule
from tokenkit._face import later, public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Literal, Protocol, TypeAlias

    import numpy as np
    import numpy.typing as npt

    class _Array(Protocol):
        def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[object, object]: ...

    class _Stream(Protocol):
        def __arrow_c_stream__(self, requested_schema: Any = None) -> object: ...

    ArrowArray: TypeAlias = _Array | _Stream
    Errors: TypeAlias = Literal["raise", "null"]
else:
    later(globals(), np="numpy", npt="numpy.typing")
    later(globals(), Callable="collections.abc:Callable", Iterator="collections.abc:Iterator")
    Any = object
    Errors = str
    ArrowArray = object  # what makes it one are its methods


def _exporter(array: object) -> Callable[[], object] | None:
    if isinstance(array, type):
        return None
    export = getattr(array, "__arrow_c_array__", None) or getattr(array, "__arrow_c_stream__", None)
    return export if callable(export) else None


def arrow_texts(
    array: object, errors: Errors = "raise", *, lists: str = "count_batch"
) -> ArrowTexts:
    """Read the texts of an Arrow array or stream of strings. Raises TypeError for all else.

    Rows that are not UTF-8 raise ValueError when they are read, or with errors="null" are null.
    `lists` is the method that takes a list of str instead.
    """
    check_choice("errors", errors, ("raise", "null"))
    return ArrowTexts(
        _exported("array", array, " of strings", f"{lists} takes lists of str"), errors == "null"
    )


def arrow_ids(ids: object) -> ArrowIds:
    """Read the ids in an Arrow array or stream, of any type that has values of its own.

    Those are strings, binary, booleans, numbers, dates and times, and dictionaries of these. Raises
    TypeError for all else.
    """
    return ArrowIds(_exported("ids", ids, "", "pyarrow.array makes one of a list"))


def _exported(name: str, array: object, of: str, hint: str) -> object:
    export = _exporter(array)
    if export is None:
        raise TypeError(
            f"{name}: expected an Arrow array{of} (an object with __arrow_c_array__ or "
            f"__arrow_c_stream__), got {type(array).__name__}; {hint}"
        )
    _validate(array)
    return export()


def _validate(array: object) -> None:
    # Arrow's C interface does not say how large a buffer is, and pyarrow reads files without a look
    # at their offsets. Its quick check compares the first and the last one with the buffer; the
    # core holds that all others lie between.
    held: Any = _held_by_pandas(array)
    if type(held).__module__.partition(".")[0] == "pyarrow" and hasattr(held, "validate"):
        held.validate()  # raises ArrowInvalid, a ValueError


def _held_by_pandas(array: object) -> object:
    """The Arrow array in a Series of pandas, if there is one; all else as it is."""
    if type(array).__module__.partition(".")[0] != "pandas":
        return array
    dtype = getattr(array, "dtype", None)
    if hasattr(dtype, "pyarrow_dtype") or getattr(dtype, "storage", "") == "pyarrow":
        inner: Any = array
        return getattr(inner, "array", inner).__arrow_array__()
    return array


def arrow_texts_if_any(texts: object) -> ArrowTexts | None:
    """Read the texts of an Arrow array; return None if `texts` is something else."""
    export = None if isinstance(texts, list | tuple) else _exporter(texts)
    if export is None:
        return None
    _validate(texts)
    try:
        exported = export()
    except Exception:
        # A pandas Series cannot export lone surrogates, nor anything without pyarrow; it is still
        # a sequence of texts, and read as that it says what is wrong with an item.
        return None
    return ArrowTexts(exported)


def pandas_index(array: object) -> object:
    """Return the index of a pandas Series, None for all else."""
    of_pandas = type(array).__module__.partition(".")[0] == "pandas"
    return getattr(array, "index", None) if of_pandas else None


@public
class ArrowColumn:
    """A column as a result: an Arrow array with the nulls of the column that it was made of.

    It is an object of tokenkit, as no Arrow library is required, and exports itself through
    Arrow's C data interface, as one array and as a stream of one: `pyarrow.array(column)`,
    `pyarrow.chunked_array(column)`, `polars.Series(column)` and whatever else knows
    `__arrow_c_array__` or `__arrow_c_stream__` take it without copying.

    >>> import tokenkit
    >>> import pyarrow
    >>> enc = tokenkit.get_encoding("o200k_base")
    >>> column = enc.count_arrow(pyarrow.array(["hello world", None, ""]))
    >>> isinstance(column, tokenkit.ArrowColumn), len(column), column.null_count, column[0]
    (True, 3, 1, 2)
    """

    __slots__ = ("_column", "_invalid_count")

    def __init__(self, column: CoreColumn, invalid_count: int = 0) -> None:
        self._column = column
        self._invalid_count = invalid_count

    def __len__(self) -> int:
        return len(self._column)

    @property
    def null_count(self) -> int:
        """The number of rows that are null, those that are not UTF-8 among them."""
        return self._column.null_count

    @property
    def invalid_count(self) -> int:
        """The number of rows that are null as they are not UTF-8: with errors="null" only.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> counts = enc.count_arrow(pyarrow.array([b"hello", b"\\xff", None]), errors="null")
        >>> counts.to_pylist(), counts.null_count, counts.invalid_count
        ([1, None, None], 2, 1)
        """
        return self._invalid_count

    def __getitem__(self, index: int) -> Any:
        """Get the value of one row, None if it is null. Raises IndexError outside the column."""
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"expected a row from {-size} to {size - 1}, got {index}")
        return self._column.item(index % size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_pylist())

    def to_pylist(self) -> list[Any]:
        """Make a list of the values, None where the row is null.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.count_arrow(pyarrow.array(["hello", None])).to_pylist()
        [1, None]
        """
        return self._column.tolist()

    def __arrow_c_schema__(self) -> object:
        return self._column.schema()

    # The protocol allows to give what one has, whatever was requested.

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._column.capsules()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return stream_capsule(self._column, [self._column])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._of, self._state()

    def _state(self) -> tuple[Any, ...]:
        return self._column.type, self._column.tolist(), self._invalid_count

    @classmethod
    def _of(cls, type_: Any, values: list[Any], *rest: Any) -> ArrowColumn:
        return cls(CoreColumn(type_, values), *rest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} rows, {self.null_count} of them null>"


@public
class ArrowCounts(ArrowColumn):
    """The counts of an Arrow column: an Arrow array of int64 with the nulls of the column.

    >>> import tokenkit
    >>> import pyarrow
    >>> enc = tokenkit.get_encoding("o200k_base")
    >>> counts = enc.count_arrow(pyarrow.array(["hello world", None, ""]))
    >>> counts.to_pylist(), counts.null_count, len(counts), counts[0]
    ([2, None, 0], 1, 3, 2)
    >>> pyarrow.array(counts).type
    DataType(int64)
    """

    __slots__ = ("_index",)

    def __init__(self, column: CoreColumn, invalid_count: int = 0, index: object = None) -> None:
        super().__init__(column, invalid_count)
        self._index = index  # that of a pandas Series

    def to_numpy(self, *, null: int | None = None) -> npt.NDArray[np.int64]:
        """Make an int64 array, without copying unless `null` replaces nulls.

        Raises ValueError if there are nulls and `null` does not say what stands for them.

        >>> import tokenkit
        >>> import pyarrow
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> enc.count_arrow(pyarrow.array(["hello world", None])).to_numpy(null=-1).tolist()
        [2, -1]
        """
        import numpy as np

        counts = np.frombuffer(memoryview(self._column), np.int64)
        if self.null_count == 0:
            return counts
        zeros = np.flatnonzero(counts == 0).tolist()  # nulls show as 0
        nulls = [row for row in zeros if self._column.item(row) is None]
        if null is None:
            raise ValueError(
                f"expected no nulls, as int64 has none, but row {nulls[0]} is null; drop or fill "
                'nulls first, or use count_batch(..., null="zero") or count_arrow'
            )
        counts = counts.copy()
        counts[nulls] = null
        return counts

    def to_pandas(self) -> object:
        """Make a pandas Series of Int64, with the index of the Series that was counted.

        So it can be assigned to a filtered or sorted frame. Raises ImportError without pandas.

        >>> import tokenkit
        >>> import pandas
        >>> enc = tokenkit.get_encoding("o200k_base")
        >>> frame = pandas.DataFrame({"text": ["a b", "hello", None]})
        >>> frame = frame[frame["text"] != "a b"]
        >>> frame = frame.assign(tokens=enc.count_arrow(frame["text"]).to_pandas())
        >>> frame["tokens"].fillna(0).to_dict()
        {1: 1, 2: 0}
        """
        import pandas

        return pandas.Series(self.to_pylist(), index=self._index, dtype="Int64")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        import numpy as np

        return np.array(self.to_numpy(), dtype=dtype, copy=bool(copy))

    def _state(self) -> tuple[Any, ...]:
        return *super()._state(), self._index
