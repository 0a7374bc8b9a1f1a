"""The parts of the benchmarks that figures depend on; their smoke mode runs the rest."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

# At the end, so that an installed tokenkit goes before the checkout's.
sys.path.append(str(Path(__file__).resolve().parents[1]))

import tokenkit
from benchmarks import (
    calls,
    column_engines,
    columns,
    corpus,
    peers,
    quiet,
    report,
    tables,
    vocabularies,
)
from benchmarks.__main__ import command

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = str(Path(tokenkit.__file__).parents[1])
ABOUT = {"bytes": {"prose": [1_000_000, 2_000_000]}}


def run(library: str, number: int, first: float) -> dict[str, object]:
    values = {"first": first, "fresh": 0.1, "hot": 0.1}
    place = {"encoding": "e", "library": library, "round": number, "case": "prose"}
    return {**place, "measure": "encode", "task": "encode", "threads": 1, "values": values}


def benchmark(module: str, *words: str, timeout: float) -> str:
    """Run a benchmark as a user does; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([PACKAGE, str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ratio_is_the_median_of_each_rounds_ratio() -> None:
    # The machine is three times slower in the second round: ratios stay what they are.
    runs = [run("tokenkit", 1, 0.01), run("peer", 1, 0.02)]
    runs += [run("tokenkit", 2, 0.03), run("peer", 2, 0.09)]
    runs += [run("tokenkit", 3, 0.01), run("peer", 3, 0.02)]
    data = {"about": ABOUT, "exact": {"e": {"tokenkit": {}, "peer": {}}}, "runs": runs}
    table = tables.all_tables(data)["e"][0]
    assert table.title == "Encode to an array, first pass"
    assert sorted(table.cells["tokenkit"]["prose"].values()) == [1 / 0.03, 100, 100]
    assert report.ratio_markdown(table).splitlines()[-1] == "| peer | 2.00x (2.00-3.00) |"


def test_inexact_and_failed_cells_are_marked() -> None:
    failed = {**run("broken", 1, 0.01), "values": {"error": "panic"}}
    runs = [run("tokenkit", 1, 0.01), run("peer", 1, 0.02), failed]
    exact = {"tokenkit": {}, "peer": {"prose": "differs: list"}, "broken": {}}
    data = {"about": ABOUT, "exact": {"e": exact}, "runs": runs}
    lines = report.markdown(tables.all_tables(data)["e"][0]).splitlines()
    assert lines[2:] == [
        "| tokenkit | 100 |",
        "| peer | 50.0 *inexact* |",
        "| broken | - *failed* |",
    ]
    assert len(report.failures(data)) == 2


@given(st.text(), st.integers(min_value=4, max_value=50))
def test_strings_cover_the_text(text: str, size: int) -> None:
    strings = corpus.strings_of(text, size)
    assert "".join(strings) == text
    assert all(size - 3 <= len(string.encode()) <= size for string in strings[:-1])


def test_built_in_texts_are_the_same_on_every_run() -> None:
    assert corpus.built_in(3000) == corpus.built_in(3000)


def test_byte_letters_are_one_printable_character_each() -> None:
    letters = vocabularies.byte_letters()
    assert len(set(letters)) == 256
    assert letters[ord(" ")] == "\u0120"  # as GPT-2 writes a space
    assert letters[ord("\n")] == "\u010a"


def test_parts_below_finds_the_last_merge() -> None:
    ranks = {b"a": 0, b"b": 1, b"ab": 2, b"abb": 3, b"bb": 4}
    assert vocabularies.parts_below(b"abb", ranks, 3) == [b"ab", b"b"]


def test_recorded_command_names_no_place() -> None:
    arguments = ["--corpus", "/home/me", "--output=/tmp/x", "--output", "/tmp", "--rounds", "7"]
    assert command(arguments) == "python -m benchmarks --corpus DIR --rounds 7"


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"rounds": 1, "others": 0.0}, "5 rounds"),
        ({"rounds": 5}, "psutil"),
        ({"rounds": 5, "others": 0.2}, "20% of the machine"),
    ],
)
def test_only_runs_on_a_quiet_machine_are_published(about: dict[str, Any], reason: str) -> None:
    with pytest.raises(SystemExit, match=reason):
        quiet.check(about)
    quiet.check({"rounds": 5, "others": 0.02})


def test_own_work_is_not_work_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    # (busy, by this process and its children, in all): a second of ours, half a one of others.
    seconds = iter([(10.0, 5.0, 100.0), (11.5, 6.0, 110.0)])
    monkeypatch.setattr(quiet, "_seconds", lambda: next(seconds))
    assert quiet.Watch().others() == pytest.approx(0.05)


