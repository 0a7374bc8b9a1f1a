"""Data sets behind s3:// URIs, by the client of pyarrow and a server that speaks S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chunk_lakes import chunk, contents, expected_chunks, write_lake
from cli_runs import run
from moto.server import ThreadedMotoServer
from pyarrow.fs import S3FileSystem, copy_files

import tokenkit
from tokenkit.cli.chunk import pieces
from tokenkit.inputs import data_files, datasets

pytestmark = pytest.mark.engines

ENC = tokenkit.get_encoding("r50k_base")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The options of URIs that lead to the server."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    place = f"scheme=http&endpoint_override={host}:{port}"
    yield f"?{place}&region=us-east-1&allow_bucket_creation=true"
    server.stop()


@pytest.fixture
def lake(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder in a bucket, which is also the folder `lake` here; its URI without options."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(datasets, "PART_BYTES", 2_000)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 3_000)
    monkeypatch.chdir(tmp_path)
    write_lake(Path("lake"))
    store, _ = S3FileSystem.from_uri(f"s3://data/{server}")
    store.create_dir("data")
    copy_files(str(tmp_path / "lake"), "data/my lake", destination_filesystem=store)
    return "s3://data/my%20lake"


def test_folders_patterns_and_files(lake: str, server: str) -> None:
    names = [f"{lake}/{name}{server}" for name in ("a.jsonl", "b.csv", "c.parquet")]
    assert data_files([lake + server]) == names
    assert data_files([f"s3://data/*/[ab].*{server}"]) == names[:2]
    assert data_files([names[2]]) == names[2:]


def test_counts_are_those_of_the_files(lake: str, server: str) -> None:
    words = ("--column", "body", "-e", "r50k_base", "--format", "json")
    result = run("count", lake + server, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == json.loads(run("count", "lake", *words).stdout)
    missing = run("count", f"{lake}/none.csv{server}", "s3://nobody/x.csv" + server, *words)
    assert missing.exit_code == 2
    assert f"tokenkit: {lake}/none.csv: cannot be read: " in missing.stderr
    assert "endpoint_override" not in missing.stderr


def test_chunks_are_those_of_the_files_and_resume(lake: str, server: str) -> None:
    texts = write_lake(Path("lake"))
    again = (lake + server, "-o", "out.jsonl", "--resume", "state.json")
    result = chunk(*again)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert lines == expected_chunks(lake, texts)
    state = json.loads(Path("state.json").read_text())
    assert [entry["name"] for entry in state["inputs"]] == [f"{lake}/{name}" for name in texts]
    assert "endpoint_override" not in Path("state.json").read_text()
    before = contents(Path("out.jsonl"))
    assert chunk(*again).exit_code == 0
    assert contents(Path("out.jsonl")) == before
