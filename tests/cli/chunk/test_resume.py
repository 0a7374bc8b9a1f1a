"""Runs that were interrupted go on: no row twice, none lost, the same output to the byte."""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from chunk_lakes import WORDS, chunk, contents, expected_chunks, write_lake
from cli_runs import ELSEWHERE, run
from hypothesis import example, given, strategies as st
from search import examples

from tokenkit._writing import WholeFile
from tokenkit.cli.chunk import pieces, state
from tokenkit.cli.chunk.columns import schema_of
from tokenkit.cli.chunk.outputs import PartFolder
from tokenkit.errors import InputError
from tokenkit.inputs import datasets, read_rows

TARGETS = ("out.jsonl", "out.parquet", "folder")


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """End the process before or behind a step: a file that is put in its place, or rows that are
    written. Nothing is written after that."""
    seen = 0
    with pytest.MonkeyPatch.context() as patch:
        replace, write = WholeFile._replace, pieces._PieceWriter.write

        def count(before: bool) -> None:
            nonlocal seen
            seen += before
            if seen > step // 2 or (seen == step // 2 and bool(step % 2) == before):
                raise Killed

        def replaced(self: WholeFile, target: str) -> None:
            count(True)
            replace(self, target)
            count(False)

        def written(self: Any, batch: Any) -> None:
            count(True)
            write(self, batch)

        patch.setattr(WholeFile, "_replace", replaced)
        patch.setattr(pieces._PieceWriter, "write", written)
        yield


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data sets of a few kilobytes have several parts and pieces; every one is noted at once."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", 3_000)
    monkeypatch.setattr(datasets, "PART_BYTES", 2_000)
    monkeypatch.setattr(state, "_PAUSE", 0)
    monkeypatch.setattr(state, "_SHARE", 0)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # which is for when the machine ends


def read(target: str) -> list[dict[str, Any]]:
    if target.endswith(".jsonl"):
        return [json.loads(line) for line in Path(target).read_text().splitlines()]
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(target).to_pylist()
    return rows


@examples(30)
@given(target=st.sampled_from(TARGETS), steps=st.lists(st.integers(0, 90), min_size=1, max_size=3))
@example(target="folder", steps=[6, 8])  # behind the first part
def test_killed_anywhere_and_resumed(
    tmp_path_factory: pytest.TempPathFactory, target: str, steps: list[int]
) -> None:
    os.chdir(tmp_path_factory.mktemp("killed"))
    texts = write_lake(Path("lake"))
    assert chunk("lake", "-o", f"whole-{target}").exit_code == 0
    whole = contents(Path(f"whole-{target}"))
    again = ("lake", "-o", target, "--resume", "state.json")
    for step in steps:
        try:
            with killed_at(step):
                result = chunk(*again)
        except Killed:
            for name in Path().rglob("part-*"):  # whole ones alone
                assert name.suffix == ".jsonl" or pyarrow.parquet.read_table(name) is not None
        else:
            assert result.exit_code == 0
    result = chunk(*again)
    assert result.exit_code == 0
    assert list(contents(Path(target)).values()) == list(whole.values())
    assert read(target) == expected_chunks("lake", texts)
    assert not list(Path().rglob(".tokenkit-*")) + list(Path().glob("*.parts"))
    before = Path("state.json").read_bytes()
    assert chunk(*again).stderr == ""  # nothing is left to do
    assert Path("state.json").read_bytes() == before
    assert list(contents(Path(target)).values()) == list(whole.values())


def resumed_with(*words: object, target: str = "folder") -> Any:
    return chunk("lake", "-o", target, "--resume", "state.json", *words)


