"""Reports on the frames of engines: the numbers are those of the same rows in one table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow
import pytest
import tiktoken
from report_rows import MODEL, TEXTS, naive_numbers

import tokenkit
from tokenkit.errors import InputError

pytestmark = pytest.mark.engines

NAME = 'te."xt` y'  # of a column: each engine has its own way to quote it
TABLE = pyarrow.table({"id": range(len(TEXTS)), NAME: TEXTS})
INVALID = [b"hi", None, b"a\xff"]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4"}
    builder = SparkSession.builder.master("local[2]").config(map=settings)
    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    patch.undo()


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    yield ray
    ray.shutdown()


def check(made: Callable[[pyarrow.Table], Any], twin: Callable[[str], tiktoken.Encoding]) -> None:
    """Compare the reports on the sample, on bytes, and on columns that are wrong."""
    report = tokenkit.token_report(made(TABLE), NAME, MODEL)
    expected = naive_numbers(twin("cl100k_base"))
    assert {key: report.to_dict()[key] for key in expected} == expected
    assert report == tokenkit.token_report(TABLE, NAME, MODEL)
    with pytest.raises(InputError, match="expected a column 'nix', got columns id, te"):
        tokenkit.token_report(made(TABLE), "nix", MODEL)
    with pytest.raises(Exception, match="column 'id': expected"):
        tokenkit.token_report(made(TABLE), "id", MODEL)
    table = pyarrow.table({"b": pyarrow.array(INVALID, pyarrow.binary())})
    found = tokenkit.token_report(made(table), "b", MODEL, errors="null")
    assert (found.rows, found.nulls, found.invalid, found.tokens) == (1, 1, 1, 1)
    with pytest.raises(Exception, match=r"column 'b', row \d+: .*byte 1"):
        tokenkit.token_report(made(table), "b", MODEL)
    empty = tokenkit.token_report(made(TABLE.slice(0, 0)), NAME, MODEL)
    assert (empty.rows, empty.missing, empty.tokens) == (0, 0, 0)


def test_spark(spark: Any, tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    # More parts than rows: some are empty.
    check(lambda table: spark.createDataFrame(table).repartition(len(table) + 3), tiktoken_encoding)


def test_ray(ray: Any, tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    check(lambda table: ray.data.from_arrow(table).repartition(3), tiktoken_encoding)


def test_duckdb(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    import duckdb

    connection = duckdb.connect()

    def made(table: pyarrow.Table) -> Any:
        connection.register("rows", table)
        return connection.sql("select * from rows")

    check(made, tiktoken_encoding)


def test_datasets(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    import datasets

    def shuffled(table: pyarrow.Table) -> Any:
        return datasets.Dataset(table).shuffle(seed=1)

    check(shuffled, tiktoken_encoding)
    streamed = datasets.Dataset(TABLE).to_iterable_dataset()
    whole = tokenkit.token_report(TABLE, NAME, MODEL)
    assert tokenkit.token_report(streamed, NAME, MODEL) == whole
    half = datasets.Dataset(TABLE).select(range(5))
    assert tokenkit.token_report(half, NAME, MODEL).rows == 4
    with pytest.raises(TypeError, match=r"a DatasetDict; choose .* data\['train'\]"):
        tokenkit.token_report(datasets.DatasetDict(train=half), NAME, MODEL)


def test_dask(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    import dask.dataframe

    def made(table: pyarrow.Table) -> Any:
        return dask.dataframe.from_pandas(table.to_pandas(), npartitions=3)

    # By default it makes strings of objects, and fails for bytes that are not UTF-8.
    with dask.config.set({"dataframe.convert-string": False}):
        check(made, tiktoken_encoding)
    whole = tokenkit.token_report(TABLE, NAME, MODEL)
    assert tokenkit.token_report(made(TABLE), NAME, MODEL) == whole


def test_daft(tiktoken_encoding: Callable[[str], tiktoken.Encoding]) -> None:
    import daft

    check(daft.from_arrow, tiktoken_encoding)
