"""Counts of rows of data files: every kind alike, broken files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from data_files import ENC, ROWS, WRITERS, write_arrow, write_jsonl

import tokenkit
from tokenkit.errors import InputError
from tokenkit.inputs.readers import batches as _batches, parquet
from tokenkit.inputs.rows import count_rows


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_gives_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "BATCH_BYTES", 4000)
    monkeypatch.setattr(_batches, "READ_BYTES", 1000)
    monkeypatch.setattr(parquet, "PART_BYTES", 1500)
    path = tmp_path / name
    WRITERS[name](path)
    batches = list(count_rows(path, "a.text", ["o200k_base", "gpt2"], id_name="id"))
    assert len(batches) > 3
    assert [n for batch in batches for n in batch.tokens[0]] == [ENC.count(row) for row in ROWS]
    gpt2 = tokenkit.get_encoding("gpt2")
    assert [n for batch in batches for n in batch.tokens[1]] == [gpt2.count(row) for row in ROWS]
    assert [int(i) for batch in batches for i in batch.ids or []] == list(range(len(ROWS)))
    assert not any(batch.errors for batch in batches)
    # A stream in Arrow's format ends with a mark of its own.
    assert 0 <= path.stat().st_size - batches[-1].position <= 8


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.csv.gz"])
def test_a_packed_file_that_ends_too_early_is_counted_to_there(name: str, tmp_path: Path) -> None:
    texts = [hex(i * 7919) for i in range(2000)]
    lines = [json.dumps({"t": text}) for text in texts] if "jsonl" in name else ["t", *texts]
    packed = gzip.compress("\n".join(lines).encode())
    path = tmp_path / name
    path.write_bytes(packed[: len(packed) * 3 // 4])
    batches = count_rows(path, "t", ["o200k_base"])
    counted = next(batches).tokens[0].tolist()
    with pytest.raises(InputError, match="ended before"):
        next(batches)
    assert len(counted) > 1000
    assert counted == [ENC.count(text) for text in texts[: len(counted)]]


@pytest.mark.parametrize("name", ["no.parquet", "no.arrow", "no.jsonl", "no.csv", "no.txt"])
def test_missing_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        list(count_rows(tmp_path / name, "t", ["o200k_base"]))


def test_wrong_columns_and_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    write_arrow(path)
    with pytest.raises(InputError, match=r"expected a column 'x', got id, a\.text"):
        list(count_rows(path, "x", ["o200k_base"]))
    with pytest.raises(InputError):
        list(count_rows(path, "id", ["o200k_base"]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError):
        list(count_rows(path, "id", ["o200k_base"]))
    cut = tmp_path / "cut.jsonl.gz"
    write_jsonl(cut)
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        list(count_rows(cut, "a.text", ["o200k_base"]))
