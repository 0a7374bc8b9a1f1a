"""`tokenkit models`: what the registry knows, and bringing the user's overlay up to date."""

from __future__ import annotations

import json
import os

import click

from tokenkit.errors import TokenkitError
from tokenkit.models import Model, list_models
from tokenkit.refresh import plan_refresh

OVERLAY = "TOKENKIT_MODELS"


@click.group(invoke_without_command=True)
@click.option("--provider", help="Only models of this provider, such as openai.")
@click.option("--kind", help="Only models of this kind, such as embedding.")
@click.option("--retired", is_flag=True, help="Also models that are shut down.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the list.",
)
@click.pass_context
def models(
    context: click.Context,
    provider: str | None,
    kind: str | None,
    retired: bool,
    output_format: str,
) -> None:
    """List the models the registry knows.

    A line has name, kind, context window in tokens, and USD per 1M input and output tokens. What no
    source tells is shown as -.
    """
    if context.invoked_subcommand is not None:
        return
    try:
        found = list_models(provider=provider, kind=kind, include_retired=retired)
    except (TokenkitError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    if output_format == "json":
        click.echo(json.dumps([model.to_record() for model in found], indent=2))
        return
    rows = [_row(model) for model in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _row(model: Model) -> tuple[str, str, str, str, str]:
    rates = model.prices.get("standard", {})
    window = "-" if model.context_window is None else str(model.context_window)
    return (model.name, model.kind, window, rates.get("input", "-"), rates.get("output", "-"))


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
