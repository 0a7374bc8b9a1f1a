"""`tokenkit cost`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit.cli.bills import print_costs
from tokenkit.cli.shared.datasets import column_options, kind_options
from tokenkit.cli.shared.inputs import TextReader
from tokenkit.cli.shared.kinds import Choice
from tokenkit.cli.shared.options import (
    PATH,
    folder_options,
    format_option,
    model_option,
    no_model,
    number_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import print_records, print_table
from tokenkit.cli.shared.tokenizers import models_for, tokenizer_option
from tokenkit.cli.used import price_usage
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.costs import Cost, ModelComparison

_OF_COLUMNS = {
    "read_as": "--rows-as",
    "delimiter": "--delimiter",
    "quote": "--quote",
    "escape": "--escape",
    "header": "--header",
    "include": "--include",
    "extensions": "--extension",
    "exclude": "--exclude",
    "no_gitignore": "--no-gitignore",
    "follow_links": "--follow-links",
    "hidden": "--hidden",
}
EXAMPLES = """\b
Examples:
  tokenkit cost -m gpt-5.2 --input 12000 --cached 8000 --output 500
  tokenkit cost prompt.md -m gpt-5.2 -m gpt-6-luna --output 4000
  tokenkit cost -m gpt-5.2 --input 1000000 --tier batch
  tokenkit cost lake --column body -m text-embedding-3-small -m text-embedding-3-large
  curl ... | tokenkit cost --usage - -m gpt-5.2
  tokenkit cost --usage responses.jsonl.gz --by day
  tokenkit cost --usage ~/.claude/projects --usage ~/.codex/sessions --by day --by model
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES...|-]")
@model_option("Use the prices of this model. Repeat to compare.", multiple=True)
@tokenizer_option
@column_options("Price")
@kind_options("--rows-as")
@folder_options
@text_options
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
    multiple=True,
    metavar="FILE",
    help="Price responses of an API, their usage objects, or the session logs of Claude Code and "
    "Codex: a JSON value, one per line, or rows of CSV, also .gz; a folder of JSON lines; a "
    "pattern. Batch results are priced as a batch. Repeat for more.",
)
@click.option(
    "--by",
    multiple=True,
    type=Choice(["day", "model", "session"]),
    help="Add up the responses of --usage by the day they were made (UTC), by model, or by "
    "session. Repeat to split the sums.",
)
@format_option("text", "json", "jsonl", "csv", "tsv")
@click.pass_context
def cost(context: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    """Price a request in USD: numbers of tokens, texts, or what the API says it used.

    Tokens without a listed price are named and make the total partial; they never count as free.
    Texts are counted for each model, or estimated, and marked so, where its tokenizer is private.

    --field and --column price the rows of data files, folders, patterns and URIs, each as a request
    of its own, with --output tokens of reply each: in all tiers with listed prices, or in --tier.
    """
    of_texts = files or options["field"] or options["column"]
    if options["encoding"] and (options["usage"] or not of_texts):
        raise click.UsageError("-e counts texts; give files with it.")
    models = models_for(options["model"], options["encoding"])
    tokens = {
        name: number
        for name, number in options.items()
        if name.endswith("_tokens") and number is not None
    }
    if options["field"] or options["column"]:
        context.exit(_price_columns(files, models, tokens, options))
    for name, word in _OF_COLUMNS.items():
        if options[name] not in (None, False, ()):
            raise click.UsageError(f"{word} needs --field or --column.")
    if options["usage"]:
        if files or tokens:
            raise click.UsageError(
                "--usage takes all numbers from the responses; leave out files and tokens."
            )
        context.exit(price_usage(options["usage"], models, options))
    if options["by"]:
        raise click.UsageError("--by adds up responses; give them with --usage FILE.")
    if not (files or tokens):
        raise click.UsageError(
            "Expected tokens or files to price, got neither; give --input 12000, or name files."
        )
    if not models:
        raise no_model()
    with usage_errors(ValueError, TypeError):
        if files:
            context.exit(_price_texts(files, models, tokens, options))
        print_costs(_costs(models, tokens, options), options["output_format"])


def _price_columns(
    files: tuple[str, ...], models: tuple[str, ...], tokens: dict[str, Any], options: dict[str, Any]
) -> int:
    """Check what goes with --field and --column, and price the rows; return the exit code."""
    from tokenkit.cli.column_costs import price_columns

    for name in ("usage", "by"):
        if options[name]:
            raise click.UsageError(f"--{name} does not go with --field and --column.")
    if set(tokens) - {"output_tokens"}:
        raise click.UsageError("Rows are the prompts; give only --output besides.")
    if not models:
        raise no_model()
    with usage_errors(ValueError, TypeError):
        return price_columns(files or (STDIN,), models, tokens.get("output_tokens", 0), options)


def _costs(models: tuple[str, ...], tokens: dict[str, Any], options: dict[str, Any]) -> list[Cost]:
    from tokenkit.costs import cost as price

    tier = options["tier"] or "standard"
    return [price(model, **tokens, tier=tier, at=options["at"]) for model in models]


def _price_texts(
    files: tuple[str, ...], models: tuple[str, ...], tokens: dict[str, Any], options: dict[str, Any]
) -> int:
    """Print the cost of texts in each model; return the exit code."""
    from tokenkit.costs import compare

    if set(tokens) - {"output_tokens"}:
        raise click.UsageError("Files are the prompt; give only --output besides.")
    reader = TextReader(options, together=True)
    texts = [reader.read(name) for name in files]
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
    return 2 if reader.failed else 0


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
