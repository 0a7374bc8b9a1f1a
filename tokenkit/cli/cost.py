"""`tokenkit cost`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import click

from tokenkit.cli.shared.inputs import Complaints, complain, read_or_complain
from tokenkit.cli.shared.options import (
    PATH,
    format_option,
    model_option,
    no_model,
    number_option,
    usage_errors,
)
from tokenkit.cli.shared.output import print_json, print_records, print_table
from tokenkit.errors import InputError, TokenkitError
from tokenkit.inputs import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenkit.costs import Cost, ModelComparison

EXAMPLES = """\b
Examples:
  tokenkit cost -m gpt-5.2 --input 12000 --cached 8000 --output 500
  tokenkit cost prompt.md -m gpt-5.2 -m gpt-6-luna --output 4000
  tokenkit cost -m gpt-5.2 --input 1000000 --tier batch
  curl ... | tokenkit cost --usage - -m gpt-5.2
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@model_option("Use the prices of this model. Repeat to compare.", multiple=True)
@number_option(
    "--input", "input_tokens", help="Price N tokens of the prompt. Default: those of the files."
)
@number_option("--cached", "cached_tokens", help="Read N of the input tokens from the cache.")
@number_option(
    "--cache-write", "cache_write_tokens", help="Write N of the input tokens to the cache."
)
@number_option("--output", "output_tokens", help="Price N tokens of the reply, reasoning included.")
@number_option("--reasoning", "reasoning_tokens", help="Count N of the output tokens as reasoning.")
@click.option(
    "--tier",
    metavar="NAME",
    help="Use the prices of this tier: standard (the default), batch, flex, priority ...",
)
@click.option(
    "--at", metavar="DATE", help="Use the prices of this day, such as 2026-01-31. Default: today."
)
@click.option(
    "--usage",
    metavar="FILE",
    help="Price responses of the API, or their usage objects: a JSON value, or one per line.",
)
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def cost(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Price a request in USD: numbers of tokens, texts, or what the API says it used.

    Tokens without a listed price are named and make the total partial; they never count as free.
    Texts are counted for each model, or estimated, and marked so, where its tokenizer is private.
    """
    models = options["model"]
    tokens = {
        name: number
        for name, number in options.items()
        if name.endswith("_tokens") and number is not None
    }
    if options["usage"]:
        if files or tokens:
            raise click.UsageError(
                "--usage takes all numbers from the responses; leave out files and tokens."
            )
        context.exit(_price_usage(options["usage"], models, options))
    if not (files or tokens):
        raise click.UsageError(
            "Expected tokens or files to price, got neither; give --input 12000, or name files."
        )
    if not models:
        raise no_model()
    with usage_errors(ValueError, TypeError):
        if files:
            context.exit(_price_texts(files, models, tokens, options))
        _print_costs(_costs(models, tokens, options), options["output_format"])


def _costs(models: tuple[str, ...], tokens: dict[str, Any], options: dict[str, Any]) -> list[Cost]:
    from tokenkit.costs import cost as price

    tier = options["tier"] or "standard"
    return [price(model, **tokens, tier=tier, at=options["at"]) for model in models]


def _price_usage(name: str, models: tuple[str, ...], options: dict[str, Any]) -> int:
    """Print the costs of the usage objects of a file; return the exit code."""
    complaints = Complaints()
    costs: list[Cost] = []
    try:
        for where, value, problem in _usage_objects(read_text(name)):
            try:
                if problem:
                    raise ValueError(problem)
                costs += _costs_of_usage(value, models, options)
            except (ValueError, TypeError, TokenkitError) as error:
                complaints.add(name, f"{where}: {error}")
        if not costs and not complaints.number:
            raise InputError("expected usage objects, got none")
    except InputError as error:
        complain(name, error)
        return 2
    complaints.say()
    if costs:
        _print_costs(costs, options["output_format"])
    return 2 if complaints.number else 0


def _costs_of_usage(value: Any, models: tuple[str, ...], options: dict[str, Any]) -> list[Cost]:
    """The cost of a response with each model, by default its own."""
    from tokenkit.costs import cost_from_usage

    usage = _unwrapped(value)
    if not models:
        own = usage.get("model")
        if not isinstance(own, str):
            raise ValueError("expected a model, got none; name one with --model gpt-5.4")
        models = (own,)
    return [
        cost_from_usage(usage, model, tier=options["tier"], at=options["at"]) for model in models
    ]


def _usage_objects(text: str) -> Iterator[tuple[str, Any, str]]:
    """Give (where, value, "") for one JSON value, the items of a list, or a value per line; for an
    invalid line (where, None, the error)."""
    try:
        whole = json.loads(text)
    except RecursionError:
        raise InputError("invalid JSON: nested too deep") from None
    except json.JSONDecodeError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    yield f"line {number}", json.loads(line), ""
                except json.JSONDecodeError as error:
                    problem = f"invalid JSON at column {error.colno}: {error.msg}"
                    yield f"line {number}", None, problem
        return
    if isinstance(whole, list):
        yield from ((f"item {number}", item, "") for number, item in enumerate(whole, 1))
    else:
        yield "the value", whole, ""


def _unwrapped(value: Any) -> dict[str, Any]:
    """The response inside a line of the Batch API's results. Raises ValueError for other values."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a usage object, got {type(value).__name__}")
    response = value.get("response")
    body = response.get("body") if isinstance(response, dict) else None
    return body if isinstance(body, dict) else value


def _price_texts(
    files: tuple[str, ...], models: tuple[str, ...], tokens: dict[str, Any], options: dict[str, Any]
) -> int:
    """Print the cost of texts in each model; return the exit code."""
    from tokenkit.costs import compare

    if set(tokens) - {"output_tokens"}:
        raise click.UsageError("Files are the prompt; give only --output besides.")
    texts = [read_or_complain(name) for name in files]
    readable = [text for text in texts if text is not None]
    if not readable:
        return 2
    rows = compare(
        readable,
        models,
        expected_output=tokens.get("output_tokens", 0),
        tier=options["tier"] or "standard",
        at=options["at"],
    )
    if options["output_format"] != "text":
        print_records([_row_record(row) for row in rows], options["output_format"])
    else:
        table: list[tuple[str, ...]] = [("model", "tokens", "USD", "")]
        table += [(row.model, _tokens(row), _usd(row), _remarks(row)) for row in rows]
        print_table(table)
    return 0 if len(readable) == len(files) else 2


def _tokens(row: ModelComparison) -> str:
    high = "no upper bound" if row.high is None else row.high
    return str(row.tokens) if row.exact else f"~{row.tokens} ({row.low}-{high})"


def _usd(row: ModelComparison) -> str:
    if row.cost_high is None:
        return f"from {row.cost_low:f}"
    same = row.cost_low == row.cost_high
    return f"{row.cost_high:f}" if same else f"{row.cost_low:f}-{row.cost_high:f}"


def _remarks(row: ModelComparison) -> str:
    remarks = [] if row.exact else ["estimated"]
    if row.partial:
        remarks.append("partial: not all has a listed price")
    if row.fits is False:
        remarks.append("does not fit")
    return "; ".join(remarks + ([row.reason] if row.reason else []))


def _row_record(row: ModelComparison) -> dict[str, Any]:
    return {
        "model": row.model,
        "fits": row.fits,
        "tokens": row.tokens,
        "tokens_low": row.low,
        "tokens_high": row.high,
        "exact": row.exact,
        "cost_low": f"{row.cost_low:f}",
        "cost_high": None if row.cost_high is None else f"{row.cost_high:f}",
        "partial": row.partial,
        "reason": row.reason,
    }


def _print_costs(costs: list[Cost], output_format: str) -> None:
    total = sum((bill.total for bill in costs), Decimal(0))
    if output_format == "json":
        print_json({"costs": [_record(bill) for bill in costs], "total": f"{total:f}"})
    elif output_format == "jsonl":
        print_records([_record(bill) for bill in costs], output_format)
    elif output_format != "text":
        print_records([line for bill in costs for line in _line_records(bill)], output_format)
    else:
        for bill in costs:
            _print_bill(bill)
        if len(costs) > 1:
            partial = "at least " if any(bill.partial for bill in costs) else ""
            click.echo(f"all together {partial}{total:f} USD")


def _print_bill(bill: Cost) -> None:
    click.echo(f"{bill.model}, {bill.tier}, prices of {bill.as_of}")
    rows = [
        (
            f"  {line.item}",
            f"{line.quantity:f}",
            f"{line.price:f} per {line.unit}",
            f"{line.amount:f}",
        )
        for line in bill.lines
    ]
    rows += [(f"  {line.item}", f"{line.quantity:f}", line.reason, "-") for line in bill.unpriced]
    word = "  at least" if bill.partial else "  total"
    print_table([*rows, (word, "", "", f"{bill.total:f} USD")])


def _record(bill: Cost) -> dict[str, Any]:
    return {
        "model": bill.model,
        "tier": bill.tier,
        "as_of": bill.as_of.isoformat(),
        "lines": [
            {
                "item": line.item,
                "quantity": f"{line.quantity:f}",
                "unit": line.unit,
                "price": f"{line.price:f}",
                "amount": f"{line.amount:f}",
            }
            for line in bill.lines
        ],
        "unpriced": [
            {"item": line.item, "quantity": f"{line.quantity:f}", "reason": line.reason}
            for line in bill.unpriced
        ],
        "partial": bill.partial,
        "total": f"{bill.total:f}",
        "notes": list(bill.notes),
    }


def _line_records(bill: Cost) -> list[dict[str, Any]]:
    """The lines of a bill as flat records; a line without a price has no amount but a reason."""
    head = {"model": bill.model, "tier": bill.tier, "as_of": bill.as_of.isoformat()}
    record = _record(bill)
    priced = [{**head, **line, "reason": None} for line in record["lines"]]
    empty = {"unit": None, "price": None, "amount": None}
    return priced + [{**head, **line, **empty} for line in record["unpriced"]]
