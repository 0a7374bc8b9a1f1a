"""`tokenkit models`: the registry's models, and updating the user's overlay."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Any

import click
from click.shell_completion import CompletionItem

from tokenkit._visible import plural, shown_line
from tokenkit._vocabularies import how_to_get
from tokenkit.cli.shared.kinds import WholeNumber
from tokenkit.cli.shared.options import complete_model, format_option, usage_errors
from tokenkit.cli.shared.output import (
    print_json,
    print_painted,
    print_records,
    print_table,
    say,
    shown_name,
)
from tokenkit.models import Model, get_model, list_models, plan_refresh

OVERLAY = "TOKENKIT_MODELS"
OLD_AFTER_DAYS = 90
EXAMPLES = """\b
Examples:
  tokenkit models --provider openai --kind embedding
  tokenkit models --search gpt-5 --min-window 400000 --supports vision
  tokenkit models gpt-5.2
  tokenkit models gpt-5.2 --json
"""


class ModelsGroup(click.Group):
    """Takes any word but a command as the name of a model."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return describe.name, describe, args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = complete_model(ctx, self.params[0], incomplete)
        return super().shell_complete(ctx, incomplete) + [CompletionItem(name) for name in names]


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, as --format json does."
)
formats_option = format_option("text", "json", "jsonl", "csv", "tsv")


@click.group(
    cls=ModelsGroup,
    invoke_without_command=True,
    epilog=EXAMPLES,
    subcommand_metavar="[NAME... | COMMAND [ARGS]...]",
)
@click.option("--provider", help="List only models of this provider, such as openai.")
@click.option("--kind", help="List only models of this kind, such as embedding.")
@click.option("--search", metavar="TEXT", help="List only models with this in their names.")
@click.option(
    "-e", "--encoding", metavar="NAME", help="List only models with this encoding, such as gemma4."
)
@click.option(
    "--supports",
    multiple=True,
    metavar="WORD",
    help="List only models that support this, such as vision. Repeat for more.",
)
@click.option(
    "--min-window",
    type=WholeNumber(min=0),
    metavar="N",
    help="List only models with a window of at least N tokens.",
)
@click.option("--retired", is_flag=True, help="List models that are shut down, too.")
@formats_option
@json_option
@click.pass_context
def models(context: click.Context, /, **options: Any) -> None:
    """List the models of the registry, or describe those that are named.

    A line has a model's name, kind, context window in tokens, and prices in USD per 1M input and
    output tokens; - stands for a number that no source publishes. A description has the source of
    each number.
    """
    form = "json" if options["as_json"] else options["output_format"]
    if context.invoked_subcommand is not None:
        context.obj = form
        return
    with usage_errors(ValueError):
        listed = list_models(
            provider=options["provider"],
            kind=options["kind"],
            include_retired=options["retired"],
        )
    listed = [model for model in listed if _wanted(model, options)]
    if form != "text":
        _print_models(listed, form)
    elif listed:
        print_table([_row(model) for model in listed])
        _warn_of_age(listed)
    else:
        say("tokenkit: no model matches these options", err=True)


def _print_models(listed: list[Model], form: str) -> None:
    whole = form in ("json", "jsonl")
    print_records([model.to_record() if whole else _flat(model) for model in listed], form)


def _wanted(model: Model, options: dict[str, Any]) -> bool:
    names = (model.name, *model.aliases, *model.snapshots)
    return (
        (not options["search"] or any(options["search"].lower() in n.lower() for n in names))
        and (not options["encoding"] or options["encoding"] in (model.encoding, model.vocabulary))
        and model.supports.issuperset(options["supports"])
        and (not options["min_window"] or (model.context_window or 0) >= options["min_window"])
    )


def _row(model: Model) -> tuple[str, str, str, str, str]:
    rates = model.prices_on().get("standard", {})
    window = "-" if model.context_window is None else str(model.context_window)
    return (model.name, model.kind, window, rates.get("input", "-"), rates.get("output", "-"))


