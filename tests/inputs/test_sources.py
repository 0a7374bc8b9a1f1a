"""Packed files, pipes and standard input as sources of text."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow
import pytest
from cli_runs import ELSEWHERE, process

import tokenkit
from tokenkit.errors import InputError, MissingPackage
from tokenkit.inputs.files import FileCount, count_files, read_text
from tokenkit.inputs.find import find_files

ENC = tokenkit.get_encoding("o200k_base")
NOT_UTF8 = "expected UTF-8 text, got invalid UTF-8 at byte 2; name its encoding, such as cp1252"
TEXT = "Grüße, 漢字 👩🏽\u200d🚀! don't\r\n  " * 40


def zstd(data: bytes) -> bytes:
    packed: bytes = pyarrow.compress(data, codec="zstd", asbytes=True)
    return packed


def count(path: Path) -> FileCount:
    (file_count,) = count_files([path], ["o200k_base", "gpt2"])
    return file_count


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with the text packed in several ways, and more."""
    data = TEXT.encode()
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(data[:50]) + gzip.compress(data[50:]))
    (tmp_path / "b.txt.zst").write_bytes(zstd(data))
    (tmp_path / "c.bin.gz").write_bytes(gzip.compress(b"a\0b"))
    (tmp_path / "d.txt").write_bytes(data)
    return tmp_path


def test_packed_texts_count_as_the_text_in_them(packed: Path) -> None:
    expected = (ENC.count(TEXT), tokenkit.get_encoding("gpt2").count(TEXT))
    skipped: list[tuple[str, str]] = []
    counts = list(
        count_files([packed], [ENC, "gpt2"], skipped=lambda *words: skipped.append(words))
    )
    assert [Path(file_count.name).name for file_count in counts] == [
        "a.txt.gz",
        "b.txt.zst",
        "d.txt",
    ]
    assert {file_count.tokens for file_count in counts} == {expected}
    assert {file_count.size for file_count in counts} == {len(TEXT.encode())}
    assert [(Path(name).name, why) for name, why in skipped] == [("c.bin.gz", "binary")]
    assert {read_text(file_count.name) for file_count in counts} == {TEXT}


def test_broken_packages(packed: Path) -> None:
    whole = packed / "a.txt.gz"
    whole.write_bytes(whole.read_bytes()[:-6])
    assert count(whole).error.startswith("cannot be read: ")
    for name in ("no.gz", "no.zst"):
        (packed / name).write_text("plain text")
        assert count(packed / name).error.startswith("cannot be read: ")
        with pytest.raises(InputError, match="cannot be read"):
            read_text(str(packed / name))
    for name in ("empty.gz", "empty.zst"):  # gzip and zstd write some bytes for an empty text
        (packed / name).write_bytes(b"")
        wanted = "cannot be read: expected a packed file, got an empty one"
        assert count(packed / name).error == wanted
        assert [found.error for found in count_files([packed], ["gpt2"]) if name in found.name] == [
            wanted
        ]
    bad = packed / "bad.gz"
    bad.write_bytes(gzip.compress(b"ab\xff"))
    assert count(bad).error == NOT_UTF8
    assert count(packed / "c.bin.gz").error.startswith(
        "expected UTF-8 text, got a zero byte at byte 1, "
    )


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python itself reads zstd")
def test_without_pyarrow(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install pyarrow" in count(packed / "b.txt.zst").error
    with pytest.raises(MissingPackage):
        read_text(str(packed / "b.txt.zst"))
    skipped: list[str] = []
    paths = list(find_files([packed], skipped=lambda path, why: skipped.append(why)))
    assert [Path(path).name for path in paths] == ["a.txt.gz", "d.txt"]
    assert "packed, and pyarrow is not installed" in skipped


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX pipes")
@pytest.mark.parametrize("words", [["count"], ["count", "-", "--field", "t", "--format", "csv"]])
def test_a_pipe_that_does_not_block(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with subprocess.Popen(
        [sys.executable, "-m", "tokenkit", *words, "-e", "o200k_base"],
        env=ELSEWHERE,
        stdin=reading,
        stdout=subprocess.PIPE,
    ) as running:
        os.close(reading)
        for part in (b'{"t": "hello', b' world"}\n', b'{"t": "hi"}\n'):
            time.sleep(0.4)
            os.write(writing, part)
        os.close(writing)
        out, _ = running.communicate(timeout=20)
    if words == ["count"]:
        assert int(out) == ENC.count('{"t": "hello world"}\n{"t": "hi"}\n')
    else:
        assert out.splitlines()[1].startswith(b"o200k_base,2,0,3,")


def test_closed_standard_input() -> None:
    script = "import sys; sys.stdin = None; from tokenkit.cli import main; main()"
    result = process("count", "-e", "gpt2", python=("-c", script))
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"-: standard input is closed" in result.stderr
