"""`tokenkit count`."""

from __future__ import annotations

import sys

import click

from tokenkit._visible import plural
from tokenkit.cli.count.table import Counted
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import column_options, kind_options
from tokenkit.cli.shared.inputs import Skipped
from tokenkit.cli.shared.options import (
    PATH,
    Column,
    chosen_columns,
    folder_choice,
    folder_options,
    format_option,
    input_option,
    model_options,
    number_option,
    text_options,
)
from tokenkit.cli.shared.output import complain, say
from tokenkit.cli.shared.progress import progress
from tokenkit.errors import Interrupted
from tokenkit.inputs import STDIN, FileCount, count_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EXAMPLES = """\b
Examples:
  git diff | tokenkit count -m gpt-5.4
  tokenkit count src docs -m gpt-5.4 --tree 1000 --fits --cost
  tokenkit count . -m gpt-5.4 -m gpt-4 --include '*.py' --top 10
  tokenkit count prompt.md -m gpt-5.4 --max-tokens 8000
  tokenkit count data.jsonl -m text-embedding-3-small --field text --max-tokens 8191
  tokenkit count data.parquet -e o200k_base --column body --per-row counts.csv
  tokenkit count batch.jsonl --requests
"""


_WORDS = {"id_name": "--id", "read_as": "--as", "per_row": "--per-row", "header": "--header"}
_OF_ROWS = "per_row report id_name read_as delimiter quote escape header"
_NOT_OF_REQUESTS = f"field column chat tree top max_tokens each {_OF_ROWS}"


class CountCommand(click.Command):
    """Lets --tree stand before a path: only a number that follows it is its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = []
        for index, word in enumerate(args):
            after = args[index + 1] if index + 1 < len(args) else ""
            bare = word in ("--tree", "--token-count-tree") and not after.isdecimal()
            words.append(f"{word}=0" if bare else word)
        return super().parse_args(ctx, words)


@click.command(cls=CountCommand, epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATHS...|-]")
@model_options(multiple=True)
@folder_options
@text_options
@input_option
@click.option(
    "-0",
    "--null",
    is_flag=True,
    help="Read paths from standard input, each ended by a zero byte.",
)
@number_option(
    "--tree",
    "--token-count-tree",
    metavar="[N]",
    help="Show a tree with the sums of folders, without entries below N tokens.",
)
@number_option("--top", "--top-files-len", least=1, help="Show only the N largest files.")
@number_option(
    "--max-tokens",
    "--token-budget",
    help="Exit with 1 if the total (with --field or --column: a row) has more than N tokens.",
)
@click.option("--each", is_flag=True, help="Use --max-tokens and --fits for each file by itself.")
@click.option(
    "--cost", is_flag=True, help="Show what each model charges for the total as input, in USD."
)
@click.option(
    "--fits", is_flag=True, help="Exit with 1 if the total exceeds a model's context window."
)
@column_options("Count")
@click.option(
    "--chat",
    metavar="NAME",
    help="Count the chat in this field or column: a list of messages, or the JSON of one.",
)
@kind_options("--as")
@click.option(
    "--id", "id_name", metavar="NAME", help="Name each row by its value in this field or column."
)
@click.option(
    "--per-row",
    metavar="FILE",
    help="Write the count of each row to this file (.jsonl, .csv, .parquet), or to -.",
)
@click.option(
    "--report",
    metavar="FILE",
    help="Write the report on the rows to this file: a page with a plot (.html), or .json.",
)
@click.option(
    "--requests",
    is_flag=True,
    help="Count requests, in a batch's lines or alone, or fine-tuning examples.",
)
@number_option("--epochs", least=1, help="Price N epochs of fine-tuning.")
@format_option("text", "json", "jsonl", "csv", "tsv", default=None)
@click.pass_context
def count(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Count the tokens of files, folders, or standard input (-, the default).

    One input gives a bare number. Several give a line each and the total, or, where the output is
    not a terminal, tab-separated lines with a header and without the total. Special tokens count as
    ordinary text; .gz and .zst files are unpacked. --field, --column and --chat count the rows of
    data files, each against --max-tokens and the window; standard input is read as JSON lines, with
    --column as CSV.

    The exit code is 1 over a limit that was asked for, 2 if an input cannot be counted, 130 after
    Ctrl-C. Whatever could be counted is printed in any case.
    """
    paths = _all_paths(paths, options)
    if options["requests"]:
        _refuse(options, "--requests", _NOT_OF_REQUESTS)
        from tokenkit.cli.count.requests import count_request_files

        context.exit(count_request_files(paths, options))
    if options["epochs"] is not None:
        raise click.UsageError("--epochs needs --requests.")
    columns = chosen_columns(options["model"], options["encoding"])
    if options["field"] or options["column"] or options["chat"]:
        _refuse(options, "--field, --column and --chat", "tree top each")
        from tokenkit.cli.count.rows import count_data_files

        context.exit(count_data_files(paths, columns, options))
    for name in _OF_ROWS.split():
        if options[name] is not None:
            word = _WORDS.get(name, f"--{name}")
            raise click.UsageError(f"{word} needs --field, --column or --chat.")
    if options["each"] and options["max_tokens"] is None and not options["fits"]:
        raise click.UsageError("--each needs --max-tokens or --fits.")
    if options["cost"] and options["output_format"] in ("jsonl", "csv", "tsv"):
        raise click.UsageError("--cost prices the total; use --format text or json.")
    context.exit(count_texts(paths, columns, options))


def _all_paths(paths: tuple[str, ...], options: dict[str, Any]) -> tuple[str, ...]:
    """All paths that are named, on the command line or by --null; else standard input."""
    paths += options["inputs"]
    if not options["null"]:
        return paths or (STDIN,)
    names = sys.stdin.buffer.read().split(b"\0")
    return paths + tuple(name.decode(errors="surrogateescape") for name in names if name)


def _refuse(options: dict[str, Any], kind: str, names: str) -> None:
    """Exit with 2 if an option is given that would be without effect."""
    for name in names.split():
        if options[name] is not None and options[name] is not False:
            word = _WORDS.get(name, f"--{name.replace('_', '-')}")
            raise click.UsageError(f"{word} does not go with {kind}.")


def count_texts(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Count files and folders as text, print the result and return the exit code."""
    results: list[FileCount] = []
    skipped = Skipped()
    code = 0
    try:
        with progress(paths, after=0.3) as seen:
            for result in count_files(
                paths,
                [column.encoding for column in columns],
                **folder_choice(options),
                errors=options["errors"],
                skipped=skipped,
                progress=seen,
            ):
                results.append(result)
    except Interrupted as error:
        results.append(FileCount(error.name, error.tokens, error.size))
        complain(error.name, f"interrupted; this is the count of its first {error.size} bytes")
        code = INTERRUPTED
    except KeyboardInterrupt:
        say(f"tokenkit: interrupted after {len(results)} {plural(len(results), 'input')}", err=True)
        code = INTERRUPTED
    counted = Counted(columns, results, paths, skipped.files)
    counted.show(options)
    skipped.say()
    for result in results:
        if result.error:
            complain(result.name, result.error)
    over = counted.complain_over(options["max_tokens"], options["fits"], options["each"])
    if any(result.error for result in results):
        return 2 if code == 0 else code
    return code or (1 if over else 0)
