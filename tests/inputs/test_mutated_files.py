"""Damaged data files end in the right counts or an error that says why, and never in a crash."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import file_roads
import file_seeds
import mutated_files


def check(count: int, seed: int) -> None:
    totals = mutated_files.run(count, seed, 1)
    assert totals.failures == []
    assert sum(totals.outcomes.values()) == count
    assert totals.outcomes["refused"] > count // 5
    assert totals.outcomes["counted"] > count // 20


def test_damaged_files() -> None:
    check(100, 3)


@pytest.mark.slow
def test_many_damaged_files() -> None:
    check(5_000, 4)


def test_seeds_are_counted_by_every_road(tmp_path: Path) -> None:
    for seed in file_seeds.file_seeds():
        path = tmp_path / seed.name
        path.write_bytes(seed.data)
        for turn in range(4):
            assert file_roads.check_file(path, seed, random.Random(turn)) == "counted"


def test_a_wrong_count_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_roads, "_count", lambda text: None if text is None else len(text))
    wrong = 0
    for seed in file_seeds.file_seeds():
        path = tmp_path / seed.name
        path.write_bytes(seed.data)
        if seed.kind in ("arrow", "parquet") and "none" not in seed.columns:
            with pytest.raises(file_roads.Wrong, match="expected"):
                file_roads.check_file(path, seed, random.Random(1))
            wrong += 1
    assert wrong > 10


def test_a_process_that_dies_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another goes on behind the file that ended it."""
    script = tmp_path / "worker.py"
    script.write_text(
        "import os, sys\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[3])):\n"
        '    os.abort() if number == 2 else print(f\'["f", "counted: {number}"]\', flush=True)\n'
    )
    monkeypatch.setattr(mutated_files, "__file__", str(script))
    totals = mutated_files.run(5, 1, 1)
    assert totals.outcomes == {"counted": 4, "FAILED": 1}
    (failure,) = totals.failures
    assert failure.startswith("mutation 2 of a file: FAILED: the process ended with ")
