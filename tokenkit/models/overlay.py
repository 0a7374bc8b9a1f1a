"""Reads users' model files: JSON or TOML, records as a list or as a table keyed by name."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from tokenkit._checks import json_fault, shown
from tokenkit._files import read_named
from tokenkit.errors import ModelDataError

__all__ = ["MOST_BYTES", "parse_json", "read_records", "read_table"]

MOST_BYTES = 16 << 20  # of a file; LiteLLM's list takes 2 MB


def read_table(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the top-level table of a JSON or TOML file.

    Raises OSError, also for pipes and devices, and ModelDataError with the place where the file is
    broken.
    """
    where = os.fspath(path)
    content = read_named(path, MOST_BYTES, only_regular=True)
    if where.lower().endswith(".toml"):
        return _parse_toml(content, where)
    data = parse_json(content, where, once=True)
    if not isinstance(data, dict):
        raise ModelDataError(f"{where}: expected a JSON object, got a {type(data).__name__}")
    return data


def parse_json(content: bytes, where: str, *, once: bool = False) -> object:
    """Parse JSON in UTF-8. Raises ModelDataError for whatever is not, however deep or long; with
    `once` for an object that has a key twice, too.

    >>> parse_json(b'{"models": []}', "here")
    {'models': []}
    """
    try:
        hook = _with_each_key_once if once else None
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=hook)
    except ModelDataError as error:
        raise ModelDataError(f"{where}: {error}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ModelDataError(f"{where}: not valid JSON at {place}: {json_fault(error)}") from None
    except UnicodeDecodeError as error:
        raise ModelDataError(
            f"{where}: expected UTF-8, got another byte at {error.start}"
        ) from None
    except (RecursionError, ValueError) as error:
        raise ModelDataError(f"{where}: not valid JSON: {json_fault(error)}") from None


def _with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        last = {name: index for index, (name, _) in enumerate(pairs)}
        twice = next(name for index, (name, _) in enumerate(pairs) if last[name] != index)
        raise ModelDataError(f"expected each key once, got {shown(twice)} twice")
    return table


def read_records(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read the model records of a file, not yet checked; a table's key becomes the record's name.

    Raises OSError, and ModelDataError for a file that is broken or holds no records.
    """
    where = os.fspath(path)
    models = read_table(path).get("models")
    if isinstance(models, list):
        return models
    if not isinstance(models, Mapping):
        got = type(models).__name__
        raise ModelDataError(
            f"{where}: expected a list or a table of records, got {got}, at models"
        )
    records = []
    for name, record in models.items():
        if not isinstance(record, Mapping):
            raise ModelDataError(
                f"{where}: expected a table of fields, got {shown(record)}, at models.{name}"
            )
        records.append({"name": name, **record})
    return records


def _parse_toml(content: bytes, where: str) -> dict[str, Any]:
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
        table: dict[str, Any] = toml.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ModelDataError(
            f"{where}: expected UTF-8, got another byte at {error.start}"
        ) from None
    except RecursionError:
        raise ModelDataError(f"{where}: not valid TOML: it is nested too deep") from None
    except (toml.TOMLDecodeError, ValueError) as error:
        raise ModelDataError(f"{where}: not valid TOML: {error}") from None
    return table
