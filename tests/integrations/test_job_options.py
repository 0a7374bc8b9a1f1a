"""The command of jobs: its options, exit codes and messages; engines are in their own tests."""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import pytest
from file_tokenizers import byte_level
from tokenizer_files import write_json

from tokenkit.integrations.arrow_batches import ChunkDocuments, CountTokens
from tokenkit.integrations.job_options import Step, input_format, plain, run_job

PATHS = ["--input", "a.jsonl", "b.jsonl", "--output", "out"]
CHUNK = ["chunk", *PATHS, "--id", "k"]


def run(*arguments: str) -> tuple[argparse.Namespace, Step]:
    """Give what a job is given; its exit code must be 0."""
    seen: list[tuple[argparse.Namespace, Step]] = []
    assert run_job("spark", lambda *given: seen.append(given), [*arguments]) == 0
    return seen[0]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.jsonl", "json"),
        ("a.NDJSON.gz", "json"),
        ("s3://b/a.csv.gz", "csv"),
        ("a.parquet", "parquet"),
        ("s3://b/c.d/", "parquet"),
    ],
)
def test_the_ending_of_the_first_file_says_the_format(path: str, form: str) -> None:
    assert input_format([path, "b.csv"]) == form


def test_count() -> None:
    options, step = run("count", *PATHS, "-m", "gpt-5.4", "--column", "body")
    assert isinstance(step, CountTokens)
    assert (step.column, step.output, step.encoding.name, step.errors) == (
        "body", "tokens", "o200k_base", "raise",
    )  # fmt: skip
    assert (options.input, options.output) == (["a.jsonl", "b.jsonl"], "out")
    assert (options.format, options.overwrite) == ("json", False)


def test_a_tokenizer_file_travels_compiled(tmp_path: Path) -> None:
    path = write_json(tmp_path, byte_level())
    _, step = run("count", *PATHS, "-e", str(path))
    assert isinstance(step, CountTokens)
    sent = pickle.dumps(step)
    path.unlink()
    again = pickle.loads(sent)
    assert again.encoding.encode("hi") == step.encoding.encode("hi")


def test_chunk() -> None:
    options, step = run(
        "chunk", *PATHS, "--id", "key", "--columns", "a,b", "-e", "cl100k_base", "-n", "9",
        "--overlap", "2", "--as", "markdown", "--strategy", "greedy", "--trim", "--errors", "null",
        "--format", "csv", "--overwrite",
    )  # fmt: skip
    assert isinstance(step, ChunkDocuments)
    assert (step.column, step.id, step.columns, step.errors) == ("text", "key", ("a", "b"), "null")
    chunker = step.chunker
    assert (chunker.encoding.name, chunker.max_tokens, chunker.overlap) == ("cl100k_base", 9, 2)
    assert (chunker.format, chunker.strategy, chunker.trim) == ("markdown", "greedy", True)
    assert (options.format, options.overwrite) == ("csv", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["count", *PATHS], "model"),
        (["count", *PATHS, "-m", "gpt-99"], "gpt-99"),
        (["count", *PATHS, "-m", "claude-sonnet-5"], "no public tokenizer"),
        (["count", *PATHS, "-e", "o201k"], "o201k"),
        (["count", *PATHS, "-e", "./none.json"], "No file or folder has this name"),
        ([*CHUNK, "-e", "o200k_base"], "max_tokens"),
        ([*CHUNK, "-e", "o200k_base", "-n", "2", "--overlap", "2"], "overlap"),
        ([*CHUNK, "-e", "gpt2", "-n", "2", "--columns", "text"], "'text'"),
    ],
)
def test_options_that_make_no_sense(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(options: argparse.Namespace, step: Step) -> None:
        raise AssertionError("it must not run")

    assert run_job("spark", job, arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["count"], ["chunk", *PATHS, "-m", "gpt-4"], ["cut"]])
def test_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        run_job("ray", lambda *_: None, arguments)
    assert exit.value.code == 2


def test_a_job_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def job(options: argparse.Namespace, step: Step) -> None:
        cause = "\x1b[36mray::Map()\x1b[39m (pid=1)\n  File x\nValueError: column 'a'"
        raise RuntimeError(f"{cause}\n\nray.exceptions.UserCodeException: it failed.")

    assert run_job("ray", job, ["count", *PATHS, "-m", "gpt-4"]) == 1
    assert capsys.readouterr().err == "tokenkit.integrations.ray: error: column 'a'\n"


def test_messages_of_engines() -> None:
    assert plain(RuntimeError("[PATH_NOT_FOUND] no such file.\n'Project\n+- x")) == (
        "[PATH_NOT_FOUND] no such file."
    )
    assert plain(RuntimeError("a\npyarrow.lib.ArrowInvalid: row 3\n\tat org.x")) == (
        "ArrowInvalid: row 3"
    )
    assert plain(RuntimeError("calling o2.json.\n: org.apache.Spark$Oops: [BAD] row\n at x")) == (
        "[BAD] row"
    )
    assert plain(MemoryError()) == "MemoryError"
