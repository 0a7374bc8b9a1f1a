"""Spark on a local cluster of two workers: against tiktoken, row by row."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from column_texts import (
    ENCODING,
    MODEL,
    NOT_UTF8,
    TEXTS,
    as_structs,
    tiktoken_counts,
    tiktoken_fits,
    tiktoken_ids,
)

import tokenkit
from tokenkit import Chunker, NoTokenizerError, UnknownModelError
from tokenkit.integrations.spark import (
    chunk_documents,
    chunk_tokens,
    count_tokens,
    encode_tokens,
    fits_tokens,
    truncate_tokens,
)
from tokenkit.integrations.spark_job import main

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.engines

ENC = tokenkit.get_encoding(ENCODING)
CHUNKER = Chunker(encoding=ENCODING, max_tokens=9)
LARGE = "The sea rises and falls twice a day. " * 285_000  # more than 10 MB


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    before = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    if before is None:
        del os.environ["PYSPARK_PYTHON"]


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    """Eleven rows in sixteen partitions, so that some are empty."""
    rows = [(at, text, None if text is None else text.encode()) for at, text in enumerate(TEXTS)]
    return spark.createDataFrame(rows, "id int, text string, raw binary").repartition(16)


def chunks_of(texts: list[str | None]) -> list[dict[str, Any]]:
    return [
        {"id": id, **chunk}
        for id, text in enumerate(texts)
        for chunk in as_structs(CHUNKER.chunk(text or ""))
    ]


@pytest.mark.parametrize("by_pandas", [False, True])
def test_columns_are_what_tiktoken_says(
    frame: DataFrame, by_pandas: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pandas as before Spark 4.1, which has no functions of Arrow."""
    if by_pandas:
        monkeypatch.delattr("pyspark.sql.functions.arrow_udf")
    made = frame.select(
        "id",
        count_tokens("text", model=MODEL).alias("count"),
        count_tokens(frame.raw, encoding=ENC).alias("count_raw"),
        encode_tokens("text", model=MODEL).alias("ids"),
        fits_tokens("text", 11, model=MODEL).alias("fits"),
        truncate_tokens("text", 5, model=MODEL, keep="ends", marker="…").alias("short"),
        chunk_tokens("text", CHUNKER).alias("chunks"),
    )
    assert made.schema.simpleString() == (
        "struct<id:int,count:bigint,count_raw:bigint,ids:array<int>,fits:boolean,short:string,"
        "chunks:array<struct<index:int,start:bigint,end:bigint,tokens:int,text:string,"
        "headings:array<string>>>>"
    )
    rows = sorted(made.toArrow().to_pylist(), key=lambda row: row["id"])
    of = {name: [row[name] for row in rows] for name in made.columns}
    assert of["count"] == of["count_raw"] == tiktoken_counts()
    assert of["ids"] == tiktoken_ids()
    assert of["fits"] == tiktoken_fits(11)
    assert of["short"] == [t and ENC.truncate(t, 5, keep="ends", marker="…") for t in TEXTS]
    assert of["chunks"] == [None if t is None else as_structs(CHUNKER.chunk(t)) for t in TEXTS]


def test_documents_become_chunks(spark: SparkSession) -> None:
    """Also where names have dots, ids are lists, and a row has 10 MB."""
    texts = [*TEXTS, LARGE]
    rows = [([at], text, f"p{at}") for at, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "`a.b` array<int>, `te``xt` string, page string")
    made = chunk_documents(
        frame.repartition(3), text="te`xt", id="a.b", chunker=CHUNKER, columns=["page"]
    )
    assert made.columns == ["id", "index", "start", "end", "tokens", "text", "headings", "page"]
    found = sorted(made.toArrow().to_pylist(), key=lambda row: (row["id"], row["index"]))
    expected = [{**row, "id": [row["id"]], "page": f"p{row['id']}"} for row in chunks_of(texts)]
    assert found == expected


