"""The engines of ``benchmarks.columns``: one process for each, which takes turns among its jobs.

Each engine has the same jobs on a column of texts: ``tokenkit`` by its adapter, ``usual`` by
tiktoken as its users write it today, and, where the engine's own work is much, ``bytes``: the
length of each row by the same road. ``raw`` is `count_arrow` on the same column in memory.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow
import pyarrow.compute
import pyarrow.parquet

import tokenkit
from benchmarks.fresh import reply

ENCODING = "o200k_base"
CHUNK_TOKENS = 512


@dataclass(frozen=True)
class Jobs:
    """Jobs of an engine: on all rows, or on few as some take long; `to_list` reads a result."""

    whole: dict[str, Callable[[], Any]]
    few: dict[str, Callable[[], Any]]
    to_list: Callable[[Any], list[Any]]


@dataclass(frozen=True)
class Sample:
    """The rows in memory and in a Parquet file."""

    table: pyarrow.Table
    path: str

    @property
    def bytes(self) -> int:
        return int(pyarrow.compute.sum(pyarrow.compute.binary_length(self.table["text"])).as_py())


def tiktoken_count() -> Callable[[str], int]:
    """Count as users do today: the length of the ids of tiktoken."""
    import tiktoken

    encode = tiktoken.get_encoding(ENCODING).encode_ordinary
    return lambda text: len(encode(text))


def polars_jobs(whole: Sample, few: Sample) -> Jobs:
    import polars

    import tokenkit.integrations.polars  # noqa: F401  # gives expr.tokens

    count = tiktoken_count()
    frame, short = polars.from_arrow(whole.table), polars.from_arrow(few.table)
    ours = polars.col("text").tokens.count(encoding=ENCODING)
    usual = polars.col("text").map_elements(count, return_dtype=polars.Int64)
    return Jobs(
        {"tokenkit": lambda: frame.select(ours)},
        {"tokenkit": lambda: short.select(ours), "usual": lambda: short.select(usual)},
        lambda result: result["text"].to_list(),
    )


def pandas_jobs(whole: Sample, few: Sample) -> Jobs:
    import tokenkit.integrations.pandas  # noqa: F401  # gives series.tokens

    count = tiktoken_count()
    series, short = (sample.table["text"].to_pandas() for sample in (whole, few))
    return Jobs(
        {"tokenkit": lambda: series.tokens.count(encoding=ENCODING)},
        {
            "tokenkit": lambda: short.tokens.count(encoding=ENCODING),
            "usual": lambda: short.apply(count),
        },
        lambda result: result.tolist(),
    )


def pyarrow_jobs(whole: Sample, few: Sample) -> Jobs:
    import pyarrow.dataset

    from tokenkit.integrations.pyarrow import count_tokens

    def ours(data: Any) -> Any:
        return data.to_table(columns={"n": count_tokens("text", encoding=ENCODING)})["n"]

    count = tiktoken_count()
    data, short = (pyarrow.dataset.dataset(sample.table) for sample in (whole, few))

    def usual() -> Any:
        return pyarrow.array([count(text) for text in short.to_table()["text"].to_pylist()])

    return Jobs(
        {"tokenkit": partial(ours, data)},
        {"tokenkit": partial(ours, short), "usual": usual},
        lambda result: result.to_pylist(),
    )


def duckdb_jobs(whole: Sample, few: Sample) -> Jobs:
    import duckdb

    from tokenkit.integrations.duckdb import register

    connection = duckdb.connect()
    register(connection)
    connection.create_function("usual_count", tiktoken_count(), ["VARCHAR"], "BIGINT")
    for name, sample in (("texts", whole), ("few", few)):
        connection.register(f"{name}_rows", sample.table)
        connection.execute(f"create table {name} as select text from {name}_rows")

    def query(function: str, table: str) -> Callable[[], Any]:
        return lambda: connection.sql(f"select {function} as n from {table}").to_arrow_table()

    ours = f"count_tokens(text, '{ENCODING}')"
    return Jobs(
        {"tokenkit": query(ours, "texts")},
        {"tokenkit": query(ours, "few"), "usual": query("usual_count(text)", "few")},
        lambda result: result["n"].to_pylist(),
    )


def datasets_jobs(whole: Sample, few: Sample) -> Jobs:
    import datasets

    from tokenkit.integrations.datasets import count_tokens

    datasets.disable_progress_bars()
    datasets.disable_caching()
    count = tiktoken_count()
    data, short = datasets.Dataset(whole.table), datasets.Dataset(few.table)
    ours = count_tokens("text", encoding=ENCODING)

    def mapped(rows: Any, function: Any) -> Callable[[], Any]:
        arrow = rows.with_format("arrow")
        return lambda: arrow.map(function, batched=True, keep_in_memory=True)

    def length(batch: Any) -> Any:
        return batch.append_column("tokens", pyarrow.compute.binary_length(batch["text"]))

    def usual() -> Any:
        return short.map(lambda row: {"tokens": count(row["text"])}, keep_in_memory=True)

    return Jobs(
        {"tokenkit": mapped(data, ours), "bytes": mapped(data, length)},
        {"tokenkit": mapped(short, ours), "usual": usual},
        lambda result: result.with_format("arrow")["tokens"].to_pylist(),
    )


def spark_jobs(whole: Sample, few: Sample) -> Jobs:
    from pyspark.sql import SparkSession, functions

    from tokenkit.integrations.spark import count_tokens

    os.environ["PYSPARK_PYTHON"] = sys.executable
    batches = "spark.sql.execution.arrow.maxRecordsPerBatch"
    settings = {"spark.ui.enabled": "false", batches: "20000"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    frames = []
    for sample in (whole, few):
        frame = session.read.parquet(sample.path).repartition(4).cache()
        frame.count()
        frames.append(frame)

    usual = functions.udf(tiktoken_count(), "long")

    def bytes_of(texts: pyarrow.Array) -> pyarrow.Array:
        return pyarrow.compute.binary_length(texts).cast(pyarrow.int64())

    length = functions.arrow_udf(bytes_of, "long")

    def added(frame: Any, column: Any) -> Callable[[], Any]:
        return lambda: frame.select("id", column.alias("n"))

    def summed(job: Callable[[], Any]) -> Callable[[], Any]:  # so that rows stay where they are
        return lambda: job().agg({"n": "sum"}).collect()

    ours, usually = count_tokens("text", encoding=ENCODING), usual("text")
    return Jobs(
        {
            "tokenkit": summed(added(frames[0], ours)),
            "bytes": summed(added(frames[0], length("text"))),
        },
        {
            "tokenkit": summed(added(frames[1], ours)),
            "usual": summed(added(frames[1], usually)),
            "check tokenkit": added(frames[1], ours),
            "check usual": added(frames[1], usually),
        },
        lambda result: [row["n"] for row in sorted(result.collect())],
    )


def ray_jobs(whole: Sample, few: Sample) -> Jobs:
    import ray

    from tokenkit.integrations.ray import CountTokens

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    frames = [ray.data.read_parquet(sample.path).materialize() for sample in (whole, few)]

    count = tiktoken_count()

    def usual(table: pyarrow.Table) -> pyarrow.Table:
        numbers = pyarrow.array(map(count, table["text"].to_pylist()))
        return table.append_column("tokens", numbers)

    def length(table: pyarrow.Table) -> pyarrow.Table:
        return table.append_column("tokens", pyarrow.compute.binary_length(table["text"]))

    def mapped(frame: Any, function: Any) -> Callable[[], Any]:
        return lambda: frame.map_batches(
            function, batch_format="pyarrow", batch_size=None
        ).materialize()

    ours = CountTokens("text", encoding=ENCODING)
    return Jobs(
        {"tokenkit": mapped(frames[0], ours), "bytes": mapped(frames[0], length)},
        {"tokenkit": mapped(frames[1], ours), "usual": mapped(frames[1], usual)},
        lambda result: [row["tokens"] for row in sorted(result.take_all(), key=lambda r: r["id"])],
    )


def chunk_jobs(whole: Sample, few: Sample) -> Jobs:
    """Chunks of a column beside those of a list of str: here the list is what is usual."""
    chunker = tokenkit.Chunker(encoding=ENCODING, max_tokens=CHUNK_TOKENS)
    texts = whole.table["text"].to_pylist()
    column = whole.table["text"]

    def arrow(rows: Any) -> pyarrow.Table:
        return pyarrow.table(chunker.chunk_arrow(rows))

    def batch(rows: Any) -> list[Any]:
        return chunker.chunk_batch(rows)

    def chunks(result: Any) -> list[Any]:
        if isinstance(result, list):
            return [(row, c.text) for row, found in enumerate(result) for c in found]
        return list(zip(result["row"].to_pylist(), result["text"].to_pylist(), strict=True))

    short = few.table["text"]
    return Jobs(  # in the report, `usual` would be tiktoken
        {"tokenkit": partial(arrow, column), "chunk_batch": partial(batch, texts)},
        {"tokenkit": partial(arrow, short), "usual": partial(batch, short.to_pylist())},
        chunks,
    )


ENGINES: dict[str, Callable[[Sample, Sample], Jobs]] = {
    "polars": polars_jobs,
    "pandas": pandas_jobs,
    "pyarrow": pyarrow_jobs,
    "duckdb": duckdb_jobs,
    "datasets": datasets_jobs,
    "spark": spark_jobs,
    "ray": ray_jobs,
    "chunks": chunk_jobs,
}


def children_seconds() -> float:
    """Processor time of the processes that this one started, which Spark and Ray work in."""
    import psutil

    own = os.times()
    total = own.children_user + own.children_system
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:  # it has just ended; its parent has its time
            continue
        total += times.user + times.system
        total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def timed(call: Callable[[], Any], others: bool) -> tuple[float, float]:
    """Wall and processor seconds of a call, with `others` of all processes."""
    before = children_seconds() if others else 0.0
    wall, processor = time.perf_counter(), time.process_time()
    call()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return wall, processor + (children_seconds() - before if others else 0.0)


def turns(names: list[str], rounds: int) -> Iterator[str]:
    """Each job once a round; each round begins with another."""
    for number in range(rounds):
        yield from (names[(at + number) % len(names)] for at in range(len(names)))


def answer(job: dict[str, Any]) -> dict[str, Any]:
    others = job["engine"] in ("spark", "ray")
    if others:
        children_seconds()  # without psutil it fails at once
    samples = [Sample(pyarrow.parquet.read_table(path), path) for path in job["paths"]]
    jobs = ENGINES[job["engine"]](*samples)
    prefix = "check " if "check usual" in jobs.few else ""
    ours, usual = (jobs.to_list(jobs.few[prefix + name]()) for name in ("tokenkit", "usual"))
    if ours != usual:
        return {"error": "the rows are not those of tiktoken"}
    enc = tokenkit.get_encoding(ENCODING)
    timed_jobs = dict(jobs.whole)
    if job["engine"] != "chunks":
        timed_jobs["usual"] = jobs.few["usual"]
        timed_jobs["raw"] = lambda: enc.count_arrow(samples[0].table["text"])
    for call in timed_jobs.values():
        call()  # all turns are hot
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in timed_jobs}
    for name in turns(list(timed_jobs), job["rounds"]):
        seconds[name].append(timed(timed_jobs[name], others))
    return {"rows": len(ours), "bytes": [sample.bytes for sample in samples], "seconds": seconds}


if __name__ == "__main__":
    reply(answer)
