"""The verb truncate."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import process, run

import tokenkit

ENCODING = tokenkit.get_encoding("o200k_base")
TEXT = "Grüße, 漢字 👩🏽\u200d🚀!\r\n<|endoftext|> no line end"
E = ("-e", "o200k_base")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


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
