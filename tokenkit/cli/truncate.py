"""`tokenkit truncate`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit.cli.shared.inputs import read_or_complain, write_text
from tokenkit.cli.shared.options import PATH, chosen_encoding, input_option, model_options
from tokenkit.errors import TokenkitError
from tokenkit.inputs import STDIN

EXAMPLES = """\b
Examples:
  git diff | tokenkit truncate -t 8000 -m gpt-5.4
  tokenkit truncate log.txt -t 500 --keep tail -e o200k_base
  tokenkit truncate page.md -m text-embedding-3-small > input.txt
"""


@click.command(epilog=EXAMPLES)
@click.argument("file", required=False, type=PATH, metavar="[FILE|-]")
@input_option
@click.option(
    "-t",
    "-n",
    "--max-tokens",
    "--truncate",
    type=click.IntRange(min=0),
    metavar="N",
    help="Keep at most N tokens; default: what the model takes.",
)
@model_options()
@click.option(
    "--keep",
    type=click.Choice(["head", "tail", "ends"]),
    default="head",
    show_default=True,
    help="Which part stays.",
)
@click.option("--marker", default="", metavar="TEXT", help="Put this where text was cut out.")
@click.option(
    "--max-output",
    type=click.IntRange(min=1),
    metavar="N",
    help="Without -t: keep N tokens of the window for the reply.",
)
@click.pass_context
def truncate(context: click.Context, /, file: str | None, **options: Any) -> None:
    """Print a text cut to a number of tokens, never inside a character.

    A text that fits is printed as it is. Text is UTF-8; special tokens in it are ordinary text.
    """
    files = [name for name in (file, *options["inputs"]) if name is not None] or [STDIN]
    if len(files) > 1:
        raise click.UsageError("One text can be cut at a time.")
    encoding = chosen_encoding(options["model"], options["encoding"])
    limit = options["max_tokens"]
    try:
        if limit is None:
            limit = _model_limit(options["model"], options["max_output"])
        text = read_or_complain(files[0])
        if text is None:
            context.exit(2)
        write_text(encoding.truncate(text, limit, keep=options["keep"], marker=options["marker"]))
    except (ValueError, TokenkitError) as error:
        raise click.UsageError(str(error)) from None


def _model_limit(model: str | None, max_output: int | None) -> int:
    if model is None:
        raise click.UsageError("How many tokens? Say so with -t 8000, or name a model.")
    from tokenkit.fitting import Budget

    return Budget.for_model(model, max_output=max_output).input_limit
