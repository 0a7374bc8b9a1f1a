"""The command of jobs on clusters: `python -m tokenkit.integrations.spark|ray count|chunk ...`.

Exit codes: 0 when the output is written, 1 when the job failed, 2 for options that make no sense.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

from tokenkit import Chunker
from tokenkit.chunking import Format, Strategy
from tokenkit.encodings import named_encoding
from tokenkit.integrations.arrow_batches import ChunkDocuments, CountTokens

Step: TypeAlias = CountTokens | ChunkDocuments
InputFormat: TypeAlias = Literal["parquet", "json", "csv"]

_ENDINGS: dict[str, InputFormat] = {"json": "json", "jsonl": "json", "ndjson": "json", "csv": "csv"}
# The last line of a traceback. Engines put tracebacks into their messages, that of the cause first.
_RAISED = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception|Invalid)): (.+)$", re.MULTILINE)
# The first line of an error of Java, after one that only names the call.
_OF_JAVA = re.compile(r"^: [\w.$]+: (.+)$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_job(
    engine: str,
    job: Callable[[argparse.Namespace, Step], None],
    arguments: Sequence[str] | None = None,
) -> int:
    """Read the command line and run the job; return the exit code. Problems go to stderr."""
    parser = _parser(engine)
    options = parser.parse_args(arguments)
    try:
        step = _step(options)
    except (TypeError, ValueError, KeyError, OSError, ModuleNotFoundError) as error:
        print(f"{parser.prog}: error: {error}", file=sys.stderr)
        return 2
    options.format = options.format or input_format(options.input)
    try:
        job(options, step)
    except Exception as error:
        print(f"{parser.prog}: error: {plain(error)}", file=sys.stderr)
        return 1
    return 0


def input_format(paths: Sequence[str]) -> InputFormat:
    """The format of files by the ending of the first one; folders are of Parquet.

    >>> input_format(["a.jsonl"]), input_format(["s3://b/c/"])
    ('json', 'parquet')
    """
    ending = paths[0].removesuffix(".gz").rpartition(".")[2].lower()
    return _ENDINGS.get(ending, "parquet")


def plain(error: BaseException) -> str:
    """Say what an engine's error is about, without the tracebacks that it carries from workers.

    >>> plain(RuntimeError("Job aborted.\\nTraceback:\\nValueError: column 'a': row 3"))
    "column 'a': row 3"
    """
    text = _COLOUR.sub("", str(error)).strip()
    if raised := _RAISED.search(text):
        kind, message = raised.groups()
        return message if kind in ("ValueError", "TypeError") else f"{kind}: {message}"
    if of_java := _OF_JAVA.search(text):
        return of_java[1]
    return text.splitlines()[0] if text else type(error).__name__


def _step(options: argparse.Namespace) -> Step:
    """Make the function from batch to batch; it says which option is wrong.

    A tokenizer file is read here, and travels to the workers compiled.
    """
    encoding = named_encoding(options.encoding) if options.encoding else None
    if options.verb == "count":
        return CountTokens(
            options.column,
            model=options.model,
            encoding=encoding,
            output=options.output_column,
            errors=options.errors,
        )
    chunker = Chunker(
        options.model,
        encoding=encoding,
        max_tokens=options.max_tokens,
        overlap=options.overlap,
        format=options.text_format,
        strategy=options.strategy,
        trim=options.trim,
    )
    columns = [name for name in options.columns.split(",") if name]
    return ChunkDocuments(
        options.column, id=options.id, chunker=chunker, columns=columns, errors=options.errors
    )


def _parser(engine: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"tokenkit.integrations.{engine}",
        description="Count the tokens of a column, or split its texts into chunks, on a cluster.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="count|chunk")
    count = verbs.add_parser("count", help="Add a column with the number of tokens.")
    count.add_argument(
        "--output-column", default="tokens", metavar="NAME", help="Name the column (tokens)."
    )
    _add_chunk_options(verbs.add_parser("chunk", help="Write a row for each chunk."))
    for verb in verbs.choices.values():
        _add_common_options(verb)
    return parser


def _add_common_options(verb: argparse.ArgumentParser) -> None:
    add: Any = verb.add_argument
    add("--input", nargs="+", required=True, metavar="PATH", help="Read these files or folders.")
    add("--output", required=True, metavar="PATH", help="Write Parquet files into this folder.")
    add("--overwrite", action="store_true", help="Replace what is in the output.")
    add(
        "--format",
        choices=get_args(InputFormat),
        help="Read files of this format (by the ending of the first; folders: parquet).",
    )
    add("--column", default="text", metavar="NAME", help="Read the texts from this column (text).")
    add("-m", "--model", metavar="NAME", help="Count as this model does.")
    add(
        "-e",
        "--encoding",
        metavar="NAME|PATH",
        help="Count with this encoding, or with the tokenizer in this file or folder.",
    )
    add(
        "--errors",
        choices=("raise", "null"),
        default="raise",
        help="Stop at bytes that are not UTF-8, or treat such a row as null (raise).",
    )


def _add_chunk_options(chunk: argparse.ArgumentParser) -> None:
    add: Any = chunk.add_argument
    add("--id", required=True, metavar="NAME", help="Give each chunk the value of this column.")
    add("--columns", default="", metavar="A,B", help="Carry these columns along, too.")
    add("-n", "--max-tokens", type=int, metavar="N", help="Limit each chunk to N tokens.")
    add("--overlap", type=int, default=0, metavar="N", help="Repeat up to N tokens (0).")
    add(
        "--as",
        dest="text_format",
        choices=get_args(Format),
        default="auto",
        help="Read the texts as this format (auto).",
    )
    add("--strategy", choices=get_args(Strategy), default="optimal", help="Split so (optimal).")
    add("--trim", action="store_true", help="Leave out white space at the ends of chunks.")
