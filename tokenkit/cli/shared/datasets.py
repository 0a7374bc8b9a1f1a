"""Data sets as the verbs read them: files, folders, patterns and URIs with rows of text."""

from __future__ import annotations

import click

from tokenkit.cli.shared.options import choice_option, csv_options, folder_choice
from tokenkit.cli.shared.output import same_file
from tokenkit.inputs import READERS, STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from tokenkit.cli.shared.inputs import Skipped
    from tokenkit.inputs import DataKind, FilePart, RowOptions

    Function = TypeVar("Function", bound=Callable[..., Any])

SETTINGS = ("text_encoding", "errors", "delimiter", "quote", "escape", "header", "max_mb")


def column_options(verb: str) -> Callable[[Function], Function]:
    """Add --field and --column, which say what to do with the rows of data files."""
    field = click.option(
        "--field", metavar="NAME", help=f"{verb} this field of each row of .jsonl, .json files."
    )
    column = click.option(
        "--column",
        metavar="NAME",
        help=f"{verb} this column of .csv, .parquet and .arrow files.",
    )
    return lambda function: field(column(function))


def kind_options(*names: str) -> Callable[[Function], Function]:
    """Add the options of CSV, and one that says how to read rows, as `read_as`."""
    read_as = choice_option(
        *names,
        "read_as",
        choices=list(READERS),
        default=None,
        help="Read rows as this format, whatever the name of their file.",
    )
    return lambda function: csv_options(read_as(function))


def row_settings(options: dict[str, Any]) -> RowOptions:
    """How the options say that rows are read."""
    from tokenkit.inputs import row_options  # late, as are others here: files of text need no NumPy

    return row_options(**{name: options[name] for name in SETTINGS})


def found_files(
    paths: Sequence[str], options: dict[str, Any], skipped: Skipped, outputs: Sequence[str] = ()
) -> list[str]:
    """List the data files that are named, but for outputs that lie among them."""
    from tokenkit.inputs import data_files

    files = data_files(
        paths,
        **folder_choice(options),
        any_name=bool(options["read_as"]),
        skipped=skipped,
    )
    named = set(paths)  # naming an output as an input is an error of its own
    return [
        name
        for name in files
        if name in named or not any(same_file(output, name) for output in outputs)
    ]


def kind_for(path: str, options: dict[str, Any]) -> DataKind | None:
    """How to read a file: as --as says, or its name; from a pipe JSON lines for --field and --chat,
    CSV for --column."""
    from tokenkit.inputs import data_kind

    kind: DataKind | None = options["read_as"]
    if kind is None and path == STDIN:
        return "csv" if options["column"] else "jsonl"
    return kind or data_kind(path)


def name_for(part: FilePart, options: dict[str, Any]) -> str:
    """--field or --column, as the values of such files are called; either serves both if it is
    alone."""
    names: dict[str, str | None] = {name: options[name] for name in ("column", "field")}
    first = names.pop(READERS[part.kind].value if part.kind else "column")
    return first or names.popitem()[1] or ""


def column_name(message: str, options: dict[str, Any]) -> str:
    """The column that an error of a row is about, to be put before its message; "" where that has
    it, or the row could not be divided into columns."""
    name = options["column"] or options["field"]
    is_of_text = message.startswith("expected UTF-8") and "of the line" not in message
    return f"column {name!r}: " if name and (is_of_text or message.startswith("max_tokens")) else ""


def bytes_of(parts: Sequence[FilePart]) -> int | None:
    """The bytes of all parts; None if the size of one is not known."""
    sizes = [part.size for part in parts]
    return sum(sizes) if all(sizes) else None


class ShareDone:
    """How many bytes of its part a reader has read since it last said so."""

    def __init__(self) -> None:
        self._done: dict[FilePart, int] = {}

    def more(self, part: FilePart, position: int | None) -> int:
        """The bytes up to a position in the file, or with None to the part's end."""
        before = self._done.get(part, 0)
        now = part.size if position is None else position - part.start
        if part.size:
            now = min(now, part.size)
        self._done[part] = now = max(now, before)
        return now - before
