"""Shells: completion, and a command line some of whose packages are missing."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import ELSEWHERE, process
from click.testing import CliRunner
from search import by_profile

from tokenkit.cli.shared.app import VERBS, app
from tokenkit.encodings import encoding_names

TOKENKIT = shutil.which("tokenkit", path=str(Path(sys.executable).parent)) or "tokenkit"
WRITING = ["count", "encode", "truncate -t 3", "chunk -n 3", "show"]


def completions(shell: str, words: str, begun: str) -> list[str]:
    """Complete the last word as the shell would; the protocol is that of click."""
    number = len(words.split())
    environment = {
        "_TOKENKIT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": f"{words} {begun}",
        "COMP_CWORD": begun if shell == "fish" else str(number),
    }
    done = CliRunner().invoke(app, [], env=environment, prog_name="tokenkit")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    if shell == "zsh":  # a kind, a word and its description, a line each
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize("shell", by_profile(["bash"], ["bash", "zsh", "fish"]))
def test_completion(shell: str) -> None:
    assert completions(shell, "tokenkit", "") == list(VERBS)
    assert completions(shell, "tokenkit", "co") == ["count", "cost"]
    assert "--field" in completions(shell, "tokenkit count", "--f")
    assert completions(shell, "tokenkit count -e", "") == encoding_names()
    assert "gpt-5.4-mini" in completions(shell, "tokenkit fit -m", "gpt-5")
    assert "gpt-5.4-mini" in completions(shell, "tokenkit models", "gpt-5.4")
    assert completions(shell, "tokenkit count --format", "j") == ["json", "jsonl"]
    names = completions(shell, "tokenkit cost -m", "text-embedding-3")
    assert sorted(names) == ["text-embedding-3-large", "text-embedding-3-small"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_of_shells(shell: str) -> None:
    environment = {**ELSEWHERE, "_TOKENKIT_COMPLETE": f"{shell}_source"}
    done = subprocess.run([TOKENKIT], env=environment, capture_output=True, check=True, timeout=60)
    assert f"_TOKENKIT_COMPLETE={shell}_complete".encode() in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes() -> None:
    # As after `eval`, with the cursor behind "tokenkit tr".
    script = f"""
        PATH={os.path.dirname(TOKENKIT)}:$PATH
        eval "$(_TOKENKIT_COMPLETE=bash_source tokenkit)"
        COMP_WORDS=(tokenkit tr); COMP_CWORD=1
        _tokenkit_completion tokenkit
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script], env=ELSEWHERE, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"truncate\n"


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("click", ("count", "README.md")),
        ("rich", ("show", "-e", "gpt2", "-e", "cl100k_base")),
    ],
)
def test_a_missing_package_of_the_extra(package: str, words: tuple[str, ...]) -> None:
    code = f"import sys\nsys.modules[{package!r}] = None\nfrom tokenkit.cli import main\nmain()"
    result = process(*words, python=("-c", code), data=b"hello")
    assert result.returncode == 2
    assert f"needs the package {package}".encode() in result.stderr
    assert b"pip install '.[cli]'" in result.stderr
    assert b"Traceback" not in result.stderr


def test_data_files_without_their_packages(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.modules['pyarrow'] = sys.modules['orjson'] = None\n"
        "from tokenkit.cli import main\nmain()"
    )
    path = tmp_path / "a.jsonl"
    path.write_text('{"t": "hello world"}\n{"t": 1, "u": NaN}\n')
    words = ("count", path, tmp_path / "b.parquet", "--field", "t", "-e", "gpt2")
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    result = process(*words, python=("-c", code))
    assert result.returncode == 2
    assert result.stdout.startswith(b"gpt2: rows 1, missing 1, total 2,")
    first, second = result.stderr.decode().splitlines()
    assert first.endswith("a.jsonl: line 2: expected text in 't', got int")
    assert "b.parquet: needs the package pyarrow" in second
    result = process(*words, "--per-row", tmp_path / "o.parquet", python=("-c", code))
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"o.parquet needs the package pyarrow" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("verb", "closed"),
    [
        *itertools.product(WRITING, [">&-"]),
        *itertools.product(by_profile(["count", "chunk -n 3"], WRITING), ["2>&-", ">&- 2>&-"]),
    ],
)
def test_closed_outputs(verb: str, closed: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two three four")
    line = f"'{sys.executable}' -m tokenkit {verb} a.txt -e gpt2 {closed}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=ELSEWHERE, capture_output=True, check=False
    )
    assert done.returncode == (2 if closed.startswith(">") else 0)  # the result is lost
    lost = b"tokenkit: output: cannot be written: Bad file descriptor\n"
    assert done.stderr == (lost if closed == ">&-" else b"")
    if closed == "2>&-":
        assert done.stdout
