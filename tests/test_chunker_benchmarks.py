"""The parts of the chunkers' benchmark that its figures depend on; its smoke mode runs the rest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

# At the end, so that an installed tokenkit goes before the checkout's.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.chunkers import picture, report
from benchmarks.chunkers.__main__ import command, texts_of
from benchmarks.chunkers.peers import COUNT, OURS, Part
from benchmarks.chunkers.quality import end_kind, joined, judge, judge_overlap, located


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("One.", "\n\nTwo", "blank line"),
        ("One.\n", "\r\n \r\nTwo", "blank line"),
        ("One.\n", "Two", "line"),
        ("One.", "\r\nTwo", "line"),
        ("One. ", "Two", "sentence"),
        ("一。", "二", "sentence"),
        ("one", " two", "word"),
        ("one(", "two", "word"),
        ("海", "は", "word"),
        ("on", "e", "mid-word"),
        ("1", "2", "mid-word"),
        ("e", "\u0301", "mid-word"),
    ],
)
def test_what_a_chunk_ends_at(before: str, after: str, kind: str) -> None:
    assert end_kind(before + after, len(before)) == kind


def test_good_chunks_have_no_fault() -> None:
    parts = [Part("one two\n\n", 0, 3), Part("three", 9, 1)]
    facts = judge(parts, "one two\n\nthree", "o200k_base", 3)
    assert facts["ends"]["blank line"] == 1.0
    assert (facts["chunks"], facts["largest"], facts["joined"]) == (2, 3, "yes")
    assert facts["fill"] == pytest.approx(4 / 6)
    assert not any(facts[name] for name in ("over", "wrong_offsets", "wrong_counts", "replaced"))


def test_every_fault_is_found() -> None:
    source = "one two three four"
    parts = [Part("one two three", 0, 2), Part(" fo\ufffd", 12, 2), Part("four", -1)]
    facts = judge(parts, source, "o200k_base", 2)
    assert (facts["over"], facts["largest"], facts["replaced"]) == (1, 3, 1)
    assert (facts["wrong_offsets"], facts["joined"]) == (2, "text differs")
    assert facts["wrong_counts"] == 1
    assert joined([Part("one two"), Part("three four")], source) == "no white space"
    assert located(parts, source) == [0, -1, 14]


def test_overlap_is_counted_anew() -> None:
    source = "one two three four five"
    parts = [Part("one two three", 0), Part(" two three four five", 3)]
    facts = judge_overlap(parts, source, "o200k_base", 4, 1)
    assert (facts["mean"], facts["most"], facts["too_many"], facts["over"]) == (2, 2, 1, 0)
    assert "mean" not in judge_overlap([*parts, Part("no", 0)], source, "o200k_base", 4, 1)


def run(chunker: str, number: int, seconds: float, **more: Any) -> dict[str, Any]:
    values = {"seconds": seconds, **more}
    return {"round": number, "text": "md", "chunker": chunker, "values": values}


def test_ratios_are_taken_within_rounds() -> None:
    # The machine is three times slower in the second round: ratios stay what they are.
    runs = [run(OURS, 1, 0.01), run("semchunk", 1, 0.2), run(COUNT, 1, 0.005)]
    runs += [run(OURS, 2, 0.03), run("semchunk", 2, 0.6), run(COUNT, 2, 0.015)]
    data = {"about": {"bytes": {"md": 1_000_000}}, "runs": runs, "overlaps": []}
    lines = report.targets(data).splitlines()
    assert lines[-3:] == [
        "| fastest rival | semchunk |",
        "| times faster | 20.0x (20.0-20.0) |",
        "| share of count | 50.0% (50.0-50.0) |",
    ]
    assert "| tokenkit optimal | 66.7 |" in report.speed(data, spread=False)
    assert "| chonkie Token | failed |" in report.speed(data, spread=False)


def test_a_chunker_over_the_limit_is_no_rival() -> None:
    runs = [run(OURS, 1, 0.01), run("semchunk", 1, 0.02, quality={"over": 1})]
    runs += [run("langchain Recursive", 1, 0.05, quality={"over": 0})]
    data = {"about": {"bytes": {"md": 1_000_000}}, "runs": runs, "overlaps": []}
    assert "| fastest rival | langchain Recursive |" in report.targets(data)


def test_smoke_run_fails_for_a_broken_promise() -> None:
    good = {"over": 0, "wrong_offsets": 0, "joined": "yes"}
    runs = [
        run(OURS, 1, 0.01, quality=good),
        run("tokenkit greedy", 1, 0.01, quality={**good, "over": 2, "joined": "text differs"}),
        run("semchunk", 1, 0.01, quality={**good, "over": 2}),
        {"round": 1, "text": "md", "chunker": "semchunk", "values": {"error": "no such file"}},
    ]
    assert report.failures({"runs": runs, "overlaps": []}) == [
        "tokenkit greedy on md: over 2",
        "tokenkit greedy on md: joined: text differs",
        "semchunk on md: no such file",
    ]


def test_recorded_command_names_no_place() -> None:
    words = ["--corpus", "/home/me/a", "/home/me/b", "--rounds", "7", "--output=/x", "--smoke"]
    assert command(words) == "python -m benchmarks.chunkers --corpus PATH... --rounds 7 --smoke"


def test_texts_are_cut_at_characters(tmp_path: Path) -> None:
    (tmp_path / "han.txt").write_text("漢字" * 100, encoding="utf-8")
    (tmp_path / "crlf.txt").write_bytes(b"a\r\nb")
    found = texts_of([tmp_path], 50)
    assert found["crlf"] == b"a\r\nb"
    assert set(found["han"].decode()) == {"漢", "字"}
    assert 44 <= len(found["han"]) <= 50
    with pytest.raises(SystemExit, match="two texts are called han"):
        texts_of([tmp_path, tmp_path / "han.txt"], 50)


def test_picture_is_current() -> None:
    parts, counts = picture.cut(OURS)
    column = picture.column(OURS, parts, counts, picture.LEFT)
    text = picture.FILE.read_text(encoding="utf-8")
    assert column in text, "run `python -m benchmarks.chunkers.picture`"
