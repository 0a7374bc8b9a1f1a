"""Arrow columns in and out: against plain lists, through pyarrow, Polars and pandas."""

from __future__ import annotations

import gc
import itertools
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import oracle
import polars as pl
import pyarrow as pa
import pytest
import strategies
from arrow_types import PLAIN_TYPES
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit import Encoding

TYPES = [
    *PLAIN_TYPES,
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint64(), pa.large_string()),
]
ROWS = ["hello world", None, "", "naïve 漢字 🙂", "x" * 100, "hello world", None, "a longer row"]


@pytest.fixture(scope="module")
def o200k() -> Encoding:
    return tokenkit.get_encoding("o200k_base")


@pytest.fixture(scope="module")
def letters() -> Encoding:
    """An encoding whose pattern the core does not know."""
    ranks = {bytes([i]): i for i in range(256)} | {b"ab": 256, b"he": 257}
    return Encoding("letters", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens={})


def arrow(rows: Sequence[str | None], kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return pa.array(rows, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(rows).cast(kind)


def counts_of(enc: Encoding, rows: list[str | None]) -> list[int | None]:
    return [None if row is None else enc.count(row) for row in rows]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_types(o200k: Encoding, letters: Encoding, kind: Any) -> None:
    whole = arrow(ROWS, kind)
    for enc in (o200k, letters):
        expected = counts_of(enc, ROWS)
        assert enc.count_arrow(whole).to_pylist() == expected
        assert enc.count_arrow(whole[3:7]).to_pylist() == expected[3:7]
        assert enc.count_arrow(whole[8:]).to_pylist() == []
        chunked = pa.chunked_array([whole[1:], whole[:0], whole], kind)
        assert enc.count_arrow(chunked).to_pylist() == expected[1:] + expected
        assert enc.count_arrow(chunked[5:9]).to_pylist() == (expected[1:] + expected)[5:9]
        assert enc.count_arrow(pa.chunked_array([], kind)).to_pylist() == []
        present = [row for row in ROWS if row is not None]
        ragged = enc.encode_ragged(arrow(present, kind)[1:])
        assert [ids.tolist() for ids in ragged] == [enc.encode(row) for row in present[1:]]


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Binary], ids=str)
def test_polars(o200k: Encoding, kind: Any) -> None:
    rows = [None if row is None else row.encode() for row in ROWS] if kind is pl.Binary else ROWS
    series = pl.Series("text", rows, dtype=kind)
    expected = counts_of(o200k, ROWS)
    assert o200k.count_arrow(series).to_pylist() == expected
    assert o200k.count_arrow(series[2:6]).to_pylist() == expected[2:6]
    assert o200k.count_arrow(series.append(series[:3])).to_pylist() == expected + expected[:3]
    back = pl.Series(o200k.count_arrow(series[:8]))
    assert back.dtype == pl.Int64
    assert back.to_list() == expected
    ragged = o200k.encode_ragged(series[2:6])
    assert pl.Series(ragged).to_list() == [o200k.encode(row or "") for row in ROWS[2:6]]
    frame = pl.DataFrame({"text": ROWS}).with_columns(
        pl.col("text").map_batches(lambda s: pl.Series(o200k.count_arrow(s)), pl.Int64).alias("n")
    )
    assert frame["n"].to_list() == expected


def test_polars_enum_and_null(o200k: Encoding) -> None:
    enum = pl.Series(["a b", None, "c"], dtype=pl.Enum(["c", "a b", "unused"]))
    assert o200k.count_arrow(enum).to_pylist() == [2, None, 1]
    assert o200k.count_arrow(pl.Series([None, None])).to_pylist() == [None, None]
    assert o200k.count_arrow(pa.nulls(3)).to_pylist() == [None] * 3


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas 3 needs Python 3.11")
def test_pandas(o200k: Encoding) -> None:
    import pandas as pd

    for kind in ("str", pd.ArrowDtype(pa.string()), "category", object):
        series = pd.Series(ROWS, dtype=kind)
        counts = o200k.count_arrow(series)
        assert counts.to_pylist() == counts_of(o200k, ROWS)
        present = series.dropna()
        assert o200k.count_batch(present).tolist() == counts_of(o200k, list(present))
    # No Arrow library can hold these, but a list of them is fine, and so is the Series.
    odd = pd.Series(["a", "\ud800"], dtype=object)
    assert o200k.count_batch(odd).tolist() == o200k.count_batch(list(odd)).tolist()