def test_figures_of_columns_are_ratios_within_rounds() -> None:
    # (wall, processor) seconds; tiktoken had a tenth of the rows.
    turns = {
        "tokenkit": [(1.0, 2.0), (2.0, 2.0), (1.0, 4.0)],
        "bytes": [(0.5, 1.0), (1.0, 1.0), (0.5, 2.0)],
        "usual": [(2.0, 4.0), (4.0, 8.0), (2.0, 4.0)],
        "raw": [(0.5, 1.0), (1.0, 1.0), (0.5, 1.0)],
    }
    lines = columns.lines_of({"bytes": [20_000_000, 2_000_000], "seconds": turns})
    assert lines[0].split() == [
        "tokenkit",
        "10.0",
        "MB",
        "per",
        "processor",
        "second",
        "20.0",
        "MB/s",
    ]
    assert lines[2].split()[:2] == ["usual", "0.5"]
    assert [line.strip() for line in lines[4:]] == [
        "x20.00 (20.00-20.00) of tiktoken, wall time",
        "x0.50 (0.50-0.50) of count_arrow, wall time",
        "x1.00 (1.00-1.00) of count_arrow without the engine's own, wall time",
        "x20.00 (10.00-40.00) of tiktoken, processor time",
        "x0.50 (0.25-0.50) of count_arrow, processor time",
        "x1.00 (0.50-1.00) of count_arrow without the engine's own, processor time",
    ]


def test_engines_of_columns_are_named() -> None:
    assert columns.chosen("chunks, ray") == ["chunks", "ray"]
    assert {"chunks", "polars", "pyarrow"} <= set(columns.chosen(None))
    with pytest.raises(SystemExit, match="unknown engine: hive; there are polars, "):
        columns.chosen("hive")


def test_jobs_take_turns() -> None:
    assert "".join(column_engines.turns(["a", "b", "c"], 3)) == "abcbcacab"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--engines", "polars,pandas,pyarrow,chunks"], "of tiktoken, processor time"),
        (["--gigabytes", "0.001"], r"chunk: \d+ rows, \d+ tokens in \d+ s, at most \d+ MB"),
    ],
)
def test_benchmark_of_columns_runs(words: list[str], shown: str) -> None:
    # It exits with 1 if the rows are not those of tiktoken.
    printed = benchmark("benchmarks.columns", "--smoke", *words, timeout=300)
    assert re.search(shown, printed)


def test_roads_of_calls_take_turns_and_are_compared_within_rounds() -> None:
    taken: list[str] = []
    roads: calls.Roads = {name: partial(taken.append, name) for name in ("ours", "theirs")}
    row = calls.Row("count", roads, 2, 0.65, "theirs")
    (found,) = calls.measure([row], 2, 0)
    assert taken == [*["ours"] * 3, *["theirs"] * 6, *["ours"] * 3]
    assert [len(times) for times in found.values()] == [2, 2]
    assert calls.report(row, {"ours": [100.0, 300.0], "theirs": [200.0, 400.0]}) == [
        f"{'count':44} 200 (100-300) ns",
        "    0.62 (0.50-0.75) of theirs: 300 (200-400) ns, aim 0.65",
    ]


def test_benchmark_of_calls_refuses_other_counts() -> None:
    peer = peers.load_tokenkit("o200k_base", Path())
    calls.check(["hello world", "", "\u6f22"], {"tokenkit": peer})
    wrong = dataclasses.replace(peer, count=lambda text: len(text))
    with pytest.raises(SystemExit, match=r"other differs: \['count'\]"):
        calls.check(["hello world"], {"other": wrong})


@pytest.mark.slow
def test_benchmark_of_calls_runs() -> None:
    # It exits with 1 if its roads do not agree.
    printed = benchmark("benchmarks.calls", "--smoke", timeout=120)
    assert re.search(r"^count\(text, model\), 20 bytes +\d+ ", printed, re.MULTILINE)
    assert re.search(r" of a loop of count: \d+ ", printed)


@pytest.mark.slow
def test_benchmark_of_files_runs() -> None:
    # It exits with 1 if its roads do not give the same total.
    printed = benchmark("benchmarks.files", "--smoke", timeout=120)
    roads = [line.split()[0] for line in printed.splitlines() if "CPU" in line]
    assert roads == ["count_arrow", "parquet", "jsonl"]
    assert re.search(r"^tokenkit count +\d+\.\d ms$", printed, re.MULTILINE)


@pytest.mark.browser
def test_benchmark_of_keystrokes_runs(chromium: str) -> None:
    printed = benchmark(
        "benchmarks.keystrokes", "--chromium", chromium, "--rounds", "1", timeout=240
    )
    rows = re.findall(r"^\| .* \| (?:bare textarea|live page) \| \d+\.\d \|", printed, re.M)
    assert len(rows) == 4, printed
