"""`tokenkit count --field/--column`: inputs, limits, prices, errors, signals, the terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from cli_runs import ELSEWHERE, opened_fifo, process, run
from data_files import ENC, ROWS, write_csv, write_jsonl
from row_files import read_back, write_lines

import tokenkit
from tokenkit.inputs import datasets

E = ("-e", "o200k_base")


def test_summary_and_limit(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    write_csv(path)
    counts = [ENC.count(row) for row in ROWS]
    limit = sorted(counts)[-10]
    result = run(
        "count",
        path,
        "--column",
        "a.text",
        "-m",
        "gpt-5.4",
        "--max-tokens",
        limit,
        "--format",
        "json",
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


def test_cost_and_fits_are_those_of_the_rows() -> None:
    texts = ["word " * n for n in (5, 5, 9_000, 300_000)]
    name = write_lines("a.jsonl", ({"t": text} for text in texts))
    chosen = ("-m", "gpt-5.4", "-m", "text-embedding-3-small", "-e", "gpt2")
    result = run("count", name, "--field", "t", "--cost", "--fits", *chosen, "--format", "json")
    assert result.exit_code == 1
    chat, embedding, neither = json.loads(result.stdout)
    rows = tokenkit.compare(texts, ["gpt-5.4", "text-embedding-3-small"])
    assert [Decimal(report["cost_usd"]) for report in (chat, embedding)] == [
        row.cost_low for row in rows
    ]
    # The long text has rates of its own; the sum of all as one prompt would have them for all.
    assert rows[0].cost_low != tokenkit.compare(sum(map(ENC.count, texts)), ["gpt-5.4"])[0].cost_low
    assert (chat["window"], chat["over_window"], chat["cost_partial"]) == (922_000, 0, False)
    assert (embedding["window"], embedding["over_window"]) == (8_191, 2)
    assert (neither["cost_usd"], neither["window"], neither["over_window"]) == (None, None, None)
    assert "2 rows (text-embedding-3-small) have more than 8191 tokens" in result.stderr
    one = run("count", write_lines("b.jsonl", [{"t": texts[2]}]), "--field", "t", "--fits", *chosen)
    assert "1 row (text-embedding-3-small) has more than 8191 tokens" in one.stderr
    shown = run("count", name, "--field", "t", "--cost", "--fits", *chosen).stdout
    assert f"USD {chat['cost_usd']}, window 922000, over window 0" in shown
    assert shown.splitlines()[-1].endswith("USD -, window -, over window -")
    table = run(
        "count", name, "--field", "t", "--cost", "--fits", *chosen, "--format", "tsv"
    ).stdout
    assert "over_window" in table.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--field", "t", "--tree"), "--tree does not go with --field"),
        (("--column", "t", "--top", 3), "--top does not go with"),
        (("--requests", "--field", "t"), "--field does not go with --requests"),
        (("--requests", "--max-tokens", 3), "--max-tokens does not go with --requests"),
        (("--requests", "--per-row", "x.csv"), "--per-row does not go with"),
        (("--as", "csv"), "--as needs --field"),
        (("--no-header",), "--header needs --field"),
        (("--each",), "--each needs --max-tokens or --fits"),
        (("--each", "--field", "t"), "--each does not go with --field"),
        (("--chat", "t", "--field", "t"), "Give --chat, or --field or --column, not both"),
        (("--delimiter", ";;", "--column", "t"), "expected one character, got ';;'"),
        (("--text-encoding", "rot13"), "expected an encoding of text, such as cp1252"),
        (("--id", "i"), "--id needs --field"),
        (("--epochs", 3), "--epochs needs --requests"),
        (("--cost", "--format", "csv"), "--cost prices the total; use --format text or json"),
        (("--field", "t", "--per-row", "x.txt"), "--per-row takes a file"),
        (("--field", "t", "--per-row", "x.csv", "--id", "tokens"), "two columns called tokens"),
        (("--field", "t", "--per-row", "x.csv", "-m", "gpt-4o", "-m", "gpt-4o"), "called gpt-4o"),
    ],
)
def test_options_without_effect_are_refused(words: tuple[object, ...], message: str) -> None:
    write_lines("a.jsonl", [{"t": "hi"}])
    result = run("count", "a.jsonl", *words, *(() if "--requests" in words else E))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def stream(kind: str) -> bytes:
    table = pyarrow.table({"i": [7, 8], "t": ["hello world", None]})
    sink = pyarrow.BufferOutputStream()
    if kind == "arrow":
        with pyarrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        pyarrow.parquet.write_table(table, sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


@pytest.mark.parametrize(
    ("words", "data", "last"),
    [
        (("--field", "t"), b'{"i": 7, "t": "hello world"}\n{"i": 8, "t": null}', None),
        (("--column", "t"), b'i,t\n7,hello world\n8,""\n', 0),
        (("--column", "t", "--as", "tsv"), b"i\tt\n7\thello world\n8\t\n", 0),
        (("--column", "t", "--as", "arrow"), stream("arrow"), None),
    ],
    ids=["jsonl", "csv", "tsv", "arrow"],
)
def test_rows_from_a_pipe(words: tuple[str, ...], data: bytes, last: int | None) -> None:
    done = process("count", "-", *words, "--id", "i", "--per-row", "-", *E, data=data)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (int(first["i"]), first["tokens"], int(second["i"])) == (7, 2, 8)
    assert second["tokens"] == last


def test_parquet_from_a_pipe_is_refused() -> None:
    words = ("--column", "t", "--as", "parquet", *E)
    done = process("count", "-", *words, data=stream("parquet"))
    assert done.returncode == 2
    assert b"-: expected a Parquet file, got a pipe; name the file" in done.stderr


def test_names_that_tell_nothing() -> None:
    Path("data").write_bytes(b'{"t": "hello world"}\n')
    result = run("count", "data", "--field", "t", *E)
    assert result.exit_code == 2
    assert (
        "data: expected rows of a known kind, got the name 'data'; say which of jsonl"
        in result.stderr
    )
    assert "total 2" in run("count", "data", "--field", "t", "--as", "jsonl", *E).stdout


def test_folders_of_data() -> None:
    os.mkdir("d")
    pyarrow.parquet.write_table(pyarrow.table({"t": ["hello world"]}), "d/x.parquet")
    write_lines("d/y.jsonl", [{"t": "hi"}])
    Path("d/z.txt").write_text("no data")
    result = run("count", "d", "--column", "t", "--per-row", "-", *E)
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [
        os.path.join("d", "x.parquet"),
        os.path.join("d", "y.jsonl"),
    ]
    os.mkdir("e")
    result = run("count", "d", "e", "--column", "t", *E)
    assert result.exit_code == 2
    assert "rows 2, missing 0, total 3" in result.stdout
    assert (
        result.stderr == "tokenkit: e: expected a data file, got a directory without data files\n"
    )


def test_what_is_wrong_is_said_at_the_end_with_its_place() -> None:
    bad = pyarrow.array([b"hi", b"\xff"]).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"t": bad, "n": [1, 2]}), "a.parquet")
    Path("b.jsonl").write_bytes(b'{"t": "hello"}\n{"t": "hi",}\n\n{"t": "\\ud800"}\n')
    names = ("a.parquet", "b.jsonl", "none.jsonl", "c.csv")
    Path("c.csv").write_text("t\nhi\n")
    done = process("count", *names, "--column", "t", *E)
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    assert lines[0] == (
        "tokenkit: a.parquet: row 2: column 't': expected UTF-8 text, got invalid UTF-8 at byte 0"
    )
    assert lines[1].startswith("tokenkit: b.jsonl: line 2: invalid JSON at column ")
    assert lines[2] == "tokenkit: none.jsonl: No such file or directory"
    assert len(lines) == 3
    total = 1 + 1 + ENC.count("\ud800") + 1
    assert f"rows 4, missing 2, total {total}," in done.stdout.decode()
    result = run("count", "a.parquet", "--column", "n", *E)
    assert "a.parquet: expected a column of text, got int64" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--field", "t", *E, "--per-row", "o.parquet"), b"rows 2, missing 0, total 3"),
        (("--requests", "--format", "csv"), b"gpt-4o,1,"),
    ],
)
def test_interrupt_leaves_what_was_counted(words: tuple[str, ...], shown: bytes) -> None:
    # A FIFO into which nothing is written holds the command up for as long as the test likes.
    os.mkfifo("fifo.jsonl")
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    request = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    write_lines(
        "a.jsonl", [request] if "--requests" in words else [{"t": "hello world"}, {"t": "hi"}]
    )
    command = [sys.executable, "-m", "tokenkit", "count", "a.jsonl", "fifo.jsonl", *words]
    with subprocess.Popen(
        command, env=ELSEWHERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        writer = opened_fifo("fifo.jsonl")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
        os.close(writer)
    assert running.returncode == 130, err
    assert shown in out
    assert b"interrupted" in err
    assert b"Traceback" not in err
    if "o.parquet" in words:
        assert len(read_back("o.parquet", "")) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and pipes")
def test_a_slow_pipe_is_counted_line_by_line() -> None:
    words = ("count", "-", "--field", "t", "--per-row", "-", *E)
    with subprocess.Popen(
        [sys.executable, "-m", "tokenkit", *words],
        env=ELSEWHERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in range(3):
            running.stdin.write(b'{"t": "hello world"}\n{"t": ')  # the second line is not whole yet
            running.stdin.flush()
            assert running.stdout.readline() == b'{"row": %d, "tokens": 2}\n' % (2 * number)
            running.stdin.write(b'"hi"}\n')
            running.stdin.flush()
            assert running.stdout.readline() == b'{"row": %d, "tokens": 1}\n' % (2 * number + 1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"rows 6, missing 0, total 9" in err


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


def test_data_sets_of_several_kinds_count_as_their_files(tmp_path: Path) -> None:
    (tmp_path / "lake" / "day=1").mkdir(parents=True)
    write_csv(tmp_path / "lake" / "a.csv")
    write_jsonl(tmp_path / "lake" / "b.jsonl")
    table = pyarrow.table({"a.text": ROWS, "id": range(len(ROWS))})
    pyarrow.parquet.write_table(table, tmp_path / "lake" / "day=1" / "c.parquet", row_group_size=50)
    expected = {"rows": 3 * len(ROWS), "total": 3 * sum(ENC.count(row) for row in ROWS)}
    for paths in (["lake"], ["lake/*.*", "lake/**/*.parquet"], [(tmp_path / "lake").as_uri()]):
        result = run("count", *paths, "--column", "a.text", *E, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, "")
        (report,) = json.loads(result.stdout)
        assert {name: report[name] for name in expected} == expected
    words = ("--id", "id", "--per-row", "out.csv")
    assert run("count", "lake", "--column", "a.text", *E, *words).exit_code == 0
    rows = Path("out.csv").read_text("utf-8").splitlines()[1:]
    assert rows == [
        f"{name},{number},{ENC.count(row)}"
        for name in ("lake/a.csv", "lake/b.jsonl", "lake/day=1/c.parquet")
        for number, row in enumerate(ROWS)
    ]


def test_wrong_rows_are_named_in_the_order_of_the_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PART_BYTES", 1)
    for name in ("a.parquet", "b.parquet"):
        texts = [b"hi", b"\xff", b"hi", b"hi \xff"]
        pyarrow.parquet.write_table(pyarrow.table({"t": texts}), name, row_group_size=1)
    wrong = [(name, row) for name in ("a.parquet", "b.parquet") for row in (2, 4)]
    for errors, code, mark in (("raise", 2, ""), ("skip", 0, "skipped: ")):
        result = run("count", "*.parquet", "none", "--column", "t", *E, "--errors", errors)
        lines = result.stderr.splitlines()
        assert [line.partition(": column 't': expected")[0] for line in lines[:4]] == [
            f"tokenkit: {name}: {mark}row {row}" for name, row in wrong
        ]
        assert lines[4].startswith("tokenkit: none: ")
        assert result.exit_code == 2
        result = run("count", "*.parquet", "--column", "t", *E, "--errors", errors)
        assert (result.exit_code, "rows 4, missing 4" in result.stdout) == (code, True)
    result = run("count", "*.parquet", "--column", "t", *E, "--errors", "replace")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "rows 8, missing 0" in result.stdout


def test_the_report_is_that_of_the_rows(tmp_path: Path) -> None:
    lines: list[dict[str, Any]]
    lines = [{"t": "hello"}, {"t": None}, {"t": 3}, {"i": 4}, {"t": "word " * 9_000}, {"t": ""}]
    name = write_lines("a.jsonl", lines)
    models = ("-m", "text-embedding-3-small", "-m", "gpt-5.4")
    asked = ("count", name, "--field", "t", *models, "--cost")
    # With --id, a row without one is a fault, too: also the null, and the number is two.
    for id_name, nulls, invalid in (((), 1, 2), (("--id", "i"), 0, 3)):
        done = run(*asked, *id_name, "--report", "r.json", "--format", "json")
        assert done.exit_code == 2
        reports = json.loads(Path("r.json").read_text())
        shown = json.loads(done.stdout)
        for report, record, model in zip(reports, shown, models[1::2], strict=True):
            expected = tokenkit.token_report(name, "t", model, errors="null").to_dict()
            expected |= {"nulls": nulls, "invalid": invalid}
            assert report == expected
            expected["column"] = model  # the label of the command's own table
            assert {key: record[key] for key in expected} == expected
            assert (record["total"], record["missing"]) == (expected["tokens"], 3)
        assert (shown[0]["embedding_requests"], "embedding_requests" in shown[1]) == (1, False)
        assert Decimal(shown[0]["batch_usd"]) * 2 == Decimal(shown[0]["cost_usd"])
    assert run(*asked, "--report", tmp_path / "r.html").exit_code == 2
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count('<figure class="plot">') == 2
    assert "text-embedding-3-small" in page
    assert ", batch USD 0.0" in run(*asked).stdout


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("a.jsonl", "--report takes a file .html or .json"),
        ("b.json", "--report would write over its own input"),
        ("none/r.html", "none/r.html: cannot be written: No such file or directory"),
    ],
)
def test_reports_that_cannot_be_written(target: str, message: str) -> None:
    name = write_lines("b.json", [{"t": "hello"}])
    done = run("count", name, "--field", "t", "--report", target, *E)
    assert done.exit_code == 2
    assert message in done.stderr
    assert Path(name).read_text() == '{"t": "hello"}\n'