def rows_of(name: str) -> st.SearchStrategy[list[str | None]]:
    texts = strategies.texts(name).map(oracle.joined)
    return st.lists(st.one_of(st.none(), texts), max_size=12)


@pytest.mark.parametrize("name", strategies.FAMILIES)
@given(data=st.data())
def test_equals_count_batch(name: str, data: st.DataObject) -> None:
    enc = tokenkit.get_encoding(name)
    rows = data.draw(rows_of(name))
    kind = data.draw(st.sampled_from(TYPES))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    bounds = [0, *cuts, len(rows)]
    whole = arrow(rows, kind)
    chunks = [whole[a:b] for a, b in itertools.pairwise(bounds)]
    present = [row for row in rows if row is not None]
    numbers = enc.count_batch(present).tolist()
    for threads in (None, 1, 3):
        for form in (whole, pa.chunked_array(chunks, kind)):
            counts = enc.count_arrow(form, num_threads=threads)
            assert [count for count in counts if count is not None] == numbers
            assert [count is None for count in counts] == [row is None for row in rows]
            assert counts.null_count == rows.count(None)
            assert pa.array(counts).to_pylist() == counts.to_pylist()
    ids = enc.encode_ragged(arrow(present, kind))
    assert ids.ids.tolist() == enc.encode_ragged(present).ids.tolist()
    assert ids.offsets.tolist() == enc.encode_ragged(present).offsets.tolist()


@given(data=st.data())
@examples(20)
def test_custom_pattern_equals_native(letters: Encoding, data: st.DataObject) -> None:
    rows = data.draw(rows_of("o200k_base"))
    present = [row for row in rows if row is not None]
    assert letters.count_arrow(pa.array(rows, pa.string())).to_pylist() == counts_of(letters, rows)
    ragged = letters.encode_ragged(pa.array(present, pa.string()))
    assert [ids.tolist() for ids in ragged] == [letters.encode_ordinary(row) for row in present]


# What is refused


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([1, 2]), "got int64"),
        (pa.array([[b"a"]]), "got a list"),
        (pa.table({"text": ["a"]}), "pass one of its columns"),
        (pa.record_batch({"text": ["a"]}), "pass one of its columns"),
        (pl.DataFrame({"text": ["a"]}), "pass one of its columns"),
        (pa.array([1.5]).dictionary_encode(), "got a dictionary of float64"),
        (["a"], "got list; count_batch takes lists"),
        ("a", "got str"),
        (None, "got NoneType"),
        (pa.Array, "got type"),
        (pa.string(), "got DataType"),
        (np.array(["a"]), "got ndarray"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_wrong_types(o200k: Encoding, array: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        o200k.count_arrow(array)


def test_wrong_capsules(o200k: Encoding) -> None:
    class Exports:
        def __init__(self, exported: object) -> None:
            self.exported = exported

        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return self.exported

    wrong: list[Any] = [None, (1, 2), (), "capsule", pa.array(["a"]).__arrow_c_array__()[::-1]]
    for exported in wrong:
        with pytest.raises(TypeError, match="expected an Arrow capsule"):
            o200k.count_arrow(Exports(exported))  # type: ignore[arg-type]
    once = Exports(pa.array(["a"]).__arrow_c_array__())
    assert o200k.count_arrow(once).to_pylist() == [1]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="already released"):
        o200k.count_arrow(once)  # type: ignore[arg-type]


def test_nulls_need_count_arrow(o200k: Encoding, letters: Encoding) -> None:
    array = pa.chunked_array([["a"], ["b", None, "c", None]])
    for enc in (o200k, letters):
        calls: list[Callable[[Any], object]] = [enc.encode_ragged, enc.count_batch]
        for call in calls:
            with pytest.raises(ValueError, match="row 2 is null"):
                call(array)


def test_nulls_may_count_as_nothing(o200k: Encoding, letters: Encoding) -> None:
    rows = ["a b", None, "c"]
    for enc in (o200k, letters):
        expected = [enc.count("a b"), 0, enc.count("c")]
        frames: list[Any] = [rows, tuple(rows), iter(rows), pa.array(rows), pl.Series(rows)]
        for texts in [*frames, ["a b", float("nan"), b"c"]]:
            assert enc.count_batch(texts, null="zero").tolist() == expected
        assert rows[1] is None, "the list of the caller has changed"
        for texts in (rows, ["a b", float("nan"), "c"]):
            with pytest.raises(TypeError, match=r"item 1: expected a text, got a null"):
                enc.count_batch(texts)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"item 1: expected str, .* got int"):
            enc.count_batch(["a", 5], null="zero")  # type: ignore[list-item]
        with pytest.raises(ValueError, match="null: expected 'raise' or 'zero', got 'skip'"):
            enc.count_batch(["a"], null="skip")  # type: ignore[arg-type]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas 3 needs Python 3.11")
