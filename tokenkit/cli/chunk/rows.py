"""`tokenkit chunk --field/--column`: the rows of data sets, in parts that a run can resume."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack, suppress

import click

from tokenkit._version import __version__
from tokenkit._visible import plural
from tokenkit.cli.chunk.columns import has_pyarrow, schema_of
from tokenkit.cli.chunk.outputs import Lines, PartFolder, assemble, format_for, is_folder
from tokenkit.cli.chunk.pieces import Done, Failed, Job, Piece, PieceMaker, Step, key_of
from tokenkit.cli.chunk.state import PartState, RunState, hashed_inputs
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import (
    ShareDone,
    bytes_of,
    column_name,
    found_files,
    kind_for,
    name_for,
    row_settings,
)
from tokenkit.cli.shared.inputs import Complaints, Skipped
from tokenkit.cli.shared.output import refuse_overwriting, say, shown_name
from tokenkit.cli.shared.progress import row_progress
from tokenkit.errors import InputError
from tokenkit.inputs import (
    READERS,
    STDIN,
    file_identity,
    file_parts,
    id_type_of,
    is_uri,
    readers_for,
    shown_uri,
    side_by_side,
    size_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tokenkit.chunking import Chunker
    from tokenkit.inputs import FilePart

__all__ = ["chunk_data_files"]

FAILED = 2
# Options that are not among them say how to run, or are compared by what they lead to.
_NOT_SETTINGS = {"output", "output_format", "resume", "split_output", "pack_file"}


def chunk_data_files(paths: Sequence[str], chunker: Chunker, options: dict[str, Any]) -> int:
    """Chunk the rows of a data set, write them and return the exit code."""
    target, state_file = options["output"], options["resume"]
    target = None if target == STDIN else target
    _check_target(target, state_file, paths)
    form = format_for(target, options["output_format"])
    if form == "parquet" and not has_pyarrow():
        raise click.UsageError("--format parquet needs the package pyarrow; pip install pyarrow.")
    skipped = Skipped()
    files = _inputs(paths, options, skipped, [name for name in (target, state_file) if name])
    run = _Run(files, chunker, options, target, form)
    code = run.all()
    skipped.say()
    run.complaints.say()
    return code


def _check_target(target: str | None, state_file: str | None, paths: Sequence[str]) -> None:
    """Exit with 2 for outputs that cannot be what is asked for."""
    if target is not None and is_uri(target):
        raise click.UsageError(f"--output writes local files; got {shown_uri(target)}.")
    if target is not None:
        refuse_overwriting("--output", target, paths)
    if state_file is None:
        return
    if target is None:
        raise click.UsageError("--resume needs -o FILE or -o FOLDER.")
    if os.path.isdir(state_file):
        raise click.UsageError(f"--resume needs a file, got the folder {shown_name(state_file)}.")
    if os.path.realpath(state_file) == os.path.realpath(target):
        raise click.UsageError(
            f"--resume needs a file of its own, got the output {shown_name(state_file)}."
        )
    if STDIN in paths:
        raise click.UsageError("--resume needs files, which can be read again; name them, not -.")


def _inputs(
    paths: Sequence[str], options: dict[str, Any], skipped: Skipped, outputs: Sequence[str]
) -> list[str]:
    """The data files, but for those that this run or one before has written among them."""
    written = [os.path.realpath(name) for name in outputs]
    written += [f"{name}.parts" for name in written]

    def is_ours(name: str) -> bool:
        real = os.path.realpath(name)
        return any(real == output or real.startswith(output + os.sep) for output in written)

    files = found_files(paths, options, skipped)
    return [name for name in files if name == STDIN or is_uri(name) or not is_ours(name)]


class _Run:
    """One run: its jobs, what is done of them, and what was wrong."""

    def __init__(
        self,
        files: list[str],
        chunker: Chunker,
        options: dict[str, Any],
        target: str | None,
        form: str,
    ) -> None:
        self.files = files
        self.chunker = chunker
        self.options = options
        self.target = target
        self.is_folder = target is not None and is_folder(target)
        self.form = form
        self.complaints = Complaints()
        self.failed = False
        self.parts = file_parts(files, lambda path: kind_for(path, options))
        self.by_key = {key_of(part): part for part in self.parts}
        self.identities: dict[str, object] = {}

    def all(self) -> int:
        """Do all that is not done; return the exit code."""
        state = RunState(self.options["resume"], self._record())
        resumed = state.load()
        with ExitStack() as stack:
            output = self._output(state, resumed, stack)
            if resumed and isinstance(output, PartFolder) and not state.finished:
                say(f"tokenkit: {state.rows} rows are done; going on behind them", err=True)
            code = 0
            try:
                if not state.finished:
                    self._work(state, output)
                    self._finish(state, output)
            except KeyboardInterrupt:
                hint = "; the same command goes on there" if self.options["resume"] else ""
                say(
                    f"tokenkit: interrupted after {state.rows} {plural(state.rows, 'row')}{hint}",
                    err=True,
                )
                code = INTERRUPTED
        self._complain_of_rows(state)
        return code or (FAILED if self.failed else 0)

    def _record(self) -> dict[str, Any]:
        """Describe the run: all of it must be the same in one that goes on with it."""
        if self.options["resume"] is None:
            return {}
        self.identities = {path: file_identity(path) for path in self.files}
        encoding = self.chunker.encoding
        with row_progress(bytes_of(self.parts)) as seen:
            inputs = hashed_inputs(self.files, lambda size: seen(size, 0))
        settings = {
            name: list(value) if isinstance(value, tuple) else value  # as JSON gives it again
            for name, value in self.options.items()
            if name not in _NOT_SETTINGS
        }
        return {
            "settings": {"tokenkit": __version__, **settings, "format": self.form},
            "output": os.path.abspath(self.target or ""),
            "encoding": {"name": encoding.name, "sha256": encoding._fingerprint()},
            "inputs": inputs,
        }

    def _output(self, state: RunState, resumed: bool, stack: ExitStack) -> Lines | PartFolder:
        """Open the output, and forget pieces that are no longer in their place."""
        if self.target is None:
            return Lines()
        schema = schema_of(self._id_type()) if self.form == "parquet" else None
        if self.is_folder:
            output = PartFolder(self.target, schema)
        elif self.options["resume"] is not None:
            output = PartFolder(f"{self.target}.parts", schema)
            if state.finished and size_of(self.target) == state.size:
                output.remove()  # which a run that was killed may have left
                return output
        else:
            output = PartFolder(_folder_beside(self.target), schema)
            stack.callback(output.remove)
        output.make(fresh=not resumed, besides=[self.options["resume"] or ""])
        lock = output.lock()
        if lock is not None:
            stack.callback(os.close, lock)
        state.forget(output.size)
        state.save(at_once=True)  # before there are pieces that it could not name
        return output

    def _id_type(self) -> Any:
        """The type of ids in Parquet: that of all inputs, else strings; None without ids."""
        name = self.options["id_name"]
        return name and id_type_of(
            [(path, kind_for(path, self.options)) for path in self.files], name
        )

    def _work(self, state: RunState, output: Lines | PartFolder) -> None:
        """Make the pieces that are not there. Raises OSError, which names the output."""
        jobs = []
        for key, part in self.by_key.items():
            done = state.parts.setdefault(key, PartState())
            if not done.finished:
                jobs.append(Job(part, len(done.pieces), done.rows))
        readers = 1 if isinstance(output, Lines) else readers_for([job.part for job in jobs])
        events = side_by_side(jobs, self._maker(output, readers).make, readers)
        try:
            with row_progress(bytes_of(self.parts), shown=bool(self.target)) as seen:
                self._take(events, state, seen)
        except OSError as error:
            error.filename = error.filename or self.target
            raise
        finally:
            with suppress(OSError):
                state.save(at_once=True)

    def _take(
        self,
        events: Iterator[tuple[Job, Step | Piece | Done | Failed]],
        state: RunState,
        seen: Callable[[int, int], None],
    ) -> None:
        """Note what is done as it comes."""
        share = ShareDone()
        for key, part in self.by_key.items():
            if state.parts[key].finished:
                seen(share.more(part, None), state.parts[key].rows)
        for job, event in events:
            done = state.parts[key_of(job.part)]
            if isinstance(event, Step):
                seen(share.more(job.part, event.position), event.rows)
            elif isinstance(event, Piece):
                done.pieces.append(event)
                state.save()
            elif isinstance(event, Done):
                done.finished = True
                seen(share.more(job.part, None), 0)
            else:
                skip = self.options["errors"] == "skip" and not event.is_text
                self._complain(job.part, event.message, skip, (job.part.file, sys.maxsize))

    def _maker(self, output: Lines | PartFolder, readers: int) -> PieceMaker:
        from tokenkit._checks import processors

        return PieceMaker(
            chunker=self.chunker,
            options=row_settings(self.options),
            id_name=self.options["id_name"],
            name_of=lambda part: name_for(part, self.options),
            shown=shown_uri,
            check=self._check_same,
            output=output,
            threads=max(1, processors() // readers),
            arrow=has_pyarrow(),
        )

    def _check_same(self, part: FilePart) -> None:
        """Raise InputError if a file is not the one that was hashed."""
        before = self.identities.get(part.path)
        if before is not None and file_identity(part.path) != before:
            raise InputError("expected a file that stays as it is, got one that was written over")

    def _finish(self, state: RunState, output: Lines | PartFolder) -> None:
        """Put the output together where it is one file."""
        if self.target is None or not isinstance(output, PartFolder):
            return
        if not self.is_folder:
            names = [
                output.name(key, number)
                for key in self.by_key
                for number in range(len(state.parts[key].pieces))
            ]
            assemble(output, names, self.target)
            state.size = size_of(self.target) or 0
        state.finished = all(part.finished for part in state.parts.values())
        state.save(at_once=True)
        if not self.is_folder and state.finished:
            output.remove()

    def _complain_of_rows(self, state: RunState) -> None:
        """Name the rows that are wrong, also those of earlier runs."""
        skip = self.options["errors"] == "skip"
        for key, part in sorted(state.parts.items()):
            of = self.by_key[key]
            unit = READERS[of.kind].unit if of.kind else "line"
            for piece in part.pieces:
                for number, message in piece.problems:
                    where = f"{unit} {number}: {column_name(message, self.options)}"
                    self._complain(of, f"{where}{message}", skip, (of.file, number))
                if piece.wrong > len(piece.problems):
                    more = piece.wrong - len(piece.problems)
                    last = (of.file, piece.problems[-1][0])
                    self._complain(of, f"and {more} more wrong rows behind that", skip, last)

    def _complain(self, part: FilePart, message: str, skip: bool, order: tuple[int, ...]) -> None:
        shown = f"skipped: {message}" if skip else message
        self.complaints.add(shown_uri(part.path), shown, order)
        self.failed = self.failed or not skip


def _folder_beside(target: str) -> str:
    """Make a folder for the parts of a file. Raises OSError, which names the file."""
    above = os.path.dirname(target) or os.curdir
    try:
        return tempfile.mkdtemp(prefix=".tokenkit-", suffix=".part", dir=above)
    except OSError as error:
        error.filename = target
        raise
