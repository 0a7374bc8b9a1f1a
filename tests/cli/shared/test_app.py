"""The command line: by click's runner where that is enough, else in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import ELSEWHERE, process, run

import tokenkit

TEXT = "Hello, wörld! 漢字 <|endoftext|>\r\n"
ENCODING = tokenkit.get_encoding("o200k_base")
NUMBER = ENCODING.count(TEXT)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


@pytest.mark.parametrize("choice", [("-m", "gpt-5.4"), ("--encoding", "o200k_base")])
def test_bare_number_for_a_file(file: Path, choice: tuple[str, str]) -> None:
    result = run("count", file, *choice)
    assert (result.stdout, result.exit_code) == (f"{NUMBER}\n", 0)


def test_several_files(file: Path) -> None:
    (file.parent / "empty").write_bytes(b"")
    result = run("count", "text.txt", "empty", "text.txt", "-e", "o200k_base", "--format", "text")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows == [
        [str(NUMBER), "text.txt"],
        ["0", "empty"],
        [str(NUMBER), "text.txt"],
        [str(2 * NUMBER), "total"],
    ]


def test_json(file: Path) -> None:
    result = run("count", "text.txt", "none", "-m", "gpt-4o", "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "model": "gpt-4o",
        "encoding": "o200k_base",
        "inputs": [
            {"name": "text.txt", "tokens": NUMBER},
            {"name": "none", "error": "No such file or directory"},
        ],
        "skipped": [],
        "total": NUMBER,
    }


def test_environment_names_the_encoding(file: Path) -> None:
    default = {"TOKENKIT_ENCODING": "gpt2"}
    ids = tokenkit.get_encoding("gpt2").count(TEXT)
    assert run("count", file, environment=default).stdout == f"{ids}\n"
    assert run("count", file, "-m", "gpt-5", environment=default).stdout == f"{NUMBER}\n"


def test_nothing_chosen(file: Path) -> None:
    result = run("count", file)
    assert result.exit_code == 2
    assert result.stdout == ""
    for hint in ("--model gpt-5.4", "--encoding o200k_base", "TOKENKIT_ENCODING"):
        assert hint in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (("-m", "gpt4"), "Did you mean gpt-4"),
        (("-e", "o200k"), "Did you mean o200k_base"),
        (("-m", "gpt-4", "--format", "xml"), "xml"),
    ],
)
def test_bad_choices(file: Path, choice: tuple[str, ...], message: str) -> None:
    result = run("count", file, *choice)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (("count", "--encode"), "tokenkit encode"),
        (("count", "--decode"), "tokenkit decode"),
        (("count", "-t", "5"), "tokenkit truncate -t N"),
        (("--list-models",), "tokenkit models"),
        (("--truncate", "5"), "tokenkit truncate -t N"),
    ],
)
def test_options_of_other_programs_lead_to_verbs(words: tuple[str, ...], verb: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert f"Did you mean {verb}?" in result.stderr
    assert "--encoding" in run("count", "--encodin", "x").stderr


def test_bad_files_do_not_stop_good_ones(file: Path) -> None:
    folder = file.parent
    (folder / "binary").write_bytes(b"\x7fELF\x02\x00\x01")
    (folder / "latin1").write_bytes("Grüße".encode("latin-1"))
    (folder / "utf16").write_bytes("hello".encode("utf-16-be"))
    (folder / "cut").write_bytes("漢".encode()[:2])
    names = ["binary", "text.txt", "latin1", "utf16", "cut", "none"]
    result = run("count", *names, "-e", "o200k_base")
    assert result.exit_code == 2
    assert result.stdout.split() == ["tokens", "name", str(NUMBER), "text.txt"]
    errors = dict(line.split(": ", 2)[1:] for line in result.stderr.splitlines())
    invalid = "expected UTF-8 text, got invalid UTF-8 at byte"
    zero = "expected UTF-8 text, got a zero byte at byte"
    binary = "as in UTF-16 or binary files; name its encoding, such as utf-16-le"
    assert errors == {
        "binary": f"{zero} 5, {binary}",
        "latin1": f"{invalid} 2; name its encoding, such as cp1252",
        "utf16": f"{zero} 0, {binary}",
        "cut": f"{invalid} 0; name its encoding, such as cp1252",
        "none": "No such file or directory",
    }


def test_one_bad_file_prints_no_number(file: Path) -> None:
    result = run("count", "none", "-e", "o200k_base")
    assert (result.stdout, result.exit_code) == ("", 2)
    assert result.stderr.startswith("tokenkit: none: ")


def test_file_names_that_are_not_utf8(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux takes any bytes for a file's name")
    name = os.path.join(os.fsencode(tmp_path), b"na\xffme")
    Path(os.fsdecode(name)).write_bytes(TEXT.encode())
    result = process("count", os.fsdecode(name), os.fsdecode(name), "-e", "gpt2")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(b"na") >= 2


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_pipe(arguments: list[str]) -> None:
    result = process("count", *arguments, "-m", "gpt-5.4", data=TEXT.encode())
    assert (result.stdout.split(), result.returncode) == ([str(NUMBER).encode()], 0)


def test_standard_input_from_a_file(file: Path) -> None:
    script = f"{sys.executable} -m tokenkit count - -e o200k_base"
    for offset, expected in ((0, NUMBER), (7, ENCODING.count(TEXT.encode()[7:]))):
        with file.open("rb", buffering=0) as stream:
            stream.read(offset)
            done = subprocess.run(
                script.split(), stdin=stream, env=ELSEWHERE, capture_output=True, check=True
            )
        assert done.stdout.split() == [str(expected).encode()]


def test_bad_standard_input() -> None:
    result = process("count", "-", "-e", "gpt2", data=b"ab\xffcd")
    assert result.returncode == 2
    assert b"-: expected UTF-8 text, got invalid UTF-8 at byte 2" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_closed_pipe_is_quiet(file: Path) -> None:
    line = f"{sys.executable} -m tokenkit count {' text.txt' * 4000} -e o200k_base | head -n 1"
    done = subprocess.run(
        ["sh", "-c", line], cwd=file.parent, env=ELSEWHERE, capture_output=True, check=True
    )
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 1


def test_version_and_help() -> None:
    assert tokenkit.__version__ in run("--version").stdout
    for arguments in ([], ["count"]):
        assert "Usage: " in run(*arguments, "--help").stdout


def test_plain_count_loads_little(file: Path) -> None:
    code = (
        "import sys; from tokenkit.cli import main\n"
        "try: main()\n"
        "finally: print(*[name for name in ('numpy', 'regex', 'rich') if name in sys.modules])"
    )
    result = process("count", file, "-e", "o200k_base", python=("-c", code))
    assert result.stdout.split() == [str(NUMBER).encode()]


@pytest.mark.skipif(sys.platform == "win32", reason="resource is not on Windows")
def test_a_big_file_is_not_held_twice(tmp_path: Path) -> None:
    megabytes = 60
    path = tmp_path / "big.txt"
    path.write_bytes(
        b"The quick brown fox jumps over the lazy dog.\n\n" * (megabytes * 2**20 // 46)
    )
    code = (
        "import resource, sys; from tokenkit.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    print(peak // (2**20 if sys.platform == 'darwin' else 2**10))"
    )
    small = process("count", "-e", "o200k_base", python=("-c", code), data=b"hello")
    big = process("count", path, "-e", "o200k_base", python=("-c", code))
    bare = int(small.stdout.split()[1])
    assert int(big.stdout.split()[1]) - bare < megabytes