@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_offsets_outside_the_text_of_a_series_are_an_error(o200k: Encoding, type_: Any) -> None:
    import pandas as pd

    good = pa.array(["one", "two", "three"], type_)
    offsets = np.frombuffer(
        good.buffers()[1], np.int32 if type_ == pa.string() else np.int64
    ).copy()
    bad = pa.Array.from_buffers(type_, 3, [None, pa.py_buffer(offsets), good.buffers()[2]])
    series = pd.Series(pd.arrays.ArrowExtensionArray(bad))
    assert o200k.count_arrow(series).to_pylist() == counts_of(o200k, ["one", "two", "three"])
    offsets[3] = 1 << 30
    for call in (o200k.count_arrow, o200k.count_batch, o200k.encode_ragged):
        with pytest.raises(ValueError, match=r"[Oo]ffset"):
            call(series)


def test_a_number_of_rows_that_no_memory_holds(o200k: Encoding) -> None:
    """Null columns take no memory in a file, but their counts do."""
    with pytest.raises(MemoryError):
        o200k.count_arrow(pa.Array.from_buffers(pa.null(), 2**58, [None]))
    with pytest.raises(ValueError, match="row 0: the Arrow array is malformed: its length"):
        o200k.count_arrow(pa.Array.from_buffers(pa.null(), 2**62, [None]))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pandas 3 needs Python 3.11")
def test_pandas_keeps_its_index(o200k: Encoding) -> None:
    import pandas as pd

    frame = pd.DataFrame({"text": ["a", "b c", None, "d e f"]}, index=list("wxyz"))
    for part in (frame[frame["text"] != "a"], frame.iloc[::-1], frame.sort_values("text")):
        counts: Any = o200k.count_arrow(part["text"]).to_pandas()
        assert counts.dtype == "Int64"
        assert counts.index.equals(part.index)
        joined = part.assign(tokens=counts)
        for text, tokens in zip(joined["text"], joined["tokens"], strict=True):
            assert (pd.isna(text) and pd.isna(tokens)) or tokens == o200k.count(text)
    plain: Any = o200k.count_arrow(pa.array(["a", None])).to_pandas()
    assert plain.index.tolist() == [0, 1]
    assert o200k.count_batch([pd.NA, "a"], null="zero").tolist() == [0, 1]


