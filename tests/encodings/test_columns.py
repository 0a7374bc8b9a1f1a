"""Roads of Arrow columns: each row as the method for one text has it, for every kind of column."""

from __future__ import annotations

import gc
import itertools
import pickle
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Literal

import oracle
import polars as pl
import pyarrow as pa
import pytest
import strategies
from arrow_types import PLAIN_TYPES
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit import ArrowColumn, Encoding
from tokenkit._core import ArrowColumn as CoreColumn, stream_capsule

TYPES = [
    *PLAIN_TYPES,
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint64(), pa.large_string()),
]
ROWS = ["hello world", None, "", "naïve 漢字 🙂", "x" * 100, "hello world", None, "a longer row"]
KEEPS: list[Literal["head", "tail", "ends"]] = ["head", "tail", "ends"]
UNITS: list[Literal["grapheme", "char"]] = ["grapheme", "char"]
# An encoding whose pattern the core does not know.
LETTERS = Encoding(
    "letters",
    pat_str=r"\w+|\W+",
    mergeable_ranks={bytes([i]): i for i in range(256)} | {b"ab": 256, b"he": 257},
    special_tokens={},
)
O200K = tokenkit.get_encoding("o200k_base")

# A road: what it makes of a column, and of one row.
Road = tuple[Callable[..., ArrowColumn], Callable[[str], Any]]


def roads(enc: Encoding, limit: int, options: dict[str, Any]) -> dict[str, Road]:
    most = max(limit, enc.count(options.get("marker", "")))
    return {
        "count": (enc.count_arrow, enc.count),
        "fits": (
            lambda array, **other: enc.fits_arrow(array, limit, **other),
            lambda row: enc.within(row, limit) is not None,
        ),
        "encode": (enc.encode_arrow, enc.encode_ordinary),
        "truncate": (
            lambda array, **other: enc.truncate_arrow(array, most, **options, **other),
            lambda row: enc.truncate(row, most, **options),
        ),
    }


def result_type(name: str, large: bool) -> Any:
    text = pa.large_string() if large else pa.string()
    kinds = {"count": pa.int64(), "fits": pa.bool_(), "encode": pa.list_(pa.uint32())}
    return kinds.get(name, text)


