"""The job `python -m tokenkit.integrations.spark count|chunk`, also for spark-submit."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokenkit.integrations.arrow_batches import ChunkDocuments, check_column
from tokenkit.integrations.job_options import Step, run_job
from tokenkit.integrations.spark_columns import chunk_documents, count_tokens

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job that the command line names; return its exit code."""
    return run_job("spark", _run, arguments)


def _run(options: argparse.Namespace, step: Step) -> None:
    from pyspark.sql import SparkSession

    # Workers on this machine run the Python of this process, where tokenkit is.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    running = SparkSession.getActiveSession()
    spark = running or SparkSession.builder.appName(f"tokenkit {options.verb}").getOrCreate()
    try:
        frame = _read(spark, options)
        for name in step.used:
            check_column(name, frame.columns)
        mode = "overwrite" if options.overwrite else "errorifexists"
        made = _with(step, frame)
        made.write.mode(mode).option("compression", "zstd").parquet(options.output)
    finally:
        if running is None:
            spark.stop()


def _read(spark: SparkSession, options: argparse.Namespace) -> DataFrame:
    reader: Any = spark.read
    if options.format == "parquet":
        return reader.parquet(*options.input)
    # By default Spark makes nulls of lines that it cannot read.
    reader = reader.option("mode", "FAILFAST")
    if options.format == "json":
        return reader.json(options.input)
    quoted = {"header": True, "multiLine": True, "escape": '"'}
    return reader.options(**quoted).csv(options.input)


def _with(step: Step, frame: DataFrame) -> DataFrame:
    if isinstance(step, ChunkDocuments):
        return chunk_documents(
            frame,
            text=step.column,
            id=step.id,
            chunker=step.chunker,
            columns=step.columns,
            errors=step.errors,
        )
    step.check_output(frame.columns)
    counts = count_tokens(frame[step.column], encoding=step.encoding, errors=step.errors)
    return frame.withColumn(step.output, counts)
