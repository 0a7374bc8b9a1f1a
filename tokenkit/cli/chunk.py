"""`tokenkit chunk`."""

from __future__ import annotations

import contextlib
import os
import sys
from itertools import chain, groupby
from pathlib import Path
from typing import IO, Any

import click

from tokenkit._writing import WholeFile, is_part, whole_text
from tokenkit.cli.shared.inputs import Skipped, TextReader
from tokenkit.cli.shared.options import (
    PATH,
    choice_option,
    chosen_encoding,
    folder_choice,
    folder_options,
    model_options,
    number_option,
    overlap_option,
    text_format_option,
    text_options,
    usage_errors,
)
from tokenkit.cli.shared.output import (
    as_json,
    print_name,
    refuse_overwriting,
    same_file,
    say,
    shown_name,
)
from tokenkit.errors import ContextOverflowError, InputError
from tokenkit.inputs import STDIN, memory_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokenkit.chunking import Batch, Chunk, Chunker

FAILED = 2
_OUTPUTS = ("output", "pack_file")
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
    type=click.FloatRange(0, 1),
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
@folder_options
@text_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the lines to this file. Default: standard output.",
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

    The exit code is 2 if an input cannot be read or split; the others are written in any case, and
    of a stream the chunks before what is wrong.
    """
    if options["pack_file"] and not options["model"]:
        raise click.UsageError("--pack needs the embedding model; name it with --model.")
    if options["split_output"] and (options["output"] or options["pack_file"]):
        raise click.UsageError("--split-output writes files; leave out --output and --pack.")
    for option, name in (("--output", "output"), ("--pack", "pack_file")):
        refuse_overwriting(option, options[name] or STDIN, paths or (STDIN,))
    outputs = [os.path.realpath(options[name]) for name in _OUTPUTS if options[name]]
    if len(outputs) > len(set(outputs)):
        raise click.UsageError("--output and --pack would write one file; name two.")
    chosen_encoding(options["model"], options["encoding"])
    with usage_errors(ValueError):
        chunker = _chunker(options)
    writer = _Writer(chunker, options)
    try:
        status = writer.run(paths or (STDIN,))
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        if error.filename is None:
            raise  # standard output
        raise click.UsageError(f"{shown_name(error.filename)}: {error.strerror}") from None
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


class _Writer:
    """Writes the chunks of all inputs."""

    def __init__(self, chunker: Chunker, options: dict[str, Any]) -> None:
        self.chunker = chunker
        self.options = options
        self.reader = TextReader(options, times=4)
        self.skipped = Skipped()

    def run(self, paths: tuple[str, ...]) -> int:
        """Write everything; return the exit code."""
        if self.options["split_output"]:
            self._split(paths, Path(self.options["split_output"]))
        elif self.options["pack_file"]:
            self._packed(paths)
        else:
            with self._output() as file:
                for name, chunk in self._chunks(paths):
                    _write(file, _record(name, chunk))
        self.skipped.say()
        return FAILED if self.reader.failed else 0

    def _chunks(self, paths: tuple[str, ...]) -> Iterator[tuple[str, Chunk]]:
        from tokenkit.inputs import find_files

        outputs = [self.options[name] or STDIN for name in _OUTPUTS]
        for name in find_files(paths, **folder_choice(self.options), skipped=self.skipped):
            if is_part(name) or any(same_file(output, name) for output in outputs):
                continue  # an output, of this time or the last one, that lies in the folder
            try:
                for chunk in self._chunks_of(name):
                    yield name, chunk
            except (InputError, ContextOverflowError) as error:
                self.reader.complain(name, error)

    def _chunks_of(self, name: str) -> Iterable[Chunk]:
        """The chunks of an input; a text that takes too much memory is split as a stream."""
        if self.options["pack_file"] or self.options["trim"]:  # they hold it whole
            return self.chunker.chunk(self.reader.text(name))
        parts = self.reader.parts(name)
        held: list[str] = []
        size, width = 0, 1  # characters, and the bytes that each takes in all of them together
        for part in parts:
            held.append(part)
            size += len(part)
            width = max(width, min(4, memory_of(part) // max(1, len(part))))
            if size * width > self.reader.most:
                return self.chunker.iter_chunks(chain(held, parts))
        return self.chunker.chunk("".join(held))

    @contextlib.contextmanager
    def _output(self) -> Iterator[IO[str]]:
        path = self.options["output"]
        if path in (None, STDIN):
            yield sys.stdout
            return
        with whole_text(path) as file:
            yield file

    def _split(self, paths: tuple[str, ...], folder: Path) -> None:
        """Write FOLDER/0001-name-0003.md: the number of the input keeps names of different folders
        apart, and the chunks in order."""
        from tokenkit.encodings import repaired

        folder.mkdir(parents=True, exist_ok=True)
        pairs = groupby(self._chunks(paths), key=lambda pair: pair[0])
        for number, (name, group) in enumerate(pairs, 1):
            path = Path("stdin.txt" if name == STDIN else name)
            for _, chunk in group:
                target = folder / f"{number:04}-{path.stem}-{chunk.index:04}{path.suffix}"
                with WholeFile(target) as out:
                    out.file.write(repaired(chunk.input).encode())
                print_name(str(target))

    def _packed(self, paths: tuple[str, ...]) -> None:
        from tokenkit.chunking import pack

        pairs = list(self._chunks(paths))
        with usage_errors(ValueError):
            batches = pack([chunk for _, chunk in pairs], self.options["model"])
        with (
            self._output() as file,
            whole_text(self.options["pack_file"]) as requests,
        ):
            for number, batch in enumerate(batches):
                request = self._request(number, batch)
                _write(requests, request)
                for index, (name, chunk) in enumerate(pairs[batch.start : batch.end]):
                    where = {"request": request["custom_id"], "place": index}
                    _write(file, {**_record(name, chunk), **where})
        total = sum(batch.tokens for batch in batches)
        say(
            f"{len(pairs)} chunks, {total} tokens in {len(batches)} requests: "
            f"{shown_name(self.options['pack_file'])}",
            err=True,
        )

    def _request(self, number: int, batch: Batch[Chunk]) -> dict[str, Any]:
        """A line of the Batch API for a batch of chunks."""
        return {
            "custom_id": f"chunks-{number:06}",
            "method": "POST",
            "url": "/v1/embeddings",
            "body": {"model": self.options["model"], "input": batch.inputs},
        }


def _record(name: str, chunk: Chunk) -> dict[str, Any]:
    record = {
        "name": name,
        "index": chunk.index,
        "start": chunk.start,
        "end": chunk.end,
        "tokens": chunk.tokens,
        "overlap": chunk.overlap,
        "boundary": chunk.boundary,
        "headings": list(chunk.headings),
        "text": chunk.text,
    }
    if chunk.input != chunk.text:
        record["input"] = chunk.input
    return record


def _write(file: IO[str], record: dict[str, Any]) -> None:
    file.write(as_json(record) + "\n")