def test_another_run_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write_lake(Path("lake"))
    assert resumed_with().exit_code == 0
    before = contents(Path("folder"))
    for words, difference in (
        (("--overlap", 2), "settings: overlap: 2 instead of 0"),
        (("-n", 13), "settings: max_tokens: 13 instead of 12"),
        (("-e", "gpt2"), "settings: encoding: 'gpt2' instead of 'r50k_base'"),
        (("--id", "id"), "settings: id_name: 'id' instead of None"),
        (("--exclude", "*.csv"), "settings: exclude: "),
        (("--format", "jsonl"), "settings: format: 'jsonl' instead of 'parquet'"),
        (("lake/a.jsonl",), "inputs: 4 instead of 3"),
    ):
        result = resumed_with(*words)
        assert result.exit_code == 2
        assert f"has begun, got a different one ({difference}" in result.stderr
    assert "output: " in resumed_with(target="other").stderr
    text = Path("lake/b.csv").read_text("utf-8")
    Path("lake/b.csv").write_text(text.replace("word", "WORD", 1), "utf-8", newline="")
    result = resumed_with()
    assert result.exit_code == 2
    assert "inputs: lake/b.csv: sha256: " in result.stderr
    Path("lake/b.csv").write_text(text, "utf-8", newline="")
    with monkeypatch.context() as patch:
        patch.setattr("tokenkit.cli.chunk.rows.__version__", "0.0.1")
        assert "settings: tokenkit: '0.0.1' instead of" in resumed_with().stderr
    for content in (b"", b"{}", b'{"format": 1}', b"\xff", b"[" * 100_000):
        Path("state.json").write_bytes(content)
        assert "expected a file that --resume has written" in resumed_with().stderr
    assert contents(Path("folder")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_notes_that_are_none_are_refused() -> None:
    write_lake(Path("lake"))
    assert resumed_with().exit_code == 0
    notes = Path("state.json")
    good = json.loads(notes.read_text())
    endless = json.dumps({**good, "size": float("inf")})
    for wrong in ("", "[]", "[" * 100_000, json.dumps({**good, "parts": 5}), endless):
        notes.write_text(wrong)
        result = resumed_with()
        assert (result.exit_code, "expected a file that --resume has" in result.stderr) == (2, True)
    notes.unlink()
    for kind in ("pipe", "device"):
        if kind == "pipe":
            os.mkfifo(notes)
        else:
            notes.symlink_to("/dev/zero")
        result = resumed_with()
        notes.unlink()
        assert result.exit_code == 2
        assert f"state.json: expected a regular file, got a {kind}" in result.stderr


def test_the_encoding_is_named_by_its_tokens() -> None:
    import tokenkit

    prints = [tokenkit.get_encoding(name)._fingerprint() for name in ("gpt2", "r50k_base")]
    own = tokenkit.get_encoding("r50k_base")
    assert prints[0] == prints[1] == own._fingerprint()
    ranks = {bytes([byte]): byte for byte in range(256)}
    made = [
        tokenkit.Encoding("own", pat_str=pattern, mergeable_ranks=tokens, special_tokens=special)
        for pattern, tokens, special in (
            (r"\w+|\W+", ranks, {}),
            (r"\w|\W+", ranks, {}),
            (r"\w+|\W+", {**ranks, b"ab": 256}, {}),
            (r"\w+|\W+", ranks, {"<end>": 256}),
        )
    ]
    assert len({encoding._fingerprint() for encoding in made}) == 4


def test_parts_that_are_missing_or_damaged_are_made_again() -> None:
    write_lake(Path("lake"))
    assert resumed_with().exit_code == 0
    whole = contents(Path("folder"))
    names = sorted(whole)
    Path("folder", names[1]).unlink()
    Path("folder", names[-1]).write_bytes(b"short")
    Path("folder", ".tokenkit-1-2.part").write_bytes(b"of a process that was killed")
    result = resumed_with()
    assert (result.exit_code, "rows are done; going on behind them" in result.stderr) == (0, True)
    assert contents(Path("folder")) == whole
    for target in TARGETS[:2]:
        Path("state.json").unlink()
        assert resumed_with(target=target).exit_code == 0
        before = contents(Path(target))
        Path(target).write_bytes(b"short")
        assert resumed_with(target=target).exit_code == 0
        assert contents(Path(target)) == before
        Path(target).unlink()
        assert resumed_with(target=target).exit_code == 0
        assert contents(Path(target)) == before


def test_a_folder_of_something_else_is_left_alone() -> None:
    write_lake(Path("lake"))
    for name in ("folder", "out.jsonl.parts"):
        Path(name).mkdir()
        Path(name, "mine.txt").write_text("mine")
        result = resumed_with(target=name.removesuffix(".parts"))
        assert result.exit_code == 2
        assert "expected an empty folder for --output, got" in result.stderr
        assert Path(name, "mine.txt").read_text() == "mine"
    assert not Path("state.json").exists()


def test_wrong_rows_are_remembered() -> None:
    Path("lake").mkdir()
    lines = [json.dumps({"body": "word " * 40}) for _ in range(60)]
    lines[2] = lines[55] = "{"
    Path("lake/a.jsonl").write_text("\n".join(lines))
    whole = resumed_with(target="whole")
    Path("state.json").unlink()
    with pytest.raises(Killed), killed_at(8):
        resumed_with()
    assert Path("state.json").read_text().count("invalid JSON") == 1
    result = resumed_with()
    assert result.exit_code == whole.exit_code == 2
    assert [line for line in result.stderr.splitlines() if "going on" not in line] == (
        whole.stderr.splitlines()
    )
    assert len(whole.stderr.splitlines()) == 2
    assert resumed_with().stderr == whole.stderr
    assert contents(Path("folder")) == contents(Path("whole"))


def test_a_part_that_could_not_be_read_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    write_lake(Path("lake"))
    assert resumed_with(target="whole").exit_code == 0
    Path("state.json").unlink()

    def flaky(path: str, *arguments: Any) -> Any:
        for number, batch in enumerate(read_rows(path, *arguments)):
            if path.endswith("a.jsonl"):
                yield pieces._slice(batch, 0, 9)
                raise InputError("the network is down")
            yield batch
            assert number < 50

    monkeypatch.setattr(pieces, "read_rows", flaky)
    result = resumed_with()
    assert (result.exit_code, "a.jsonl: the network is down" in result.stderr) == (2, True)
    monkeypatch.setattr(pieces, "read_rows", read_rows)
    result = resumed_with()
    assert result.exit_code == 0
    assert contents(Path("folder")) == contents(Path("whole"))


def test_a_file_that_changes_between_hash_and_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    write_lake(Path("lake"))
    hashed = state.hashed_inputs

    def then_changed(*arguments: Any) -> Any:
        result = hashed(*arguments)
        with open("lake/a.jsonl", "a") as file:
            file.write('\n{"body": "more"}')
        return result

    monkeypatch.setattr("tokenkit.cli.chunk.rows.hashed_inputs", then_changed)
    result = resumed_with()
    assert result.exit_code == 2
    assert "lake/a.jsonl: expected a file that stays as it is" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_two_runs_do_not_write_to_one_folder() -> None:
    from tokenkit.cli.chunk.outputs import PartFolder

    write_lake(Path("lake"))
    output = PartFolder("folder", None)
    output.make(fresh=True)
    lock = output.lock()
    assert lock is not None
    result = resumed_with("--format", "jsonl")
    assert (result.exit_code, "another one is at work" in result.stderr) == (2, True)
    os.close(lock)
    assert resumed_with("--format", "jsonl").exit_code == 0


def test_ctrl_c_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    write_lake(Path("lake"))
    write = pieces._PieceWriter.write

    def interrupted(self: Any, batch: Any) -> None:
        if self.part.path.endswith("b.csv"):
            raise KeyboardInterrupt
        write(self, batch)

    monkeypatch.setattr(pieces._PieceWriter, "write", interrupted)
    monkeypatch.setattr("tokenkit.cli.chunk.rows.readers_for", lambda _: 1)
    result = resumed_with()
    assert result.exit_code == 130
    assert "interrupted after 40 rows; the same command goes on there" in result.stderr
    assert sum(
        len(part["pieces"]) for part in json.loads(Path("state.json").read_text())["parts"].values()
    ) == len(contents(Path("folder")))
    result = resumed_with(target="out.jsonl")
    assert chunk("lake", "-o", "out.jsonl").exit_code == 130
    assert not list(Path().glob("out*")) + list(Path().glob(".tokenkit*"))


@pytest.mark.parametrize("full", [False, True])
def test_a_part_that_is_dropped_raises_nothing_later(full: bool, tmp_path: Path) -> None:
    folder = PartFolder(tmp_path, schema_of(None))
    part = folder.begin("00000", 0)
    column: Any = {"row": [0], "index": [0], "start": [0], "end": [1], "tokens": [1]}
    part.file.write({**column, "text": ["a"], "headings": [[]]}, "a.csv")
    unraisable: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "unraisablehook", unraisable.append)
        if full:
            part.out.file.close()  # writing raises, as on a full disk
            with pytest.raises(ValueError, match="closed file"):
                part.commit()
        else:
            part.discard()
        del part
        gc.collect()
    assert not unraisable
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("target", ["out.parquet", "folder"])
def test_killed_by_the_system(target: str) -> None:
    lines = (json.dumps({"body": f"# {n}\n\n" + "Some words here. " * 300}) for n in range(6_000))
    Path("lake").mkdir()
    Path("lake/a.jsonl").write_text("\n".join(lines))
    table = pyarrow.table({"body": [f"text {n} " * 400 for n in range(6_000)]})
    pyarrow.parquet.write_table(table, "lake/b.parquet", row_group_size=500)
    program = (
        "from tokenkit.cli.chunk import pieces, state\n"
        "from tokenkit.inputs import datasets\n"
        "pieces.PIECE_BYTES = datasets.PART_BYTES = 1 << 20\n"
        "state._PAUSE = state._SHARE = 0\n"
        "from tokenkit.cli.shared.app import app\n"
        "app()\n"
    )
    words = ["chunk", "lake", "--column", "body", *map(str, WORDS), "-n", "100"]

    def start(*more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", program, *words, *more]
        return subprocess.Popen(command, env=ELSEWHERE, stderr=subprocess.DEVNULL)

    assert start("-o", f"whole-{target}").wait(300) == 0
    again = ("-o", target, "--resume", "state.json")
    notes = Path("state.json")
    kills, delay = 0, random.Random(target)
    for _ in range(6):
        before = notes.read_bytes() if notes.exists() else None
        process = start(*again)
        while process.poll() is None and (not notes.exists() or notes.read_bytes() == before):
            time.sleep(0.005)
        time.sleep(0.1 * delay.random())
        process.send_signal(signal.SIGKILL)
        kills += process.wait(60) == -signal.SIGKILL
    assert kills > 1
    assert start(*again).wait(300) == 0
    assert list(contents(Path(target)).values()) == list(contents(Path(f"whole-{target}")).values())
    assert run("count", target, "--column", "text", "-e", "gpt2").exit_code == 0
