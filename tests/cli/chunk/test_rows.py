"""Chunks of the rows of data sets: columns, formats, outputs, wrong rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from chunk_lakes import CHUNKER, COLUMNS, chunk, contents, expected_chunks, write_lake
from cli_runs import run

from tokenkit.cli.chunk import columns, pieces
from tokenkit.inputs import datasets
from tokenkit.inputs.readers import batches


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data sets of a few kilobytes have several parts and pieces."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 3_000)
    monkeypatch.setattr(datasets, "PART_BYTES", 2_000)


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("arrow", [True, False])
def test_every_output_has_the_librarys_chunks(arrow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = write_lake(Path("lake"))
    expected = expected_chunks("lake", texts)
    made: Any = columns.chunk_columns

    def one_way(*arguments: Any) -> Any:
        return made(*arguments[:-1], arrow)

    monkeypatch.setattr(pieces, "chunk_columns", one_way)
    result = chunk("lake")
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines_of(result.stdout) == expected
    for target in ("out.jsonl", "out.parquet", "folder", "lines"):
        words = ("--format", "jsonl") if target == "lines" else ()
        result = chunk("lake", "-o", target, *words)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
        if target.endswith("jsonl"):
            assert lines_of(Path(target).read_text()) == expected
        elif target == "lines":
            assert (
                lines_of("".join(p.read_text() for p in sorted(Path(target).iterdir()))) == expected
            )
        else:
            table = pyarrow.parquet.read_table(target)
            assert table.column_names == ["row", *COLUMNS]
            assert table.to_pylist() == expected
    assert len(list(Path("folder").iterdir())) > 5
    assert sorted(path.name for path in Path().iterdir()) == [
        "folder", "lake", "lines", "out.jsonl", "out.parquet",
    ]  # fmt: skip


def test_parts_do_not_depend_on_how_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write_lake(Path("lake"))
    assert chunk("lake", "-o", "whole", "--format", "jsonl").exit_code == 0
    monkeypatch.setattr(batches, "BATCH_BYTES", 700)
    monkeypatch.setattr(batches, "READ_BYTES", 300)
    assert chunk("lake", "-o", "small", "--format", "jsonl").exit_code == 0
    assert contents(Path("small")) == contents(Path("whole"))
    assert sum("part-000000" in name for name in contents(Path("whole"))) > 1


def test_types_of_parquet() -> None:
    write_lake(Path("lake"))
    assert chunk("lake", "-o", "out.parquet").exit_code == 0
    assert [str(kind) for kind in pyarrow.parquet.read_schema("out.parquet").types] == [
        "int64", "string", "int32", "int64", "int64", "int32", "string", "list<element: string>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "kind"),
    [(["c.parquet"], "int64"), (["c.parquet", "b.csv"], "string"), (["a.jsonl"], "string")],
)
def test_ids_name_the_rows(names: list[str], kind: str) -> None:
    texts = write_lake(Path("lake"))
    texts = {name: texts[name] for name in names}
    expected = [chunk["row"] for chunk in expected_chunks("lake", texts)]
    paths = [f"lake/{name}" for name in names]
    assert chunk(*paths, "--id", "id", "-o", "out.parquet").exit_code == 0
    table = pyarrow.parquet.read_table("out.parquet")
    assert table.column_names == ["id", *COLUMNS]
    assert str(table.schema.field("id").type) == kind
    assert list(map(int, table["id"].to_pylist())) == expected
    assert [int(line["id"]) for line in lines_of(chunk(*paths, "--id", "id").stdout)] == expected


def test_ids_of_types_that_json_has_not() -> None:
    import datetime

    days = [datetime.date(2026, 1, day) for day in (1, 2)]
    table = pyarrow.table({"body": ["a", "b"], "id": days, "key": [b"\xff", b"k"]})
    pyarrow.parquet.write_table(table, "d.parquet")
    assert [line["id"] for line in lines_of(chunk("d.parquet", "--id", "id").stdout)] == [
        "2026-01-01", "2026-01-02",
    ]  # fmt: skip
    assert [line["id"] for line in lines_of(chunk("d.parquet", "--id", "key").stdout)] == [
        "\\xff", "k",
    ]  # fmt: skip
    assert chunk("d.parquet", "--id", "id", "-o", "out.parquet").exit_code == 0
    assert pyarrow.parquet.read_table("out.parquet")["id"].to_pylist() == days


def test_standard_input_and_the_kind_of_rows() -> None:
    line = json.dumps({"body": "hello"})
    words = ("-e", "gpt2", "-n", 9)
    assert lines_of(run("chunk", "--field", "body", *words, data=line).stdout)[0]["text"] == "hello"
    table = "body;n\nhello;1\n"
    result = run("chunk", "-", "--column", "body", *words, "--delimiter", ";", data=table)
    assert [(found["row"], found["file"], found["text"]) for found in lines_of(result.stdout)] == [
        (0, "-", "hello")
    ]
    Path("data").write_text(line)
    result = run("chunk", "data", "--field", "body", "--rows-as", "jsonl", *words)
    assert lines_of(result.stdout)[0]["text"] == "hello"


def test_wrong_rows_are_named_and_lose_nothing() -> None:
    good = "good text"
    Path("a.jsonl").write_bytes(b'{"body": "good text"}\nno json\n{"other": 1}\n{"body": 5}\n')
    texts = [good.encode(), b"\xff", None, good.encode()]
    pyarrow.parquet.write_table(pyarrow.table({"body": texts}), "b.parquet", row_group_size=1)
    Path("c.csv").write_bytes(b"body\ngood text\nb\xe9\n")
    pyarrow.parquet.write_table(pyarrow.table({"body": [1, 2]}), "d.parquet")
    files = ("a.jsonl", "b.parquet", "c.csv")
    wrong = [
        "a.jsonl: line 2",
        "a.jsonl: line 3",
        "a.jsonl: line 4",
        "b.parquet: row 2",
        "c.csv: line 3",
    ]
    for mode, code, mark in (("raise", 2, ""), ("skip", 0, "skipped: ")):
        result = chunk(*files, "--errors", mode)
        assert result.exit_code == code
        assert [
            re.split(": (column|expected|invalid)", line)[0] for line in result.stderr.splitlines()
        ] == [f"tokenkit: {place.replace(': ', ': ' + mark, 1)}" for place in wrong]
        assert [line["text"] for line in lines_of(result.stdout)] == [good] * 4
    result = chunk("b.parquet", "c.csv", "--errors", "replace")
    assert result.exit_code == 0
    assert [line["text"] for line in lines_of(result.stdout)] == [
        good, "\ufffd", good, good, "b\ufffd",
    ]  # fmt: skip
    for name, message in (
        ("d.parquet", "expected a column of text, got int64"),
        ("none*.csv", "No such file"),
        ("b.parquet", "expected a column 'nobody', got body"),
    ):
        words = ("--column", "nobody") if name == "b.parquet" else ()
        result = run("chunk", name, "c.csv", "--column", "body", "-e", "gpt2", "-n", 9, *words)
        assert result.exit_code == 2
        assert message in result.stderr


def test_a_character_over_the_limit_is_an_error_of_its_row() -> None:
    Path("a.csv").write_text("body\nhi\n𓀀\nho\n", "utf-8")
    result = run("chunk", "a.csv", "--column", "body", "-e", "gpt2", "-n", 1)
    assert result.exit_code == 2
    assert "a.csv: line 3: column 'body': max_tokens: expected at least" in result.stderr
    assert [line["text"] for line in lines_of(result.stdout)] == ["hi", "ho"]


def test_lone_surrogates_become_a_character() -> None:
    Path("a.jsonl").write_text('{"body": "a\\ud800b"}\n{"body": "c"}')
    assert chunk("a.jsonl", "-o", "out.parquet").exit_code == 0
    found = [line["text"] for line in lines_of(chunk("a.jsonl").stdout)]
    assert (
        found == pyarrow.parquet.read_table("out.parquet")["text"].to_pylist() == ["a\ufffdb", "c"]
    )


def test_data_sets_without_rows() -> None:
    Path("a.csv").write_text("body\n")
    assert chunk("a.csv", "-o", "folder").exit_code == 0
    assert chunk("a.csv", "-o", "out.parquet").exit_code == 0
    for target in ("folder", "out.parquet"):
        table = pyarrow.parquet.read_table(target)
        assert (table.num_rows, table.column_names) == (0, ["row", *COLUMNS])
    assert chunk("a.csv").stdout == ""


def test_outputs_are_not_inputs() -> None:
    write_lake(Path("lake"))
    first = chunk("lake", "-o", "lake/out.jsonl")
    before = contents(Path("lake/out.jsonl"))
    assert first.exit_code == 0
    assert chunk("lake", "-o", "lake/out.jsonl").exit_code == 0
    assert contents(Path("lake/out.jsonl")) == before
    assert "would write over its own input" in chunk("lake/a.jsonl", "-o", "lake/a.jsonl").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--resume", "s.json"), "--resume needs -o FILE"),
        (("--format", "parquet"), "--format parquet needs -o FILE"),
        (("-o", "s3://bucket/x"), "--output writes local files; got s3://bucket/x"),
        (("-o", "out", "--resume", "."), "--resume needs a file, got the folder"),
        (("-o", "x.jsonl", "--resume", "./x.jsonl"), "--resume needs a file of its own"),
        (("-o", "out", "--resume", "out"), "--resume needs a file of its own"),
        (("-o", "full"), "expected an empty folder for --output, got full with x"),
        (("--pack", "x"), "--pack does not go with --field and --column"),
        (("--split-output", "x"), "--split-output does not go with"),
        (("-", "-o", "out", "--resume", "s.json"), "--resume needs files"),
        (("-o", "none/out.jsonl"), "Error: none/out.jsonl: No such file or directory"),
    ],
)
def test_what_cannot_be(words: tuple[str, ...], message: str) -> None:
    Path("a.csv").write_text("body\nhi\n")
    Path("full").mkdir()
    Path("full/x").write_text("")
    result = chunk("a.csv", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["a.csv", "full"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--id", "x"), "--id needs --field or --column"),
        (("--resume", "x"), "--resume needs --field or --column"),
        (("--format", "parquet"), "--format parquet needs --field or --column"),
        (("--rows-as", "csv"), "--rows-as needs --field or --column"),
    ],
)
def test_options_of_columns_need_one(words: tuple[str, ...], message: str) -> None:
    result = run("chunk", *words, "-e", "gpt2", "-n", 9, data="hi")
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_limits_of_the_model_and_options_reach_the_chunker() -> None:
    Path("a.csv").write_text("body\n" + "One sentence. " * 40 + "\n")
    words = ("--overlap", 3, "--strategy", "greedy", "--prefix", "Doc: ", "--trim")
    found = [line["text"] for line in lines_of(chunk("a.csv", *words).stdout)]
    other = type(CHUNKER)(
        encoding="r50k_base",
        max_tokens=12,
        overlap=3,
        strategy="greedy",
        prefix="Doc: ",
        trim=True,
    )
    assert found == [piece.text for piece in other.chunk("One sentence. " * 40)]
