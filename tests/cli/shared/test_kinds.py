"""Values of options that are refused: what was expected, and what came."""

from __future__ import annotations

import pytest
from cli_runs import run

E = ("-e", "o200k_base")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("truncate", "-t", "x", *E), "expected a whole number of at least 0, got 'x'"),
        (("chunk", "-n", 0, *E), "expected a whole number of at least 1, got '0'"),
        (("chunk", "-n", 5, "--tightness", 3, *E), "expected a number from 0 to 1, got '3'"),
        (("fit", "--safety", 1), "expected a number from 0 to below 1, got '1'"),
        (("serve", "--port", 99999), "expected a whole number from 0 to 65535, got '99999'"),
        (("truncate", "--keep", "mid", *E), "expected 'head', 'tail' or 'ends', got 'mid'"),
        (("preflight", "--annotations", "x"), "expected 'none' or 'github', got 'x'"),
        (("cost", "--by", "x"), "expected 'day', 'model' or 'session', got 'x'"),
        (("models", "--min-window", -1), "expected a whole number of at least 0, got '-1'"),
    ],
)
def test_refused_values(arguments: tuple[object, ...], said: str) -> None:
    result = run(*arguments, data="text")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_values_at_the_ends_of_a_range() -> None:
    text = "one two three"
    for arguments in (("-t", 0), ("-t", 3, "--keep", "ends")):
        assert run("truncate", *arguments, *E, data=text).exit_code == 0
    for tightness in (0, 1):
        chunked = run("chunk", "-n", 5, "--tightness", tightness, *E, data=text)
        assert chunked.exit_code == 0
