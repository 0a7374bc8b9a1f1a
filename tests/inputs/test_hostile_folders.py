"""Folders from anybody: ignore files that are none, deep and wide trees, links, special files."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cli_runs import process, run
from file_trees import write_files
from search import by_profile

from tokenkit.errors import InputError
from tokenkit.inputs import count_rows, find_files, ignore_rules
from tokenkit.inputs.files import count_files, read_text

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def found(folder: Path, **options: Any) -> tuple[list[str], dict[str, str]]:
    """The files under a folder, and what was skipped, by names within it."""
    skipped: dict[str, str] = {}

    def note(path: str, reason: str) -> None:
        skipped[os.path.relpath(path, folder)] = reason

    names = [
        os.path.relpath(path, folder) for path in find_files([folder], skipped=note, **options)
    ]
    return names, skipped


def make(kind: str, path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        server = socket.socket(socket.AF_UNIX)
        here = os.open(".", os.O_RDONLY)
        os.chdir(path.parent)  # the names of sockets are short
        try:
            server.bind(path.name)
        finally:
            os.fchdir(here)
            os.close(here)
            server.close()
    elif kind == "folder":
        path.mkdir()
    elif kind == "long file":
        path.write_bytes(b"*.txt\n" * (ignore_rules.MOST_BYTES // 6 + 1))
    else:
        path.symlink_to(kind)


REASONS = {
    "pipe": "is a pipe",
    "socket": "is a socket",
    "folder": "is a folder",
    "/dev/zero": "is a link, which git does not follow",
    "a.txt": "is a link, which git does not follow",
    "nowhere": "is a link, which git does not follow",
    ".gitignore": "is a link, which git does not follow",
    "long file": "has more than 4 MiB",
}


@posix
@pytest.mark.parametrize("kind", REASONS)
def test_what_is_no_ignore_file_is_said_and_not_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.txt").write_text("*.txt")
    make(kind, tmp_path / ".gitignore")
    names, skipped = found(tmp_path)
    assert names == ["a.txt"]
    reasons: list[str] = []
    list(find_files([tmp_path], skipped=lambda path, reason: reasons.append(reason)))
    assert f"an ignore file that {REASONS[kind]}" in reasons
    assert skipped[".gitignore"]
    result = run("count", tmp_path, "-e", "gpt2")
    assert result.exit_code == 0
    assert f"skipped as an ignore file that {REASONS[kind]}: " in result.stderr


@posix
@pytest.mark.parametrize("target", ["/dev/zero", "pipe"])
def test_other_ignore_files_may_be_links_to_files_only(tmp_path: Path, target: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "rules").write_text("*.md\n")
    (tmp_path / ".ignore").symlink_to(target)
    write_files(tmp_path, {"a.md": "a", "sub/b.md": "b", "sub/c.txt": "c"})
    (tmp_path / "sub" / ".ignore").symlink_to(tmp_path / "rules")
    reasons: list[str] = []
    paths = find_files([tmp_path], skipped=lambda path, reason: reasons.append(reason))
    assert [Path(path).name for path in paths] == ["a.md", "rules", "c.txt"]
    kind = "device" if target == "/dev/zero" else "pipe"
    assert f"an ignore file that is a {kind}" in reasons


@posix
@pytest.mark.parametrize("name", ["info/exclude", "config"])
def test_special_files_of_a_work_tree_are_not_read(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {".gitignore": "b.txt", "sub/a.txt": "a", "sub/b.txt": "b"})
    (tmp_path / ".git" / "info").mkdir(parents=True)
    os.mkfifo(tmp_path / ".git" / name)
    begin = time.monotonic()
    names, skipped = found(tmp_path / "sub")
    assert names == ["a.txt"]
    assert time.monotonic() - begin < 8  # git would be given ten seconds
    kind = "an ignore file that is a pipe" if name != "config" else "a configuration of git that is"
    assert skipped[os.path.join("..", ".git", *name.split("/"))].startswith(kind)


@posix
@pytest.mark.slow
def test_deep_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deeper than Python calls itself, and at the end deeper than the system names files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree").mkdir()
    os.chdir("tree")
    depth = 2100
    for number in range(depth):
        if number in (1000, 1900):
            Path("leaf.txt").write_text("hello world")
            Path(".gitignore").write_text("*.md")
        os.mkdir("d")
        os.chdir("d")
    Path("leaf.txt").write_text("hello world")
    os.chdir(tmp_path)
    try:
        counts = list(count_files(["tree"], ["gpt2"]))
        assert [count.tokens for count in counts] == [None, (2,), (2,)]
        assert counts[0].error == "File name too long"
        assert len(counts[0].name) > 4090
    finally:
        subprocess.run(["rm", "-rf", "tree"], check=True)  # which needs no names that long


@posix
def test_folders_that_link_to_each_other(tmp_path: Path) -> None:
    """A search that takes all ways would see some 10^18 files in the first, and 2^30 in others."""
    number = 12
    for a in range(number):
        write_files(tmp_path, {f"all/{a}/text": "a", f"chain/{a}/text": "a"})
        for b in range(number):
            (tmp_path / "all" / str(a) / f"to{b}").symlink_to(f"../{b}")
        for name in ("x", "y"):
            (tmp_path / "chain" / str(a) / name).symlink_to(f"../{a + 1}")
    names, skipped = found(tmp_path / "all", follow_links=True)
    assert {f"{a}/text" for a in range(number)} < set(names)
    assert len(names) < number**3
    assert skipped["0/to0"] == "link to a folder around it"
    assert "link to a folder to which another link leads" in skipped.values()
    names, _ = found(tmp_path / "chain", follow_links=True)
    assert {f"{a}/{way}/text" for a in range(number - 1) for way in "xy"} < set(names)
    assert len(names) < number**2


@posix
def test_pipes_are_read_where_they_are_named(tmp_path: Path) -> None:
    for name in ("a.txt", "b.jsonl", "c.jsonl"):
        os.mkfifo(tmp_path / name)
    assert found(tmp_path) == (
        [],
        dict.fromkeys(("a.txt", "b.jsonl", "c.jsonl"), "device, pipe or socket"),
    )

    def write(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)

    row = '{"text": "hello world"}\n'
    for name, text, words in (
        ("a.txt", "hello world", ("count",)),
        ("a.txt", "hello world", ("encode",)),
        ("a.txt", "hello world", ("show",)),
        ("b.jsonl", row, ("count", "--field", "text")),
    ):
        writer = threading.Thread(target=write, args=(name, text), daemon=True)
        writer.start()
        result = run(*words, tmp_path / name, "-e", "gpt2")
        writer.join(10)
        assert result.exit_code == 0, result.stderr
    assert not writer.is_alive()


@posix
def test_output_of_another_program_is_read(tmp_path: Path) -> None:
    """As a shell's <(command) gives it: a pipe with a name."""
    reading, writing = os.pipe()
    os.write(writing, b"hello world")
    os.close(writing)
    try:
        assert read_text(f"/dev/fd/{reading}") == "hello world"
    finally:
        os.close(reading)


