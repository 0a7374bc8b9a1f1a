"""`tokenkit cost`."""

from __future__ import annotations

import json
from typing import Any

import click

from tokenkit.cli.shared.inputs import Complaints, complain, read_or_complain
from tokenkit.cli.shared.options import PATH, complete_model, format_option, show_records
from tokenkit.errors import InputError, TokenkitError
from tokenkit.inputs import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokenkit.costs import Cost, ModelComparison

EXAMPLES = """\b
Examples:
  tokenkit cost -m gpt-5.2 --input 12000 --cached 8000 --output 500
  tokenkit cost prompt.md -m gpt-5.2 -m gpt-6-luna --output 4000
  tokenkit cost -m gpt-5.2 --input 1000000 --tier batch
  curl ... | tokenkit cost --usage - -m gpt-5.2
"""
_TOKENS = {
    "input": "Tokens of the prompt; default: those of the files.",
    "cached": "How many of them come from the cache.",
    "cache-write": "How many of them are written to the cache.",
    "output": "Tokens of the reply, reasoning included.",
    "reasoning": "How many of them are reasoning.",
}


def _token_options(function: Any) -> Any:
    for name, words in reversed(_TOKENS.items()):
        function = click.option(
            f"--{name}",
            f"{name.replace('-', '_')}_tokens",
            type=click.IntRange(min=0),
            metavar="N",
            help=words,
        )(function)
    return function


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_model,
    help="The model; repeat it to compare.",
)
@_token_options
@click.option("--tier", metavar="NAME", help="standard (the default), batch, flex, priority ...")
@click.option("--at", metavar="DATE", help="The day whose prices apply, such as 2026-01-31.")
@click.option(
    "--usage",
    metavar="FILE",
    help="Responses of the API, or their usage objects: JSON or a line each.",
)
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def cost(
    context: click.Context, /, files: tuple[str, ...], models: tuple[str, ...], **options: Any
) -> None:
    """What a request costs in USD: by numbers of tokens, texts, or what the API said it used.

    What has no listed price is named and makes the total partial; it is never taken as zero. Texts
    are counted for each model, or estimated where its tokenizer is private, and that is said.
    """
    given = {
        name: n for name in options if name.endswith("_tokens") and (n := options[name]) is not None
    }
    failed = False
    try:
        if options["usage"]:
            if files or given:
                raise click.UsageError("--usage holds all numbers: leave out files and tokens.")
            costs, failed = _usage_costs(options["usage"], models, options)
        elif not (files or given):
            raise click.UsageError("What is to be priced? Say --input 12000, or name files.")
        elif not models:
            raise click.UsageError("Of which model? Name it with --model gpt-5.4.")
        elif files:
            context.exit(_text_costs(files, models, given, options))
        else:
            costs = _costs(models, given, options)
    except InputError as error:
        complain(options["usage"], error)
        context.exit(2)
    except (ValueError, TypeError, TokenkitError) as error:
        raise click.UsageError(str(error)) from None
    if costs:
        _print_costs(costs, options["output_format"])
    context.exit(2 if failed else 0)


def _costs(models: tuple[str, ...], given: dict[str, Any], options: dict[str, Any]) -> list[Cost]:
    from tokenkit.costs import cost as price

    tier = options["tier"] or "standard"
    return [price(model, **given, tier=tier, at=options["at"]) for model in models]


def _usage_costs(
    name: str, models: tuple[str, ...], options: dict[str, Any]
) -> tuple[list[Cost], bool]:
    """The costs of what could be priced, and whether something could not."""
    from tokenkit.costs import cost_from_usage

    found: list[Cost] = []
    complaints = Complaints()
    for place, value, problem in _usage_objects(read_text(name)):
        try:
            if problem:
                raise ValueError(problem)
            usage = _unwrapped(value)
            wanted = models or ((usage["model"],) if isinstance(usage.get("model"), str) else ())
            if not wanted:
                raise ValueError("of which model? Name it with --model gpt-5.4")
            found += [
                cost_from_usage(usage, model, tier=options["tier"], at=options["at"])
                for model in wanted
            ]
        except (ValueError, TypeError, TokenkitError) as error:
            complaints.add(name, f"{place}: {error}")
    if not found and not complaints.number:
        raise InputError("holds no usage object")
    complaints.say()
    return found, complaints.number > 0


