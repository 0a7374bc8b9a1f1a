"""Options that verbs share: which model or encoding, and the format of the output."""

from __future__ import annotations

import csv
import io
import json
import os

import click

from tokenkit.encodings import encoding_for_model, get_encoding, list_encoding_names
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    from tokenkit.encodings import Encoding

    Function = TypeVar("Function", bound=Callable[..., Any])

ENVIRONMENT = "TOKENKIT_ENCODING"
# A file to read. Whether it can be read is found out then, so that it does not stop the others.
PATH = click.Path(readable=False)


def complete_model(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Names of models for the shell's completion."""
    from tokenkit.models import list_models

    return [model.name for model in list_models() if model.name.startswith(begun)]


def complete_encoding(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Names of encodings for the shell's completion."""
    return [name for name in list_encoding_names() if name.startswith(begun)]


def model_options(*, multiple: bool = False) -> Callable[[Function], Function]:
    """Adds -m/--model and -e/--encoding as parameters `model` and `encoding`.

    With `multiple` both may be repeated and are tuples. `chosen_encoding` reads single ones.
    """
    many = " Repeat it for more columns." if multiple else ""

    def decorate(function: Function) -> Function:
        encoding = click.option(
            "-e",
            "--encoding",
            multiple=multiple,
            metavar="NAME",
            shell_complete=complete_encoding,
            help=f"With this encoding, such as o200k_base; default: ${ENVIRONMENT}.",
        )
        model = click.option(
            "-m",
            "--model",
            multiple=multiple,
            metavar="NAME",
            shell_complete=complete_model,
            help=f"For this model, such as gpt-5.4.{many}",
        )
        return model(encoding(function))

    return decorate


def folder_options(function: Function) -> Function:
    """Adds the options that say which files of folders are meant; `folder_choice` reads them."""
    for option in reversed(
        (
            click.option(
                "--include", multiple=True, metavar="PATTERN", help="In folders, only these files."
            ),
            click.option(
                "--extension",
                "extensions",
                multiple=True,
                metavar="EXT",
                help="In folders, only files *.EXT.",
            ),
            click.option(
                "--exclude",
                "--ignore",
                multiple=True,
                metavar="PATTERN",
                help="In folders, not these; patterns are as in a .gitignore.",
            ),
            click.option(
                "--no-gitignore",
                "--ignore-gitignore",
                "--no-ignore",
                is_flag=True,
                help="Do not read .gitignore.",
            ),
            click.option(
                "--hidden",
                "--include-hidden",
                is_flag=True,
                help="Also files that begin with a dot.",
            ),
        )
    ):
        function = option(function)
    return function


def folder_choice(options: dict[str, Any]) -> dict[str, Any]:
    """What `find_files` is told."""
    extensions = [f"*.{extension.removeprefix('.')}" for extension in options["extensions"]]
    return {
        "include": [*options["include"], *extensions],
        "exclude": options["exclude"],
        "gitignore": not options["no_gitignore"],
        "hidden": options["hidden"],
    }


def input_option(function: Function) -> Function:
    """Adds -i/--input as the parameter `inputs`, for those who are used to it."""
    return click.option(
        "-i",
        "--input",
        "inputs",
        multiple=True,
        type=PATH,
        metavar="FILE",
        help="The same as naming the file without -i.",
    )(function)


def format_option(*formats: str, default: str | None = "text") -> Callable[[Function], Function]:
    """Adds --format as the parameter `output_format`: the format of what is printed."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=default,
        show_default=default is not None,
        help="How to print the result.",
    )


def show_records(records: Sequence[Mapping[str, Any]], form: str, *, err: bool = False) -> None:
    """Prints records as "jsonl", or as "csv" or "tsv" with a header; None is an empty cell."""
    if form == "jsonl":
        for record in records:
            click.echo(json.dumps(record), err=err)
        return
    out = io.StringIO()
    keys = list(dict.fromkeys(key for record in records for key in record))
    table = csv.writer(out, delimiter="," if form == "csv" else "\t", lineterminator="\n")
    table.writerow(keys)
    table.writerows([record.get(key) for key in keys] for record in records)
    click.echo(out.getvalue(), nl=False, err=err)


def chosen_encoding(model: str | None, encoding: str | None) -> Encoding:
    """The encoding that the options name, else the environment; exits with 2 if none does."""
    if model and encoding:
        raise click.UsageError("Give --model or --encoding, not both.")
    encoding = encoding or (None if model else os.environ.get(ENVIRONMENT))
    try:
        if model:
            return encoding_for_model(model)
        if encoding:
            return get_encoding(encoding)
    except TokenkitError as error:
        raise click.UsageError(str(error)) from None
    raise nothing_chosen()


def nothing_chosen() -> click.UsageError:
    """The error of a command line that names neither a model nor an encoding."""
    return click.UsageError(
        "For which model? Name one with --model gpt-5.4, or an encoding with --encoding "
        f"o200k_base, or set {ENVIRONMENT}=o200k_base."
    )
