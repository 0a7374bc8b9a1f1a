"""`tokenkit count --field/--column`: the rows of data files."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click

from tokenkit.cli.count.row_output import RowFile
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import (
    SETTINGS,
    ShareDone,
    found_files,
    kind_for,
    name_for,
    row_settings,
)
from tokenkit.cli.shared.inputs import Complaints, Skipped
from tokenkit.cli.shared.output import print_records, say
from tokenkit.cli.shared.progress import row_progress
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs import (
    READERS,
    STDIN,
    Distribution,
    RowBatch,
    count_chats,
    count_parts,
    file_parts,
    shown_uri,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import FilePart

_BAR_WIDTH = 40


def count_data_files(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Count rows, print the summary, write --per-row; return the exit code."""
    if options["chat"]:
        _refuse_beside_chat(columns, options)
    skipped = Skipped()
    target = options["per_row"]
    files = found_files(paths, options, skipped, [target or STDIN])
    labels = [column.label for column in columns]
    output = RowFile(target, labels, options["id_name"], files) if target else None
    parts = file_parts(files, lambda path: kind_for(path, options), whole=bool(options["chat"]))
    total = sum(part.size for part in parts) if all(part.size for part in parts) else None
    counter = _RowCounter(columns, options, output)
    code = 0
    try:
        # A bar would be in the way of rows that go to the terminal.
        with output or nullcontext(), row_progress(total, shown=target != STDIN) as seen:
            counter.count(parts, seen)
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

    def count(self, parts: list[FilePart], seen: Callable[[int, int], None]) -> None:
        """Count the rows of parts; those that go to an output in their order."""
        share = ShareDone()
        for part, batch in self._batches(parts):
            if isinstance(batch, InputError):
                skip = self.options["errors"] == "skip" and isinstance(batch, NotTextError)
                self._complain(part.path, batch, skip, (part.file, sys.maxsize))
            elif batch is not None:
                self._add(part, batch)
            position = batch.position if isinstance(batch, RowBatch) else None
            seen(share.more(part, position), batch.rows if isinstance(batch, RowBatch) else 0)

    def _add(self, part: FilePart, batch: RowBatch) -> None:
        unit = READERS[part.kind].unit if part.kind else "line"
        for spread, tokens in zip(self.spreads, batch.tokens, strict=True):
            spread.add(tokens)
        for line, message in batch.errors:
            skip = self.options["errors"] == "skip"
            self._complain(part.path, f"{unit} {line}: {message}", skip, (part.file, line))
        self.notes.update(dict.fromkeys(batch.notes))
        self._write(part.path, batch)

    def _batches(
        self, parts: list[FilePart]
    ) -> Iterator[tuple[FilePart, RowBatch | InputError | None]]:
        options = self.options
        if options["chat"]:
            return ((part, batch) for part in parts for batch in self._chats(part))
        return count_parts(
            parts,
            lambda part: name_for(part, options),
            [column.encoding for column in self.columns],
            row_settings(options),
            id_name=options["id_name"],
            in_order=self.output is not None,
        )

    def _chats(self, part: FilePart) -> Iterator[RowBatch | InputError | None]:
        options = self.options
        settings: dict[str, Any] = {name: options[name] for name in SETTINGS}
        settings |= {"id_name": options["id_name"], "kind": part.kind}
        models = [column.model for column in self.columns if column.model]
        try:
            yield from count_chats(part.path, options["chat"], models, **settings)
        except InputError as error:
            yield error
        yield None

    def _complain(
        self, path: str, error: object, skip: bool = False, order: tuple[int, ...] = ()
    ) -> None:
        name = shown_uri(path)
        self.complaints.add(name, f"skipped: {error}" if skip else error, order)
        self.failed = self.failed or not skip

    def _write(self, path: str, batch: RowBatch) -> None:
        if self.output is None:
            return
        try:
            self.output.write(shown_uri(path), batch)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            self.cannot_write(error)
            self.output.failed = True
            self.output = None  # the rest is still counted

    def cannot_write(self, error: OSError) -> None:
        self._complain(self.options["per_row"], f"cannot be written: {error.strerror or error}")


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
