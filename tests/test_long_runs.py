"""The tools behind `.ci/long`: the list of mutants fits the code, and last results are kept."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import keep_results  # noqa: E402
from mutants import __main__ as mutants  # noqa: E402

LEAST = {"python": 40, "cpp": 20}


@pytest.mark.parametrize("kind", LEAST)
def test_every_mutant_changes_code_that_is_there(kind: str) -> None:
    listed = mutants.read_mutants(kind)
    assert len(listed) >= LEAST[kind]
    assert len({(mutant.file, mutant.before, mutant.after) for mutant in listed}) == len(listed)
    for mutant in listed:
        text = (ROOT / mutant.file).read_text("utf-8")
        assert mutants.mutated(text, mutant) != text
        assert mutant.tests
        assert mutant.simd in ("", "avx2", "avx512", "neon")
        for test in mutant.tests:
            where = ROOT / test if "/" in test else ROOT / "csrc/tests" / f"{test}.cpp"
            assert where.exists(), f"{mutant}: no such test: {test}"


def test_a_mutant_that_does_not_fit_is_named() -> None:
    mutant = mutants.Mutant("a.py", "x = 1", "x = 2", ("tests",))
    assert mutants.mutated("y = 0\nx = 1\n", mutant) == "y = 0\nx = 2\n"
    for text in ("y = 0\n", "x = 1\nx = 1\n"):
        with pytest.raises(mutants.ListError, match=r"a\.py: x = 1: expected the text once"):
            mutants.mutated(text, mutant)


def test_a_mutant_of_a_level_that_is_not_here_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    mutant = mutants.Mutant("a.cpp", "x = 1", "x = 2", ("tests",))
    absent = replace(mutant, simd="avx1024")
    assert mutants.that_run_here([absent, mutant, replace(mutant, simd="scalar")])[0] == mutant
    assert capsys.readouterr().out == "no avx1024 a.cpp: x = 1\n"


def test_each_part_keeps_its_last_result() -> None:
    page = keep_results.MARK + keep_results.HEADER
    runs = [["mutants", "fuzz, seed 1"], ["fuzz, seed 2"], ["leaks"], ["files"], ["mutants"]]
    for number, names in enumerate(runs):
        lines = [f"{name}\tpassed\t{number}\trun {number}" for name in names]
        rows = keep_results.rows_of(lines, f"2026-01-0{number + 1}", "5ff8ac7", "x86_64, Linux")
        page = keep_results.with_results(page, rows)
    kept = [row.split(" | ") for row in page.splitlines()[3:]]
    assert [(row[0], row[2], row[-1]) for row in kept] == [
        ("| mutants", "2026-01-05", "run 4 |"),
        ("| files", "2026-01-04", "run 3 |"),
        ("| leaks", "2026-01-03", "run 2 |"),
        ("| fuzz, seed 2", "2026-01-02", "run 1 |"),
    ]
    kept_page = keep_results.PAGE.read_text("utf-8")
    assert keep_results.with_results(kept_page, []) == kept_page
    with pytest.raises(SystemExit, match="expected the lines"):
        keep_results.with_results("nothing here", [])
