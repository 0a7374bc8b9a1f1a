"""`tokenkit count --requests`: files of the Batch API, and fine-tuning examples."""

from __future__ import annotations

import dataclasses

import click

from tokenkit._visible import plural
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.inputs import Complaints
from tokenkit.cli.shared.output import print_records, say, shown_name
from tokenkit.cli.shared.progress import progress
from tokenkit.cli.shared.tokenizers import model_for
from tokenkit.errors import InputError
from tokenkit.inputs import (
    RequestCounter,
    RequestReport,
    RequestTotal,
    check_decoding,
    lines_within,
    most_bytes,
    opened,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tokenkit.inputs import Decoding

_STEP = 200  # lines between moves of the bar
_SHOWN_NOTES = 10  # in text; JSON has all
_VALUES = (
    "model",
    "requests",
    "tokens",
    "low",
    "high",
    "max_output",
    "training_tokens",
    "exact",
    "cost",
    "partial",
    "tier",
)


def count_request_files(paths: tuple[str, ...], options: dict[str, Any]) -> int:
    """Print a report of each file; return the exit code: 2 for bad lines, 1 over a limit."""
    if len(options["model"]) + len(options["encoding"]) > 1:
        raise click.UsageError(
            "--requests takes at most one --model or --encoding, for requests without a model."
        )
    model = options["model"][0] if options["model"] else None
    if options["encoding"]:
        model = model_for(None, options["encoding"][0])
    epochs = options["epochs"] or 1
    decoding = check_decoding(options["text_encoding"], options["errors"])
    code = 0
    counters: list[tuple[str, RequestCounter]] = []
    errors: dict[str, str] = {}
    try:
        with progress(paths) as seen:
            for path in paths:
                counters.append((path, RequestCounter(model, epochs=epochs)))
                try:
                    _read(*counters[-1], decoding, most_bytes(options["max_mb"]), seen)
                except InputError as error:
                    errors[path] = str(error)
    except KeyboardInterrupt:
        say("tokenkit: interrupted; this is what was counted", err=True)
        code = INTERRUPTED
    reports = [
        (path, counter.finish())
        for path, counter in counters
        if counter.lines or path not in errors
    ]
    _show(reports, options["output_format"] or "text")
    complaints = Complaints()
    for path, report in reports:
        for problem in report.problems:
            line = f"line {problem.line}: " if problem.line else ""
            complaints.add(path, f"{line}{problem.message}")
        complaints.number += report.more_problems
    for path, message in errors.items():
        complaints.add(path, message)
    complaints.say()
    if code == 0 and (errors or any(report.wrong for _, report in reports)):
        code = 2
    return code or int(any(report.problems for _, report in reports))


def _read(
    path: str,
    counter: RequestCounter,
    decoding: Decoding,
    most: int,
    seen: Callable[[str, int | None], None],
) -> None:
    with opened(path, decoding) as (file, position):
        for line in lines_within(file, most):
            counter.add(line)
            if counter.lines % _STEP == 0:
                seen(path, position())
    seen(path, None)


def _show(reports: list[tuple[str, RequestReport]], form: str) -> None:
    if form == "text":
        for path, report in reports:
            _describe(path, report)
    elif form in ("json", "jsonl"):
        print_records([_record(path, report) for path, report in reports], form)
    else:
        rows = [
            {"name": path, **_values(total)}
            for path, report in reports
            for total in report.totals.values()
        ]
        print_records(rows, form)


def _describe(path: str, report: RequestReport) -> None:
    say(f"{shown_name(path)}: {report.requests} {plural(report.requests, 'request')}")
    for total in report.totals.values():
        tokens = f"{total.tokens} tokens"
        if not total.exact:
            tokens += f" ({total.low} {'or more' if total.high is None else f'to {total.high}'})"
        gap = " (partial)" if total.partial else ""
        kind = "training" if total.training_tokens else f"{total.tier} input"
        price = f"{total.cost:f} USD{gap} as {kind}"
        requests = f"{total.requests} {plural(total.requests, 'request')}"
        say(f"  {total.model}: {requests}, {tokens}, {price}")
    for note in report.notes[:_SHOWN_NOTES]:
        say(f"  note: {note}")
    if len(report.notes) > _SHOWN_NOTES:
        more = len(report.notes) - _SHOWN_NOTES
        say(f"  note: {more} more, which --format json lists")


def _values(total: RequestTotal) -> dict[str, Any]:
    return {name: getattr(total, name) for name in _VALUES} | {"cost": f"{total.cost:f}"}


def _record(path: str, report: RequestReport) -> dict[str, Any]:
    models = [_values(total) for total in report.totals.values()]
    problems = [dataclasses.asdict(problem) for problem in report.problems]
    return {
        "name": path,
        "requests": report.requests,
        "models": models,
        "notes": list(report.notes),
        "problems": problems,
        "more_problems": report.more_problems,
    }
