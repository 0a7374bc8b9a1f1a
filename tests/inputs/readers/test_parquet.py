"""Parquet: parts of bounded size."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, strategies as st
from search import examples

from tokenkit.errors import InputError
from tokenkit.inputs import READERS, count_rows
from tokenkit.inputs.readers import batches as _batches, parquet

SIZES = st.lists(
    st.tuples(st.integers(1, 200), st.sampled_from([0, 1, 10, 100, 3_000])), min_size=1, max_size=6
)


@examples(30)
@given(runs=SIZES, group=st.integers(20, 400), repeated=st.booleans())
def test_parquet_is_read_in_parts_of_bounded_size(
    runs: list[tuple[int, int]], group: int, repeated: bool
) -> None:
    rows = [
        ("" if repeated else str(k)) + "x" * length
        for k, (number, length) in enumerate(runs)
        for _ in range(number)
    ]
    table = pyarrow.table({"t": rows, "n": range(len(rows))})
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, row_group_size=group, use_dictionary=repeated)
    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(sink.getvalue()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "PART_BYTES", 2_000)
        patch.setattr(parquet, "MOST_ROWS", 256)
        parts = list(parquet.parquet_parts(file, ["t", "n"]))
    assert [n for part in parts for n in part.column("n").to_pylist()] == list(range(len(rows)))
    assert [text for part in parts for text in part.column("t").to_pylist()] == rows


def test_long_values_that_a_dictionary_repeats(tmp_path: Path) -> None:
    # 20 KB in the file are 80 MB in memory.
    prompts = ["You are a librarian. " * 500, "You are a sailor. " * 500]
    column = pyarrow.array(prompts).take(pyarrow.array([0, 1] * 4_000))
    path = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"t": column}), path)
    assert path.stat().st_size < 100_000
    sizes = [
        (len(batch.texts), batch.texts.nbytes)
        for batch in READERS["parquet"].rows(str(path), "t", None)
    ]
    assert sum(rows for rows, _ in sizes) == 8_000
    assert max(size for _, size in sizes) < 2 * _batches.BATCH_BYTES


def test_numbers_of_rows_that_contradict_each_other(tmp_path: Path) -> None:
    """Wherever the file says how many rows there are, another number is an error."""
    path = tmp_path / "d.parquet"
    rows = [f"row {i}" for i in range(1_000)]
    pyarrow.parquet.write_table(pyarrow.table({"t": rows}), path, use_dictionary=False)
    whole = path.read_bytes()
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    thousand, more = b"\xd0\x0f", b"\xb8\x17"  # 1,000 and 1,500 as Thrift writes them
    places = [i for i in range(footer, len(whole)) if whole.startswith(thousand, i)]
    told = set()
    for changed in [[place] for place in places] + [places, places[1:], places[:-1]]:
        damaged = bytearray(whole)
        for place in changed:
            damaged[place : place + 2] = more
        path.write_bytes(damaged)
        try:
            (batch,) = count_rows(path, "t", ["gpt2"])
            assert batch.rows == 1_000
        except InputError as error:
            told.add(str(error))
    assert told >= {
        "expected 1500 rows in its row groups, got [1000]; is it damaged?",
        "expected 1000 values of 't' in row group 1, got 1500; is it damaged?",
        "expected 1500 rows in row group 1, got 1000; is it damaged?",
    }
