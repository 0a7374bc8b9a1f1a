"""Readers of data files, one per kind. A new kind is a file here and a line in each table below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tokenkit.inputs.readers.arrow import ArrowFile, python_values
from tokenkit.inputs.readers.batches import Reader, RowOptions, RowTexts
from tokenkit.inputs.readers.csv import DelimitedText
from tokenkit.inputs.readers.jsonl import JsonDocument, JsonLines
from tokenkit.inputs.readers.parquet import ParquetTable

__all__ = ["READERS", "DataKind", "Reader", "RowOptions", "RowTexts", "python_values"]

DataKind = Literal["jsonl", "json", "csv", "tsv", "parquet", "arrow"]
READERS: Mapping[DataKind, Reader] = {
    "jsonl": JsonLines(),
    "json": JsonDocument(),
    "csv": DelimitedText(",", ".csv"),
    "tsv": DelimitedText("\t", ".tsv"),
    "parquet": ParquetTable(),
    "arrow": ArrowFile(),
}
