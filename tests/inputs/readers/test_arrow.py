"""Arrow: batches of bounded size."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Literal

import pyarrow
import pyarrow.parquet
import pytest

import tokenkit
from tokenkit.errors import InputError
from tokenkit.inputs import READERS, count_chats, count_rows, row_strings
from tokenkit.inputs.readers import arrow, batches as _batches, parquet
from tokenkit.inputs.readers.batches import RowOptions


def test_long_rows_of_arrow_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_batches, "BATCH_BYTES", 1_000)
    rows = ["a" * (i % 300) for i in range(200)] + ["b" * 5_000, "c"]
    # The weight of other columns does not matter.
    table = pyarrow.table({"t": rows, "other": ["x" * 900] * len(rows)})
    path = tmp_path / "d.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    batches = list(READERS["arrow"].rows(str(path), "t", None))
    assert [text for batch in batches for text in batch.texts.to_pylist()] == rows
    sizes = [batch.texts.nbytes for batch in batches if len(max(batch.texts.to_pylist())) < 5_000]
    assert 10 < len(sizes) < 40
    assert max(sizes) < 2_500


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.string(),
        pyarrow.large_string(),
        pyarrow.string_view(),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.string_view()),
    ],
)
def test_a_row_that_is_no_utf8_is_named(tmp_path: Path, kind: pyarrow.DataType) -> None:
    inner = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    flat = {"string": "binary", "large_string": "large_binary", "string_view": "binary_view"}
    texts = pyarrow.array([b"one", b"\xff\xfe"], getattr(pyarrow, flat[str(inner)])()).view(inner)
    if inner != kind:
        texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 1], pyarrow.int32()), texts)
    path = tmp_path / "d.arrow"
    with pyarrow.ipc.new_file(path, pyarrow.schema({"t": kind})) as writer:
        writer.write_table(pyarrow.table({"t": texts}))
    (batch,) = READERS["arrow"].rows(str(path), "t", None)
    with pytest.raises(ValueError, match="row 1: invalid UTF-8"):
        tokenkit.get_encoding("o200k_base").count_arrow(batch.texts)
    wrong = [(2, "expected UTF-8 text, got invalid UTF-8 at byte 0")]
    (counted,) = count_rows(path, "t", ["gpt2"])
    assert (counted.tokens[0].tolist(), counted.errors) == ([1, -1], wrong)
    assert (row_strings(batch, "raise"), batch.errors) == (["one", None], wrong)
    assert row_strings(batch, "replace") == ["one", "\ufffd\ufffd"]
    (chats,) = count_chats(path, "t", ["gpt-4o"])
    assert [message for _, message in chats.errors] == [
        "expected the JSON of messages, got 'one'",
        "expected the JSON of messages, got b'\\xff\\xfe'",
    ]


def write(path: Path, table: pyarrow.Table) -> str:
    options = pyarrow.ipc.IpcWriteOptions(allow_64bit=True)
    with pyarrow.ipc.new_file(path, table.schema, options=options) as writer:
        writer.write_table(table)
    return str(path)


def test_a_row_of_a_struct_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    texts = pyarrow.array([b"one", b"\xff\xfe", None]).view(pyarrow.string())
    lists = pyarrow.array([["a"], [], None])
    inner = pyarrow.StructArray.from_arrays([texts, lists], ["t", "l"])
    table = pyarrow.table({"s": pyarrow.StructArray.from_arrays([inner], ["inner"])})
    (batch,) = count_rows(write(tmp_path / "d.arrow", table), "s.inner.t", ["gpt2"])
    assert batch.tokens[0].tolist() == [1, -1, -1]
    assert batch.errors == [(2, "expected UTF-8 text, got invalid UTF-8 at byte 0")]


def test_ids_that_python_cannot_have_are_named(tmp_path: Path) -> None:
    wrong = {
        "day": pyarrow.array([0, 1 << 52], pyarrow.timestamp("ms")),
        "key": pyarrow.array([b"a", b"\xff"]).view(pyarrow.string()),
    }
    table = pyarrow.table({"t": ["one", "two"], **wrong})
    path = write(tmp_path / "d.arrow", table)
    pyarrow.parquet.write_table(table, tmp_path / "d.parquet")
    for name, column in itertools.product([path, str(tmp_path / "d.parquet")], wrong):
        with pytest.raises(InputError, match=f"row 2: column '{column}': "):
            list(count_rows(name, "t", ["gpt2"], id_name=column))


@pytest.mark.parametrize("number", [-1, 2, 12, 1 << 30])
def test_offsets_of_a_damaged_file_are_an_error(tmp_path: Path, number: int) -> None:
    table = pyarrow.table({"t": ["one", "two", "three"]})
    path = Path(write(tmp_path / "d.arrow", table))
    offsets = struct.pack("<4i", 0, 3, 6, 11)
    damaged = path.read_bytes().replace(offsets, struct.pack("<4i", 0, 3, number, 11))
    assert damaged.count(offsets) == 0
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"column 't': .*[Oo]ffset.*; is it damaged\?"):
        list(count_rows(path, "t", ["gpt2"]))


def nulls(rows: int) -> pyarrow.Array:
    return pyarrow.Array.from_buffers(pyarrow.null(), rows, [None])


def test_more_rows_than_arrow_allows_are_an_error(tmp_path: Path) -> None:
    """A column of nulls has no bytes, so a small file may claim any number of rows."""
    for rows in (2**31, 2**50):
        path = write(tmp_path / "d.arrow", pyarrow.table({"t": nulls(rows)}))
        with pytest.raises(InputError, match=f"2147483647 rows in a record batch, got {rows}; is"):
            list(count_rows(path, "t", ["gpt2"]))


def test_many_nulls_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "PART_ROWS", 1_000)
    rows = 5 * arrow.PART_ROWS + 3
    path = write(tmp_path / "d.arrow", pyarrow.table({"t": nulls(rows)}))
    sizes = [batch.rows for batch in count_rows(path, "t", ["gpt2"])]
    assert sum(sizes) == rows
    assert max(sizes) <= 2 * arrow.PART_ROWS


KINDS = ["string", "large_string", "string_view", "dictionary"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["arrow", "parquet"])
def test_a_row_has_a_limit(kind: str, ending: Literal["arrow", "parquet"], tmp_path: Path) -> None:
    """Once for all kinds of text; what a dictionary holds besides does not count."""
    long = "a" * (3 << 20)
    column = pyarrow.array(["x", None, long, "y"])
    unused = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 0]), pyarrow.array(["x", long]))
    made = (
        column.dictionary_encode()
        if kind == "dictionary"
        else column.cast(getattr(pyarrow, kind)())
    )
    for name, texts, is_long in (("long", made, True), ("unused", unused, False)):
        path = tmp_path / f"{name}.{ending}"
        table = pyarrow.table({"t": texts, "n": range(len(texts))})
        if ending == "parquet":
            pyarrow.parquet.write_table(table, path)
        else:
            with pyarrow.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        rows = list(READERS[ending].rows(str(path), "t", None, RowOptions(most=4 << 20)))
        assert sum(len(batch.texts) for batch in rows) == len(texts)
        small = READERS[ending].rows(str(path), "t", None, RowOptions(most=2 << 20))
        if is_long:
            with pytest.raises(InputError, match=r"^row 3: expected a row that takes at most 2 MB"):
                list(small)
        else:
            assert sum(len(batch.texts) for batch in small) == 2


def test_rows_that_are_too_long_on_average_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"t": ["x", "a" * (9 << 20)]}), path)
    monkeypatch.setattr(parquet, "parquet_parts", lambda *_: pytest.fail("it is read"))
    with pytest.raises(InputError, match=r"^row 1 or one behind it: expected a row that takes at"):
        list(READERS["parquet"].rows(str(path), "t", None, RowOptions(most=4 << 20)))
