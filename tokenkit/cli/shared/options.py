"""Options that verbs share, and how they are read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem

from tokenkit.cli.shared.kinds import Choice, WholeNumber
from tokenkit.cli.shared.output import shown_name
from tokenkit.encodings import encoding_for_model, encoding_names, named_encoding
from tokenkit.errors import TokenkitError
from tokenkit.inputs import MOST_MB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from tokenkit.encodings import Encoding

    Function = TypeVar("Function", bound=Callable[..., Any])

ENVIRONMENT = "TOKENKIT_ENCODING"
# A file to read. Whether it can be read shows later, so that it does not stop the others.
PATH = click.Path(readable=False)


def complete_model(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Complete the name of a model in the shell."""
    from tokenkit.models import list_models

    names = [model.name for model in list_models() if model.name.startswith(begun)]
    return [name for name in names if name.isprintable()]  # no others can be typed


def complete_encoding(
    _context: click.Context, _option: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Complete the name of an encoding in the shell, else that of a file."""
    names = [name for name in encoding_names() if name.startswith(begun)]
    return [*map(CompletionItem, names)] or [CompletionItem(begun, type="file")]


def model_option(help: str, *, multiple: bool = False) -> Callable[[Function], Function]:
    """Add -m/--model as the parameter `model`, with `multiple` a tuple."""
    return click.option(
        "-m",
        "--model",
        multiple=multiple,
        metavar="NAME",
        shell_complete=complete_model,
        help=help,
    )


def model_options(*, multiple: bool = False) -> Callable[[Function], Function]:
    """Add -m/--model and -e/--encoding as parameters `model` and `encoding`.

    With `multiple` both may be repeated and are tuples, which `chosen_columns` reads;
    `chosen_encoding` reads single ones.
    """
    more = " Repeat for more columns." if multiple else ""
    model = model_option(
        f"Use the encoding of this model, such as gpt-5.4.{more}", multiple=multiple
    )
    encoding = click.option(
        "-e",
        "--encoding",
        multiple=multiple,
        metavar="NAME|PATH",
        shell_complete=complete_encoding,
        help="Use this encoding, such as o200k_base, or the tokenizer in this file, folder, or "
        f"repository of the local Hugging Face cache. Default: ${ENVIRONMENT}.",
    )
    return lambda function: model(encoding(function))


def number_option(
    *names: str, help: str, least: int = 0, default: int | None = None, metavar: str = "N"
) -> Callable[[Function], Function]:
    """Add an option that takes a whole number of at least `least`."""
    return click.option(
        *names,
        type=WholeNumber(min=least),
        default=default,
        show_default=bool(default),
        metavar=metavar,
        help=help,
    )


def choice_option(
    *names: str, choices: Sequence[str], help: str, default: str | None = ""
) -> Callable[[Function], Function]:
    """Add an option that takes one of `choices`; the first is the default if none is named."""
    return click.option(
        *names,
        type=Choice(choices),
        default=choices[0] if default == "" else default,
        show_default=default is not None,
        help=help,
    )


def format_option(
    *formats: str, default: str | None = "", help: str = "Print the result in this format."
) -> Callable[[Function], Function]:
    """Add --format as the parameter `output_format`: the format of the output."""
    return choice_option("--format", "output_format", choices=formats, default=default, help=help)


def text_format_option(condition: str = "") -> Callable[[Function], Function]:
    """Add --as as the parameter `text_format`: how a text is split into blocks."""
    return choice_option(
        "--as",
        "text_format",
        choices=("auto", "text", "markdown", "code"),
        help=f"Read the text as this format{condition}.",
    )


def overlap_option(condition: str = "") -> Callable[[Function], Function]:
    """Add --overlap: the tokens that neighbouring chunks may share."""
    return number_option(
        "--overlap", default=0, help=f"Repeat up to N tokens of the chunk before{condition}."
    )


def input_option(function: Function) -> Function:
    """Add -i/--input as the parameter `inputs`, for those who are used to it."""
    return click.option(
        "-i",
        "--input",
        "inputs",
        multiple=True,
        type=PATH,
        metavar="FILE",
        help="Read this file; the same as naming it without -i.",
    )(function)


def _character(value: str) -> str:
    value = {"tab": "\t", "\\t": "\t"}.get(value, value)
    if len(value) != 1 or value in "\r\n":
        raise click.BadParameter(f"expected one character, got {value!r}")
    return value


def text_encoding_option(function: Function) -> Function:
    """Add --text-encoding, the name that Python has for the encoding of text files, and --max-mb,
    the memory that a row or text may take."""
    encoding = click.option(
        "--text-encoding",
        type=_text_encoding,
        metavar="NAME",
        help="Read text as this, such as cp1252. Default: UTF-8, or UTF-16 if a byte order mark "
        "says so.",
    )
    memory = number_option(
        "--max-mb",
        least=1,
        default=MOST_MB,
        help="Limit the memory of a row, or of a text that is held as a whole, to N MB.",
    )
    return encoding(memory(function))


def text_options(function: Function) -> Function:
    """Add --text-encoding, and --errors: what a text with wrong bytes does."""
    errors = choice_option(
        "--errors",
        choices=("raise", "skip", "replace"),
        help="Take what is not text as an error, skip it, or replace its wrong bytes by U+FFFD.",
    )
    return text_encoding_option(errors(function))


_CSV_OPTIONS = (
    click.option(
        "--delimiter",
        type=_character,
        metavar="CHAR",
        help="Split the rows of CSV at this character, such as ; or tab.",
    ),
    click.option(
        "--quote",
        type=_character,
        metavar="CHAR",
        help="Read values of CSV between two of this character, by default the double quote.",
    ),
    click.option(
        "--escape",
        type=_character,
        metavar="CHAR",
        help="Take the character behind this one in CSV as it is, such as a quote behind \\.",
    ),
    click.option(
        "--header/--no-header",
        default=None,
        help="Take the first line of CSV as the names of columns, or as a row; then columns have "
        "numbers, from 1.",
    ),
)


def csv_options(function: Function) -> Function:
    """Add the options of CSV, as parameters of `count_rows`."""
    for option in reversed(_CSV_OPTIONS):
        function = option(function)
    return function


def _text_encoding(value: str) -> str:
    from tokenkit.inputs import check_decoding

    try:
        check_decoding(value)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("text_encoding: ")) from None
    return value


_FOLDER_OPTIONS = (
    click.option(
        "--include", multiple=True, metavar="PATTERN", help="Take only these files of folders."
    ),
    click.option(
        "--extension",
        "extensions",
        multiple=True,
        metavar="EXT",
        help="Take only the files *.EXT of folders.",
    ),
    click.option(
        "--exclude",
        "--ignore",
        multiple=True,
        metavar="PATTERN",
        help="Skip these files of folders. Patterns are as in a .gitignore.",
    ),
    click.option(
        "--no-gitignore",
        "--ignore-gitignore",
        "--no-ignore",
        is_flag=True,
        help="Do not read .gitignore and .ignore files, nor git's excludesFile.",
    ),
    click.option(
        "--follow-links",
        is_flag=True,
        help="Take the files behind links to folders, too.",
    ),
    click.option(
        "--hidden",
        "--include-hidden",
        is_flag=True,
        help="Take files and folders that begin with a dot, too.",
    ),
)


def folder_options(function: Function) -> Function:
    """Add the options that select files of folders; `folder_choice` reads them."""
    for option in reversed(_FOLDER_OPTIONS):
        function = option(function)
    return function


def max_output_option(help: str, *, default: str | None = None) -> Callable[[Function], Function]:
    """Add --max-output: "auto", or the tokens of the reply."""
    return click.option(
        "--max-output",
        type=_max_output,
        default=default,
        show_default=default is not None,
        metavar="auto|N",
        help=help,
    )


def _max_output(value: str) -> str | int:
    if value == "auto":
        return value
    if not value.isdecimal() or not int(value):
        raise click.BadParameter(f"expected auto or a number of tokens above 0, got {value!r}")
    return int(value)


def folder_choice(options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `find_files` that the folder options give."""
    extensions = [f"*.{extension.removeprefix('.')}" for extension in options["extensions"]]
    return {
        "include": [*options["include"], *extensions],
        "exclude": options["exclude"],
        "gitignore": not options["no_gitignore"],
        "hidden": options["hidden"],
        "follow_links": options["follow_links"],
        "text_encoding": options["text_encoding"],
    }


@contextmanager
def usage_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these kinds, and all of the package, into those of a wrong command line."""
    errors: tuple[type[Exception], ...] = (TokenkitError, *kinds)
    try:
        yield
    except errors as error:
        if isinstance(error, OSError) and error.filename is not None:
            where = shown_name(os.fspath(error.filename))
            raise click.UsageError(f"{where}: {error.strerror or error}") from None
        raise click.UsageError(str(error)) from None


def chosen_encoding(model: str | None, encoding: str | None) -> Encoding:
    """Get the encoding that the options name, else the environment's; exit with 2 without one."""
    if model and encoding:
        raise click.UsageError("Give --model or --encoding, not both.")
    (column,) = chosen_columns((model,) if model else (), (encoding,) if encoding else ())
    return column.encoding


@dataclass(frozen=True)
class Column:
    """One model or encoding to count with."""

    label: str
    encoding: Encoding
    model: str | None = None


def chosen_columns(models: tuple[str, ...], encodings: tuple[str, ...]) -> list[Column]:
    """Get a column for each model and encoding, else for the environment's; exit with 2 without
    one."""
    if not models and not encodings:
        if not os.environ.get(ENVIRONMENT):
            raise click.UsageError(
                "Expected a model or an encoding, got neither; name one with --model gpt-5.4 or "
                f"--encoding o200k_base, or set {ENVIRONMENT}=o200k_base."
            )
        encodings = (os.environ[ENVIRONMENT],)
    with usage_errors():
        return [Column(name, encoding_for_model(name), name) for name in models] + [
            Column(name, encoding_at(name)) for name in encodings
        ]


def encoding_at(name: str) -> Encoding:
    """Get the encoding of a name or path that a person gave; exit with 2 for one that is neither,
    or cannot be read."""
    with usage_errors(ModuleNotFoundError):
        try:
            return named_encoding(name)
        except OSError as error:
            where = shown_name(os.fspath(error.filename or name))
            raise click.UsageError(f"{where}: {error.strerror or error}") from None


def no_model() -> click.UsageError:
    """Make the error of a command line that names no model where one is needed."""
    return click.UsageError("Expected a model, got none; name one with --model gpt-5.4.")
