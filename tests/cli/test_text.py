"""The verbs truncate, encode and decode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings, strategies as st

import tokenkit
from tokenkit.cli.shared.app import app

ENCODING = tokenkit.get_encoding("o200k_base")
TEXT = "Grüße, 漢字 👩🏽\u200d🚀!\r\n<|endoftext|> no line end"
E = ("-e", "o200k_base")


def run(*arguments: object, data: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in arguments], input=data)


@pytest.fixture(autouse=True)
def no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKENKIT_ENCODING", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


def process(*arguments: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tokenkit", *map(str, arguments)],
        input=data,
        env={**os.environ, "PYTHONPATH": str(Path(tokenkit.__file__).parents[1])},
        capture_output=True,
        check=False,
        timeout=60,
    )


@settings(max_examples=15)
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
    found = json.loads(run("encode", file, *E, "--format", "json").stdout)
    assert found == {"encoding": "o200k_base", "inputs": [{"name": str(file), "ids": ids}]}
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
    found = json.loads(run("encode", *E, "--tokens", "--format", "jsonl", data="a👩").stdout)
    assert found["tokens"] == [
        {"id": 64, "start": 0, "end": 1, "text": "a"},
        {"id": 28823, "start": 1, "end": 2, "bytes": "f09f91"},
        {"id": 102, "start": 1, "end": 2, "bytes": "a9"},
    ]


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


@pytest.mark.parametrize("keep", ["head", "tail", "ends"])
@pytest.mark.parametrize("number", [0, 3, 8, 1_000])
def test_truncate(file: Path, keep: str, number: int) -> None:
    result = run("truncate", file, "-t", number, "--keep", keep, *E)
    expected = ENCODING.truncate(TEXT, number, keep=keep)  # type: ignore[arg-type]
    assert result.stdout_bytes == expected.encode()
    assert result.exit_code == 0


def test_input_option(file: Path) -> None:
    assert (
        run("truncate", "-i", file, "-t", 3, *E).stdout == run("truncate", file, "-t", 3, *E).stdout
    )
    assert run("encode", "--input", file, *E).stdout == run("encode", file, *E).stdout
    result = run("truncate", file, "-i", file, "-t", 3, *E)
    assert (result.exit_code, "Expected one text, got 2" in result.stderr) == (2, True)


def test_truncate_with_a_marker_from_a_pipe() -> None:
    data = b"one two three four five six\r\n"
    done = process("truncate", "-t", 4, "--marker", " ...", *E, data=data)
    assert done.stdout == b"one two three ..."
    done = process("truncate", "-t", 100, *E, data=data)
    assert done.stdout == data


def test_truncate_to_what_a_model_takes(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("word " * 10_000)
    result = run("truncate", path, "-m", "text-embedding-3-small")
    assert tokenkit.count(result.stdout, "text-embedding-3-small") == 8_191
    result = run("truncate", path, "-m", "gpt-4", "--max-output", 1_000)
    assert tokenkit.count(result.stdout, "gpt-4") == 8_192 - 1_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("truncate", *E), "Expected a number of tokens, got none"),
        (("truncate", "-t", 1, "--marker", "one two three", *E), "marker alone is 3 tokens"),
        (("truncate", "-t", -1, *E), "-1 is not in the range"),
        (("truncate", "-t", 1), "Expected a model or an encoding, got neither"),
        (("encode", "-m", "gpt4"), "Did you mean gpt-4"),
        (("decode", 1, "-e", "o200k"), "Did you mean o200k_base"),
    ],
)
def test_bad_choices(arguments: tuple[object, ...], message: str) -> None:
    result = run(*arguments, data="text")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("verb", [("truncate", "-t", 5), ("encode",), ("decode", "-i")])
def test_unreadable_inputs(verb: tuple[object, ...], tmp_path: Path) -> None:
    bad = tmp_path / "latin1"
    bad.write_bytes("Grüße".encode("latin-1"))
    result = run(*verb, bad, *E)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "latin1: expected UTF-8 text, got invalid UTF-8 at byte 2" in result.stderr


@pytest.mark.parametrize("verb", ["truncate", "encode", "decode", "chunk", "fit", "cost", "show"])
def test_help_has_examples(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f"  tokenkit {verb} " in result.stdout