def _usage_objects(text: str) -> Iterator[tuple[str, Any, str]]:
    """(place, value, "") of one JSON value, of the items of a list, or of a value per line; of a
    line that is none (place, None, what is wrong)."""
    try:
        whole = json.loads(text)
    except RecursionError:
        raise InputError("is not JSON that can be read: nested too deep") from None
    except json.JSONDecodeError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    yield f"line {number}", json.loads(line), ""
                except json.JSONDecodeError as error:
                    yield f"line {number}", None, f"is not JSON: {error.msg}"
        return
    if isinstance(whole, list):
        yield from ((f"item {number}", item, "") for number, item in enumerate(whole, 1))
    else:
        yield "the value", whole, ""


def _unwrapped(value: Any) -> dict[str, Any]:
    """The response inside a line of the Batch API's results. Raises ValueError if it is none."""
    if not isinstance(value, dict):
        raise ValueError(f"is no usage object but {type(value).__name__}")
    response = value.get("response")
    body = response.get("body") if isinstance(response, dict) else None
    return body if isinstance(body, dict) else value


def _text_costs(
    files: tuple[str, ...], models: tuple[str, ...], given: dict[str, Any], options: dict[str, Any]
) -> int:
    from tokenkit.costs import compare

    if set(given) - {"output_tokens"}:
        raise click.UsageError("Files are the prompt: with them only --output can be given.")
    texts = [read_or_complain(name) for name in files]
    readable = [text for text in texts if text is not None]
    if not readable:
        return 2
    rows = compare(
        readable,
        models,
        expected_output=given.get("output_tokens", 0),
        tier=options["tier"] or "standard",
        at=options["at"],
    )
    if options["output_format"] == "json":
        click.echo(json.dumps([_row_record(row) for row in rows], indent=2))
    elif options["output_format"] != "text":
        show_records([_row_record(row) for row in rows], options["output_format"])
    else:
        table: list[tuple[str, ...]] = [("model", "tokens", "USD", "")]
        table += [(row.model, _tokens(row), _usd(row), _remarks(row)) for row in rows]
        _print_table(table)
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
    total = sum((one.total for one in costs), start=0 * costs[0].total) if costs else 0
    if output_format == "json":
        report = {"costs": [_record(one) for one in costs], "total": f"{total:f}"}
        click.echo(json.dumps(report, indent=2))
        return
    if output_format == "jsonl":
        show_records([_record(one) for one in costs], output_format)
        return
    if output_format != "text":
        show_records([line for one in costs for line in _line_records(one)], output_format)
        return
    for one in costs:
        click.echo(f"{one.model}, {one.tier}, prices of {one.as_of}")
        rows = [
            (
                f"  {line.item}",
                f"{line.quantity:f}",
                f"{line.price:f} per {line.unit}",
                f"{line.amount:f}",
            )
            for line in one.lines
        ]
        rows += [
            (f"  {line.item}", f"{line.quantity:f}", line.reason, "-") for line in one.unpriced
        ]
        word = "  at least" if one.partial else "  total"
        _print_table([*rows, (word, "", "", f"{one.total:f} USD")])
    if len(costs) > 1:
        partial = "at least " if any(one.partial for one in costs) else ""
        click.echo(f"all together {partial}{total:f} USD")


def _record(one: Cost) -> dict[str, Any]:
    return {
        "model": one.model,
        "tier": one.tier,
        "as_of": one.as_of.isoformat(),
        "lines": [
            {
                "item": line.item,
                "quantity": f"{line.quantity:f}",
                "unit": line.unit,
                "price": f"{line.price:f}",
                "amount": f"{line.amount:f}",
            }
            for line in one.lines
        ],
        "unpriced": [
            {"item": line.item, "quantity": f"{line.quantity:f}", "reason": line.reason}
            for line in one.unpriced
        ],
        "partial": one.partial,
        "total": f"{one.total:f}",
        "notes": list(one.notes),
    }


def _line_records(one: Cost) -> list[dict[str, Any]]:
    """The lines of a bill as flat records; what has no price has no amount but a reason."""
    head = {"model": one.model, "tier": one.tier, "as_of": one.as_of.isoformat()}
    record = _record(one)
    priced = [{**head, **line, "reason": None} for line in record["lines"]]
    empty = {"unit": None, "price": None, "amount": None}
    return priced + [{**head, **line, **empty} for line in record["unpriced"]]


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
