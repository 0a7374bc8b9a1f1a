"""`tokenkit truncate`."""

from __future__ import annotations

from typing import Any

import click

from tokenkit.cli.shared.inputs import TextReader
from tokenkit.cli.shared.options import (
    PATH,
    choice_option,
    chosen_encoding,
    input_option,
    model_options,
    number_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import write_text
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
@number_option(
    "-t",
    "-n",
    "--max-tokens",
    "--truncate",
    help="Keep at most N tokens. Default: as many as the model takes.",
)
@model_options()
@text_options
@choice_option("--keep", choices=("head", "tail", "ends"), help="Keep this part of the text.")
@click.option("--marker", default="", metavar="TEXT", help="Put this text where text was dropped.")
@number_option(
    "--max-output", least=1, help="Without -t: reserve N tokens of the window for the reply."
)
@click.pass_context
def truncate(context: click.Context, /, file: str | None, **options: Any) -> None:
    """Truncate a text to a number of tokens, never inside a character.

    A text that fits is printed as it is. Special tokens in it are ordinary text.
    """
    files = [name for name in (file, *options["inputs"]) if name is not None] or [STDIN]
    if len(files) > 1:
        raise click.UsageError(f"Expected one text, got {len(files)}; truncate each by itself.")
    encoding = chosen_encoding(options["model"], options["encoding"])
    limit = options["max_tokens"]
    with usage_errors(ValueError):
        if limit is None:
            limit = _model_limit(options["model"], options["max_output"])
        reader = TextReader(options)
        text = reader.read(files[0])
        if text is None:
            context.exit(2 if reader.failed else 0)
        write_text(encoding.truncate(text, limit, keep=options["keep"], marker=options["marker"]))


def _model_limit(model: str | None, max_output: int | None) -> int:
    """The tokens that a model takes; exits with 2 without a model."""
    if model is None:
        raise click.UsageError(
            "Expected a number of tokens, got none; give -t 8000, or a model with --model."
        )
    from tokenkit.fitting import Budget

    return Budget.for_model(model, max_output=max_output).input_limit