def _flat(model: Model) -> dict[str, Any]:
    """The fields of a model for a line of a table; prices are the standard ones."""
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
@formats_option
@json_option
@click.pass_context
def describe(context: click.Context, /, names: tuple[str, ...], **options: Any) -> None:
    """Describe models: all numbers of the registry, and the source of each."""
    with usage_errors():
        named = [get_model(name) for name in names]
    form = "json" if options["as_json"] else options["output_format"]
    form = context.obj if form == "text" else form
    if form == "json" and len(named) == 1:
        print_json(named[0].to_record())
    elif form != "text":
        _print_models(named, form)
    else:
        print_painted("\n\n".join(described(model) for model in named))
        _warn_of_age(named)


def described(model: Model) -> str:
    """Write a model's record for people: a line per field, its source behind it."""
    lines = []
    for field, value in model.to_record().items():
        if field in ("name", "sources", "prices", "price_periods", "notes"):
            continue
        source = model.sources.get(field)
        shown = f"{value:,}" if type(value) is int else _words(value)
        if field == "vocabulary" and model.encoding is None:
            shown += f": {how_to_get(value)}"
        lines.append(f"  {field:<18} {shown}" + (f"   [{source}]" if source else ""))
    for tier, rates in model.prices_on().items():
        lines.append(f"  prices, {tier}")
        for name, price in rates.items():
            own = model.sources.get(f"prices.{name}")
            lines.append(f"    {name:<16} {_words(price)}" + (f"   [{own}]" if own else ""))
    if model.prices:
        source = model.sources.get("prices")
        lines.append(
            "  in USD per 1M tokens, where no other unit is usual"
            + (f"   [{source}]" if source else "")
        )
        lines.append(f"  prices checked {_age(model)}")
    for period in model.price_periods:
        lines.append(
            f"  other prices from {period.get('from') or '-'} to {period.get('to') or '-'}"
        )
    lines += [f"  note: {note}" for note in model.notes]
    return "\n".join(map(shown_line, [model.name, *lines]))


def _age(model: Model) -> str:
    """Say when a model's numbers were checked, and whether that is long ago."""
    if model.verified_on is None:
        return "on no day that is known"
    days = (date.today() - model.verified_on).days
    warning = f": more than {OLD_AFTER_DAYS} days, they may have changed"
    ago = f"{days} {plural(days, 'day')} ago"
    return f"on {model.verified_on}, {ago}{warning if days > OLD_AFTER_DAYS else ''}"


def _warn_of_age(listed: list[Model]) -> None:
    """Warn on standard error of prices that were checked long ago."""
    days = [model.verified_on for model in listed if model.prices and model.verified_on]
    old = [day for day in days if (date.today() - day).days > OLD_AFTER_DAYS]
    if old:
        say(
            f"tokenkit: prices of {len(old)} of these models were checked more than "
            f"{OLD_AFTER_DAYS} days ago (the oldest on {min(old)}); "
            "`tokenkit models refresh LIST` brings newer ones",
            err=True,
        )


def _words(value: Any) -> str:
    if isinstance(value, dict) or hasattr(value, "items"):
        return ", ".join(f"{name}: {_words(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    return str(value)


@models.command()
@click.argument("source")
@click.option(
    "--to",
    "path",
    metavar="FILE",
    help=f"Write this overlay. Default: the first file of ${OVERLAY}.",
)
@click.option(
    "--dated",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Take this as the day of a list that names none, such as 2026-11-01.",
)
@click.option("--older", is_flag=True, help="Take numbers older than the registry's, too.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def refresh(source: str, path: str | None, dated: datetime | None, older: bool, yes: bool) -> None:
    """Update an overlay file from a price list.

    SOURCE is a file or URL: the JSON list of LiteLLM, models.dev, genai-prices, llm-prices, Portkey
    or OpenRouter as published, or tokenkit's own price file. The changes are shown before anything
    is written, with the rows and keys that were not read, and the old file is kept beside the new
    one.
    """
    path = path or os.environ.get(OVERLAY, "").split(os.pathsep)[0]
    if not path:
        raise click.UsageError(
            f"Expected an overlay to write, got none; name it with --to, or set {OVERLAY}."
        )
    with usage_errors(OSError):
        day = dated.date() if dated else None
        plan = plan_refresh(source, path, dated=day, older=older)
        print_painted(str(plan))
        if not plan.changes:
            return
        if not (yes or click.confirm("Write it?", default=False)):
            say("Nothing written.")
            return
        kept = plan.write()
    old = f", the old file kept as {shown_name(kept)}" if kept else ""
    say(f"{shown_name(path)} written{old}")