def arrow(rows: list[str | None], kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return pa.array(rows, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(rows).cast(kind)


def is_large(kind: Any) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return inner in (pa.large_string(), pa.large_binary())


def check(road: Road, array: Any, rows: list[str | None], threads: int | None = None) -> Any:
    """Assert what a road makes of a column; give it as pyarrow reads it."""
    column = road[0](array, num_threads=threads)
    expected = [None if row is None else road[1](row) for row in rows]
    assert column.to_pylist() == list(column) == expected
    assert [column[row] for row in range(len(column))] == expected
    read = pa.array(column)
    read.validate(full=True)
    assert read.to_pylist() == expected
    assert column.null_count == read.null_count == rows.count(None)
    assert column.invalid_count == 0
    return read


@pytest.mark.parametrize("name", ["count", "fits", "encode", "truncate"])
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_types(name: str, kind: Any) -> None:
    whole = arrow(ROWS, kind)
    for enc in (O200K, LETTERS):
        road = roads(enc, 2, {"marker": "…", "keep": "ends"})[name]
        assert check(road, whole, ROWS).type == result_type(name, is_large(kind))
        check(road, whole[3:7], ROWS[3:7])
        check(road, whole[8:], [])
        chunked = pa.chunked_array([whole[1:], whole[:0], whole], kind)
        check(road, chunked, ROWS[1:] + ROWS)
        check(road, chunked[5:9], (ROWS[1:] + ROWS)[5:9])
        check(road, pa.chunked_array([], kind), [])
        check(road, pa.nulls(3), [None] * 3)


def rows_of(name: str) -> st.SearchStrategy[list[str | None]]:
    texts = strategies.texts(name).map(oracle.joined)
    return st.lists(st.one_of(st.none(), texts), max_size=12)


def options_drawn(data: st.DataObject) -> dict[str, Any]:
    return {
        "keep": data.draw(st.sampled_from(KEEPS)),
        "marker": data.draw(st.sampled_from(["", "…", " [cut] ", "a"])),
        "unit": data.draw(st.sampled_from(UNITS)),
    }


@pytest.mark.parametrize("name", [*strategies.FAMILIES, "letters"])
@given(data=st.data())
@examples(40)
def test_every_road_equals_its_method(name: str, data: st.DataObject) -> None:
    own = name == "letters"
    enc = LETTERS if own else tokenkit.get_encoding(name)
    rows = data.draw(rows_of("o200k_base" if own else name))
    whole = arrow(rows, data.draw(st.sampled_from(TYPES)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    pieces = [whole[a:b] for a, b in itertools.pairwise([0, *cuts, len(rows)])]
    forms = [whole, pa.chunked_array(pieces, whole.type)]
    for road in roads(enc, data.draw(st.integers(-1, 20)), options_drawn(data)).values():
        for array, threads in itertools.product(forms, (1, 2)):
            check(road, array, rows, threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_shares_of_many_rows(threads: int) -> None:
    """Enough rows and bytes for several threads, and a row that is longer than all others."""
    rows = [f"row {i} of many, with a 漢 and " + "words " * (i % 9) for i in range(3000)]
    rows[1234] = "long " * 200_000
    nulls: list[str | None] = [None if i % 7 == 3 else row for i, row in enumerate(rows)]
    for road in roads(O200K, 12, {"keep": "tail"}).values():
        check(road, pa.array(nulls), nulls, threads)


# Rows that are not UTF-8


def unchecked(raw: list[bytes | None], kind: Any) -> Any:
    """A column of binary, or of strings that nobody has looked at."""
    array = pa.array(raw, pa.binary())
    if kind == "string":
        return pa.Array.from_buffers(pa.string(), len(raw), array.buffers())
    return array.dictionary_encode() if kind == "dictionary" else array


RAW = [b"good", None, b"bad \xff", b"", b"\xc3(", b"bad \xff", "漢字".encode()]
VALID = ["good", None, None, "", None, None, "漢字"]


@pytest.mark.parametrize("kind", ["binary", "string", "dictionary"])
@pytest.mark.parametrize("name", ["count", "fits", "encode", "truncate"])
def test_invalid_rows(name: str, kind: str) -> None:
    array = unchecked(RAW, kind)
    for enc, threads in itertools.product((O200K, LETTERS), (1, 2)):
        call, of_row = roads(enc, 2, {})[name]
        with pytest.raises(ValueError, match=r"^row 2: invalid UTF-8 at byte 4$"):
            call(array, num_threads=threads)
        for form, first in ((array, 0), (array[2:], 2), (pa.chunked_array([array[2:]]), 2)):
            column = call(form, errors="null", num_threads=threads)
            expected = [None if row is None else of_row(row) for row in VALID[first:]]
            assert column.to_pylist() == pa.array(column).to_pylist() == expected
            assert (column.invalid_count, column.null_count) == (3, 4 - (first == 2))
        assert call(array[:2], errors="null").invalid_count == 0
        with pytest.raises(ValueError, match="errors: expected 'raise' or 'null', got 'skip'"):
            call(array, errors="skip")


# Results


def columns() -> dict[str, tuple[ArrowColumn, Any]]:
    found = {}
    for name, (call, of_row) in roads(O200K, 2, {}).items():
        column = call(pa.array(ROWS))
        found[name] = column, [None if row is None else of_row(row) for row in ROWS]
    return found


@pytest.mark.parametrize("name", ["count", "fits", "encode", "truncate"])
def test_consumers(name: str) -> None:
    column, expected = columns()[name]
    kind = result_type(name, False)
    assert pa.chunked_array(column).type == pa.array(column).type == kind
    assert pa.chunked_array(column).to_pylist() == expected
    assert pa.DataType._import_from_c_capsule(column.__arrow_c_schema__()) == kind
    series = pl.Series("tokens", column)
    assert series.to_list() == expected
    assert pl.DataFrame({"text": ROWS}).with_columns(series).height == len(ROWS)
    assert pa.table({"text": ROWS, "tokens": column})["tokens"].type == kind
    for _ in range(50):  # what nobody reads is freed
        column.__arrow_c_stream__()
        column.__arrow_c_array__()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas 3 needs Python 3.11")
@pytest.mark.parametrize("name", ["count", "fits", "encode", "truncate"])
def test_pandas(name: str) -> None:
    import pandas as pd

    for kind in ("str", pd.ArrowDtype(pa.string()), "category", object):
        check(roads(O200K, 2, {})[name], pd.Series(ROWS, dtype=kind), ROWS)
    column, expected = columns()[name]
    read = pa.array(column).to_pandas(types_mapper=pd.ArrowDtype)
    assert [None if value is pd.NA else value for value in read.tolist()] == expected


@pytest.mark.parametrize("name", ["count", "fits", "encode", "truncate"])
def test_copies(name: str) -> None:
    column, expected = columns()[name]
    copy = pickle.loads(pickle.dumps(column))
    assert type(copy) is type(column)
    assert copy.to_pylist() == expected
    assert pa.array(copy).equals(pa.array(column))
    with_invalid = O200K.encode_arrow(pa.array([b"a", b"\xff"]), errors="null")
    again = pickle.loads(pickle.dumps(with_invalid))
    assert (again.invalid_count, again.to_pylist()) == (1, [[64], None])
    assert repr(again) == "<ArrowColumn: 2 rows, 1 of them null>"


def test_a_result_is_a_column_itself() -> None:
    short = O200K.truncate_arrow(pa.array(ROWS), 2)
    rows = short.to_pylist()
    for road in roads(O200K, 1, {}).values():
        check(road, short, rows)
    with pytest.raises(TypeError, match="got a list"):
        O200K.count_arrow(O200K.encode_arrow(short))


def test_results_outlive_what_made_them() -> None:
    read = [(pa.array(column), expected) for column, expected in columns().values()]
    streams = [pa.chunked_array(column) for column, _ in columns().values()]
    ids = read[2][0].flatten()  # the child alone
    expected_ids = [token for row in read[2][1] for token in row or []]
    assert [array.to_pylist() for array, _ in read] == [expected for _, expected in read]
    assert [array.to_pylist() for array in streams] == [expected for _, expected in read]
    read.clear()
    streams.clear()
    assert ids.to_pylist() == expected_ids


def test_arguments() -> None:
    array = pa.array(["a b c"])
    assert O200K.fits_arrow(array, -5).to_pylist() == [False]
    for enc in (O200K, LETTERS):
        assert enc.fits_arrow(pa.array([""]), -1).to_pylist() == [False]
        assert enc.fits_arrow(pa.array([""]), 0).to_pylist() == [True]
    assert O200K.fits_arrow(array, 10**30).to_pylist() == [True]
    assert O200K.truncate_arrow(array, 10**30).to_pylist() == ["a b c"]
    with pytest.raises(TypeError, match="limit: expected"):
        O200K.fits_arrow(array, "2")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_tokens: expected at least 0"):
        O200K.truncate_arrow(array, -1)
    with pytest.raises(ValueError, match="the marker alone is 2 tokens"):
        O200K.truncate_arrow(array, 1, marker="hello world")
    with pytest.raises(ValueError, match="keep: expected"):
        O200K.truncate_arrow(array, 1, keep="middle")  # type: ignore[arg-type]
    # A marker that UTF-8 cannot hold.
    most = 1 + O200K.count("\ufffd")
    rows = O200K.truncate_arrow(pa.array(["a b c d e f g"]), most, marker="\ud800").to_pylist()
    assert rows == [O200K.truncate("a b c d e f g", most, marker="\ufffd")]
    wrong: list[Any] = [["a"], "a", None, pa.array([1]), pa.table({"text": ["a"]})]
    for call, _ in roads(O200K, 2, {}).values():
        for value in wrong:
            with pytest.raises(TypeError, match="got "):
                call(value)
        with pytest.raises(ValueError, match="num_threads: expected at least 1, got 0"):
            call(array, num_threads=0)


def test_a_number_of_rows_that_no_memory_holds() -> None:
    nulls = pa.Array.from_buffers(pa.null(), 2**58, [None])
    for call, _ in roads(O200K, 2, {}).values():
        with pytest.raises(MemoryError):
            call(nulls)


def test_a_byte_that_the_vocabulary_lacks() -> None:
    """Also where a row has so few bytes that it cannot be over the limit."""
    ranks = {bytes([i]): i for i in range(128)}
    enc = Encoding("ascii", pat_str=O200K._pat_str, mergeable_ranks=ranks, special_tokens={})
    for call, _ in roads(enc, 100, {}).values():
        assert len(call(pa.array(["plain"]))) == 1
        with pytest.raises(ValueError, match="byte"):
            call(pa.array(["plain", "é"]))


# Streams of our own


class Streamed:
    """Exports a stream that an iterator feeds."""

    def __init__(self, columns: Iterator[CoreColumn]) -> None:
        self.columns = columns

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return stream_capsule(CoreColumn("u", []), self.columns)


def batches(error: BaseException | None = None) -> Iterator[CoreColumn]:
    yield CoreColumn("u", ["a b", None])
    yield CoreColumn("u", [])
    if error is not None:
        raise error
    yield CoreColumn("u", ["c"])


def test_a_stream_is_read_when_it_is_asked() -> None:
    for road in roads(O200K, 1, {}).values():
        check(road, Streamed(batches()), ["a b", None, "c"])
    given = []

    def watched() -> Iterator[CoreColumn]:
        for column in batches():
            given.append(len(column))
            yield column

    capsule = Streamed(watched()).__arrow_c_stream__()
    assert given == []
    assert pa.ChunkedArray._import_from_c_capsule(capsule).to_pylist() == ["a b", None, "c"]
    assert given == [2, 0, 1]


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ValueError("too bad: é"), ValueError, "too bad: é"),
        (TypeError("wrong"), ValueError, "wrong"),
        (MemoryError("none left"), MemoryError, "none left"),
        (NotImplementedError("later"), NotImplementedError, "later"),
        (OSError(), OSError, "OSError"),
        (KeyboardInterrupt(), OSError, "KeyboardInterrupt"),
        (RuntimeError("\ud800"), OSError, r"\?"),
    ],
    ids=repr,
)
def test_errors_of_a_stream(error: BaseException, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        pa.chunked_array(Streamed(batches(error)))
    with pytest.raises(ValueError, match=f"the Arrow stream failed after row 2: {message}"):
        O200K.count_arrow(Streamed(batches(error)))


def test_a_stream_that_nobody_reads_is_released() -> None:
    class Rows:
        def __iter__(self) -> Iterator[CoreColumn]:
            return self

        def __next__(self) -> CoreColumn:
            raise StopIteration

    rows = Rows()
    seen = weakref.ref(rows)
    capsule = stream_capsule(CoreColumn("u", []), rows)
    del rows
    gc.collect()
    assert seen() is not None
    del capsule
    gc.collect()
    assert seen() is None
    with pytest.raises(TypeError):
        stream_capsule(CoreColumn("u", []), 5)  # type: ignore[arg-type]


NESTED: Any = (
    "+l",
    (("item", ("+s", (("at", "i"), ("text", "U"), ("all", ("+L", (("item", "u"),)))))),),
)


def test_columns_of_columns() -> None:
    rows = [
        [{"at": -1, "text": "x", "all": ["a", None]}, {"at": None, "text": None, "all": None}],
        None,
        [],
        [{"at": 2**31 - 1, "text": "漢", "all": []}],
    ]
    column = CoreColumn(NESTED, rows)
    assert column.type == NESTED
    assert column.tolist() == rows
    read = pa.array(ArrowColumn(column))
    read.validate(full=True)
    assert read.to_pylist() == rows
    assert read.type.value_type.field("all").type == pa.large_list(pa.string())
    copy = pickle.loads(pickle.dumps(ArrowColumn(column)))
    assert pa.array(copy).equals(read)
    with pytest.raises(OverflowError):
        CoreColumn("i", [2**31])
    with pytest.raises(OverflowError):
        CoreColumn("I", [-1])
    with pytest.raises(TypeError):
        CoreColumn("u", [5])
    with pytest.raises(BufferError):
        memoryview(column)
    with pytest.raises(ValueError, match="no columns of the type 'z'"):
        CoreColumn("z", [])
