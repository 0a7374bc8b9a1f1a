"""`tokenkit show --live`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import run


def test_writes_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello </script> world")
    out = tmp_path / "out.html"
    result = run("show", str(tmp_path / "a.txt"), "-m", "gpt-4", "--live", "--html", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    html = out.read_text("utf-8")
    assert len(html) < 8_000_000
    assert "hello \\u003c/script\\u003e world" in html
    assert '"encodings":["cl100k_base"],"model":"gpt-4"' in html


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-e", "gpt2"], "--live needs --html FILE."),
        (["-e", "gpt2", "-e", "o200k_base", "--html", "x"], "takes one model or encoding"),
        (["-e", "gpt2", "--chunks", "9", "--html", "x"], "takes one model or encoding"),
        (["-m", "gpt-4", "--fit", "--html", "x"], "takes one model or encoding"),
        (["-e", "gemma4", "--html", "x"], "expected an encoding out of gpt2"),
    ],
)
def test_what_it_does_not_take(arguments: list[str], words: str) -> None:
    result = run("show", "--live", *arguments, data="hi")
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
