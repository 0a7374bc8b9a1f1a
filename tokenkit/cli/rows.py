"""`tokenkit count --field/--column`: the rows of data files."""

from __future__ import annotations

import csv
import json
import os
import sys
from contextlib import contextmanager

import click

from tokenkit.cli.inputs import STDIN, complain
from tokenkit.datafiles import Distribution, RowBatch, count_rows, data_kind
from tokenkit.files import InputError, find_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tokenkit.cli.counted import Column

_SHOWN_ERRORS = 20
_JSON_KINDS = ("jsonl",)


def count_data_files(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Counts rows, prints the summary, writes --per-row; returns the exit code."""
    files = [path for path in _data_files(paths, options) if path != options["per_row"]]
    labels = [column.label for column in columns]
    spread = [Distribution() for _ in columns]
    code = errors = 0
    with (
        _row_writer(options["per_row"], labels, options["id_name"]) as write,
        _progress(files) as seen,
    ):
        try:
            for path in files:
                try:
                    for batch in count_rows(
                        path,
                        _name_for(path, options),
                        [column.encoding for column in columns],
                        id_name=options["id_name"],
                    ):
                        for one, tokens in zip(spread, batch.tokens, strict=True):
                            one.add(tokens)
                        write(path, batch)
                        seen(path, batch.position)
                        for line, message in batch.errors:
                            errors += 1
                            if errors <= _SHOWN_ERRORS:
                                complain(path, f"line {line}: {message}")
                except InputError as error:
                    errors += 1
                    complain(path, error)
                seen(path, None)
        except KeyboardInterrupt:
            click.echo("tokenkit: interrupted; this is what was counted", err=True)
            code = 130
    if errors > _SHOWN_ERRORS:
        click.echo(f"tokenkit: {errors} errors in all", err=True)
    _show(labels, spread, options)
    over = _complain_over(labels, spread, options["max_tokens"])
    return code or (2 if errors else 1 if over else 0)


def _data_files(paths: tuple[str, ...], options: dict[str, Any]) -> list[str]:
    """The files that are named, and those in folders whose names tell that they hold data."""
    found = []
    for path in paths:
        if path == STDIN:
            raise click.UsageError("Rows are read from files: name one.")
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = find_files(
            [path],
            include=options["include"] or ["*.jsonl", "*.ndjson", "*.csv", "*.tsv"],
            exclude=options["exclude"],
            gitignore=not options["no_gitignore"],
            hidden=options["hidden"],
        )
        found += [name for name in inside if data_kind(name)[0]]
    return found


def _name_for(path: str, options: dict[str, Any]) -> str:
    """--field for lines of JSON and --column for the others; either serves both if it is alone."""
    first, second = options["field"], options["column"]
    if data_kind(path)[0] not in _JSON_KINDS:
        first, second = second, first
    name: str = first or second
    return name


@contextmanager
def _row_writer(
    path: str | None, labels: list[str], id_name: str | None
) -> Iterator[Callable[[str, RowBatch], None]]:
    """A function that writes a batch's counts: CSV, Parquet or JSON lines by the file's ending."""
    heads = ["tokens"] if len(labels) == 1 else labels
    if path is None:
        yield lambda _path, _batch: None
        return
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".csv", ".jsonl", ".ndjson", ".parquet") and path != STDIN:
        raise click.UsageError("--per-row takes a file .jsonl, .csv or .parquet, or - .")

    def records(batch: RowBatch) -> Iterator[tuple[Any, ...]]:
        for index in range(batch.rows):
            key = batch.first + index if batch.ids is None else batch.ids[index]
            yield (key, *(column[index] for column in batch.tokens))

    names = [id_name or "row", *heads]
    if ending == ".parquet":
        import pyarrow
        import pyarrow.parquet

        writers: list[Any] = []

        def write_parquet(_path: str, batch: RowBatch) -> None:
            keys = batch.ids or list(range(batch.first, batch.first + batch.rows))
            arrays = [
                pyarrow.array(keys),
                *(pyarrow.array(c, pyarrow.int64()) for c in batch.tokens),
            ]
            table = pyarrow.table(dict(zip(names, arrays, strict=True)))
            if not writers:
                writers.append(pyarrow.parquet.ParquetWriter(path, table.schema))
            writers[0].write_table(table.cast(writers[0].schema))

        try:
            yield write_parquet
        finally:
            for writer in writers:
                writer.close()
        return
    file = sys.stdout if path == STDIN else open(path, "w", encoding="utf-8", newline="")  # noqa: SIM115
    try:
        if ending == ".csv":
            table = csv.writer(file, lineterminator="\n")
            table.writerow(names)
            yield lambda _path, batch: table.writerows(records(batch))
        else:
            yield lambda _path, batch: file.writelines(
                json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in records(batch)
            )
    finally:
        if file is not sys.stdout:
            file.close()


@contextmanager
def _progress(files: list[str]) -> Iterator[Callable[[str, int | None], None]]:
    """A function that moves a bar on a terminal: (file, bytes read, or None for all of it)."""
    if not sys.stderr.isatty():
        yield lambda _path, _position: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    sizes = {path: os.path.getsize(path) if os.path.exists(path) else 0 for path in files}
    before = 0
    with Progress(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=sum(sizes.values()))

        def seen(path: str, position: int | None) -> None:
            nonlocal before
            if position is None:
                before += sizes[path]
            bar.update(task, completed=before + (position or 0))

        yield seen


def _summary(one: Distribution, limit: int | None) -> dict[str, int]:
    report = {"rows": one.rows, "missing": one.missing, "total": one.total}
    if one.rows:
        for name, percent in (("min", 0), ("median", 50), ("p95", 95), ("max", 100)):
            report[name] = one.percentile(percent)
    if limit is not None:
        report[f"over {limit}"] = one.above(limit)
    return report


def _show(labels: list[str], spread: list[Distribution], options: dict[str, Any]) -> None:
    """The summary, on standard error if the rows went to standard output."""
    reports = [_summary(one, options["max_tokens"]) for one in spread]
    aside = options["per_row"] == STDIN
    form = options["output_format"] or "text"
    if form in ("json", "jsonl"):
        records = [
            {"column": label, **report} for label, report in zip(labels, reports, strict=True)
        ]
        lines = [json.dumps(record) for record in records]
        click.echo(json.dumps(records, indent=2) if form == "json" else "\n".join(lines), err=aside)
        return
    if form in ("csv", "tsv"):
        table = csv.writer(
            sys.stderr if aside else sys.stdout,
            delimiter="," if form == "csv" else "\t",
            lineterminator="\n",
        )
        keys = list(dict.fromkeys(key for report in reports for key in report))
        table.writerow(["column", *keys])
        for label, report in zip(labels, reports, strict=True):
            table.writerow([label, *(report.get(key, "") for key in keys)])
        return
    for label, report, one in zip(labels, reports, spread, strict=True):
        click.echo(f"{label}: " + ", ".join(f"{key} {n}" for key, n in report.items()), err=aside)
        if sys.stdout.isatty() and not aside:
            _bars(one)


def _bars(one: Distribution) -> None:
    bins = one.histogram()
    most = max((rows for _, _, rows in bins), default=0)
    for low, high, rows in bins:
        bar = "#" * -(-40 * rows // most)
        click.echo(f"{f'{low}-{high}':>17}  {rows:>10}  {bar}".rstrip())


def _complain_over(labels: list[str], spread: list[Distribution], limit: int | None) -> bool:
    over = False
    for label, one in zip(labels, spread, strict=True):
        if limit is not None and one.above(limit):
            over = True
            most = max(one.counts)
            click.echo(
                f"tokenkit: {one.above(limit)} rows ({label}) have more than {limit} tokens, "
                f"the largest {most - limit} more",
                err=True,
            )
    return over
