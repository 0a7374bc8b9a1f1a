"""`tokenkit count`: columns, limits, formats, signals and the terminal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import opened_fifo, run
from file_trees import write_files

import tokenkit
from tokenkit.inputs.find import find_files

ENC = tokenkit.get_encoding("o200k_base")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(tokenkit.__file__).parents[1])}


@pytest.mark.parametrize("option", ["--include", "--exclude"])
def test_a_pattern_that_is_none_is_named(tree: Path, option: str) -> None:
    result = run("count", tree, "-e", "o200k_base", option, "\\")
    assert result.exit_code == 2
    assert result.stderr == (
        "tokenkit: expected patterns as in a .gitignore, got a backslash at the end, in '\\\\'\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_stay_on_their_line(tree: Path) -> None:
    write_files(tree, {"new\nline\x1b[31m.txt": "x", "bad\r.txt": "\0"})
    for words in (["--format", "text"], ["--tree"]):
        result = run("count", tree, "-e", "o200k_base", *words)
        assert "new[U+000A]line[U+001B][31m.txt\n" in result.stdout
        assert "bad[U+000D].txt" in result.stderr
        assert not set("\x1b\r") & set(result.output)


def test_what_cannot_be_read_does_not_stop_the_rest(tree: Path) -> None:
    words = [sys.executable, "-m", "tokenkit", "count", "-e", "o200k_base"]
    if sys.platform == "win32":
        pytest.skip("Windows has other permissions")
    if os.geteuid() == 0:  # root may read everything, unless it gives that up
        if shutil.which("setpriv") is None:
            pytest.skip("root needs setpriv")
        without = "-dac_override,-dac_read_search"
        words = ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *words]
    closed, folder = tree / "closed.txt", tree / "other" / "sub"
    write_files(tree, {"closed.txt": "no", "rows.jsonl": '{"t": "hello world"}'})
    (tree / "loop.txt").symlink_to("loop.txt")
    closed.chmod(0)
    folder.chmod(0)
    try:
        named = subprocess.run([*words, closed, tree / "a.txt"], capture_output=True, text=True)
        inside = subprocess.run([*words, tree / "other"], capture_output=True, text=True)
        rows = subprocess.run([*words, tree, "--field", "t"], capture_output=True, text=True)
        links = subprocess.run([*words, tree, "--top", "1"], capture_output=True, text=True)
    finally:
        folder.chmod(0o755)
    assert named.stdout == f"tokens\tname\n2\t{tree / 'a.txt'}\n"
    assert named.stderr == f"tokenkit: {closed}: Permission denied\n"
    assert inside.stdout == f"tokens\tname\n1\t{tree / 'other' / 'y.tmp'}\n"
    assert inside.stderr == f"tokenkit: {folder}: Permission denied\n"
    assert rows.stdout.startswith("o200k_base: rows 1, missing 0, total 2")
    assert rows.stderr == f"tokenkit: {folder}: Permission denied\n"
    assert f"{closed}: Permission denied" in links.stderr
    assert "cannot be written" not in links.stderr
    assert {done.returncode for done in (named, inside, rows, links)} == {2}


def test_columns_tree_top_and_totals(tree: Path) -> None:
    chosen = ("-m", "gpt-5.4", "-e", "gpt2", "--format", "text")
    names = list(find_files([tree]))
    texts = [Path(name).read_text() for name in names]
    totals = [sum(map(tokenkit.get_encoding(e).count, texts)) for e in ("o200k_base", "gpt2")]
    lines = run("count", "tree", *chosen).stdout.splitlines()
    assert lines[0].split() == ["gpt-5.4", "gpt2"]
    assert lines[-1].split() == [*map(str, totals), "total"]
    assert len(lines) == len(names) + 2
    shown = run("count", "tree", "--tree", *chosen).stdout.splitlines()
    assert shown[1].split() == [*map(str, totals), "tree/"]
    assert run("count", "--tree", "tree", *chosen).stdout.splitlines() == shown
    twice = run("count", "tree/a.txt", "tree/a.txt", "--tree", "-e", "gpt2").stdout.split()
    assert twice == ["4", "tree/", "4", "a.txt", "4", "total"]
    sub = sum(
        ENC.count(Path(name).read_text())
        for name in names
        if "/sub/" in Path(name).as_posix()[len(str(tree)) - 5 :] and "other" not in name
    )
    row = next(
        line.split() for line in shown if line.strip().endswith("  sub/") and line.count("  sub/")
    )
    assert int(row[0]) == sub
    top = run("count", "tree", "--top", 1, *chosen).stdout.splitlines()
    assert len(top) == 3
    assert top[-1] == lines[-1]


def test_formats(tree: Path) -> None:
    chosen = ("tree/a.txt", "tree/b in.txt", "-e", "o200k_base")
    counts = [ENC.count("hello world"), ENC.count("space")]
    assert (
        run("count", *chosen).stdout
        == f"tokens\tname\n{counts[0]}\ttree/a.txt\n{counts[1]}\ttree/b in.txt\n"
    )
    assert (
        run("count", *chosen, "--format", "csv").stdout.splitlines()[1] == f"{counts[0]},tree/a.txt"
    )
    records = [
        json.loads(line) for line in run("count", *chosen, "--format", "jsonl").stdout.splitlines()
    ]
    assert records[1] == {"name": "tree/b in.txt", "tokens": counts[1]}
    report = json.loads(
        run("count", *chosen, "-m", "gpt-5.4", "--format", "json", "--cost", "--fits").stdout
    )
    assert [head["total"] for head in report["columns"]] == [sum(counts)] * 2
    assert report["columns"][0]["fits"] is True
    assert report["columns"][1]["cost_usd"] is None
    assert report["inputs"][0]["tokens"] == {"gpt-5.4": counts[0], "o200k_base": counts[0]}


def test_limits_and_exit_codes(tree: Path) -> None:
    over = run("count", "tree/a.txt", "-e", "o200k_base", "--max-tokens", 1)
    assert (over.exit_code, over.stdout) == (1, "2\n")
    assert "1 over the limit of 1" in over.stderr
    assert run("count", "tree/a.txt", "-e", "o200k_base", "--max-tokens", 2).exit_code == 0
    assert run("count", "tree/a.txt", "none", "-e", "o200k_base", "--max-tokens", 1).exit_code == 2
    (tree / "long.txt").write_text("word " * 9000)
    fits = run("count", "tree/long.txt", "-m", "gpt-4", "-m", "gpt-5.4", "--fits", "--cost")
    assert fits.exit_code == 1
    assert "exceed context_window 8192" in fits.stderr
    assert fits.stdout.splitlines()[-1].split()[:2] == ["no", "yes"]


def test_each_file_has_its_limit(tree: Path) -> None:
    long = "word " * 9000
    write_files(tree, {"long.txt": long})
    words = ("count", "tree/a.txt", "tree/long.txt", "-m", "gpt-4", "-m", "gpt-5.4")
    each = run(*words, "--each", "--max-tokens", 2, "--fits")
    assert each.exit_code == 1
    over = [line for line in each.stderr.splitlines() if "shut down" not in line]
    assert len(over) == 3
    assert over[0] == (
        f"tokenkit: tree/long.txt: {tokenkit.get_encoding('cl100k_base').count(long)} tokens "
        f"(gpt-4) are 8999 over the limit of 2"
    )
    assert over[1].startswith("tokenkit: tree/long.txt: gpt-4: ")
    assert "exceed context_window 8192" in over[1]
    # Together they are over it, but none alone.
    assert run(*words[:3], "-m", "gpt-5.4", "--max-tokens", 9002).exit_code == 1
    assert run(*words[:3], "-m", "gpt-5.4", "--max-tokens", 9002, "--each").exit_code == 0


def test_failed_and_skipped_files_are_in_json(tree: Path) -> None:
    write_files(tree, {"bin.dat": "\0"})
    (tree / "latin1.txt").write_bytes("Grüße".encode("latin-1"))
    words = ("count", "tree", "none", "-e", "o200k_base", "--format")
    report = json.loads(run(*words, "json").stdout)
    failed = {record["name"]: record["error"] for record in report["inputs"] if "error" in record}
    assert list(failed) == [os.path.join("tree", "latin1.txt"), "none"]
    skipped = {record["name"]: record["reason"] for record in report["skipped"]}
    assert skipped[os.path.join("tree", "bin.dat")] == "binary"
    assert skipped[os.path.join("tree", ".gitignore")] == "hidden"
    lines = [json.loads(line) for line in run(*words, "jsonl").stdout.splitlines()]
    assert {line["name"]: line["error"] for line in lines if "error" in line} == failed
    result = run(*words, "json", "--errors", "skip")
    skipped = {record["name"]: record["reason"] for record in json.loads(result.stdout)["skipped"]}
    assert skipped[os.path.join("tree", "latin1.txt")].startswith("expected UTF-8 text")
    assert result.exit_code == 2  # for the missing file
    only = run("count", "tree", "-e", "o200k_base", "--errors", "skip")
    assert only.exit_code == 0
    assert "skipped as not text in the expected encoding: " in only.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_interrupt_leaves_what_was_counted(tree: Path) -> None:
    # A FIFO into which nothing is written holds the command up for as long as the test likes.
    os.mkfifo(tree / "fifo")
    arguments = ["count", "tree/a.txt", "tree/fifo", "-e", "o200k_base"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenkit", *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    writer = opened_fifo(tree / "fifo")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    os.close(writer)
    assert process.returncode == 130, err
    assert b"2\ttree/a.txt" in out
    assert b"interrupted after 1 input" in err
    assert b"Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_on_a_terminal_there_is_a_table(tree: Path) -> None:
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "tokenkit", "count", "tree/a.txt", "tree/b in.txt"]
    subprocess.run(
        [*command, "-e", "o200k_base"], env=ENVIRONMENT, stdout=follower, check=True, timeout=60
    )
    os.close(follower)
    shown = os.read(leader, 65536).decode().split("\r\n")
    os.close(leader)
    assert shown == ["2  tree/a.txt", "1  tree/b in.txt", "3  total", ""]


def test_null_separated_paths(tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tokenkit", "count", "-0", "-e", "o200k_base"],
        input=b"tree/a.txt\0tree/b in.txt\0",
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert [line.split(b"\t")[0] for line in done.stdout.splitlines()] == [b"tokens", b"2", b"1"]


def test_names_that_other_programs_use(tree: Path) -> None:
    chosen = ("-e", "o200k_base", "--format", "csv")
    txt = run("count", "tree", *chosen, "--include", "*.txt")
    assert run("count", "tree", *chosen, "--extension", "txt").stdout == txt.stdout
    assert run("count", "tree", *chosen, "--extension", ".txt").stdout == txt.stdout
    both = run("count", "tree", *chosen, "--extension", "txt", "--extension", "log")
    assert {"tree/a.txt", "tree/keep.log"} <= {
        line.split(",")[1] for line in both.stdout.splitlines()
    }
    assert run("count", "-i", "tree/a.txt", "--input", "tree/b in.txt", *chosen).stdout == (
        run("count", "tree/a.txt", "tree/b in.txt", *chosen).stdout
    )
    assert run("count", "-i", "tree/a.txt", "--token-budget", 1, "-e", "gpt2").exit_code == 1
    assert "x.log" in run("count", "tree", *chosen, "--no-ignore").stdout
