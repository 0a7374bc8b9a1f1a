"""`tokenkit count`."""

from __future__ import annotations

import os

import click

from tokenkit.cli.inputs import STDIN, InputError, complain, opened
from tokenkit.cli.options import chosen_encoding, format_option, model_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encoding import Encoding


def count_input(encoding: Encoding, name: str) -> int:
    """The count of one input. Raises InputError if it cannot be read as text."""
    with opened(name) as data:
        try:
            return encoding.count(data)
        except ValueError as error:
            raise InputError(f"is not UTF-8 text: {error}") from None


@click.command()
@click.argument("files", nargs=-1, type=click.Path(), metavar="[FILES...|-]")
@model_options()
@format_option("text", "json")
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
            complain(name, error)
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
