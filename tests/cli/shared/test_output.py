"""Records and tables as verbs print them, and files that are not written over."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import click
import pytest

from tokenkit.cli.shared.output import print_records, print_table, refuse_overwriting

RECORDS: list[dict[str, object]] = [
    {"name": "a,b", "n": 1},
    {"name": 'c"\td', "more": None, "n": 2},
]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv"])
@pytest.mark.parametrize("err", [False, True])
def test_records_read_back(form: str, err: bool, capsys: pytest.CaptureFixture[str]) -> None:
    print_records(RECORDS, form, err=err)
    shown = capsys.readouterr()
    text, other = (shown.err, shown.out) if err else (shown.out, shown.err)
    assert other == ""
    if form == "json":
        assert json.loads(text) == RECORDS
    elif form == "jsonl":
        assert [json.loads(line) for line in text.splitlines()] == RECORDS
    else:
        rows = csv.reader(io.StringIO(text), delimiter="," if form == "csv" else "\t")
        assert list(rows) == [["name", "n", "more"], ["a,b", "1", ""], ['c"\td', "2", ""]]


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_cells_with_nul_are_written_as_they_are(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_records([{"name": "a\0b", "more": '\0"'}, {"name": "\ud800\ud800", "more": ""}], form)
    comma = "," if form == "csv" else "\t"
    wanted = [f"name{comma}more", f'a\0b{comma}"\0"""', f"\ufffd\ufffd{comma}"]
    assert capsys.readouterr().out == "".join(f"{line}\n" for line in wanted)


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("a", "bbb", "c"), ("aaaa", "b", "")])
    assert capsys.readouterr().out == "a     bbb  c\naaaa  b\n"


def test_an_input_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello")
    same = str(tmp_path / "." / "a.txt")
    with pytest.raises(click.UsageError, match="--output would write over its own input"):
        refuse_overwriting("--output", same, [str(tmp_path / "b.txt"), str(path)])
    refuse_overwriting("--output", str(tmp_path / "c.txt"), [str(path)])
    refuse_overwriting("--output", "-", [str(path), "-"])
    refuse_overwriting("--output", str(tmp_path), [str(tmp_path)])
