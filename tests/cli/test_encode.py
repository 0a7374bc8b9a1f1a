"""The verb encode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import process, run
from hypothesis import given, strategies as st
from search import examples

import tokenkit

ENCODING = tokenkit.get_encoding("o200k_base")
TEXT = "Grüße, 漢字 👩🏽\u200d🚀!\r\n<|endoftext|> no line end"
E = ("-e", "o200k_base")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


@examples(15)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_decode_undoes_encode(text: str) -> None:
    encoded = run("encode", *E, data=text.encode())
    assert [int(word) for word in encoded.stdout.split()] == ENCODING.encode_ordinary(text)
    assert run("decode", *E, data=encoded.stdout).stdout_bytes == text.encode()


def test_pipes_keep_every_byte() -> None:
    ids = process("encode", *E, data=TEXT.encode())
    assert ids.returncode == 0
    assert process("decode", *E, data=ids.stdout).stdout == TEXT.encode()


def test_encode_files(file: Path) -> None:
    (file.parent / "two").write_text("hello world")
    result = run("encode", file, file.parent / "none", file.parent / "two", *E)
    assert result.exit_code == 2
    first, second = result.stdout.splitlines()
    assert first == " ".join(map(str, ENCODING.encode_ordinary(TEXT)))
    assert second == "24912 2375"
    assert "none: No such file" in result.stderr


def test_encode_formats(file: Path) -> None:
    ids = ENCODING.encode_ordinary(TEXT)
    report = json.loads(run("encode", file, *E, "--format", "json").stdout)
    assert report == {"encoding": "o200k_base", "inputs": [{"name": str(file), "ids": ids}]}
    line = json.loads(run("encode", file, file, *E, "--format", "jsonl").stdout.splitlines()[1])
    assert line == {"name": str(file), "encoding": "o200k_base", "ids": ids}


def test_special_tokens(file: Path) -> None:
    result = run("encode", file, *E, "--allow-special")
    assert "199999" in result.stdout.split()
    assert "199999" not in run("encode", file, *E).stdout.split()
    assert run("encode", file, *E, "--allow-special", "--tokens").exit_code == 2


def test_encode_tokens() -> None:
    result = run("encode", *E, "--tokens", data='a\u202e"👩')
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [int(row[0]) for row in rows] == ENCODING.encode_ordinary('a\u202e"👩')
    assert rows[0] == ["64", "0-1", '"a"']
    assert rows[-1] == ["102", "3-4", r"b'\xa9'"]
    assert "\u202e" not in result.stdout
    report = json.loads(run("encode", *E, "--tokens", "--format", "jsonl", data="a👩").stdout)
    assert report["tokens"] == [
        {"id": 64, "start": 0, "end": 1, "text": "a"},
        {"id": 28823, "start": 1, "end": 2, "bytes": "f09f91"},
        {"id": 102, "start": 1, "end": 2, "bytes": "a9"},
    ]
