"""The verb decode."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import run

E = ("-e", "o200k_base")


@pytest.mark.parametrize("words", ["24912 2375", "[24912, 2375]\n", "24912\n2375", "24912,2375"])
def test_ids_in_any_shape(words: str, tmp_path: Path) -> None:
    assert run("decode", *E, data=words).stdout == "hello world"
    assert run("decode", "-", *E, data=words).stdout == "hello world"
    path = tmp_path / "ids"
    path.write_text(words)
    assert run("decode", *E, "-i", path).stdout == "hello world"


def test_ids_as_arguments() -> None:
    assert run("decode", 24912, 2375, *E).stdout == "hello world"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("1 2\n3 four", "line 2: expected an id, got 'four'"),
        ("-5", "line 1: expected an id, got '-5'"),
        ("1.5", "line 1: expected an id, got '.5'"),
        ("300000", "300000"),
        ("99999999999999999999", "99999999999999999999"),
        ("1\n" + "1" * 5000, "line 2: expected an id, got a number of 5000 digits"),
    ],
)
def test_bad_ids(words: str, message: str) -> None:
    result = run("decode", *E, data=words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_part_of_a_character() -> None:
    result = run("decode", 64, 28823, *E)
    assert result.stdout == "a\ufffd"
    assert result.exit_code == 0
    assert "--bytes" in result.stderr
    raw = run("decode", 64, 28823, *E, "--bytes")
    assert (raw.stdout_bytes, raw.stderr) == (b"a\xf0\x9f\x91", "")


@pytest.mark.parametrize("written", ["utf-8-sig", "utf-16"])
def test_ids_as_windows_writes_them(written: str, tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes("24912\r\n2375\r\n".encode(written))
    assert run("decode", "-i", path, "-e", "o200k_base").stdout == "hello world"
