"""CSV: rows, wrong rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_files import ENC

from tokenkit.errors import InputError
from tokenkit.inputs.rows import count_rows


def test_bad_csv(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b'id,t\n1,"two\nlines"\n2,\xff\n3\n4,hi\n')
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens[0].tolist() == [ENC.count("two\nlines"), -1, -1, 1]
    assert sorted(line for line, _ in batch.errors) == [4, 5]
    with pytest.raises(InputError, match="expected a column 'x', got id, t"):
        list(count_rows(path, "x", ["o200k_base"]))


def test_csv_rows_that_are_cut_or_swallow_others(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b'id,t\n1,hello, world\n2,"two\nlines"\n3,"open\n4,hi\n')
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens[0].tolist() == [-1, ENC.count("two\nlines"), -1]
    assert batch.errors == [
        (2, "expected 2 columns, got 3; quote values that hold the delimiter"),
        (5, "expected a closing quote, got the end of the file"),
    ]
    path.write_bytes(b'id,t\n1,hello\n2,"hi"')  # no line end: nothing is wrong
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert (batch.tokens[0].tolist(), batch.errors) == ([1, 1], [])


def test_the_limit_of_memory_is_for_a_record_and_not_for_all(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    row = "word " * 10_000
    path.write_text("t\n" + f"{row}\n" * 20)  # 1 MB holds 262,144 characters, five rows of these
    tokens = [
        number for batch in count_rows(path, "t", [ENC], max_mb=1) for number in batch.tokens[0]
    ]
    assert tokens == [ENC.count(row)] * 20
