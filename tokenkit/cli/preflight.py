"""`tokenkit preflight`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit.cli.shared.inputs import exit_on_errors, read_json_values
from tokenkit.cli.shared.options import (
    PATH,
    choice_option,
    format_option,
    model_option,
    text_encoding_option,
)
from tokenkit.cli.shared.output import (
    complain,
    print_json,
    print_painted,
    print_records,
    print_table,
    say,
)
from tokenkit.cli.shared.tokenizers import model_for, tokenizer_option, window_option
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenkit.fitting import Preflight

_BODIES = ("body", "params", "request")  # of a line of a batch file
EXAMPLES = """\b
Examples:
  tokenkit preflight request.json
  tokenkit preflight batch.jsonl --format json
  my-agent --print-request | tokenkit preflight - -m claude-sonnet-5
  tokenkit preflight prompts/*.json --annotations github
  tokenkit preflight request.json -e qwen/tokenizer.json --context-window 32768
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE|-]...")
@model_option("Check for this model. Default: the one that each request names.")
@tokenizer_option
@window_option
@click.option("--api", metavar="NAME", help="Read the requests as those of this API.")
@choice_option(
    "--annotations",
    choices=("none", "github"),
    help="Print a line per problem for a build that shows it beside the file.",
)
@text_encoding_option
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def preflight(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Check requests before they are sent: tokens, limits, cost and problems.

    The input is JSON: the body of a request to OpenAI, Anthropic or Gemini, or a line of a batch
    file; one, or one per line. Nothing is sent. The exit code is 1 if a request does not fit or has
    another error.
    """
    checks: list[tuple[str, int, Preflight]] = []
    failed = False
    for name in files or (STDIN,):
        with exit_on_errors(context, name):
            for line, value in read_json_values(name, options):
                try:
                    checks.append((name, line, _checked(value, options)))
                except (TypeError, ValueError) as error:
                    complain(name, f"line {line}: {error}")
                    failed = True
    if options["annotations"] == "github":
        _print_annotations(checks)
    else:
        _print(checks, options["output_format"])
    bad = any(check.fits is False or _errors(check) for _, _, check in checks)
    context.exit(2 if failed else int(bad))


def _checked(value: Any, options: dict[str, Any]) -> Preflight:
    from tokenkit.fitting import preflight as check

    model = options["model"]
    if options["encoding"] or options["context_window"]:
        if not (model or options["context_window"]):  # -e goes with the request's model
            model = _model_of(value)
        model = model_for(model, options["encoding"], options["context_window"])
    named = {"model": model} if model else {}
    if named and isinstance(value, dict):
        for key in _BODIES:
            if isinstance(value.get(key), dict):  # a line of a batch file
                return check({**value, key: {**value[key], **named}}, api=options["api"])
    return check(value, api=options["api"], **named)


def _model_of(value: Any) -> str | None:
    """Find the model that a request names, or the request in a line of a batch file."""
    while isinstance(value, dict):
        model = value.get("model")
        if isinstance(model, str):
            return model
        value = next((value[key] for key in _BODIES if isinstance(value.get(key), dict)), None)
    return None


def _errors(check: Preflight) -> list[Any]:
    return [problem for problem in check.problems if problem.severity == "error"]


def _print(checks: Sequence[tuple[str, int, Preflight]], form: str) -> None:
    records = [{"file": name, "line": line, **check.to_dict()} for name, line, check in checks]
    if form == "json":
        print_json(records)
    elif form == "jsonl":
        print_records(records, form)
    elif form != "text":
        flat = [
            {
                **record,
                "problems": "; ".join(map(str, check.problems)),
                "notes": "; ".join(check.notes),
            }
            for record, (_, _, check) in zip(records, checks, strict=True)
        ]
        print_records(flat, form)
    elif len(checks) == 1:
        print_painted(checks[0][2].report())
    elif checks:
        _print_rows(checks)


def _print_rows(checks: Sequence[tuple[str, int, Preflight]]) -> None:
    rows: list[tuple[str, ...]] = [("request", "model", "tokens", "reply", "fits", "USD", "")]
    for name, line, check in checks:
        verdict = {True: "yes", False: "no", None: "unsure"}[check.fits]
        cost = check.cost_high if check.cost_high is not None else check.cost_low
        price = "-" if cost is None else f"{'' if check.cost_high is not None else '>='}{cost:f}"
        tokens = str(check.tokens) if check.exact else f"~{check.tokens}"
        reply = "-" if check.max_output is None else str(check.max_output)
        problems = _errors(check)
        first = str(problems[0]) if problems else ""
        rows.append((f"{name}:{line}", check.model, tokens, reply, verdict, price, first))
    print_table(rows)


def _print_annotations(checks: Sequence[tuple[str, int, Preflight]]) -> None:
    """Print problems as workflow commands of GitHub Actions ("Workflow commands" of its docs)."""
    for name, line, check in checks:
        for problem in check.problems:
            message = _escaped(str(problem))
            place = f"file={_escaped(name, ',:')},line={line}"
            say(f"::{problem.severity} {place}::{message}")


def _escaped(text: str, more: str = "") -> str:
    for mark in "%\r\n" + more:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text