@posix
def test_a_program_in_the_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {".git/info/exclude": "", "git": "#!/bin/sh\n: >ran\nexit 1\n"})
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", os.environ["PATH"]]))
    assert found(Path())[0] == ["git"]
    assert not Path("ran").exists()
    monkeypatch.setenv("PATH", str(tmp_path))  # a folder that the user names
    found(Path())
    assert Path("ran").exists()


@posix
def test_a_socket_is_refused_in_words(tmp_path: Path) -> None:
    make("socket", tmp_path / "a.txt")
    (count,) = count_files([tmp_path / "a.txt"], ["gpt2"])
    assert count.tokens is None
    assert count.error == "No such device or address"


@pytest.mark.parametrize("number", [by_profile(1000, 200_000)])
def test_folders_of_many_files(tmp_path: Path, number: int) -> None:
    for index in range(number):
        (tmp_path / f"{index}.txt").write_bytes(b"")
    (tmp_path / ".gitignore").write_text("".join(f"{index}.t?t\n" for index in range(0, number, 2)))
    result = process("count", str(tmp_path), "-e", "gpt2", "--format", "tsv")
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == number // 2 + 1


def test_a_file_becomes_a_pipe_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no such files")
    regular, pipe = tmp_path / "a.txt", tmp_path / "pipe"
    regular.write_text("hi")
    os.mkfifo(pipe)
    real = os.stat

    def earlier(path: Any, **options: Any) -> os.stat_result:
        return real(regular if path == str(pipe) else path, **options)

    monkeypatch.setattr(os, "stat", earlier)
    assert stat.S_ISREG(os.stat(str(pipe)).st_mode)
    (count,) = count_files([str(pipe)], ["gpt2"])
    assert count.error == "expected a regular file, got a pipe"


@posix
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero"])
def test_a_file_of_a_folder_becomes_something_else_before_it_is_opened(
    kind: str, tmp_path: Path
) -> None:
    """One that a user names may be a pipe, and is waited for; one that was found is not."""
    (tmp_path / "a.jsonl").write_text("hi")
    (name,) = find_files([tmp_path])
    (tmp_path / "a.jsonl").unlink()
    make(kind, tmp_path / "a.jsonl")
    got = "pipe" if kind == "pipe" else "device"
    for read in (read_text, lambda name: list(count_rows(name, "text", ["gpt2"]))):
        with pytest.raises(InputError, match=f"^expected a regular file, got a {got}$"):
            read(name)


@posix
def test_a_file_becomes_a_pipe_while_the_folder_is_searched(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hi")
    (tmp_path / "b.bin").write_bytes(b"\0")

    def become(_path: str, _reason: str) -> None:
        (tmp_path / "a.txt").unlink()
        make("pipe", tmp_path / "a.txt")

    (count,) = count_files([tmp_path], ["gpt2"], skipped=become)
    assert (type(count.name), count.error) == (str, "expected a regular file, got a pipe")
