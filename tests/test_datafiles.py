"""Rows of data files, by the library and by `tokenkit count`."""

from __future__ import annotations

import csv
import gzip
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import tokenkit
from tokenkit import datafiles
from tokenkit.cli.app import app
from tokenkit.datafiles import Distribution, count_rows
from tokenkit.files import InputError

ENC = tokenkit.get_encoding("o200k_base")
ROWS = [f"row {i}: " + "wörd " * (i % 37) + "漢字\n" * (i % 3) for i in range(500)]


def write_jsonl(path: Path) -> None:
    lines = [json.dumps({"id": i, "a": {"text": row}}) for i, row in enumerate(ROWS)]
    data = "\n".join(lines).encode()
    if path.suffix == ".gz":
        data = gzip.compress(data)
    if path.suffix == ".zst":
        data = pyarrow.compress(data, codec="zstd", asbytes=True)
    path.write_bytes(data)


def write_csv(path: Path) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if ".tsv" in path.name else ",")
        writer.writerows([("id", "a.text"), *enumerate(ROWS)])


def write_arrow(path: Path) -> None:
    table = pyarrow.table({"id": list(range(len(ROWS))), "a.text": ROWS})
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=120)
        return
    make = pyarrow.ipc.new_stream if path.suffix == ".ipc" else pyarrow.ipc.new_file
    with make(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=90)


WRITERS: dict[str, Callable[[Path], None]] = {
    **dict.fromkeys(["d.jsonl", "d.ndjson", "d.jsonl.gz", "d.jsonl.zst"], write_jsonl),
    **dict.fromkeys(["d.csv", "d.tsv", "d.csv.gz"], write_csv),
    **dict.fromkeys(["d.parquet", "d.arrow", "d.ipc"], write_arrow),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["count", *map(str, arguments)])


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_gives_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datafiles, "BATCH_BYTES", 4000)
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


def test_bad_lines_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    lines = [b'{"t": "hello world"}', b"{broken", b"", b'{"u": 1}', b'{"t": 5}', b'{"t": null}']
    path.write_bytes(b"\n".join([*lines, b'{"t": "\xff"}', b'{"t": "hi"}']))
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens == [[2, None, None, None, None, None, 1]]
    assert [line for line, _ in batch.errors] == [2, 4, 5, 7]
    assert "it has u" in batch.errors[1][1]
    result = run(path, "--field", "t", "-e", "o200k_base")
    assert result.exit_code == 2
    assert "rows 2, missing 5, total 3" in result.stdout
    assert f"{path}: line 2: is not JSON" in result.stderr


def test_bad_csv(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b'id,t\n1,"two\nlines"\n2,\xff\n3\n4,hi\n')
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens == [[ENC.count("two\nlines"), None, None, 1]]
    assert sorted(line for line, _ in batch.errors) == [4, 5]
    with pytest.raises(InputError, match="no column 'x'; it has id, t"):
        list(count_rows(path, "x", ["o200k_base"]))


@pytest.mark.parametrize("name", ["no.parquet", "no.arrow", "no.jsonl", "no.csv", "no.txt"])
def test_missing_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        list(count_rows(tmp_path / name, "t", ["o200k_base"]))


def test_wrong_columns_and_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    write_arrow(path)
    with pytest.raises(InputError, match=r"it has id, a\.text"):
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


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet", "-"])
def test_per_row(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_arrow(Path("d.parquet"))
    result = run("d.parquet", "--column", "a.text", "--id", "id", "--per-row", out, "-m", "gpt-5.4")
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


def test_summary_and_limit(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_csv(path)
    counts = [ENC.count(row) for row in ROWS]
    limit = sorted(counts)[-10]
    result = run(
        path, "--column", "a.text", "-m", "gpt-5.4", "--max-tokens", limit, "--format", "json"
    )
    assert result.exit_code == 1
    (report,) = json.loads(result.stdout)
    assert (report["total"], report["max"], report["min"]) == (
        sum(counts),
        max(counts),
        min(counts),
    )
    assert report["median"] == statistics.median_low(counts)
    assert report[f"over {limit}"] == sum(count > limit for count in counts)


@given(st.lists(st.integers(0, 5000), min_size=1), st.integers(0, 100))
def test_distribution_against_a_sorted_list(counts: list[int], percent: int) -> None:
    spread = Distribution()
    spread.add([*counts, None])
    rank = max(1, -(-len(counts) * percent // 100))
    assert spread.percentile(percent) == sorted(counts)[rank - 1]
    assert (spread.rows, spread.total, spread.missing) == (len(counts), sum(counts), 1)
    assert sum(rows for _, _, rows in spread.histogram()) == len(counts)
    for low, high, rows in spread.histogram():
        assert rows == sum(low <= count <= high for count in counts)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_progress_only_on_a_terminal(tmp_path: Path) -> None:
    import pty

    path = tmp_path / "d.jsonl"
    write_jsonl(path)
    command = [sys.executable, "-m", "tokenkit", "count", str(path), "--field", "a.text"]
    command += ["-e", "o200k_base"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(tokenkit.__file__).parents[1]),
        "TERM": "xterm",
        "COLUMNS": "80",
    }
    quiet = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    assert quiet.stderr == b""
    assert b"#" not in quiet.stdout
    leader, follower = pty.openpty()
    subprocess.run(
        command, env=environment, stdout=follower, stderr=follower, check=True, timeout=60
    )
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert " kB" in shown  # the bar; so small a file is done before it has a rate
    assert "\x1b[" in shown
    assert "rows 500" in shown
    assert "####" in shown
