"""Arrow: batches of bounded size."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from search import by_profile

import tokenkit
from tokenkit.errors import InputError
from tokenkit.inputs import READERS
from tokenkit.inputs.readers import batches as _batches


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


def test_damaged_files_are_counted_or_an_error(tmp_path: Path) -> None:
    """Nothing that a damaged file holds is trusted as a place in memory."""
    rows = ["hello", "a text that is too long for its view", None, "x" * 50] * 20
    columns = {
        "plain": pyarrow.array(rows),
        "large": pyarrow.array(rows, pyarrow.large_string()),
        "entry": pyarrow.array(rows).dictionary_encode(),
        "view": pyarrow.array(rows, pyarrow.string_view()),
    }
    table = pyarrow.table(columns)
    path = tmp_path / "d.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    whole = path.read_bytes()
    enc = tokenkit.get_encoding("o200k_base")
    rng = random.Random(3)
    refused = 0
    for _ in range(by_profile(100, 1_000)):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            for batch in READERS["arrow"].rows(str(path), rng.choice(list(columns)), None):
                assert len(enc.count_arrow(batch.texts)) == len(batch.texts)
        except (InputError, ValueError):
            refused += 1
    assert refused > 10