@pytest.mark.parametrize("num_threads", [1, 4])
@pytest.mark.parametrize("kind", ["string", "dictionary"])
def test_invalid_utf8(o200k: Encoding, letters: Encoding, num_threads: int, kind: str) -> None:
    raw = [b"good", None, b"bad \xff", b"\xc3("]
    bad = pa.array(raw, pa.binary())
    # A cast would check; taking the buffers as they are does not.
    bad = pa.Array.from_buffers(pa.string(), len(raw), bad.buffers())
    if kind == "dictionary":
        bad = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 2, 3], pa.int8()), bad)
    chunked = pa.chunked_array([bad[:2], bad[1:]])
    for enc in (o200k, letters):
        with pytest.raises(ValueError, match="row 3: invalid UTF-8 at byte 4"):
            enc.count_arrow(chunked, num_threads=num_threads)
        with pytest.raises(ValueError, match="row 0: invalid UTF-8 at byte 4"):
            enc.encode_ragged(bad[2:], num_threads=num_threads)


def test_num_threads(o200k: Encoding) -> None:
    with pytest.raises(ValueError, match="num_threads: expected at least 1, got 0"):
        o200k.count_arrow(pa.array(["a"]), num_threads=0)


# Results


def test_counts(o200k: Encoding) -> None:
    counts = o200k.count_arrow(pa.array(ROWS))
    expected = counts_of(o200k, ROWS)
    assert len(counts) == 8
    assert (counts[0], counts[1], counts[-1], counts[-8]) == (2, None, expected[-1], 2)
    for index in (8, -9):
        with pytest.raises(IndexError, match=f"expected a row from -8 to 7, got {index}"):
            counts[index]
    assert list(counts) == counts.to_pylist() == expected
    copy = pickle.loads(pickle.dumps(counts))
    assert pa.array(copy).equals(pa.array(counts))
    assert repr(counts) == "<ArrowCounts: 8 rows, 2 of them null>"
    with pytest.raises(ValueError, match="row 1 is null"):
        counts.to_numpy()
    with pytest.raises(ValueError, match="row 1 is null"):
        np.asarray(counts)
    filled = counts.to_numpy(null=-1)
    assert filled.dtype == np.int64
    assert filled.tolist() == [-1 if count is None else count for count in expected]


def test_counts_without_nulls_share_memory(o200k: Encoding) -> None:
    counts = o200k.count_arrow(pa.array(["a", "b c"]))
    first, second = counts.to_numpy(), counts.to_numpy(null=5)
    assert np.shares_memory(first, second)
    assert not first.flags.writeable
    assert np.asarray(counts).tolist() == [1, 2]
    assert np.array(counts, dtype=np.float32).tolist() == [1.0, 2.0]
    read = pa.array(counts)
    read.validate(full=True)
    assert read.buffers()[1].address == first.ctypes.data
    assert read.type == pa.int64()


def test_results_outlive_what_made_them() -> None:
    enc = tokenkit.get_encoding("o200k_base")
    rows = [f"row {i}" for i in range(1000)]
    counts, ragged = enc.count_arrow(pa.array(rows)), enc.encode_ragged(pa.array(rows))
    expected = counts.to_pylist()
    ids = [list(row) for row in ragged]
    from_arrow = [pa.array(counts), pl.Series(counts), pa.array(ragged), pl.Series(ragged)]
    numbers = counts.to_numpy()
    del counts, ragged
    gc.collect()
    assert from_arrow[0].to_pylist() == from_arrow[1].to_list() == numbers.tolist() == expected
    assert from_arrow[2].to_pylist() == from_arrow[3].to_list() == ids


def test_inputs_are_let_go(o200k: Encoding) -> None:
    class Memory(np.ndarray):
        pass

    def column() -> tuple[Any, weakref.ref[Any]]:
        data = np.frombuffer(b"hello world", np.uint8).view(Memory)
        offsets = pa.py_buffer(np.array([0, 5, 11], np.int32))
        array = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(data)])
        return array, weakref.ref(data)

    calls: list[Callable[[Any], Any]] = [o200k.count_arrow, o200k.encode_ragged]
    for call in calls:
        array, memory = column()
        result = call(array)
        assert memory() is not None
        del array
        gc.collect()
        assert memory() is None
        assert len(result) == 2


