"""`tokenkit models`: what the registry knows, and bringing the user's overlay up to date."""

from __future__ import annotations

import json
import os
from typing import Any

import click
from click.shell_completion import CompletionItem

from tokenkit.cli.shared.options import complete_model, show_records
from tokenkit.errors import TokenkitError
from tokenkit.models import Model, get_model, list_models, plan_refresh

OVERLAY = "TOKENKIT_MODELS"
EXAMPLES = """\b
Examples:
  tokenkit models --provider openai --kind embedding
  tokenkit models --search gpt-5 --min-window 400000 --supports vision
  tokenkit models gpt-5.2
  tokenkit models gpt-5.2 --json
"""


class ModelsGroup(click.Group):
    """Takes a word that is no command as the name of a model."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "one", one, args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = complete_model(ctx, self.params[0], incomplete)
        return super().shell_complete(ctx, incomplete) + [CompletionItem(name) for name in names]


json_option = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "jsonl", "csv", "tsv"]),
    default="text",
    show_default=True,
    help="How to print the result.",
)


@click.group(
    cls=ModelsGroup,
    invoke_without_command=True,
    epilog=EXAMPLES,
    subcommand_metavar="[NAME... | COMMAND [ARGS]...]",
)
@click.option("--provider", help="Only models of this provider, such as openai.")
@click.option("--kind", help="Only models of this kind, such as embedding.")
@click.option("--search", metavar="TEXT", help="Only models with this in their names.")
@click.option("--encoding", help="Only models with this encoding, such as o200k_base.")
@click.option("--supports", multiple=True, metavar="WORD", help="Only models that can do this.")
@click.option("--min-window", type=int, metavar="N", help="Only windows of N tokens and more.")
@click.option("--retired", is_flag=True, help="Also models that are shut down.")
@format_option
@json_option
@click.pass_context
def models(context: click.Context, /, **options: Any) -> None:
    """List the models the registry knows, or all about those that are named.

    A line has name, kind, context window in tokens, and USD per 1M input and output tokens. What no
    source tells is shown as -. A named model is shown with the source of each number.
    """
    wants_json = options["as_json"] or options["output_format"] == "json"
    form = "json" if wants_json else options["output_format"]
    if context.invoked_subcommand is not None:
        context.obj = form
        return
    try:
        found = list_models(
            provider=options["provider"],
            kind=options["kind"],
            include_retired=options["retired"],
        )
    except (TokenkitError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    found = [model for model in found if _wanted(model, options)]
    if wants_json:
        click.echo(json.dumps([model.to_record() for model in found], indent=2))
        return
    if form != "text":
        show_records(
            [model.to_record() if form == "jsonl" else _flat(model) for model in found], form
        )
        return
    if not found:
        click.echo("tokenkit: no model is like that", err=True)
        return
    rows = [_row(model) for model in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _wanted(model: Model, options: dict[str, Any]) -> bool:
    names = (model.name, *model.aliases, *model.snapshots)
    return (
        (not options["search"] or any(options["search"].lower() in n.lower() for n in names))
        and (not options["encoding"] or model.encoding == options["encoding"])
        and model.supports.issuperset(options["supports"])
        and (not options["min_window"] or (model.context_window or 0) >= options["min_window"])
    )


def _row(model: Model) -> tuple[str, str, str, str, str]:
    rates = model.prices_on().get("standard", {})
    window = "-" if model.context_window is None else str(model.context_window)
    return (model.name, model.kind, window, rates.get("input", "-"), rates.get("output", "-"))


def _flat(model: Model) -> dict[str, Any]:
    """What fits in a line of a table; prices are the standard ones."""
    rates = model.prices_on().get("standard", {})
    return {
        "name": model.name,
        "provider": model.provider,
        "kind": model.kind,
        "encoding": model.encoding,
        "context_window": model.context_window,
        "max_input_tokens": model.max_input_tokens,
        "max_output_tokens": model.max_output_tokens,
        "usd_per_1m_input": rates.get("input"),
        "usd_per_1m_output": rates.get("output"),
    }


@models.command(hidden=True)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_model)
@format_option
@json_option
@click.pass_context
def one(context: click.Context, /, names: tuple[str, ...], **options: Any) -> None:
    """All that the registry knows about a model, and where each number comes from."""
    try:
        found = [get_model(name) for name in names]
    except TokenkitError as error:
        raise click.UsageError(str(error)) from None
    form = "json" if options["as_json"] else options["output_format"]
    form = context.obj if form == "text" else form
    if form == "json":
        records = [model.to_record() for model in found]
        click.echo(json.dumps(records[0] if len(records) == 1 else records, indent=2))
        return
    if form != "text":
        show_records(
            [model.to_record() if form == "jsonl" else _flat(model) for model in found], form
        )
        return
    click.echo("\n\n".join(described(model) for model in found))


def described(model: Model) -> str:
    """A model's record for people: a line per field, its source behind it."""
    lines = []
    for field, value in model.to_record().items():
        if field in ("name", "sources", "prices", "price_periods", "notes"):
            continue
        source = model.sources.get(field)
        shown = f"{value:,}" if type(value) is int else _words(value)
        lines.append(f"  {field:<18} {shown}" + (f"   [{source}]" if source else ""))
    for tier, rates in model.prices_on().items():
        lines.append(f"  prices, {tier}")
        lines += [f"    {name:<16} {_words(price)}" for name, price in rates.items()]
    if model.prices:
        source = model.sources.get("prices")
        lines.append(
            "  in USD per 1M tokens, where no other unit is usual"
            + (f"   [{source}]" if source else "")
        )
    for period in model.price_periods:
        lines.append(
            f"  other prices from {period.get('from') or '-'} to {period.get('to') or '-'}"
        )
    lines += [f"  note: {note}" for note in model.notes]
    return "\n".join([model.name, *lines])


def _words(value: Any) -> str:
    if isinstance(value, dict) or hasattr(value, "items"):
        return ", ".join(f"{name}: {_words(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    return str(value)


@models.command()
@click.argument("source")
@click.option("--to", "path", help=f"The overlay to write; default: the first file of ${OVERLAY}.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def refresh(source: str, path: str | None, yes: bool) -> None:
    """Bring an overlay file up to date from a price list.

    SOURCE is a file or URL in the shape of LiteLLM's or models.dev's JSON. What would change is
    shown first; the old file is kept beside the new one.
    """
    path = path or os.environ.get(OVERLAY, "").split(os.pathsep)[0]
    if not path:
        raise click.UsageError(f"Which file is yours? Name it with --to, or set {OVERLAY}.")
    try:
        plan = plan_refresh(source, path)
        click.echo(str(plan))
        if not plan.changes:
            return
        if not (yes or click.confirm("Write it?", default=False)):
            click.echo("Nothing written.")
            return
        kept = plan.write()
    except (TokenkitError, OSError) as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{path} written" + (f", the old file kept as {kept}" if kept else ""))
