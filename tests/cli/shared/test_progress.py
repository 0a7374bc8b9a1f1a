"""The bar: for files, folders and pipes, on a terminal alone, and not for what is done at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_runs import run

from tokenkit.cli.shared.progress import progress, row_progress
from tokenkit.inputs import big_texts, count_files, files


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, paths: list[str], after: float
) -> str:
    """Return what the bar writes while files are read."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress(paths, after=after) as seen:
        for path in [*paths, *paths]:
            seen(path, 500)
            seen(path, 1_000)
            seen(path, None)
    return stream.getvalue()


def test_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_text("a" * 1_000)
    for paths in ([str(file)], [str(tmp_path)], ["-"], [str(file), "-"]):
        bar = shown(monkeypatch, Terminal(), paths, 0)
        assert f"{2 * len(paths)}.0/" in bar
        assert "kB" in bar
        assert not shown(monkeypatch, Terminal(), paths, 60)
        assert not shown(monkeypatch, io.StringIO(), paths, 0)
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress([str(file)]) as seen:
        seen(str(file), None)
    assert not stream.getvalue()


@pytest.mark.parametrize("big", [0, 1 << 20])
def test_how_far_counting_is(big: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BIG_BYTES", big)
    monkeypatch.setattr(big_texts, "BLOCK_BYTES", 100)
    monkeypatch.setattr(big_texts, "_READ_BYTES", 100)
    sizes = {"a.txt": 1_000, "b.txt": 10}
    for name, size in sizes.items():
        (tmp_path / name).write_text("word " * (size // 5))
    seen: list[tuple[str, int]] = []
    counts = list(
        count_files([tmp_path], ["gpt2"], progress=lambda path, size: seen.append((path, size)))
    )
    for count in counts:
        steps = [size for path, size in seen if path == count.name]
        assert steps == sorted(steps)
        assert steps[-1] == count.size == sizes[Path(count.name).name]
    assert (len(seen) > 5) == (not big)


def test_files_and_folders_have_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("hello world")
    moves: list[object] = []

    @contextmanager
    def recorded(
        paths: tuple[str, ...], *, after: float
    ) -> Iterator[Callable[[str, int | None], None]]:
        moves.extend([paths, after > 0])
        yield lambda path, size: moves.append((Path(path).name, size))

    monkeypatch.setattr("tokenkit.cli.count.command.progress", recorded)
    assert run("count", tmp_path, "-e", "gpt2", "--format", "tsv").exit_code == 0
    assert moves == [(str(tmp_path),), True, ("a.txt", 11)]


def test_rows_bytes_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")

    def shown(stream: io.StringIO, **options: bool) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        with row_progress(4_000, **options) as seen:
            for _ in range(3):
                seen(1_000, 1_234)
        return stream.getvalue()

    bar = shown(Terminal())
    assert "3.0/4.0" in bar
    assert "kB" in bar
    assert "3,702 rows" in bar
    assert "-:--:--" in bar  # no rate can be known so soon
    assert not shown(Terminal(), shown=False)
    assert not shown(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not shown(Terminal())
