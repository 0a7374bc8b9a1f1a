"""Outputs of all verbs: records, tables, texts and bytes."""

from __future__ import annotations

import csv
import io
import json
import sys

import click

from tokenkit.cli.shared.inputs import same_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


def print_json(value: Any, *, err: bool = False) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2), err=err)


def print_records(records: Sequence[Mapping[str, Any]], form: str, *, err: bool = False) -> None:
    """Print records as "json" or "jsonl", or as "csv" or "tsv" with a header, where None is an
    empty cell."""
    if form == "json":
        print_json(records, err=err)
    elif form == "jsonl":
        for record in records:
            click.echo(json.dumps(record), err=err)
    else:
        keys = list(dict.fromkeys(key for record in records for key in record))
        print_separated(keys, ([record.get(key) for key in keys] for record in records), form, err)


def print_separated(
    header: Sequence[str], rows: Iterable[Sequence[Any]], form: str, err: bool = False
) -> None:
    """Print a header and rows as "csv" or "tsv"."""
    out = io.StringIO()
    table = csv.writer(out, delimiter="," if form == "csv" else "\t", lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    click.echo(out.getvalue(), nl=False, err=err)


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows for people, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def write_text(text: str) -> None:
    """Write text to standard output as UTF-8, nothing added and line ends as they are."""
    write_bytes(text.encode())


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def refuse_overwriting(option: str, target: str, inputs: Iterable[str]) -> None:
    """Exit with 2 if the file to write is one of those to read."""
    if any(same_file(target, name) for name in inputs):
        shown = click.format_filename(target)
        raise click.UsageError(
            f"{option} would write over its own input {shown}; name another file."
        )
