"""The table of readers: kinds, endings, and one interface."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tokenkit.errors import InputError
from tokenkit.inputs import DATA_ENDINGS, READERS, DataKind, count_rows, data_kind


def test_the_kinds_are_those_of_the_table() -> None:
    assert get_args(DataKind) == tuple(READERS)


@pytest.mark.parametrize("kind", READERS)
def test_endings_name_one_kind(kind: DataKind) -> None:
    reader = READERS[kind]
    for ending in reader.endings:
        assert data_kind(f"a{ending}") == data_kind(f"A{ending.upper()}") == kind
        for packed in (".gz", ".zst"):
            assert data_kind(f"a{ending}{packed}") == (kind if reader.packed else None)
            assert (f"{ending}{packed}" in DATA_ENDINGS) == reader.packed
    assert reader.unit == ("row" if kind in ("parquet", "arrow") else "line")
    assert reader.value == ("field" if kind in ("jsonl", "json") else "column")


@pytest.mark.parametrize("name", ["a.txt", "jsonl", "a.csv.bz2", "a.gz"])
def test_other_names_say_nothing(name: str) -> None:
    assert data_kind(name) is None


def test_a_file_that_needs_a_kind(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text('{"t": "hi"}\n')
    with pytest.raises(InputError, match="expected rows of a known kind, got the name 'rows'"):
        next(count_rows(path, "t", ["gpt2"]))
    with pytest.raises(InputError, match="got standard input; say which of jsonl, json, csv"):
        next(count_rows("-", "t", ["gpt2"]))
    with pytest.raises(ValueError, match=r"kind: expected 'jsonl', .* or 'arrow', got 'xml'"):
        next(count_rows(path, "t", ["gpt2"], kind="xml"))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="got a directory without data files"):
        next(count_rows(tmp_path, "t", ["gpt2"], kind="jsonl"))
    (batch,) = count_rows(path, "t", ["gpt2"], kind="jsonl")
    assert (batch.first, batch.rows, batch.tokens[0].tolist()) == (0, 1, [1])
