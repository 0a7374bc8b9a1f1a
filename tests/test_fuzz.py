"""The fuzz drivers in Python, and the table of what they tried."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import keep_totals  # noqa: E402
from fuzz import __main__ as fuzz  # noqa: E402
from fuzz.driver import Driver, expect  # noqa: E402
from fuzz.drivers import DRIVERS  # noqa: E402
from fuzz.mutations import damaged_bytes, damaged_json  # noqa: E402


@pytest.mark.parametrize("name", DRIVERS)
def test_each_driver_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main([name, "--seconds", "0.05", "--seed", "7"]) == 0
    assert keep_totals.rows_of(keep_totals.MARK + _kept(capsys.readouterr().out))[name][0] >= 1


def _kept(output: str) -> str:
    page = keep_totals.with_runs(keep_totals.MARK + "\n## Runs\n", output, "2026-01-01")
    assert page.endswith("|\n\n## Runs\n")
    return page.partition(keep_totals.MARK)[2]


def test_a_fault_is_met_again_by_its_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def attempt(rng: random.Random, folder: Path) -> None:
        number = rng.randrange(20)
        expect(number != 3, "it is three", number)

    monkeypatch.setitem(DRIVERS, "three", Driver("three", "it is never three", attempt))
    assert fuzz.main(["three", "--seconds", "60"]) == 1
    shown = capsys.readouterr()
    assert "three: " not in shown.out
    assert "breaks the promise: it is never three" in shown.err
    again = shown.err.partition("python -m tools.fuzz ")[2].split()
    assert fuzz.main(again) == 1
    with pytest.raises(SystemExit):
        fuzz.main(["four"])


def test_damage_is_damage_and_the_same_for_a_seed() -> None:
    value = {"a": [1, {"b": "c"}], "d": None}
    kept = repr(value)
    damaged = [damaged_json(random.Random(seed), value) for seed in range(200)]
    assert sum(repr(one) != kept for one in damaged) > 170
    assert repr(value) == kept
    assert [repr(one) for one in damaged] == [
        repr(damaged_json(random.Random(seed), value)) for seed in range(200)
    ]
    assert sum(damaged_bytes(random.Random(seed), b"abcd") != b"abcd" for seed in range(200)) > 190


def test_totals_add_up_and_a_seed_counts_once() -> None:
    page = keep_totals.MARK + "\n## Runs\n"
    line = "fuzz_roads: {} inputs with seed {}, all roads agree\n"
    page = keep_totals.with_runs(page, "noise\n" + line.format(1500, 1), "2026-01-01")
    page = keep_totals.with_runs(page, line.format(20, 2), "2026-01-02")
    assert "| fuzz_roads | 1,520 | 1, 2 | 2026-01-01 to 2026-01-02 |" in page
    assert page.endswith("\n\n## Runs\n")
    with pytest.raises(SystemExit, match="expected a new seed, got 2"):
        keep_totals.with_runs(page, line.format(3, 2), "2026-01-03")
    with pytest.raises(SystemExit, match="expected the line"):
        keep_totals.with_runs("nothing here", "", "2026-01-01")
    assert keep_totals.MARK in keep_totals.PAGE.read_text("utf-8")


def test_the_page_says_what_each_driver_promises() -> None:
    page = keep_totals.PAGE.read_text("utf-8")
    drivers = [*DRIVERS, *(path.stem for path in (ROOT / "csrc" / "fuzz").glob("*.cpp"))]
    assert [name for name in drivers if page.count(f"| `{name}` |") != 1] == []
