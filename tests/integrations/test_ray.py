"""Ray Data on this machine: against tiktoken, row by row."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from column_texts import ENCODING, MODEL, NOT_UTF8, TEXTS, as_structs, tiktoken_counts

from tokenkit import Chunker
from tokenkit.integrations.ray import ChunkDocuments, CountTokens
from tokenkit.integrations.ray_job import main

pytestmark = pytest.mark.engines

CHUNKER = Chunker(encoding=ENCODING, max_tokens=9)
LARGE = "The sea rises and falls twice a day. " * 285_000  # more than 10 MB


@pytest.fixture(scope="module")
def data() -> Iterator[Any]:
    import ray

    ray.shutdown()  # one that another test left
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=256 << 20,
        log_to_driver=False,
        logging_level="ERROR",
    )
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    yield ray.data
    ray.shutdown()


def rows_of(dataset: Any, *keys: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset.take_all()
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def test_counts_and_a_killed_worker(data: Any, tmp_path: Path) -> None:
    """The process of a task, once, in the middle of its batches; Ray runs the task again."""
    flag = str(tmp_path / "killed")

    def kill_once(batch: pa.Table) -> pa.Table:
        try:
            os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return batch
        os.kill(os.getpid(), signal.SIGKILL)
        return batch

    texts = [*TEXTS, LARGE]
    parts = [
        pa.table({"id": [at], "text": pa.array([text], "string")}) for at, text in enumerate(texts)
    ]
    empty = pa.table({"id": pa.array([], "int64"), "text": pa.array([], "string")})
    source = data.from_arrow([*parts[:5], empty, pa.concat_tables(parts[5:])])
    killing = source.map_batches(kill_once, batch_format="pyarrow")
    counted = killing.map_batches(CountTokens("text", model=MODEL), batch_format="pyarrow")
    rows = rows_of(counted, "id")
    assert os.path.exists(flag)
    assert [row["tokens"] for row in rows] == tiktoken_counts(texts)
    assert [row["text"] for row in rows] == texts


def test_chunks(data: Any) -> None:
    texts = [*TEXTS, LARGE]
    table = pa.table({"key": range(len(texts)), "body": texts, "page": range(len(texts))})
    split = ChunkDocuments("body", id="key", chunker=CHUNKER, columns=["page"])
    made = data.from_arrow(table).map_batches(split, batch_format="pyarrow")
    expected = [
        {"id": id, **chunk, "page": id}
        for id, text in enumerate(texts)
        for chunk in as_structs(CHUNKER.chunk(text or ""))
    ]
    assert rows_of(made, "id", "index") == expected


def test_what_is_wrong_is_said(data: Any) -> None:
    source = data.from_arrow(pa.table({"id": range(len(NOT_UTF8)), "raw": NOT_UTF8}))
    for step, message in (
        (CountTokens("raw", model=MODEL), r"column 'raw', .*row 1: .*byte 3"),
        (ChunkDocuments("raw", id="id", chunker=CHUNKER), r"column 'raw', id 1, .*row 1"),
        (CountTokens("row", model=MODEL), r"column 'row', got none.*'id', 'raw'"),
    ):
        with pytest.raises(Exception, match=message):
            source.map_batches(step, batch_format="pyarrow").materialize()
    nulled = CountTokens("raw", model=MODEL, errors="null")
    rows = rows_of(source.map_batches(nulled, batch_format="pyarrow"), "id")
    assert [row["tokens"] for row in rows] == [1, None, None, 0]


@pytest.mark.usefixtures("data")
def test_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pa.table({"id": range(len(TEXTS)), "body": TEXTS})
    pq.write_table(table, tmp_path / "a.parquet", compression="none")
    out = str(tmp_path / "out")
    common = ["--column", "body", "-e", ENCODING, "--output", out]
    count = ["count", "--input", str(tmp_path / "*.parquet"), *common]
    assert main(count) == 0
    made = pq.read_table(out).sort_by("id")
    assert made.drop_columns("tokens").equals(table)
    assert made.column("tokens").to_pylist() == tiktoken_counts()
    assert main(count) == 1
    assert "expected a folder that is new or empty" in capsys.readouterr().err
    (tmp_path / "b.csv").write_text('id,body\n1,"hello world, twice"\n2,a b\n')
    chunk = ["chunk", "--input", str(tmp_path / "b.csv"), *common, "--id", "id", "-n", "2"]
    assert main([*chunk, "--overwrite"]) == 0
    made = pq.read_table(out).sort_by([("id", "ascending"), ("index", "ascending")])
    two = Chunker(encoding=ENCODING, max_tokens=2)
    assert made.to_pylist() == [
        {"id": id, **chunk}
        for id, text in ((1, "hello world, twice"), (2, "a b"))
        for chunk in as_structs(two.chunk(text))
    ]
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
    (tmp_path / "c.jsonl").write_text(lines, encoding="utf-8")
    assert main(["count", "--input", str(tmp_path / "c.jsonl"), *common, "--overwrite"]) == 0
    assert pq.read_table(out).sort_by("id").column("tokens").to_pylist() == tiktoken_counts()
    assert main([*count, "--column", "bodi", "--overwrite"]) == 1
    assert "'bodi', got none" in capsys.readouterr().err
    assert main(["count", "--input", str(tmp_path / "*.json"), *common, "--overwrite"]) == 1
    assert "expected files, got none" in capsys.readouterr().err
