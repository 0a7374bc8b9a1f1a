"""Files of JSON lines, and the counts that are written for their rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet


def write_lines(name: str, rows: Iterable[dict[str, Any]]) -> str:
    """Write rows as JSON lines; return the name of the file."""
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def read_back(name: str, shown: str) -> list[dict[str, Any]]:
    """The rows that were written, as JSON would have them."""
    if name == "-":
        return [json.loads(line) for line in shown.splitlines()]
    if name.endswith("parquet"):
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(name).to_pylist()
        return rows
    if name.endswith("csv"):
        with open(name, newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in Path(name).read_text().splitlines()]
