"""`tokenkit chunk`."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import IO, Any

import click

from tokenkit.cli.shared.inputs import Skipped, complain, refuse_overwriting, same_file
from tokenkit.cli.shared.options import (
    PATH,
    chosen_encoding,
    folder_choice,
    folder_options,
    model_options,
)
from tokenkit.errors import ContextOverflowError, InputError, TokenkitError
from tokenkit.inputs import STDIN, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenkit.chunking import Chunk, Chunker

FAILED = 2
EXAMPLES = """\b
Examples:
  tokenkit chunk manual.md -m text-embedding-3-small -n 512 --overlap 64
  tokenkit chunk docs --include '*.md' -m text-embedding-3-small -n 512 -o chunks.jsonl
  tokenkit chunk docs -m text-embedding-3-small -n 512 -o chunks.jsonl --pack requests.jsonl
  tokenkit chunk book.txt -e o200k_base -n 2000 --split-output parts
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATHS...|-]")
@model_options()
@click.option(
    "-n",
    "--max-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    help="The most tokens of a chunk; default: the embedding model's limit.",
)
@click.option(
    "--overlap",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Tokens that a chunk may repeat of the one before.",
)
@click.option(
    "--as",
    "text_format",
    type=click.Choice(["auto", "text", "markdown", "code"]),
    default="auto",
    show_default=True,
    help="How to read the text.",
)
@click.option(
    "--strategy",
    type=click.Choice(["optimal", "greedy", "token"]),
    default="optimal",
    show_default=True,
    help="How to choose where chunks end.",
)
@click.option(
    "--tightness",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="optimal: 1 few chunks, 0 good borders.",
)
@click.option(
    "--min-tokens",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Join or fill up chunks below this, where that is possible.",
)
@click.option(
    "--reserve",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Tokens kept free in each chunk.",
)
@click.option("--prefix", metavar="TEXT", help="Put this before each chunk; it counts too.")
@click.option("--trim", is_flag=True, help="Leave out white space at both ends of chunks.")
@folder_options
@click.option(
    "-o", "--output", metavar="FILE", help="Write the lines here; default: standard output."
)
@click.option("--split-output", metavar="FOLDER", help="Write each chunk to a file of its own.")
@click.option(
    "--pack",
    "pack_file",
    metavar="FILE",
    help="Also write requests of the Batch API for embeddings.",
)
@click.pass_context
def chunk(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Cut files, or all files of folders, into chunks that never exceed a number of tokens.

    Prints a JSON line per chunk: name, index, start and end (characters of the file), tokens,
    overlap (tokens shared with the next), boundary, headings, text, and with --prefix the input to
    embed. With --pack a line also says in which request and at which place the chunk is sent.

    The exit code is 2 if an input cannot be read or cut; the others are written in any case.
    """
    if options["pack_file"] and not options["model"]:
        raise click.UsageError("--pack needs the embedding model: name it with --model.")
    if options["split_output"] and (options["output"] or options["pack_file"]):
        raise click.UsageError("--split-output writes files: leave out --output and --pack.")
    for option, name in (("--output", "output"), ("--pack", "pack_file")):
        refuse_overwriting(option, options[name] or STDIN, paths or (STDIN,))
    chosen_encoding(options["model"], options["encoding"])
    try:
        chunker = _chunker(options)
    except (ValueError, TokenkitError) as error:
        raise click.UsageError(str(error)) from None
    work = _Work(chunker, options)
    try:
        status = work.run(paths or (STDIN,))
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        raise click.UsageError(f"{error.filename or 'output'}: {error.strerror}") from None
    context.exit(status)


def _chunker(options: dict[str, Any]) -> Chunker:
    from tokenkit.chunking import Chunker
    from tokenkit.cli.shared.options import ENVIRONMENT

    encoding = options["encoding"]
    if not encoding and not options["model"]:
        encoding = os.environ[ENVIRONMENT]
    return Chunker(
        options["model"],
        encoding=encoding,
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


class _Work:
    """Chunks of all inputs, on their way to where they are written."""

    def __init__(self, chunker: Chunker, options: dict[str, Any]) -> None:
        self.chunker = chunker
        self.options = options
        self.status = 0
        self.skipped = Skipped()

    def run(self, paths: tuple[str, ...]) -> int:
        """Writes everything; returns the exit code."""
        if self.options["split_output"]:
            self._split(paths, Path(self.options["split_output"]))
        elif self.options["pack_file"]:
            self._packed(paths)
        else:
            with self._output() as file:
                for name, one in self._chunks(paths):
                    _write(file, _record(name, one))
        self.skipped.say()
        return self.status

    def _chunks(self, paths: tuple[str, ...]) -> Iterator[tuple[str, Chunk]]:
        from tokenkit.inputs import find_files

        outputs = [self.options[name] or STDIN for name in ("output", "pack_file")]
        for name in find_files(paths, **folder_choice(self.options), skipped=self.skipped):
            if any(same_file(output, name) for output in outputs):
                continue  # in a folder, what is written now, or was last time, is no input
            try:
                text = read_text(name)
                found = self.chunker.chunk(text)
            except (InputError, ContextOverflowError) as error:
                complain(name, error)
                self.status = FAILED
                continue
            for one in found:
                yield name, one

    @contextlib.contextmanager
    def _output(self) -> Iterator[IO[str]]:
        path = self.options["output"]
        if path in (None, STDIN):
            yield sys.stdout
            return
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            yield file

    def _split(self, paths: tuple[str, ...], folder: Path) -> None:
        """FOLDER/0001-name-0003.md: the number of the input keeps names of different folders apart,
        and the chunks in order."""
        from itertools import groupby

        folder.mkdir(parents=True, exist_ok=True)
        pairs = groupby(self._chunks(paths), key=lambda pair: pair[0])
        for number, (name, group) in enumerate(pairs, 1):
            path = Path("stdin.txt" if name == STDIN else name)
            for _, one in group:
                target = folder / f"{number:04}-{path.stem}-{one.index:04}{path.suffix}"
                target.write_bytes(one.input.encode())
                click.echo(target)

    def _packed(self, paths: tuple[str, ...]) -> None:
        from tokenkit.chunking import pack

        model = self.options["model"]
        pairs = list(self._chunks(paths))
        try:
            batches = pack([one for _, one in pairs], model)
        except (ValueError, TokenkitError) as error:
            raise click.UsageError(str(error)) from None
        with (
            self._output() as file,
            open(self.options["pack_file"], "w", encoding="utf-8", newline="\n") as requests,
        ):
            for number, batch in enumerate(batches):
                custom_id = f"chunks-{number:06}"
                body = {"model": model, "input": batch.inputs}
                _write(
                    requests,
                    {
                        "custom_id": custom_id,
                        "method": "POST",
                        "url": "/v1/embeddings",
                        "body": body,
                    },
                )
                for place, (name, one) in enumerate(pairs[batch.start : batch.end]):
                    _write(file, {**_record(name, one), "request": custom_id, "place": place})
        total = sum(batch.tokens for batch in batches)
        click.echo(
            f"{len(pairs)} chunks, {total} tokens in {len(batches)} requests: "
            f"{self.options['pack_file']}",
            err=True,
        )


def _record(name: str, one: Chunk) -> dict[str, Any]:
    record = {
        "name": name,
        "index": one.index,
        "start": one.start,
        "end": one.end,
        "tokens": one.tokens,
        "overlap": one.overlap,
        "boundary": one.boundary,
        "headings": list(one.headings),
        "text": one.text,
    }
    if one.input != one.text:
        record["input"] = one.input
    return record


def _write(file: IO[str], record: dict[str, Any]) -> None:
    # ASCII, so that the line can be read whatever encoding the terminal or pipe is taken to have.
    file.write(json.dumps(record) + "\n")
