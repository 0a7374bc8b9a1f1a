"""The parts of the benchmarks that figures depend on; their smoke mode runs the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

# At the end, so that an installed tokenkit goes before the checkout's.
sys.path.append(str(Path(__file__).resolve().parents[1]))

import tokenkit
from benchmarks import corpus, quiet, report, tables, vocabularies
from benchmarks.__main__ import command

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = str(Path(tokenkit.__file__).parents[1])
ABOUT = {"bytes": {"prose": [1_000_000, 2_000_000]}}


def run(library: str, number: int, first: float) -> dict[str, object]:
    values = {"first": first, "fresh": 0.1, "hot": 0.1}
    place = {"encoding": "e", "library": library, "round": number, "case": "prose"}
    return {**place, "measure": "encode", "task": "encode", "threads": 1, "values": values}


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


@pytest.mark.slow
def test_benchmark_of_files_runs() -> None:
    # It exits with 1 if its roads do not give the same total.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.files", "--smoke"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([PACKAGE, str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    roads = [line.split()[0] for line in done.stdout.splitlines() if "CPU" in line]
    assert roads == ["count_arrow", "parquet", "jsonl"]
    assert re.search(r"^tokenkit count +\d+\.\d ms$", done.stdout, re.MULTILINE)
