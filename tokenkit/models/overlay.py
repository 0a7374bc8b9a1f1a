"""Reads users' model files: JSON or TOML, records as a list or as a table keyed by name."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping

from tokenkit.errors import ModelDataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_records", "read_table"]


def read_table(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The top-level table of a JSON or TOML file; ModelDataError says where it is broken."""
    where = os.fspath(path)
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    if where.lower().endswith(".toml"):
        return _parse_toml(text, where)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ModelDataError(f"{where}: not valid JSON at {place}: {error.msg}") from None
    if not isinstance(data, dict):
        raise ModelDataError(f"{where}: the file must hold a JSON object")
    return data


def read_records(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The model records of a file, not yet checked; a table's key becomes the record's name."""
    models = read_table(path).get("models")
    if isinstance(models, list):
        return models
    if not isinstance(models, Mapping):
        raise ModelDataError(f"{os.fspath(path)}: 'models' must be a list or a table of records")
    records = []
    for name, record in models.items():
        if not isinstance(record, Mapping):
            raise ModelDataError(f"{os.fspath(path)}: models.{name} must be a table of fields")
        records.append({"name": name, **record})
    return records


def _parse_toml(text: str, where: str) -> dict[str, Any]:
    # Python 3.10 has no TOML reader of its own; tomli is the same code as a package.
    reader = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    try:
        toml = importlib.import_module(reader)
    except ImportError:
        raise ModelDataError(
            f"{where}: reading TOML on Python 3.10 needs the package tomli; "
            "install it or write the file as JSON"
        ) from None
    try:
        table: dict[str, Any] = toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise ModelDataError(f"{where}: not valid TOML: {error}") from None
    return table