def test_ragged_is_an_arrow_array(o200k: Encoding, letters: Encoding) -> None:
    rows = ["hello world", "", "hi"]
    for enc in (o200k, letters):
        for ragged in (enc.encode_ragged(rows), enc.encode_ragged(pa.array(rows))):
            read = pa.array(ragged)
            read.validate(full=True)
            assert read.type.value_type == pa.uint32()
            assert pa.types.is_large_list(read.type)
            assert read.to_pylist() == [enc.encode(row) for row in rows]
            copy = pickle.loads(pickle.dumps(ragged))
            assert pa.array(copy).equals(read)
        assert pa.array(enc.encode_ragged([])).to_pylist() == []
        assert pa.array(enc.encode_ragged(["", ""])).to_pylist() == [[], []]
    ragged = o200k.encode_ragged(rows)
    assert pa.array(ragged).flatten().buffers()[1].address == ragged.ids.ctypes.data
    wrong = tokenkit.Ragged(ragged.ids, np.array([0, 99]))
    with pytest.raises(ValueError, match="offset 1 is 99"):
        pa.array(wrong)


def test_schemas_without_data(o200k: Encoding) -> None:
    counts, ragged = o200k.count_arrow(pa.array(["a"])), o200k.encode_ragged(["a"])
    assert pa.DataType._import_from_c_capsule(counts.__arrow_c_schema__()) == pa.int64()
    read = pa.DataType._import_from_c_capsule(ragged.__arrow_c_schema__())
    assert pa.types.is_large_list(read)
    # Capsules that nobody reads free what they hold: a leak would show in the sanitizer's builds,
    # and here as memory that grows.
    for _ in range(100):
        counts.__arrow_c_array__(None)
        ragged.__arrow_c_array__(None)


def test_threads_share_one_array(o200k: Encoding) -> None:
    array = pa.chunked_array([[f"row {i} of many" for i in range(3000)]] * 3)
    expected = o200k.count_arrow(array, num_threads=1).to_pylist()
    found: list[object] = []

    def work() -> None:
        for _ in range(5):
            found.append(o200k.count_arrow(array, num_threads=2).to_pylist() == expected)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_no_arrow_library_is_loaded() -> None:
    # The protocol is enough: here a column goes from one Encoding to another without any.
    code = """
import sys
import tokenkit
enc = tokenkit.get_encoding("o200k_base")
lists = enc.encode_ragged(["a", "b c"])
lists.__arrow_c_array__()
try:
    enc.count_arrow(lists)
except TypeError as error:
    assert "got a list" in str(error)
assert not {"pyarrow", "polars", "pandas"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("type_", [pa.string(), pa.binary(), pa.large_string()])
def test_offsets_outside_the_text_are_an_error(o200k: Encoding, type_: pa.DataType) -> None:
    """Such arrays come from damaged files: pyarrow reads them without a look at their offsets."""
    good = pa.array(["one", "two", "three"], type_)
    width = np.int64 if type_ == pa.large_string() else np.int32
    for place, value in itertools.product([1, 2, 3], [-5, 1 << 20, 1 << 30]):
        offsets = np.frombuffer(good.buffers()[1], width).copy()
        bad = pa.Array.from_buffers(type_, 3, [None, pa.py_buffer(offsets), good.buffers()[2]])
        offsets[place] = value  # behind the back of pyarrow, as a damaged file does
        for array in (bad, pa.chunked_array([good, bad]), bad.slice(place - 1)):
            for call in (o200k.count_arrow, o200k.count_batch, o200k.encode_ragged):
                with pytest.raises(ValueError, match=r"malformed|[Oo]ffset"):
                    call(array)


def test_more_rows_than_are_read_at_once(o200k: Encoding) -> None:
    """The core reads 524,288 rows at a time; what follows goes on where they end."""
    rows = pa.concat_arrays([pa.repeat("a b", 1 << 19), pa.array(["c", "d e f"])])
    ragged = o200k.encode_ragged(rows)
    assert np.diff(ragged.offsets).tolist() == [2] * (1 << 19) + [1, 3]
    assert ragged[-1].tolist() == o200k.encode("d e f")
    assert o200k.count_arrow(rows).to_numpy()[-3:].tolist() == [2, 1, 3]
