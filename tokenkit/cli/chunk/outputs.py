"""Where chunks of columns go: lines to standard output, parts in a folder, or one file of them."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import click

from tokenkit._writing import WholeFile, is_part
from tokenkit.cli.chunk.columns import JsonLinesFile, ParquetFile
from tokenkit.cli.shared.output import shown_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tokenkit.cli.chunk.columns import ChunkFile

__all__ = ["Lines", "PartFolder", "assemble", "format_for", "is_folder"]

_ENDINGS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_PREFIX = "part-"


def is_folder(target: str) -> bool:
    """Say whether --output names a folder: one that is there, or a name without a known ending.

    >>> is_folder("chunks"), is_folder("chunks.parquet"), is_folder("chunks.parquet/")
    (True, False, True)
    """
    if target.endswith(("/", os.sep)) or os.path.isdir(target):
        return True
    return os.path.splitext(target)[1].lower() not in _ENDINGS and not os.path.exists(target)


def format_for(target: str | None, asked: str | None) -> str:
    """The format to write: as --format says, else by the name of --output, else Parquet for a
    folder and lines for all else. Exits with 2 for Parquet to standard output."""
    if target is None:
        if asked == "parquet":
            raise click.UsageError("--format parquet needs -o FILE or -o FOLDER.")
        return "jsonl"
    if asked:
        return asked
    if is_folder(target):
        return "parquet"
    return _ENDINGS.get(os.path.splitext(target)[1].lower(), "jsonl")


class Lines:
    """Lines of JSON to standard output."""

    def __init__(self) -> None:
        self.file: ChunkFile = JsonLinesFile(sys.stdout.write)

    def begin(self, _key: str, _number: int) -> Lines:
        """Go on with the lines."""
        return self

    def commit(self) -> int:
        """Give what is written to the reader."""
        sys.stdout.flush()
        return 0

    def discard(self) -> None:
        """Lines that are written stay."""


class _PartFile:
    """A part that is written beside its place."""

    def __init__(self, path: Path, schema: Any) -> None:
        self.path = path
        self.out = WholeFile(path)
        try:
            out = self.out.file
            self.file: ChunkFile = (
                ParquetFile(out, schema)
                if schema is not None
                else JsonLinesFile(lambda text: out.write(text.encode()))
            )
        except BaseException:
            self.out.discard()
            raise

    def commit(self) -> int:
        try:
            self.file.finish()
            self.out.file.flush()
            os.fsync(self.out.file.fileno())
        except BaseException:
            self.discard()
            raise
        self.out.commit()
        return self.path.stat().st_size

    def discard(self) -> None:
        self.file.drop()
        self.out.discard()


class PartFolder:
    """A folder of parts, whose names sort as their rows do; `schema` is that of Parquet, None for
    lines of JSON."""

    def __init__(self, folder: str | os.PathLike[str], schema: Any) -> None:
        self.folder = Path(folder)
        self.schema = schema
        self.ending = ".jsonl" if schema is None else ".parquet"

    def name(self, key: str, number: int) -> str:
        """The name of a piece's file."""
        return f"{_PREFIX}{key}-{number:05}{self.ending}"

    def begin(self, key: str, number: int) -> _PartFile:
        """Open a part, which `commit` puts in the folder."""
        return _PartFile(self.folder / self.name(key, number), self.schema)

    def make(self, *, fresh: bool, besides: Sequence[str] = ()) -> None:
        """Make the folder; exit with 2 if a `fresh` one holds files other than `besides`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        others = {os.path.realpath(name) for name in besides}
        for entry in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
            if is_part(entry.name):  # of a process that was killed
                with suppress(OSError):
                    os.remove(entry.path)
            elif fresh and os.path.realpath(entry.path) not in others:
                raise click.UsageError(
                    f"expected an empty folder for --output, got {shown_name(str(self.folder))} "
                    f"with {shown_name(entry.name)}; name another, or remove what it holds"
                )

    def lock(self) -> int | None:
        """Keep other runs out of the folder as long as the file is open whose number this gives;
        exit with 2 if another one is at work there. None where the system has no such locks."""
        try:
            import fcntl
        except ModuleNotFoundError:
            return None
        number = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(number)
            raise click.UsageError(
                f"expected a folder of this run alone, got {shown_name(str(self.folder))}, in "
                "which another one is at work; wait for its end"
            ) from None
        except OSError:  # a file system without locks
            os.close(number)
            return None
        return number

    def size(self, key: str, number: int) -> int | None:
        """The bytes of a part; None if it is not there."""
        try:
            return (self.folder / self.name(key, number)).stat().st_size
        except OSError:
            return None

    def remove(self) -> None:
        """Remove the folder and all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)


def assemble(parts: PartFolder, names: Sequence[str], target: str) -> None:
    """Write one file of parts, in their order. Raises OSError, which names it."""
    with WholeFile(target, spooled=parts.schema is not None) as out:
        if parts.schema is None:
            for name in names:
                with open(parts.folder / name, "rb") as part:
                    shutil.copyfileobj(part, out.file, 1 << 20)
            return
        from pyarrow import parquet

        with parquet.ParquetWriter(out.file, parts.schema) as writer:
            for name in names:
                with parquet.ParquetFile(parts.folder / name) as part:
                    for group in range(part.num_row_groups):
                        writer.write_table(part.read_row_group(group))
