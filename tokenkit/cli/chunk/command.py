"""`tokenkit chunk`."""

from __future__ import annotations

import os
from typing import Any

import click

from tokenkit.cli.chunk.texts import OUTPUTS, TextChunks
from tokenkit.cli.shared.datasets import column_options, kind_options
from tokenkit.cli.shared.kinds import Number
from tokenkit.cli.shared.options import (
    PATH,
    choice_option,
    chosen_encoding,
    folder_options,
    format_option,
    model_options,
    number_option,
    overlap_option,
    text_format_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import refuse_overwriting, shown_name
from tokenkit.inputs import STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.chunking import Chunker
    from tokenkit.encodings import Encoding

_OF_COLUMNS = {
    "id_name": "--id",
    "read_as": "--rows-as",
    "delimiter": "--delimiter",
    "quote": "--quote",
    "escape": "--escape",
    "header": "--header",
    "resume": "--resume",
}
EXAMPLES = """\b
Examples:
  tokenkit chunk manual.md -m text-embedding-3-small -n 512 --overlap 64
  tokenkit chunk docs --include '*.md' -m text-embedding-3-small -n 512 -o chunks.jsonl
  tokenkit chunk docs -m text-embedding-3-small -n 512 -o chunks.jsonl --pack requests.jsonl
  tokenkit chunk book.txt -e o200k_base -n 2000 --split-output parts
  tokenkit chunk lake --column text --id id -e o200k_base -n 512 -o chunks --resume notes.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATHS...|-]")
@model_options()
@number_option(
    "-n",
    "--max-tokens",
    least=1,
    help="Limit each chunk to N tokens. Default: the embedding model's limit.",
)
@overlap_option()
@text_format_option()
@choice_option(
    "--strategy",
    choices=("optimal", "greedy", "token"),
    help="Choose the ends of chunks by this strategy.",
)
@click.option(
    "--tightness",
    type=Number(0, 1),
    default=0.5,
    show_default=True,
    help="With optimal: prefer few chunks (1) or good boundaries (0).",
)
@number_option(
    "--min-tokens", default=0, help="Join or fill chunks below N tokens, where that is possible."
)
@number_option("--reserve", default=0, help="Reserve N tokens in each chunk.")
@click.option(
    "--prefix", metavar="TEXT", help="Put this text before each chunk; its tokens count, too."
)
@click.option("--trim", is_flag=True, help="Drop white space at both ends of chunks.")
@column_options("Split")
@click.option(
    "--id", "id_name", metavar="NAME", help="Name each row by its value in this field or column."
)
@kind_options("--rows-as")
@folder_options
@text_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the lines to this file, with --field or --column also to parts in a folder. "
    "Default: standard output.",
)
@format_option(
    "jsonl",
    "parquet",
    default=None,
    help="Write this format; parquet with --field or --column. Default: by the name of --output.",
)
@click.option(
    "--resume",
    metavar="FILE",
    help="Write what is done to this file, and go on there after an interrupt.",
)
@click.option(
    "--split-output", metavar="FOLDER", help="Write each chunk to a file of its own in this folder."
)
@click.option(
    "--pack",
    "pack_file",
    metavar="FILE",
    help="Write requests of the Batch API for embeddings to this file, too.",
)
@click.pass_context
def chunk(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Split files, or the files of folders, into chunks that never exceed a number of tokens.

    The output is a JSON line per chunk: name, index, start and end (characters of the file),
    tokens, overlap (tokens shared with the next chunk), boundary, headings, text, and with --prefix
    the input to embed. With --pack a line also has the request that holds the chunk, and its place
    there.

    A text that takes more memory than a quarter of --max-mb is split as a stream is, which with
    "optimal" looks less far ahead; --trim and --pack refuse it.

    --field and --column split the rows of data files, folders, patterns and URIs: row (from 0) or
    id, file, index, start, end, tokens, text and headings of each chunk.

    The exit code is 2 if an input cannot be read or split; the others are written in any case, and
    of a stream the chunks before what is wrong.
    """
    of_columns = bool(options["field"] or options["column"])
    _check_outputs(options, of_columns)
    if options["pack_file"] and not options["model"]:
        raise click.UsageError("--pack needs the embedding model; name it with --model.")
    if options["split_output"] and (options["output"] or options["pack_file"]):
        raise click.UsageError("--split-output writes files; leave out --output and --pack.")
    for option, name in (("--output", "output"), ("--pack", "pack_file"), ("--resume", "resume")):
        refuse_overwriting(option, options[name] or STDIN, paths or (STDIN,))
    outputs = [os.path.realpath(options[name]) for name in OUTPUTS if options[name]]
    if len(outputs) > len(set(outputs)):
        raise click.UsageError("--output and --pack would write one file; name two.")
    encoding = chosen_encoding(options["model"], options["encoding"])
    with usage_errors(ValueError):
        chunker = _chunker(encoding, options)
    try:
        if of_columns:
            from tokenkit.cli.chunk.rows import chunk_data_files

            status = chunk_data_files(paths or (STDIN,), chunker, options)
        else:
            status = TextChunks(chunker, options).run(paths or (STDIN,))
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        if error.filename is None:
            raise  # standard output
        raise click.UsageError(f"{shown_name(error.filename)}: {error.strerror}") from None
    context.exit(status)


def _chunker(encoding: Encoding, options: dict[str, Any]) -> Chunker:
    from tokenkit.chunking import Chunker

    return Chunker(
        options["model"],
        encoding=None if options["model"] else encoding,
        max_tokens=options["max_tokens"],
        overlap=options["overlap"],
        format=options["text_format"],
        strategy=options["strategy"],
        tightness=options["tightness"],
        min_tokens=options["min_tokens"],
        reserve=options["reserve"],
        prefix=options["prefix"],
        trim=options["trim"],
    )


def _check_outputs(options: dict[str, Any], of_columns: bool) -> None:
    """Exit with 2 for options that do not go with what is split."""
    if of_columns:
        for name in ("pack_file", "split_output"):
            if options[name]:
                word = "--pack" if name == "pack_file" else "--split-output"
                raise click.UsageError(f"{word} does not go with --field and --column.")
        return
    for name, word in _OF_COLUMNS.items():
        if options[name] is not None:
            raise click.UsageError(f"{word} needs --field or --column.")
    if options["output_format"] == "parquet":
        raise click.UsageError("--format parquet needs --field or --column.")
