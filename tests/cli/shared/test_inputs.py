"""Inputs and choices that every verb reads alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import run

E = ("-e", "o200k_base")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("truncate", *E), "Expected a number of tokens, got none"),
        (("truncate", "-t", 1, "--marker", "one two three", *E), "marker alone is 3 tokens"),
        (("truncate", "-t", -1, *E), "expected a whole number of at least 0, got '-1'"),
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


@pytest.mark.parametrize(
    ("arguments", "data", "said"),
    [
        (("fit", "-m", "gpt-4o"), '{"messages": 5}', "messages: expected a list, got 5"),
        (("tools", "-m", "gpt-4o"), '{"tools": 5}', "tools: expected a list, got 5"),
        (
            ("models", "refresh", "missing.json", "--to", "overlay.json"),
            "",
            "missing.json: No such file or directory",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(
    arguments: tuple[object, ...],
    data: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, data=data)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Errno" not in result.stderr
