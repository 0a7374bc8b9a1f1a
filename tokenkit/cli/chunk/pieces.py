"""The rows of a data set in pieces: each is chunked, and written to a place of its own.

Where a piece ends depends on the rows alone: not on threads, on how a store gives its bytes, or on
where a run was interrupted. So a piece that is made twice is the same file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tokenkit.cli.chunk.columns import chunk_columns
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs import RowTexts, read_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    from tokenkit.chunking import Chunker
    from tokenkit.cli.chunk.columns import ChunkFile
    from tokenkit.inputs import FilePart, OnError, RowOptions

    class Output(Protocol):
        """Where pieces go."""

        def begin(self, key: str, number: int) -> OpenPiece:
            """Open a piece of a part for writing."""

    class OpenPiece(Protocol):
        """A piece that is being written."""

        file: ChunkFile

        def commit(self) -> int:
            """Put the piece in its place; return its bytes."""

        def discard(self) -> None:
            """Drop what was written."""


__all__ = ["Done", "Failed", "Job", "Piece", "PieceMaker", "Step", "key_of"]

PIECE_BYTES = 64 << 20  # of text
_ROW_BYTES = 64  # what a row counts for besides its text
_KEPT_PROBLEMS = 100  # of a piece


def key_of(part: FilePart) -> str:
    """The name of a part: the numbers of its file and of its first row group."""
    return f"{part.file:06}-{part.groups.start if part.groups else 0:05}"


@dataclass(frozen=True)
class Job:
    """A part, of which some pieces with so many rows are done."""

    part: FilePart
    pieces: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Step:
    """So many more rows were read, up to a position in the file."""

    rows: int
    position: int


@dataclass
class Piece:
    """A piece that is in its place: its rows, chunks, bytes, and rows that are wrong, the first of
    which are in `problems` as (line or row, message). One that `is_cut` ends where its part could
    not be read on."""

    rows: int = 0
    chunks: int = 0
    size: int = 0
    wrong: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    is_cut: bool = False

    def add(self, rows: int, chunks: int, problems: list[tuple[int, str]]) -> None:
        """Add the rows of a batch."""
        self.rows += rows
        self.chunks += chunks
        self.wrong += len(problems)
        self.problems += problems[: _KEPT_PROBLEMS - len(self.problems)]


@dataclass(frozen=True)
class Done:
    """A part is done."""


@dataclass(frozen=True)
class Failed:
    """A part could not be read to its end."""

    message: str
    is_text: bool  # whether it is something else than that the input is not text


@dataclass(frozen=True)
class PieceMaker:
    """Makes the pieces of parts. `name_of` gives the column of a part, `shown` the name of its file
    in outputs; `check` raises InputError if a file is no longer what it was."""

    chunker: Chunker
    options: RowOptions
    id_name: str | None
    name_of: Callable[[FilePart], str]
    shown: Callable[[str], str]
    check: Callable[[FilePart], None]
    output: Output
    threads: int
    arrow: bool

    def make(self, job: Job) -> Iterator[Step | Piece | Done | Failed]:
        """Chunk the rows of a part behind those that are done, and write them piece by piece."""
        writer = _PieceWriter(self, job)
        try:
            try:
                self.check(job.part)
                for batch in self._batches(job):
                    for rows, is_last in writer.divided(batch):
                        writer.write(rows)
                        if is_last:
                            yield writer.commit()
                    yield Step(len(batch.texts), batch.position)
            except InputError as error:
                if writer.is_begun:
                    yield replace(writer.commit(), is_cut=True)
                yield Failed(str(error), not isinstance(error, NotTextError))
                return
            if writer.is_begun or writer.number == 0:
                yield writer.commit()  # also of a part without rows
            yield Done()
        finally:
            writer.discard()

    def _batches(self, job: Job) -> Iterator[RowTexts]:
        part = job.part
        options = replace(self.options, groups=part.groups)
        left = job.rows
        for batch in read_rows(part.path, self.name_of(part), self.id_name, part.kind, options):
            size = len(batch.texts)
            if left >= size and left:
                left -= size
                continue
            yield _slice(batch, left, size) if left else batch
            left = 0

    @property
    def errors(self) -> OnError:
        return self.options.decoding.errors


class _PieceWriter:
    """Writes the pieces of one part, one after the other."""

    def __init__(self, maker: PieceMaker, job: Job) -> None:
        self.maker = maker
        self.part = job.part
        self.number = job.pieces
        self.row = job.part.first + job.rows  # the next one, in the file
        self.held = 0  # bytes of the piece
        self.piece = Piece()
        self.open: OpenPiece | None = None

    @property
    def is_begun(self) -> bool:
        """Whether rows have been written since the last piece."""
        return self.open is not None

    def divided(self, batch: RowTexts) -> Iterator[tuple[RowTexts, bool]]:
        """Divide a batch where pieces end; True for the rows that end one."""
        ends = np.cumsum(_sizes(batch.texts)) if len(batch.texts) else np.zeros(0, np.int64)
        begin = before = 0
        while begin < len(ends):
            end = int(np.searchsorted(ends, before + PIECE_BYTES - self.held)) + 1
            is_last = end <= len(ends)
            end = min(end, len(ends))
            self.held = 0 if is_last else self.held + int(ends[-1]) - before
            yield _slice(batch, begin, end), is_last
            begin, before = end, int(ends[end - 1])
        if not len(ends) and batch.errors:
            yield batch, False

    def write(self, batch: RowTexts) -> None:
        """Chunk rows and write them."""
        maker = self.maker
        columns, problems = chunk_columns(
            maker.chunker, batch, self.row, maker.errors, maker.threads, maker.arrow
        )
        self._begin().file.write(columns, maker.shown(self.part.path))
        size = len(batch.texts)
        self.row += size
        self.piece.add(size, len(columns["index"]), sorted(problems))

    def _begin(self) -> OpenPiece:
        if self.open is None:
            self.open = self.maker.output.begin(key_of(self.part), self.number)
        return self.open

    def commit(self) -> Piece:
        """Put the piece in its place."""
        piece, self.piece = self.piece, Piece()
        piece.size = self._begin().commit()
        self.open = None
        self.number += 1
        return piece

    def discard(self) -> None:
        """Drop a piece that was begun."""
        if self.open is not None:
            self.open.discard()


def _sizes(texts: Any) -> Any:
    """How many bytes each row counts for."""
    if isinstance(texts, list):
        sizes = np.fromiter((len(text or "") for text in texts), np.int64, len(texts))
    else:
        sizes = np.concatenate([_lengths(chunk) for chunk in texts.chunks])
    return sizes + _ROW_BYTES


def _lengths(array: Any) -> Any:
    """The bytes of each text of an Arrow array; 0 for what is null or not text."""
    import pyarrow
    import pyarrow.compute

    try:
        binary = array.cast(pyarrow.large_binary())
        lengths = pyarrow.compute.fill_null(pyarrow.compute.binary_length(binary), 0)
    except (pyarrow.ArrowException, NotImplementedError):
        return np.zeros(len(array), np.int64)  # chunking says what is wrong
    return lengths.to_numpy(zero_copy_only=False)


def _slice(batch: RowTexts, begin: int, end: int) -> RowTexts:
    """The rows from `begin` to `end` of a batch, and what is wrong with them."""
    size = len(batch.texts)
    if (begin, end) == (0, size):
        return batch
    is_list = isinstance(batch.texts, list)
    texts = batch.texts[begin:end] if is_list else batch.texts.slice(begin, end - begin)
    after = batch.numbers[begin - 1] if begin else -1
    upto = batch.numbers[end - 1] if end < size else None
    errors = [
        (number, message)
        for number, message in batch.errors
        if number > after and (upto is None or number <= upto)
    ]
    ids = None if batch.ids is None else batch.ids[begin:end]
    return RowTexts(texts, ids, errors, batch.numbers[begin:end], batch.position)
