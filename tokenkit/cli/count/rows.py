"""`tokenkit count --field/--column`: the rows of data files."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext

import click

from tokenkit.cli.count.row_output import RowFile
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.inputs import Complaints, Skipped
from tokenkit.cli.shared.options import folder_choice
from tokenkit.cli.shared.output import print_records, same_file, say
from tokenkit.cli.shared.progress import progress
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs import (
    DATA_ENDINGS,
    READERS,
    STDIN,
    Distribution,
    count_chats,
    count_rows,
    data_kind,
    find_files,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import DataKind, RowBatch

_BAR_WIDTH = 40
_SETTINGS = ("text_encoding", "errors", "delimiter", "quote", "escape", "header", "max_mb")
# What a .json file holds is anything: in a folder it is only read where it is asked for.
_FOUND_ENDINGS = [ending for ending in DATA_ENDINGS if data_kind(ending) != "json"]


def count_data_files(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Count rows, print the summary, write --per-row; return the exit code."""
    if options["chat"]:
        _refuse_beside_chat(columns, options)
    skipped = Skipped()
    files = _data_files(paths, options, skipped)
    target = options["per_row"]
    labels = [column.label for column in columns]
    output = RowFile(target, labels, options["id_name"], files) if target else None
    counter = _RowCounter(columns, options, output)
    code = 0
    try:
        # A bar would be in the way of rows that go to the terminal.
        with (
            output or nullcontext(),
            progress(files if target != STDIN else None) as seen,
        ):
            for path in files:
                counter.read(path, seen)
    except KeyboardInterrupt:
        say("tokenkit: interrupted; this is what was counted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        counter.cannot_write(error)
    summary = _Summary(columns, counter.spreads, options)
    summary.show()
    for note in counter.notes:
        say(f"tokenkit: not exact: {note}", err=True)
    skipped.say()
    counter.complaints.say()
    over = summary.complain_over()
    return code or (2 if counter.failed else 1 if over else 0)


def _refuse_beside_chat(columns: list[Column], options: dict[str, Any]) -> None:
    """Exit with 2 for what does not go with --chat."""
    if options["field"] or options["column"]:
        raise click.UsageError("Give --chat, or --field or --column, not both.")
    if any(column.model is None for column in columns):
        raise click.UsageError("--chat needs models, as each has its own rule; give --model.")


class _RowCounter:
    """Counts rows: how they are spread under each column, and what is wrong with inputs."""

    def __init__(
        self, columns: list[Column], options: dict[str, Any], output: RowFile | None
    ) -> None:
        self.columns = columns
        self.options = options
        self.output = output
        self.spreads = [Distribution() for _ in columns]
        self.complaints = Complaints()
        self.notes: dict[str, None] = {}
        self.failed = False

    def read(self, path: str, seen: Callable[[str, int | None], None]) -> None:
        """Count the rows of a file."""
        kind = _kind(path, self.options)
        unit = READERS[kind].unit if kind else "line"
        skip = self.options["errors"] == "skip"
        try:
            for batch in self._batches(path, kind):
                for spread, tokens in zip(self.spreads, batch.tokens, strict=True):
                    spread.add(tokens)
                for line, message in batch.errors:
                    self._complain(path, f"{unit} {line}: {message}", skip)
                self.notes.update(dict.fromkeys(batch.notes))
                self._write(path, batch)
                seen(path, batch.position)
        except InputError as error:
            self._complain(path, error, skip and isinstance(error, NotTextError))
        seen(path, None)

    def _batches(self, path: str, kind: DataKind | None) -> Iterator[RowBatch]:
        options = self.options
        settings: dict[str, Any] = {name: options[name] for name in _SETTINGS}
        settings |= {"id_name": options["id_name"], "kind": kind}
        if options["chat"]:
            models = [column.model for column in self.columns if column.model]
            return count_chats(path, options["chat"], models, **settings)
        encodings = [column.encoding for column in self.columns]
        return count_rows(path, _name_for(kind, options), encodings, **settings)

    def _complain(self, path: str, error: object, skip: bool = False) -> None:
        self.complaints.add(path, f"skipped: {error}" if skip else error)
        self.failed = self.failed or not skip

    def _write(self, path: str, batch: RowBatch) -> None:
        if self.output is None:
            return
        try:
            self.output.write(path, batch)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            self.cannot_write(error)
            self.output.failed = True
            self.output = None  # the rest is still counted

    def cannot_write(self, error: OSError) -> None:
        self._complain(self.options["per_row"], f"cannot be written: {error.strerror or error}")


def _data_files(paths: tuple[str, ...], options: dict[str, Any], skipped: Skipped) -> list[str]:
    """List the files that are named, and those in folders whose names are of data files; a folder
    without such files itself, so that reading it fails."""

    def told(path: str, reason: str) -> None:
        if reason != "hidden" or data_kind(path):
            skipped(path, reason)

    files = []
    for path in paths:
        if not os.path.isdir(path):
            files.append(path)
            continue
        choice = folder_choice(options)
        choice["include"] = choice["include"] or [f"*{ending}" for ending in _FOUND_ENDINGS]
        inside = find_files([path], **choice, binary=True, skipped=told)
        target = options["per_row"] or STDIN
        data = [
            name for name in inside if data_kind(name) or options["read_as"] or os.path.isdir(name)
        ]
        files += [name for name in data if not same_file(target, name)] or [path]
    return files


def _kind(path: str, options: dict[str, Any]) -> DataKind | None:
    """How to read a file: as --as says, or its name; from a pipe JSON lines for --field and --chat,
    CSV for --column."""
    kind: DataKind | None = options["read_as"]
    if kind is None and path == STDIN:
        return "csv" if options["column"] else "jsonl"
    return kind or data_kind(path)


def _name_for(kind: DataKind | None, options: dict[str, Any]) -> str:
    """--field or --column, as the values of such files are called; either serves both if it is
    alone."""
    names: dict[str, str | None] = {name: options[name] for name in ("column", "field")}
    first = names.pop(READERS[kind].value if kind else "column")
    return first or names.popitem()[1] or ""


class _Summary:
    """The report on the rows under each column."""

    def __init__(
        self, columns: list[Column], spreads: list[Distribution], options: dict[str, Any]
    ) -> None:
        self.columns = columns
        self.spreads = spreads
        self.options = options
        self.limit: int | None = options["max_tokens"]
        self.windows = [_window(column) if options["fits"] else None for column in columns]
        self.reports = [self._report(index) for index in range(len(columns))]

    def _report(self, index: int) -> dict[str, Any]:
        spread, column = self.spreads[index], self.columns[index]
        report: dict[str, Any] = {
            "rows": spread.rows,
            "missing": spread.missing,
            "total": spread.tokens,
        }
        if spread.rows:
            for name, percent in (("min", 0), ("median", 50), ("p95", 95), ("max", 100)):
                report[name] = spread.percentile(percent)
        if self.limit is not None:
            report[f"over {self.limit}"] = spread.above(self.limit)
        if self.options["cost"]:
            cost = spread.cost(column.model) if column.model else None
            report["cost_usd"] = None if cost is None else f"{cost.total:f}"
            report["cost_partial"] = cost is None or cost.partial
        if self.options["fits"]:
            window = self.windows[index]
            report["window"] = window
            report["over_window"] = None if window is None else spread.above(window)
        return report

    def show(self) -> None:
        """Print it, on standard error if the rows went to standard output."""
        aside = self.options["per_row"] == STDIN
        form = self.options["output_format"] or "text"
        labels = [column.label for column in self.columns]
        if form != "text":
            records = [
                {"column": label, **report}
                for label, report in zip(labels, self.reports, strict=True)
            ]
            print_records(records, form, err=aside)
            return
        for label, report, spread in zip(labels, self.reports, self.spreads, strict=True):
            say(f"{label}: {_words(report)}", err=aside)
            if sys.stdout.isatty() and not aside:
                _show_histogram(spread)

    def complain_over(self) -> bool:
        """Say how many rows are over the limits that were asked for; return whether one is."""
        over = False
        for column, spread, window in zip(self.columns, self.spreads, self.windows, strict=True):
            for limit, whose in ((self.limit, ""), (window, " that the model takes")):
                if limit is not None and spread.above(limit):
                    over = True
                    say(
                        f"tokenkit: {spread.above(limit)} rows ({column.label}) have more than "
                        f"{limit} tokens{whose}, the largest {max(spread.counts) - limit} more",
                        err=True,
                    )
        return over


def _window(column: Column) -> int | None:
    """The most tokens that the model takes; None for an encoding, or where none is published."""
    from tokenkit.fitting import Budget

    if column.model is None:
        return None
    try:
        return Budget.for_model(column.model).input_limit
    except ValueError:
        return None


def _words(report: dict[str, Any]) -> str:
    """Write a report in one line."""
    words = []
    for key, value in report.items():
        shown = "-" if value is None else value
        if key == "cost_usd":
            words.append(f"USD {shown}{'+' if report['cost_partial'] and value else ''}")
        elif key != "cost_partial":
            words.append(f"{key.replace('_', ' ')} {shown}")
    return ", ".join(words)


def _show_histogram(spread: Distribution) -> None:
    bins = spread.histogram()
    most = max((rows for _, _, rows in bins), default=0)
    for low, high, rows in bins:
        bar = "#" * -(-_BAR_WIDTH * rows // most)
        say(f"{f'{low}-{high}':>17}  {rows:>10}  {bar}".rstrip())
