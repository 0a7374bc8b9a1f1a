"""The commands."""

from __future__ import annotations

import os

import click

import tokenkit
from tokenkit.cli.inputs import STDIN, InputError, opened
from tokenkit.cli.models import models
from tokenkit.encoding import Encoding

ENVIRONMENT = "TOKENKIT_ENCODING"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(tokenkit.__version__)
def app() -> None:
    """Count tokens, exactly and offline."""


app.add_command(models)


def chosen_encoding(model: str | None, encoding: str | None) -> Encoding:
    """The encoding that the options name, else the environment; exits with 2 if none does."""
    if model and encoding:
        raise click.UsageError("Give --model or --encoding, not both.")
    encoding = encoding or (None if model else os.environ.get(ENVIRONMENT))
    try:
        if model:
            return tokenkit.encoding_for_model(model)
        if encoding:
            return tokenkit.get_encoding(encoding)
    except tokenkit.TokenkitError as error:
        raise click.UsageError(str(error)) from None
    raise click.UsageError(
        "For which model? Name one with --model gpt-5.4, or an encoding with --encoding "
        f"o200k_base, or set {ENVIRONMENT}=o200k_base."
    )


def count_input(encoding: Encoding, name: str) -> int:
    """The count of one input. Raises InputError if it cannot be read as text."""
    with opened(name) as data:
        try:
            return encoding.count(data)
        except ValueError as error:
            raise InputError(f"is not UTF-8 text: {error}") from None


@app.command()
@click.argument("files", nargs=-1, type=click.Path(), metavar="[FILES...|-]")
@click.option("-m", "--model", help="Count for this model.")
@click.option("-e", "--encoding", help=f"Count with this encoding; default: ${ENVIRONMENT}.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the result.",
)
@click.pass_context
def count(
    context: click.Context,
    files: tuple[str, ...],
    model: str | None,
    encoding: str | None,
    output_format: str,
) -> None:
    """Count the tokens of files, or of standard input (-, the default).

    One input gives a bare number, several a line for each and the total. Text is UTF-8; special
    tokens in it count as ordinary text. The exit code is 2 if an input cannot be counted.
    """
    chosen = chosen_encoding(model, encoding)
    names = files or (STDIN,)
    results: list[tuple[str, int | str]] = []
    for name in names:
        try:
            results.append((name, count_input(chosen, name)))
        except InputError as error:
            click.echo(f"tokenkit: {click.format_filename(name)}: {error}", err=True)
            results.append((name, str(error)))
    if output_format == "json":
        click.echo(as_json(results, chosen, model))
    else:
        click.echo(as_text(results), nl=False)
    if any(isinstance(result, str) for _, result in results):
        context.exit(2)


def total(results: list[tuple[str, int | str]]) -> int:
    return sum(result for _, result in results if isinstance(result, int))


def as_text(results: list[tuple[str, int | str]]) -> str:
    """A bare number for one input; for several the counts, with names, and their total."""
    counted = [(name, result) for name, result in results if isinstance(result, int)]
    if len(results) == 1:
        return "".join(f"{result}\n" for _, result in counted)
    rows = [*counted, ("total", total(results))]
    width = len(str(total(results)))
    return "".join(f"{result:>{width}}  {click.format_filename(name)}\n" for name, result in rows)


def as_json(results: list[tuple[str, int | str]], encoding: Encoding, model: str | None) -> str:
    """One object: what was counted with, each input's tokens or error, and the total."""
    import json

    inputs = [
        {"name": os.fsdecode(name), "tokens" if isinstance(result, int) else "error": result}
        for name, result in results
    ]
    report = {
        "model": model,
        "encoding": encoding.name,
        "inputs": inputs,
        "total": total(results),
    }
    return json.dumps(report, indent=2)
