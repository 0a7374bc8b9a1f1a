"""-e takes a tokenizer file, a folder or a Hub id in every verb, where it takes a name."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from cli_runs import process, run
from tokenizer_files import tokenizer_json, write_json

from tokenkit.cli.shared.options import complete_encoding
from tokenkit.encodings.steps.decoders import BYTE_CHARACTERS

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPLIT = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
VOCAB = {sign: byte for byte, sign in BYTE_CHARACTERS.items()} | {"hi": 256, "Ġhi": 257}
MODEL = {"type": "BPE", "vocab": VOCAB, "merges": ["h i", "Ġ hi"]}
TEXT = "hi hi!"
IDS = [256, 257, 33]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same tokenizer in a file, in a folder and in the local cache of Hugging Face."""
    monkeypatch.chdir(tmp_path)
    spec = tokenizer_json(model=MODEL, pre_tokenizer=SPLIT, decoder=SPLIT, added_tokens=[])
    hub = tmp_path / "hub" / "models--me--tiny"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text(COMMIT)
    for folder in (tmp_path / "mein Modell ü", hub / "snapshots" / COMMIT):
        folder.mkdir(parents=True)
        write_json(folder, spec)
    (tmp_path / "o200k_base").write_text(json.dumps(spec))
    (tmp_path / "text.txt").write_text(TEXT)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return {
        "file": "mein Modell ü/tokenizer.json",
        "folder": str(tmp_path / "mein Modell ü"),
        "hub": "me/tiny",
        "like a name": f".{os.sep}o200k_base",
    }


@pytest.mark.parametrize("kind", ["file", "folder", "hub", "like a name"])
def test_every_verb_takes_a_source(sources: dict[str, str], kind: str) -> None:
    source = sources[kind]
    ids = " ".join(map(str, IDS))
    assert run("encode", "text.txt", "-e", source).stdout == f"{ids}\n"
    assert run("decode", *IDS, "-e", source).stdout == TEXT
    assert run("count", "text.txt", "-e", source).stdout == "3\n"
    assert run("truncate", "text.txt", "-t", 2, "-e", source).stdout == "hi hi"
    chunk = json.loads(run("chunk", "text.txt", "--max-tokens", 8, "-e", source).stdout)
    assert (chunk["tokens"], chunk["text"]) == (3, TEXT)
    assert "3 tokens" in run("show", "text.txt", "-e", source).output


def test_the_environment_may_name_a_file(sources: dict[str, str]) -> None:
    default = {"TOKENKIT_ENCODING": sources["file"]}
    assert run("count", "text.txt", environment=default).stdout == "3\n"
    chunks = run("chunk", "text.txt", "--max-tokens", 2, environment=default).stdout
    assert len(chunks.splitlines()) == 2


def test_names_come_first(sources: dict[str, str]) -> None:
    """A file of the name of a bundled encoding changes nothing."""
    columns = ("-e", "o200k_base", "-e", sources["file"])
    records = run("count", "text.txt", *columns, "--format", "json").stdout
    first, second = json.loads(records)["columns"]
    assert (first["encoding"], second["encoding"]) == ("o200k_base", "mein Modell ü")
    assert run("encode", "text.txt", "-e", "o200k_base").stdout != "256 257 33\n"


def test_columns_of_rows(sources: dict[str, str]) -> None:
    Path("rows.csv").write_text("text\nhi hi!\nhi\n")
    rows = run("count", "--column", "text", "rows.csv", "-e", sources["file"], "--format", "jsonl")
    assert [json.loads(line)["tokens"] for line in rows.stdout.splitlines()] == [4]


def test_a_second_process_uses_the_cache(sources: dict[str, str], tmp_path: Path) -> None:
    for _ in range(2):
        done = process("count", tmp_path / "text.txt", "-e", tmp_path / sources["file"])
        assert (done.stdout, done.stderr) == (b"3\n", b"")


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        (
            "o200k",
            ["Unknown encoding 'o200k'. Did you mean o200k_base?", "No file"],
        ),
        (
            "./nothing.json",
            ["Unknown encoding './nothing.json'.", "No file or folder has this name."],
        ),
        ("you/tiny", ["'you/tiny'", "hf download you/tiny"]),
        ("hub", ["hub: expected a tokenizer file"]),
        ("text.txt", ["text.txt: expected a tokenizer file"]),
        ("broken.json", ["broken.json"]),
        ("\x1b[31m", ["Unknown encoding"]),
    ],
)
def test_what_cannot_be_loaded_is_said(
    sources: dict[str, str], source: str, messages: list[str]
) -> None:
    Path("broken.json").write_text('{"model": ')
    for verb in ("encode", "count"):
        result = run(verb, "text.txt", "-e", source)
        assert result.exit_code == 2
        assert result.stdout == ""
        words = " ".join(result.stderr.split())
        for message in messages:
            assert message in words
        assert "\x1b" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_a_pipe_is_not_waited_for(sources: dict[str, str]) -> None:
    os.mkfifo("pipe.json")
    result = run("count", "text.txt", "-e", "pipe.json")
    assert result.exit_code == 2
    assert "pipe.json: expected a regular file, got a pipe" in " ".join(result.stderr.split())


def test_the_shell_completes_names_then_files() -> None:
    names = [item.value for item in complete_encoding(None, None, "o2")]  # type: ignore[arg-type]
    assert names == ["o200k_base", "o200k_harmony"]
    (item,) = complete_encoding(None, None, "mod")  # type: ignore[arg-type]
    assert (item.value, item.type) == ("mod", "file")


def test_a_resumed_run_needs_the_same_tokenizer(sources: dict[str, str]) -> None:
    """Wherever its file lies, and however it was loaded."""
    Path("rows.csv").write_text("text\nhi hi!\n")
    arguments = (
        "chunk",
        "--column",
        "text",
        "rows.csv",
        "--max-tokens",
        2,
        "--output",
        "out.jsonl",
    )
    spec = json.loads(Path(sources["file"]).read_text())
    runs = []
    for vocab in (VOCAB, VOCAB, VOCAB | {"!": 260, "!!": 33}):
        spec["model"]["vocab"] = vocab
        Path("tokenizer.json").write_text(json.dumps(spec))
        runs.append(run(*arguments, "--resume", "state.json", "-e", "tokenizer.json"))
    assert [result.exit_code for result in runs] == [0, 0, 2]
    assert "encoding" in runs[2].stderr
