"""Documents to chunks: JSON lines, a file per chunk, or requests for embeddings."""

from __future__ import annotations

import contextlib
import os
import sys
from itertools import chain, groupby
from pathlib import Path

from tokenkit._visible import plural
from tokenkit._writing import WholeFile, is_part, whole_text
from tokenkit.cli.shared.inputs import Skipped, TextReader
from tokenkit.cli.shared.options import folder_choice, usage_errors
from tokenkit.cli.shared.output import as_json, print_name, same_file, say, shown_name
from tokenkit.errors import ContextOverflowError, InputError
from tokenkit.inputs import STDIN, memory_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

    from tokenkit.chunking import Batch, Chunk, Chunker

FAILED = 2
_LONGEST_NAME = 255  # bytes of a name of a file, on most systems
OUTPUTS = ("output", "pack_file")


class TextChunks:
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

        outputs = [self.options[name] or STDIN for name in OUTPUTS]
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
                target = folder / _part_name(number, path, chunk.index)
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
            f"{len(pairs)} {plural(len(pairs), 'chunk')}, {total} {plural(total, 'token')} in "
            f"{len(batches)} {plural(len(batches), 'request')}: "
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


def _part_name(number: int, path: Path, index: int) -> str:
    """The name of a chunk's file, such as 0001-notes-0003.md, short enough for a file system."""
    stem, suffix = path.stem, path.suffix
    while len(os.fsencode(f"{number:04}-{stem}-{index:04}{suffix}")) > _LONGEST_NAME:
        stem, suffix = (stem[:-1], suffix) if stem else (stem, suffix[:-1])
    return f"{number:04}-{stem}-{index:04}{suffix}"


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