def test_a_killed_worker(spark: SparkSession, tmp_path: Path) -> None:
    """The whole process that runs tasks, once, in the middle of a batch; Spark starts another."""
    flag = str(tmp_path / "killed")

    def kill_once(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            try:
                os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                yield batch
                continue
            status = Path(f"/proc/{os.getppid()}/status").read_text()  # of the daemon of workers
            executor = next(line for line in status.splitlines() if line.startswith("PPid:"))
            os.kill(int(executor.split()[1]), signal.SIGKILL)

    texts = TEXTS * 50
    frame = spark.createDataFrame([*enumerate(texts)], "id int, text string").repartition(8)
    killed = frame.mapInArrow(kill_once, frame.schema)
    made = killed.select("id", count_tokens("text", model=MODEL).alias("n")).toArrow()
    assert os.path.exists(flag)
    assert made.sort_by("id").column("n").to_pylist() == tiktoken_counts(texts)


def test_what_is_wrong_is_said(spark: SparkSession, frame: DataFrame) -> None:
    from pyspark.errors import PythonException

    with pytest.raises(UnknownModelError, match="gpt-99"):
        count_tokens("text", model="gpt-99")
    with pytest.raises(NoTokenizerError, match="claude"):
        count_tokens("text", model="claude-sonnet-5")
    with pytest.raises(TypeError, match="chunker"):
        chunk_tokens("text", 9)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"max_tokens: .*-1"):
        truncate_tokens("text", -1, model=MODEL)
    with pytest.raises(ValueError, match=r"'txt', got none.* 'id', 'text', 'raw'"):
        chunk_documents(frame, text="txt", id="id", chunker=CHUNKER)
    raws = spark.createDataFrame([*enumerate(NOT_UTF8)], "id int, raw binary").coalesce(1)
    for made, message in (
        (raws.select(count_tokens("raw", model=MODEL)), r"column 'raw', .*row 1: .*byte 3"),
        (chunk_documents(raws, text="raw", id="id", chunker=CHUNKER), r"'raw', id 1, .*row 1"),
        (raws.select(count_tokens("id", model=MODEL)), r"column 'id', .*got int32"),
    ):
        with pytest.raises(PythonException, match=message):
            made.collect()
    nulled = raws.select(count_tokens("raw", model=MODEL, errors="null").alias("n"))
    assert [row.n for row in nulled.collect()] == [1, None, None, 0]


@pytest.mark.usefixtures("spark")
def test_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pa.table({"id": range(len(TEXTS)), "body": TEXTS})
    pq.write_table(table, tmp_path / "a.parquet", compression="none")
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
    (tmp_path / "b.jsonl").write_text(lines, encoding="utf-8")
    common = ["--column", "body", "-e", ENCODING, "--output", str(tmp_path / "out")]
    count = ["count", "--input", str(tmp_path / "a.parquet"), *common]
    assert main(count) == 0
    made = pq.read_table(tmp_path / "out").sort_by("id")
    assert made.drop_columns("tokens").equals(table)
    assert made.column("tokens").to_pylist() == tiktoken_counts()
    assert main(count) == 1
    assert "already exists" in capsys.readouterr().err
    chunk = ["chunk", "--input", str(tmp_path / "b.jsonl"), *common, "--id", "id", "-n", "9"]
    assert main([*chunk, "--overwrite"]) == 0
    made = pq.read_table(tmp_path / "out").sort_by([("id", "ascending"), ("index", "ascending")])
    assert made.to_pylist() == chunks_of(TEXTS)
    assert main([*count, "--column", "bodi", "--overwrite"]) == 1
    assert "'bodi', got none" in capsys.readouterr().err
    assert main(["count", "--input", str(tmp_path / "c.csv"), *common, "--overwrite"]) == 1
    assert "PATH_NOT_FOUND" in capsys.readouterr().err
    (tmp_path / "d.jsonl").write_text('{"id": 1, "body": "a"}\n{"id": 2, "bo\n')
    assert main(["count", "--input", str(tmp_path / "d.jsonl"), *common, "--overwrite"]) == 1
    assert "MALFORMED_RECORD" in capsys.readouterr().err
