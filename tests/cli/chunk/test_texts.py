"""The verb chunk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from cli_runs import run

import tokenkit

MODEL = "text-embedding-3-small"
TEXT = "# Title\n\n" + "".join(f"Sentence number {n} is here. " for n in range(200)) + "\n漢字\r\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    (tmp_path / "docs" / "a.md").write_bytes(TEXT.encode())
    (tmp_path / "docs" / "sub" / "b.txt").write_bytes(b"A short text.")
    (tmp_path / "docs" / "empty.md").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_lines_are_the_librarys_chunks(folder: Path) -> None:
    result = run("chunk", "docs/a.md", "-m", MODEL, "-n", 60, "--overlap", 10)
    assert result.exit_code == 0
    expected = tokenkit.chunk(TEXT, max_tokens=60, overlap=10, model=MODEL)
    assert len(expected) > 10
    assert records(result.stdout) == [
        {
            "name": "docs/a.md",
            "index": chunk.index,
            "start": chunk.start,
            "end": chunk.end,
            "tokens": chunk.tokens,
            "overlap": chunk.overlap,
            "boundary": chunk.boundary,
            "headings": list(chunk.headings),
            "text": chunk.text,
        }
        for chunk in expected
    ]


def test_options_reach_the_library(folder: Path) -> None:
    words = (
        "--as", "text", "--strategy", "greedy", "--tightness", 0.9, "--min-tokens", 5, "--reserve",
        3, "--prefix", "Doc: ", "--trim",
    )  # fmt: skip
    result = run("chunk", "docs/a.md", "-e", "o200k_base", "-n", 50, *words)
    chunker = tokenkit.Chunker(
        encoding="o200k_base", max_tokens=50, format="text", strategy="greedy", tightness=0.9,
        min_tokens=5, reserve=3, prefix="Doc: ", trim=True,
    )  # fmt: skip
    lines = [(line["text"], line["input"]) for line in records(result.stdout)]
    assert lines == [(chunk.text, chunk.input) for chunk in chunker.chunk(TEXT)]


def test_folders_to_one_output(folder: Path) -> None:
    result = run("chunk", "docs", "-m", MODEL, "-n", 60, "-o", "out.jsonl")
    assert (result.exit_code, result.stdout) == (0, "")
    lines = records(Path("out.jsonl").read_text("utf-8"))
    assert [line["name"] for line in lines if line["index"] == 0] == ["docs/a.md", "docs/sub/b.txt"]
    joined = "".join(str(line["text"]) for line in lines if line["name"] == "docs/a.md")
    assert joined == TEXT
    only = run("chunk", "docs", "-m", MODEL, "-n", 60, "--include", "*.txt")
    assert [line["name"] for line in records(only.stdout)] == ["docs/sub/b.txt"]


def test_standard_input_and_the_models_own_limit(folder: Path) -> None:
    long = "word " * 20_000
    lines = records(run("chunk", "-m", MODEL, data=long).stdout)
    assert len(lines) == 3
    assert max(int(str(line["tokens"])) for line in lines) <= 8_191


def test_separate_files(folder: Path) -> None:
    result = run("chunk", "docs", "-m", MODEL, "-n", 60, "--split-output", "parts")
    names = [Path(line).name for line in result.stdout.splitlines()]
    assert names[0] == "0001-a-0000.md"
    assert names[-1] == "0002-b-0000.txt"
    assert sorted(path.name for path in Path("parts").iterdir()) == sorted(names)
    data = b"".join(path.read_bytes() for path in sorted(Path("parts").glob("0001-*")))
    assert data == TEXT.encode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_separate_files_of_inputs_with_long_names(folder: Path) -> None:
    names = ["a" * 251 + ".txt", "図" * 83 + ".txt", "b." + "c" * 253]
    for name in names:
        Path(name).write_text(f"The text of {name[0]}.")
    result = run("chunk", *names, "-m", MODEL, "-n", 60, "--split-output", "parts")
    assert result.exit_code == 0, result.stderr
    written = sorted(Path("parts").iterdir())
    assert [len(os.fsencode(path.name)) for path in written] == [255, 254, 255]
    assert [path.read_text()[-2] for path in written] == ["a", "図", "b"]
    assert [path.suffix[:4] for path in written] == [".txt", ".txt", ".ccc"]


def test_pack(folder: Path) -> None:
    result = run("chunk", "docs", "-m", MODEL, "-n", 60, "-o", "out.jsonl", "--pack", "pack.jsonl")
    assert result.exit_code == 0, result.stderr
    requests = records(Path("pack.jsonl").read_text("utf-8"))
    chunks = records(Path("out.jsonl").read_text("utf-8"))
    assert len(requests) == 1
    assert set(requests[0]) == {"custom_id", "method", "url", "body"}
    body = requests[0]["body"]
    assert body == {"model": MODEL, "input": [line["text"] for line in chunks]}
    assert [line["place"] for line in chunks] == list(range(len(chunks)))
    assert {line["request"] for line in chunks} == {requests[0]["custom_id"]}
    # and count reads them back
    counted = run("count", "pack.jsonl", "--requests", "--format", "json")
    assert counted.exit_code == 0, counted.stderr


def test_bad_inputs_do_not_stop_good_ones(folder: Path) -> None:
    Path("latin1").write_bytes("Grüße".encode("latin-1"))
    result = run("chunk", "none", "latin1", "docs/sub/b.txt", "-m", MODEL)
    assert result.exit_code == 2
    assert [line["name"] for line in records(result.stdout)] == ["docs/sub/b.txt"]
    assert "none: No such file" in result.stderr
    assert "latin1: expected UTF-8 text, got invalid UTF-8 at byte 2" in result.stderr


def test_a_character_over_the_limit(folder: Path) -> None:
    result = run("chunk", "-e", "gpt2", "-n", 1, data="ༀ")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "for the character at offset 0" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-e", "o200k_base"), "max_tokens"),
        (("-m", "gpt-4o"), "gpt-4o is not an embedding model"),
        (("-n", 10), "Expected a model or an encoding, got neither; name one with --model"),
        (("-n", 10, "--overlap", 10, "-e", "o200k_base"), "overlap: expected less than the 10"),
        (("-n", 10, "-e", "o200k_base", "--pack", "x"), "--pack needs the embedding model"),
        (("-n", 10, "-m", MODEL, "--split-output", "x", "-o", "y"), "leave out"),
        (("-n", 10, "-m", MODEL, "-o", "none/out"), "none/out: No such file"),
        (("-n", 10, "-m", MODEL, "-o", "x", "--pack", "./x"), "would write one file; name two"),
        (("-n", 10, "-m", "gpt-4o", "--pack", "x"), "expected an embedding model"),
    ],
)
def test_bad_choices(folder: Path, arguments: tuple[object, ...], message: str) -> None:
    result = run("chunk", "docs", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_closed_pipe_is_quiet(folder: Path) -> None:
    Path("big.txt").write_text(TEXT * 200)
    line = f"{sys.executable} -m tokenkit chunk big.txt -e o200k_base -n 20 | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 1


def test_an_input_is_never_written_over(folder: Path) -> None:
    source = folder / "docs" / "a.md"
    for option in ("-o", "--pack"):
        result = run("chunk", "docs/a.md", "-m", MODEL, "-n", 60, option, source)
        assert result.exit_code == 2
        assert "write over its own input" in result.stderr
        assert source.read_bytes() == TEXT.encode()
    expected = run("chunk", "docs", "-m", MODEL, "-n", 60).stdout
    for _ in range(2):  # the output of the first run is not input of the second
        result = run("chunk", "docs", "-m", MODEL, "-n", 60, "-o", "docs/c.jsonl")
        assert (result.exit_code, result.stderr) == (0, "")
        assert records((folder / "docs" / "c.jsonl").read_text()) == records(expected)


def test_which_files_of_folders(folder: Path) -> None:
    def names(*words: object) -> set[object]:
        return {line["name"] for line in records(run("chunk", "docs", "-m", MODEL, *words).stdout)}

    (folder / "docs" / ".gitignore").write_text("sub/\n")
    (folder / "docs" / ".h.md").write_text("hidden")
    assert names() == {"docs/a.md"}
    assert names("--no-gitignore") == {"docs/a.md", "docs/sub/b.txt"}
    assert names("--no-gitignore", "--extension", "txt") == {"docs/sub/b.txt"}
    assert {"docs/.h.md", "docs/a.md"} <= names("--hidden")
    (folder / "docs" / "x.bin").write_bytes(b"\0")
    told = run("chunk", "docs", "-m", MODEL).stderr
    assert "skipped as hidden: docs/.gitignore, docs/.h.md" in told
    assert "skipped as binary: docs/x.bin" in told


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
def test_a_text_that_is_too_big_is_a_stream(
    strategy: Literal["optimal", "greedy", "token"], tmp_path: Path
) -> None:
    source = ("# Tides\n\nThe sea rises, 潮が満ちる. " * 9 + "\n\n") * 1_500
    path = tmp_path / "tides.md"
    path.write_text(source, "utf-8")
    lines = run(
        "chunk",
        path,
        "-n",
        64,
        "--overlap",
        8,
        "--strategy",
        strategy,
        "-e",
        "o200k_base",
        "--max-mb",
        1,
    )
    assert lines.exit_code == 0
    found = [json.loads(line) for line in lines.stdout.splitlines()]
    chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=64, overlap=8, strategy=strategy)
    expected = list(chunker.iter_chunks([source]))
    assert [(c["text"], c["start"], c["index"], c["headings"]) for c in found] == [
        (c.text, c.start, c.index, list(c.headings)) for c in expected
    ]
    for more in (("--trim",), ("--pack", tmp_path / "p.jsonl")):
        refused = run("chunk", path, "-m", MODEL, "-n", 64, *more, "--max-mb", 1)
        assert refused.exit_code == 2
        assert "expected a text that takes at most 0.25 MB" in refused.stderr


@pytest.mark.parametrize("cut", [3, 1 << 18, (1 << 18) + 1])
def test_a_stream_with_wrong_bytes_ends_there(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    good = ("ab, é 😀. " * 60_000).encode()
    path.write_bytes(good[:400_000] + good[400_000 : 400_000 + cut] + b"\xff" + good)
    expected = path.read_bytes()
    with pytest.raises(UnicodeDecodeError) as error:
        expected.decode()
    result = run("chunk", path, "-n", 100, "-e", "o200k_base", "--max-mb", 1)
    assert result.exit_code == 2
    assert f"invalid UTF-8 at byte {error.value.start}" in result.stderr
    texts = "".join(json.loads(line)["text"] for line in result.stdout.splitlines())
    assert texts
    assert expected.decode(errors="replace").startswith(texts)
    replaced = run(
        "chunk", path, "-n", 100, "-e", "o200k_base", "--max-mb", 1, "--errors", "replace"
    )
    texts = "".join(json.loads(line)["text"] for line in replaced.stdout.splitlines())
    assert texts == expected.decode(errors="replace")
