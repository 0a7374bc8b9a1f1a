"""Counts of files in groups: order, bad files, patterns, threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tokenkit
from tokenkit.errors import InputError
from tokenkit.inputs import files
from tokenkit.inputs.files import count_files, read_text

ENC = tokenkit.get_encoding("o200k_base")
NOT_UTF8 = "expected UTF-8 text, got invalid UTF-8 at byte 2; name its encoding, such as cp1252"


def test_one_bad_file_in_a_group(tmp_path: Path) -> None:
    (tmp_path / "a.bad").write_bytes(b"ab\xff")
    (tmp_path / "a.txt").write_text("hello world")
    counts = {Path(count.name).name: count for count in count_files([tmp_path], ["o200k_base"])}
    assert counts["a.bad"].error == NOT_UTF8
    assert (counts["a.bad"].tokens, counts["a.bad"].size) == (None, 3)
    assert counts["a.txt"].tokens == (2,)


@pytest.mark.parametrize("group_files", [1, 3, 256])
@pytest.mark.parametrize("group_bytes", [1, 50, 1 << 20])
def test_groups_do_not_change_counts(
    group_files: int, group_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_GROUP_FILES", group_files)
    monkeypatch.setattr(files, "_GROUP_BYTES", group_bytes)
    texts = ["", "hello world", "a" * 70, "漢字", "one two three"]
    paths = [tmp_path / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    names = [*paths[:3], tmp_path / "none", *paths[3:]]
    counts = list(count_files(names, [ENC, "gpt2"], num_threads=2))
    assert [count.name for count in counts] == list(map(os.fspath, names))
    assert counts.pop(3).error == "No such file or directory"
    gpt2 = tokenkit.get_encoding("gpt2")
    for count, text in zip(counts, texts, strict=True):
        assert count.tokens == (ENC.count(text), gpt2.count(text))
        assert (count.size, count.error) == (len(text.encode()), "")


def test_options_are_those_of_find_files(tmp_path: Path) -> None:
    for name in ("a.md", "b.txt", ".c.md", "d.log", "sub.md"):
        (tmp_path / name).write_text("hi")
    (tmp_path / "zero.md").write_bytes(b"\0")
    (tmp_path / ".gitignore").write_text("sub.md\n")
    skipped: list[str] = []

    def names(**options: object) -> set[str]:
        counts = count_files([tmp_path], ["gpt2"], **options)  # type: ignore[arg-type]
        return {Path(count.name).name for count in counts}

    assert names(skipped=lambda path, _: skipped.append(Path(path).name)) == {
        "a.md", "b.txt", "d.log"
    }  # fmt: skip
    assert sorted(skipped) == [".c.md", ".gitignore", "zero.md"]
    assert names(include=["*.md"]) == {"a.md"}
    assert names(exclude=["*.md"]) == {"b.txt", "d.log"}
    assert names(include=["*.md"], hidden=True) == {"a.md", ".c.md"}
    assert names(include=["*.md"], gitignore=False) == {"a.md", "sub.md"}
    assert names(include=["*.md"], binary=True) == {"a.md", "zero.md"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"ab\xff", "expected UTF-8 text, got invalid UTF-8 at byte 2"),
        ("hi".encode("utf-16-le"), "expected UTF-8 text, got a zero byte at byte 1"),
        (None, "No such file or directory"),
    ],
)
def test_text_that_cannot_be_read(data: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_text(str(path))
    assert str(caught.value).startswith(message)


def test_threads_and_encodings_are_checked_before_anything_is_read() -> None:
    with pytest.raises(ValueError, match="num_threads: expected at least 1, got 0"):
        next(count_files([], ["gpt2"], num_threads=0))
    with pytest.raises(tokenkit.UnknownEncodingError):
        next(count_files([], ["gpt3"]))


@pytest.mark.parametrize("wrong", [5, b"gpt2"])
def test_encodings_are_names_or_encodings(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(TypeError, match="encoding: expected a name or an Encoding, got"):
        list(count_files([tmp_path], [wrong]))
