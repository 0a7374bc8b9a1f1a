"""No verb ends with exit code 0 if it could not write all, or read an input that is cut off."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pyarrow.parquet
import pytest
from cli_runs import ELSEWHERE, Stream, opened_fifo, run, run_with
from search import by_profile

from tokenkit._writing import is_part
from tokenkit.inputs.remote import pyarrow_module

E = ("-e", "gpt2")
M = ("-m", "text-embedding-3-small")
ROWS = "".join(json.dumps({"t": f"row {number}"}) + "\n" for number in range(50))
USAGE = {"model": "gpt-4o", "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with an input for every verb."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("Some words. And more of them.\n" * 9)
    Path("r.jsonl").write_text(ROWS)
    Path("chat.json").write_text(json.dumps(REQUEST["messages"]))
    Path("u.json").write_text(json.dumps(USAGE))
    Path("q.json").write_text(json.dumps(REQUEST))
    Path("list.json").write_text(
        '{"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06}}'
    )


TO_STDOUT = [
    ("count", "a.txt", *E),
    *(("count", "a.txt", *E, "--format", form) for form in ("json", "jsonl", "csv")),
    ("count", "r.jsonl", "--field", "t", *E),
    ("count", "r.jsonl", "--field", "t", "--per-row", "-", *E),
    ("count", "q.json", "--requests"),
    ("chunk", "a.txt", "-n", "9", *E),
    ("chunk", "a.txt", "-n", "9", "--split-output", "parts", *E),
    ("truncate", "a.txt", "-t", "9", *E),
    ("encode", "a.txt", *E),
    ("encode", "a.txt", "--tokens", *E),
    ("decode", "1", "2", *E),
    ("decode", "1", "2", "--bytes", *E),
    ("fit", "chat.json", "-m", "gpt-4o"),
    ("preflight", "q.json"),
    ("preflight", "q.json", "--format", "csv"),
    ("show", "a.txt", *E),
    ("show", "a.txt", *E, "-e", "cl100k_base"),
    ("show", "a.txt", *E, "--offsets"),
    ("models",),
    ("models", "gpt-4o"),
    ("models", "--format", "csv"),
    ("models", "refresh", "list.json", "--to", "new.json", "--yes"),
    ("cost", "-m", "gpt-4o", "--input", "5"),
    ("cost", "--usage", "u.json"),
    ("--help",),
    ("--version",),
    ("count", "--help"),
]
TO_FILES = [
    ("count", "r.jsonl", "--field", "t", "--per-row", "o.csv", *E),
    ("count", "r.jsonl", "--field", "t", "--per-row", "o.jsonl", *E),
    ("count", "r.jsonl", "--field", "t", "--per-row", "o.parquet", *E),
    ("chunk", "a.txt", "-n", "9", "-o", "o", *E),
    ("chunk", "a.txt", "-n", "9", "-o", "fine", "--pack", "o", *M),
    ("show", "a.txt", *E, "--html", "o"),
]


@full
@pytest.mark.parametrize("words", TO_STDOUT, ids=" ".join)
def test_a_full_disk_is_an_error(words: tuple[str, ...]) -> None:
    err = Stream()
    with open("/dev/full", "wb") as device:
        out = Stream(device)
        code = run_with(out, err, *words)
        out.detach()
    assert code == 2
    assert err.text().splitlines()[-1].startswith("tokenkit: output: cannot be written: No space")


@full
@pytest.mark.parametrize("words", TO_FILES, ids=" ".join)
def test_a_full_disk_under_a_file_is_an_error(words: tuple[str, ...]) -> None:
    (target,) = (word for word in words if word == "o" or word.startswith("o."))
    os.symlink("/dev/full", target)
    result = run(*words)
    assert result.exit_code == 2
    assert f"{target}: " in result.stderr
    assert "No space left on device" in result.stderr
    assert os.readlink(target) == "/dev/full"


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
@pytest.mark.parametrize("words", TO_FILES, ids=" ".join)
@pytest.mark.parametrize("before", [None, b"old"])
def test_a_file_that_may_not_grow_is_not_cut_off(
    words: tuple[str, ...], before: bytes | None
) -> None:
    """As on a full disk: the file that was there stays, and no part of the new one."""
    import resource

    (target,) = (word for word in words if word == "o" or word.startswith("o."))
    if before is not None:
        Path(target).write_bytes(before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, hard))
    try:
        result = run(*words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 2, result.output
    assert "File too large" in result.stderr
    assert (Path(target).read_bytes() if os.path.exists(target) else None) == before
    assert not [name for name in os.listdir() if is_part(name)]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("ids", [(), ("--id", "i")])
@pytest.mark.parametrize("inputs", [("empty.jsonl",), ("empty.jsonl", "none.jsonl")])
def test_no_rows_are_a_file_without_rows(
    ending: str, ids: tuple[str, ...], inputs: tuple[str, ...]
) -> None:
    Path("empty.jsonl").write_bytes(b"")
    out = f"o.{ending}"
    result = run("count", *inputs, "--field", "t", *ids, *E, "-e", "o200k_base", "--per-row", out)
    assert result.exit_code == (2 if len(inputs) > 1 else 0)
    names = ["file"] * (len(inputs) > 1) + ["i" if ids else "row", "gpt2", "o200k_base"]
    if ending == "parquet":
        table = pyarrow.parquet.read_table(out)
        assert (table.num_rows, table.column_names) == (0, names)
        assert {str(kind) for kind in table.schema.types[-2:]} == {"int64"}
        assert str(table.schema.types[-3]) == ("string" if ids else "int64")
    elif ending == "csv":
        with open(out, newline="") as file:
            assert list(csv.reader(file)) == [names]
    else:
        assert Path(out).read_bytes() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("verb", "name"),
    [("chunk", "SIGINT"), ("chunk", "SIGHUP"), ("count", "SIGINT"), ("count", "SIGKILL")],
)
def test_a_signal_leaves_the_file_that_was_there(verb: str, name: str) -> None:
    number = signal.Signals[name]
    os.mkfifo("fifo.jsonl")  # holds the command up for as long as the test likes
    Path("o.csv").write_bytes(b"old")
    words = ["chunk", "a.txt", "fifo.jsonl", "-n", "9", "-o", "o.csv", *E]
    if verb == "count":
        words = ["count", "r.jsonl", "fifo.jsonl", "--field", "t", "--per-row", "o.csv", *E]
    command = [sys.executable, "-m", "tokenkit", *words]
    # Under nohup a process begins with SIGHUP ignored, and one that ignores it is right to stay.
    obey = partial(signal.signal, number, signal.SIG_DFL) if name == "SIGHUP" else None
    with subprocess.Popen(
        command, env=ELSEWHERE, stderr=subprocess.PIPE, preexec_fn=obey
    ) as running:
        try:
            writer = opened_fifo("fifo.jsonl")
            running.send_signal(number)
            _, err = running.communicate(timeout=60)
            os.close(writer)
        finally:
            running.kill()
    expected = {signal.SIGINT: 130, signal.SIGHUP: 129, signal.SIGKILL: -9}[number]
    assert running.returncode == expected, err
    assert Path("o.csv").read_bytes() == b"old"
    assert b"Traceback" not in err
    if number != signal.SIGKILL:
        assert not [name for name in os.listdir() if is_part(name)]
    if verb == "count" and number == signal.SIGINT:
        assert b"the counts so far are in o.csv.part" in err
        assert Path("o.csv.part").read_text().count("\n") == 51


def cut_inputs() -> list[tuple[str, bytes, tuple[str, ...]]]:
    """(file, its bytes, the verb): each is whole, and means something else when it ends earlier."""
    rows = [{"t": "one two"}, {"t": "three"}]
    usages = json.dumps([USAGE, USAGE])
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    field, column = ("--field", "t", *E), ("--column", "t", *E)
    out = [
        ("x.jsonl", json.dumps(rows[0]).encode(), ("count", *field)),
        ("x.json", json.dumps(rows[0]).encode(), ("count", *field)),
        ("x.json", json.dumps(rows).encode(), ("count", *field)),
        ("x.json", json.dumps(rows, indent=2).encode(), ("count", *field)),
        ("x.jsonl", json.dumps(rows).encode(), ("count", *field)),
        ("x.csv", b't\n"one, two"', ("count", *column)),
        ("x.jsonl.gz", gzip.compress(lines.encode()), ("count", *field)),
        ("x.txt.gz", gzip.compress(lines.encode()), ("count", *E)),
        ("x.txt.gz", gzip.compress(lines.encode()), ("encode", *E)),
        ("x.txt.gz", gzip.compress(lines.encode()), ("chunk", "-n", "9", *E)),
        ("x.json", json.dumps(REQUEST).encode(), ("count", "--requests")),
        ("x.json", json.dumps(REQUEST).encode(), ("preflight",)),
        ("x.json", json.dumps(REQUEST).encode(), ("fit",)),
        ("x.json", json.dumps(REQUEST, indent=2).encode(), ("fit",)),
        ("x.json", json.dumps(REQUEST["messages"]).encode(), ("fit", "-m", "gpt-4o")),
        ("x.json", usages.encode(), ("cost", "--usage")),
        ("x.json", json.dumps([USAGE, USAGE], indent=2).encode(), ("cost", "--usage")),
        ("x.txt", b"[100, 200]", ("decode", *E, "-i")),
    ]
    packed = pyarrow_module().compress(lines.encode(), "zstd", asbytes=True)
    return [*out, ("x.jsonl.zst", packed, ("count", *field)), ("x.txt.zst", packed, ("count", *E))]


@pytest.mark.parametrize("case", cut_inputs(), ids=lambda case: f"{' '.join(case[2])} {case[0]}")
def test_no_input_that_is_cut_off_succeeds(case: tuple[str, bytes, tuple[str, ...]]) -> None:
    name, data, words = case
    Path(name).write_bytes(data)
    assert run(*words, name).exit_code == 0
    steps = max(1, len(data) // by_profile(10, 60))
    start = 3 if name.endswith(".csv") else 1
    for end in [*range(start, len(data) - 1, steps), len(data) - 1]:
        Path(name).write_bytes(data[:end])
        result = run(*words, name)
        assert result.exit_code == 2, (data[:end], result.output)
        assert result.exception is None or isinstance(result.exception, SystemExit)
