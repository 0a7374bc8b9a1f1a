"""Readers of data files, one per kind. A new kind is a file here and a line in each table below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tokenkit.inputs.readers.arrow import ArrowFile
from tokenkit.inputs.readers.batches import Reader, RowTexts
from tokenkit.inputs.readers.csv import DelimitedText
from tokenkit.inputs.readers.jsonl import JsonLines
from tokenkit.inputs.readers.parquet import ParquetTable

__all__ = ["READERS", "DataKind", "Reader", "RowTexts"]

DataKind = Literal["jsonl", "csv", "tsv", "parquet", "arrow"]
READERS: Mapping[DataKind, Reader] = {
    "jsonl": JsonLines(),
    "csv": DelimitedText(",", ".csv"),
    "tsv": DelimitedText("\t", ".tsv"),
    "parquet": ParquetTable(),
    "arrow": ArrowFile(),
}
