"""`tokenkit count --per-row`: the files that it writes."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import ELSEWHERE, run
from data_files import ENC, ROWS, write_arrow
from row_files import read_back, write_lines

from tokenkit.inputs.readers import batches as _batches

E = ("-e", "o200k_base")


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet", "-"])
def test_per_row(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_arrow(Path("d.parquet"))
    result = run(
        "count", "d.parquet", "--column", "a.text", "--id", "id", "--per-row", out, "-m", "gpt-5.4"
    )
    assert result.exit_code == 0, result.stderr
    if out == "-":
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert "rows 500" in result.stderr
    elif out.endswith("parquet"):
        rows = pyarrow.parquet.read_table(out).to_pylist()
    elif out.endswith("csv"):
        with open(out, newline="") as file:
            rows = [{k: int(v) for k, v in row.items()} for row in csv.DictReader(file)]
    else:
        rows = [json.loads(line) for line in Path(out).read_text().splitlines()]
    assert rows == [{"id": i, "tokens": ENC.count(row)} for i, row in enumerate(ROWS)]


@pytest.mark.parametrize("out", ["o.csv", "o.jsonl", "o.parquet", "-"])
def test_rows_of_several_files_name_them(out: str) -> None:
    write_lines("a.jsonl", [{"t": "hello world"}, {"t": "hi"}])
    write_lines("b.jsonl", [{"t": "one two three"}])
    result = run("count", "a.jsonl", "b.jsonl", "--field", "t", "--per-row", out, *E)
    assert result.exit_code == 0, result.stderr
    expected = [("a.jsonl", 0, 2), ("a.jsonl", 1, 1), ("b.jsonl", 0, 3)]
    rows = [tuple(row.values()) for row in read_back(out, result.stdout)]
    if out.endswith("csv"):
        assert rows == [tuple(map(str, row)) for row in expected]
    else:
        assert rows == expected
    run("count", "a.jsonl", "--field", "t", "--per-row", out, *E)
    assert list(read_back(out, result.stdout)[0]) in (["row", "tokens"], ["file", "row", "tokens"])


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([[1, 2], [3]], [1, 2, 3]),
        ([[1, 2], ["x"]], ["1", "2", "x"]),
        ([[1, "x"], [None, 2]], ["1", "x", None, "2"]),
        ([[None, None], [2]], [None, None, "2"]),
        ([["a"], [1.5, True]], ["a", "1.5", "true"]),
        ([[1], [2**70]], ["1", str(2**70)]),
        ([[1], [{"k": [1]}]], ["1", '{"k": [1]}']),
        ([[{}], [1]], ["{}", "1"]),
        ([[[{}]], [None]], ["[{}]", None]),
    ],
)
def test_parquet_of_any_ids(
    ids: list[list[Any]], expected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "BATCH_BYTES", 1)  # a batch for each row or two
    monkeypatch.setattr(_batches, "READ_BYTES", 20)
    names = [
        write_lines(f"{n}.jsonl", ({"i": key, "t": "hi"} for key in part))
        for n, part in enumerate(ids)
    ]
    result = run("count", *names, "--field", "t", "--id", "i", "--per-row", "o.parquet", *E)
    assert result.exit_code == 0, result.stderr
    rows = read_back("o.parquet", "")
    assert [row["i"] for row in rows] == expected
    assert {row["tokens"] for row in rows} == {1}
    assert not Path("o.parquet.part").exists()


def test_an_input_is_never_written_over() -> None:
    name = write_lines("a.jsonl", [{"t": "hello"}])
    before = Path(name).read_bytes()
    os.mkdir("deep")
    for target in ("a.jsonl", "./deep/../a.jsonl"):
        result = run("count", name, "--field", "t", "--per-row", target, *E)
        assert result.exit_code == 2
        assert "write over its own input" in result.stderr
    with open(name, "rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "tokenkit", "count", "-", "--field", "t", "--per-row", name, *E],
            stdin=stream,
            env=ELSEWHERE,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 2
    assert Path(name).read_bytes() == before
    # In a folder, the counts of the last time are not input.
    for _ in range(2):
        result = run("count", ".", "--field", "t", "--per-row", "counts.jsonl", *E)
        assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("out", ["none/o.csv", "none/o.parquet", "none/o.jsonl"])
def test_outputs_that_cannot_be_written(out: str) -> None:
    result = run(
        "count", write_lines("a.jsonl", [{"t": "hi"}]), "--field", "t", "--per-row", out, *E
    )
    assert result.exit_code == 2
    assert f"{out}: cannot be written: No such file" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk() -> None:
    write_lines("a.jsonl", [{"t": "hi"}])
    for words in (["count", "a.jsonl"], ["encode", "a.jsonl"], ["truncate", "a.jsonl", "-t", "3"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "tokenkit", *words, *E],
                stdout=full,
                stderr=subprocess.PIPE,
                env=ELSEWHERE,
                check=False,
            )
        assert done.returncode == 2
        assert done.stderr.startswith(b"tokenkit: output: cannot be written: No space left")
        assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_loses_only_what_was_to_be_written() -> None:
    write_lines("a.jsonl", [{"t": "hi"}] * 9)
    os.symlink("/dev/full", "o.jsonl")
    result = run("count", "a.jsonl", "--field", "t", "--per-row", "o.jsonl", *E)
    assert result.exit_code == 2
    assert "o.jsonl: cannot be written: No space left" in result.stderr
    assert "rows 9, missing 0, total 9" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_closed_pipe_is_quiet() -> None:
    write_lines("a.jsonl", ({"t": "hi"} for _ in range(50_000)))
    line = f"{sys.executable} -m tokenkit count a.jsonl --field t --per-row - -e gpt2 | head -n 1"
    done = subprocess.run(["sh", "-c", line], env=ELSEWHERE, capture_output=True, check=True)
    assert done.stderr == b""
    assert done.stdout == b'{"row": 0, "tokens": 1}\n'


# A type of Arrow, ids of that type, and what they are in JSON and, where it is plain, in CSV.
IDS_OF_ARROW: list[tuple[Any, list[Any], list[Any], list[str]]] = [
    (pyarrow.date32(), [date(2026, 1, 31), None], ["2026-01-31", None], ["2026-01-31", ""]),
    (pyarrow.timestamp("us"), [datetime(2026, 1, 31, 9)] * 2, ["2026-01-31 09:00:00"] * 2, []),
    (pyarrow.decimal128(4, 1), [Decimal("1.5"), Decimal(2)], ["1.5", "2.0"], ["1.5", "2.0"]),
    (pyarrow.binary(), ["é".encode(), b"\xff"], ["é", "\\xff"], ["é", "\udcff"]),
    (pyarrow.float64(), [float("nan"), float("-inf")], ["NaN", "-Infinity"], ["nan", "-inf"]),
    (pyarrow.list_(pyarrow.float64()), [[float("nan")], [1.0]], [["NaN"], [1.0]], []),
    (
        pyarrow.struct({"day": pyarrow.date32()}),
        [{"day": date(2026, 1, 31)}, None],
        [{"day": "2026-01-31"}, None],
        [],
    ),
    (pyarrow.map_(pyarrow.string(), pyarrow.binary()), [[("a", b"b")], []], [[["a", "b"]], []], []),
]


@pytest.mark.parametrize(("kind", "ids", "in_json", "in_csv"), IDS_OF_ARROW)
def test_ids_of_arrows_types(
    kind: Any, ids: list[Any], in_json: list[Any], in_csv: list[str]
) -> None:
    """JSON lines hold all that a column of ids may hold, and stay JSON."""
    table = pyarrow.table({"i": pyarrow.array(ids, kind), "t": ["hi", "hi"]})
    pyarrow.parquet.write_table(table, "d.parquet")
    words = ["d.parquet", "--column", "t", "--id", "i", *E]
    for result in (run("count", *words, "--per-row", "-"), run("chunk", *words, "-n", 5)):
        assert result.exit_code == 0, result.stderr
        lines = [
            json.loads(line, parse_constant=pytest.fail) for line in result.stdout.splitlines()
        ]
        assert [line.get("i", line.get("id")) for line in lines if len(line) > 1] == in_json
    if in_csv:
        run("count", *words, "--per-row", "o.csv")
        with open("o.csv", encoding="utf-8", errors="surrogateescape", newline="") as file:
            assert [row["i"] for row in csv.DictReader(file)] == in_csv
