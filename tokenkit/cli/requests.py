"""`tokenkit count --requests`: files of the Batch API, and fine-tuning examples."""

from __future__ import annotations

import dataclasses
import json
import sys

import click

from tokenkit.cli.inputs import STDIN, complain
from tokenkit.requests import RequestReport, count_requests, read_requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def count_request_files(paths: tuple[str, ...], options: dict[str, Any]) -> int:
    """Prints a report of each file; returns the exit code: 2 for bad lines, 1 over a limit."""
    if options["encoding"] or len(options["model"]) > 1:
        raise click.UsageError("--requests takes one --model at most: that of the examples.")
    model = options["model"][0] if options["model"] else None
    form = options["output_format"] or "text"
    if form not in ("text", "json"):
        raise click.UsageError("--requests prints text or json.")
    code = 0
    reports: list[dict[str, Any]] = []
    for path in paths:
        chosen = {"model": model, "epochs": options["epochs"]}
        try:
            if path == STDIN:
                report = count_requests(sys.stdin.buffer, **chosen)
            else:
                report = read_requests(path, **chosen)
        except OSError as error:
            complain(path, error.strerror or error)
            code = 2
            continue
        if form == "json":
            reports.append(_record(path, report))
        else:
            _show(path, report)
        if any(not problem.is_limit for problem in report.problems):
            code = 2
        elif report.problems:
            code = max(code, 1)
    if form == "json":
        click.echo(json.dumps(reports, indent=2))
    return code


def _show(path: str, report: RequestReport) -> None:
    click.echo(f"{click.format_filename(path)}: {report.requests} requests")
    for total in report.totals.values():
        tokens = f"{total.tokens} tokens"
        if not total.exact:
            tokens += f" ({total.low} to {total.high})"
        gap = " (partial: a price is not listed)" if total.partial else ""
        price = (
            f"{total.cost:f} USD{gap} as {'training' if total.training_tokens else 'batch input'}"
        )
        click.echo(f"  {total.model}: {total.requests} requests, {tokens}, {price}")
    for problem in report.problems:
        place = f"line {problem.line}: " if problem.line else ""
        complain(path, f"{place}{problem.message}")


def _record(path: str, report: RequestReport) -> dict[str, Any]:
    models = [
        {**dataclasses.asdict(total), "cost": str(total.cost)} for total in report.totals.values()
    ]
    problems = [dataclasses.asdict(problem) for problem in report.problems]
    return {"name": path, "requests": report.requests, "models": models, "problems": problems}
