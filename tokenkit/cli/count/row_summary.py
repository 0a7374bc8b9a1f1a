"""The summary of `tokenkit count --field/--column`, and the report that --report writes."""

from __future__ import annotations

import sys

import click

from tokenkit._visible import plural
from tokenkit._writing import whole_text
from tokenkit.cli.shared.output import as_json, print_records, refuse_overwriting, say, shown_name
from tokenkit.inputs import STDIN
from tokenkit.views import report_of, report_page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import Distribution
    from tokenkit.views import TokenReport

_BAR_WIDTH = 40


def check_report_file(path: str, inputs: Iterable[str]) -> None:
    """Exit with 2 unless a report can have this name."""
    if not path.endswith((".html", ".json")):
        raise click.UsageError(f"--report takes a file .html or .json, got {shown_name(path)}.")
    refuse_overwriting("--report", path, inputs)


class RowSummary:
    """The report on the rows for each model or encoding, as the options ask for it."""

    def __init__(
        self,
        columns: Sequence[Column],
        spreads: Sequence[Distribution],
        options: dict[str, Any],
        notes: Sequence[str] = (),
    ) -> None:
        self.options = options
        self.labels = [column.label for column in columns]
        self.most: int | None = options["max_tokens"]
        name = options["column"] or options["field"] or options["chat"] or ""
        self.reports = [
            report_of(spread, name, column.model, column.encoding, notes=tuple(notes))
            for column, spread in zip(columns, spreads, strict=True)
        ]

    def show(self) -> None:
        """Print it, on standard error if the rows went to standard output."""
        aside = self.options["per_row"] == STDIN
        form = self.options["output_format"] or "text"
        if form != "text":
            more = form in ("json", "jsonl")
            records = [self._record(label, more) for label in range(len(self.labels))]
            print_records(records, form, err=aside)
            return
        for label, report in zip(self.labels, self.reports, strict=True):
            say(f"{label}: {_words(self._figures(report))}", err=aside)
            if sys.stdout.isatty() and not aside:
                _show_histogram(report)

    def _record(self, at: int, more: bool) -> dict[str, Any]:
        report = self.reports[at]
        record = {"column": self.labels[at], **self._figures(report)}
        return {**report.to_dict(), **record} if more else record

    def _figures(self, report: TokenReport) -> dict[str, Any]:
        figures: dict[str, Any] = {
            "rows": report.rows,
            "missing": report.missing,
            "total": report.tokens,
        }
        if report.rows:
            figures |= {name: getattr(report, name) for name in ("min", "median", "p95", "max")}
        if self.most is not None:
            figures[f"over {self.most}"] = report.distribution.above(self.most)
        if self.options["cost"]:
            cost = report.costs.get("standard")
            figures["cost_usd"] = None if cost is None else f"{cost.total:f}"
            figures["cost_partial"] = cost is None or cost.partial
        if self.options["fits"]:
            figures["window"] = report.limit
            figures["over_window"] = report.over_limit
        if self.options["cost"] and report.costs:
            batch = report.costs["batch"]
            figures["batch_usd"] = None if batch.partial else f"{batch.total:f}"
        if self.options["cost"] and report.requests is not None:
            figures["embedding_requests"] = report.requests.requests
        return figures

    def complain_over(self) -> bool:
        """Say how many rows are over the limits that were asked for; return whether one is."""
        over = False
        for label, report in zip(self.labels, self.reports, strict=True):
            window = report.limit if self.options["fits"] else None
            for limit, whose in ((self.most, ""), (window, " that the model takes")):
                rows = 0 if limit is None else report.distribution.above(limit)
                if rows and limit is not None and report.max is not None:
                    over = True
                    have = "has" if rows == 1 else "have"
                    say(
                        f"tokenkit: {rows} {plural(rows, 'row')} ({label}) {have} more than "
                        f"{limit} tokens{whose}, "
                        f"the largest {report.max - limit} more",
                        err=True,
                    )
        return over

    def write(self, path: str) -> None:
        """Write the reports to a file, as a page or as JSON, by its name. Raises OSError."""
        with whole_text(path) as file:
            if path.endswith(".json"):
                file.write(as_json([report.to_dict() for report in self.reports], indent=2) + "\n")
            else:
                file.write(report_page(self.reports))
        say(f"{shown_name(path)} written", err=True)


def _words(figures: dict[str, Any]) -> str:
    """Write the figures of a report in one line."""
    words = []
    for key, value in figures.items():
        shown = "-" if value is None else value
        if key == "cost_usd":
            words.append(f"USD {shown}{'+' if figures['cost_partial'] and value else ''}")
        elif key == "batch_usd":
            words.append(f"batch USD {shown}")
        elif key != "cost_partial":
            words.append(f"{key.replace('_', ' ')} {shown}")
    return ", ".join(words)


def _show_histogram(report: TokenReport) -> None:
    bins = report.histogram
    most = max((rows for _, _, rows in bins), default=0)
    for low, high, rows in bins:
        bar = "#" * -(-_BAR_WIDTH * rows // most)
        say(f"{f'{low}-{high}':>17}  {rows:>10}  {bar}".rstrip())
