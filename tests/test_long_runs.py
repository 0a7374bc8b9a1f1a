"""The tools behind `.ci/long`: the list of mutants fits the code, and results are kept."""

from __future__ import annotations

import sys
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
        for test in mutant.tests:
            where = ROOT / test if "/" in test else ROOT / "csrc/tests" / f"{test}.cpp"
            assert where.exists(), f"{mutant}: no such test: {test}"


def test_a_mutant_that_does_not_fit_is_named() -> None:
    mutant = mutants.Mutant("a.py", "x = 1", "x = 2", ("tests",))
    assert mutants.mutated("y = 0\nx = 1\n", mutant) == "y = 0\nx = 2\n"
    for text in ("y = 0\n", "x = 1\nx = 1\n"):
        with pytest.raises(mutants.ListError, match=r"a\.py: x = 1: expected the text once"):
            mutants.mutated(text, mutant)


def test_results_are_kept_newest_first() -> None:
    page = keep_results.PAGE.read_text("utf-8")
    head = page.partition(keep_results.MARK)[0] + keep_results.MARK
    for number in range(keep_results.KEPT_RUNS + 2):
        lines = [f"mutants\tpassed\t{number}\t{number} of 60 mutants noticed"]
        head = keep_results.with_run(head, keep_results.table(lines, f"run {number}"))
    assert head.count("### run") == keep_results.KEPT_RUNS
    assert head.index("### run 6") < head.index("### run 5") < head.index("### run 2")
    assert "| mutants | passed | 6 | 6 of 60 mutants noticed |" in head
    with pytest.raises(SystemExit, match="expected the line"):
        keep_results.with_run("nothing here", "")
