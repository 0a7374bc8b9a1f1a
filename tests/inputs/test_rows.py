"""Rows of data files, by the library and by `tokenkit count`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings, strategies as st

import tokenkit
from tokenkit.cli.shared.app import app
from tokenkit.errors import InputError
from tokenkit.inputs import READERS
from tokenkit.inputs.distribution import MISSING, Distribution
from tokenkit.inputs.readers import batches as _batches, jsonl, parquet
from tokenkit.inputs.rows import count_rows

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


def test_bad_lines_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    lines = [b'{"t": "hello world"}', b"{broken", b"", b'{"u": 1}', b'{"t": 5}', b'{"t": null}']
    path.write_bytes(b"\n".join([*lines, b'{"t": "\xff"}', b'{"t": "hi"}']))
    (batch,) = count_rows(path, "t", ["o200k_base"])
    assert batch.tokens[0].tolist() == [2, -1, -1, -1, -1, -1, 1]
    assert [line for line, _ in batch.errors] == [2, 4, 5, 7]
    assert batch.errors[1][1] == "expected a field 't', got u"
    result = run(path, "--field", "t", "-e", "o200k_base")
    assert result.exit_code == 2
    assert "rows 2, missing 5, total 3" in result.stdout
    assert f"{path}: line 2: invalid JSON at column " in result.stderr


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


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.csv.gz"])
def test_a_packed_file_that_ends_too_early_is_counted_to_there(name: str, tmp_path: Path) -> None:
    texts = [hex(i * 7919) for i in range(2000)]
    lines = [json.dumps({"t": one}) for one in texts] if "jsonl" in name else ["t", *texts]
    packed = gzip.compress("\n".join(lines).encode())
    path = tmp_path / name
    path.write_bytes(packed[: len(packed) * 3 // 4])
    batches = count_rows(path, "t", ["o200k_base"])
    counted = next(batches).tokens[0].tolist()
    with pytest.raises(InputError, match="ended before"):
        next(batches)
    assert len(counted) > 1000
    assert counted == [ENC.count(one) for one in texts[: len(counted)]]


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


@given(
    st.lists(st.sampled_from([b"", b" ", b'{"t": "hi"}', b'{"t": "one two three"}', b"[\r1]"])),
    st.sampled_from([b"", b"\n"]),
    st.integers(1, 20),
    st.integers(1, 50),
)
def test_lines_are_those_of_the_file(lines: list[bytes], end: bytes, read: int, batch: int) -> None:
    data = b"\n".join(lines) + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_batches, "READ_BYTES", read)
        patch.setattr(_batches, "BATCH_BYTES", batch)
        found = [line for part in jsonl.line_batches(io.BytesIO(data)) for line in part]
    assert found == data.split(b"\n")


SIZES = st.lists(
    st.tuples(st.integers(1, 200), st.sampled_from([0, 1, 10, 100, 3_000])), min_size=1, max_size=6
)


@settings(max_examples=30, deadline=None)
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
    assert [one for part in parts for one in part.column("t").to_pylist()] == rows


def test_long_values_that_a_dictionary_repeats(tmp_path: Path) -> None:
    # 20 KB in the file are 400 MB in memory.
    prompts = ["You are a librarian. " * 500, "You are a sailor. " * 500]
    column = pyarrow.array(prompts).take(pyarrow.array([0, 1] * 20_000))
    path = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"t": column}), path)
    assert path.stat().st_size < 100_000
    sizes = [
        (len(batch.texts), batch.texts.nbytes)
        for batch in READERS["parquet"].rows(str(path), "t", None)
    ]
    assert sum(rows for rows, _ in sizes) == 40_000
    assert max(size for _, size in sizes) < 2 * _batches.BATCH_BYTES


def test_long_rows_of_arrow_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_batches, "BATCH_BYTES", 1_000)
    rows = ["a" * (i % 300) for i in range(200)] + ["b" * 5_000, "c"]
    # The weight of other columns does not matter.
    table = pyarrow.table({"t": rows, "other": ["x" * 900] * len(rows)})
    path = tmp_path / "d.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    batches = list(READERS["arrow"].rows(str(path), "t", None))
    assert [one for batch in batches for one in batch.texts.to_pylist()] == rows
    sizes = [batch.texts.nbytes for batch in batches if len(max(batch.texts.to_pylist())) < 5_000]
    assert 10 < len(sizes) < 40
    assert max(sizes) < 2_500


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
    spread.add(np.array([*counts, MISSING]))
    rank = max(1, -(-len(counts) * percent // 100))
    assert spread.percentile(percent) == sorted(counts)[rank - 1]
    assert (spread.rows, spread.tokens, spread.missing) == (len(counts), sum(counts), 1)
    assert sum(rows for _, _, rows in spread.histogram()) == len(counts)
    for low, high, rows in spread.histogram():
        assert rows == sum(low <= count <= high for count in counts)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("d.jsonl", ("--field", "a.text"), "rows 500"),
        ("-", ("--field", "a.text"), "rows 500"),
        ("d.jsonl", ("--requests",), "500 requests"),
    ],
)
def test_progress_only_on_a_terminal(
    name: str, words: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    import pty

    path = tmp_path / "d.jsonl"
    write_jsonl(path)
    command = [sys.executable, "-m", "tokenkit", "count", name, *words]
    if "--field" in words:
        command += ["-e", "o200k_base"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(tokenkit.__file__).parents[1]),
        "TERM": "xterm",
        "COLUMNS": "80",
    }
    data = path.read_bytes()

    def shown_by(**streams: Any) -> Any:
        return subprocess.run(
            command, env=environment, cwd=tmp_path, input=data, timeout=60, check=False, **streams
        )

    quiet = shown_by(capture_output=True)
    assert b"\x1b" not in quiet.stdout + quiet.stderr
    assert b"##" not in quiet.stdout
    leader, follower = pty.openpty()
    with open(tmp_path / "out", "wb") as out:
        shown_by(stdout=out, stderr=follower)
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert re.search(r" [kM]?B", shown)  # the bar; so small a file is done before it has a rate
    assert "\x1b[" in shown
    assert expected in (tmp_path / "out").read_text()
    if "--requests" in words:  # 500 complaints would push all else off the screen
        assert shown.count("tokenkit: ") == 21
        assert "and 480 more errors" in shown
        assert quiet.stderr.count(b"expected a request") == 500


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_histogram_on_a_terminal(tmp_path: Path) -> None:
    import pty

    path = tmp_path / "d.jsonl"
    write_jsonl(path)
    command = [sys.executable, "-m", "tokenkit", "count", str(path), "--field", "a.text"]
    environment = {**os.environ, "PYTHONPATH": str(Path(tokenkit.__file__).parents[1])}
    leader, follower = pty.openpty()
    subprocess.run(
        [*command, "-e", "gpt2"], env=environment, stdout=follower, check=True, timeout=60
    )
    os.close(follower)
    lines = os.read(leader, 1 << 16).decode().splitlines()
    os.close(leader)
    assert "rows 500" in lines[0]
    assert sum(int(line.split()[1]) for line in lines[1:]) == 500
    assert max(line.count("#") for line in lines[1:]) == 40
