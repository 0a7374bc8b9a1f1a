"""`tokenkit count --field/--column`: the rows of data files."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click

from tokenkit.cli.count.row_output import RowFile
from tokenkit.cli.count.row_summary import RowSummary, check_report_file
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import (
    SETTINGS,
    ShareDone,
    found_files,
    kind_for,
    name_for,
    row_settings,
)
from tokenkit.cli.shared.inputs import Complaints, Skipped
from tokenkit.cli.shared.output import say
from tokenkit.cli.shared.progress import row_progress
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs import (
    READERS,
    STDIN,
    Distribution,
    RowBatch,
    count_chats,
    count_parts,
    file_parts,
    shown_uri,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import FilePart


def count_data_files(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Count rows, print the summary, write --per-row; return the exit code."""
    if options["chat"]:
        _refuse_beside_chat(columns, options)
    skipped = Skipped()
    target = options["per_row"]
    files = found_files(paths, options, skipped, [target or STDIN])
    labels = [column.label for column in columns]
    if options["report"]:
        check_report_file(options["report"], files)
    output = RowFile(target, labels, options["id_name"], files) if target else None
    parts = file_parts(files, lambda path: kind_for(path, options), whole=bool(options["chat"]))
    total = sum(part.size for part in parts) if all(part.size for part in parts) else None
    counter = _RowCounter(columns, options, output)
    code = 0
    try:
        # A bar would be in the way of rows that go to the terminal.
        with output or nullcontext(), row_progress(total, shown=target != STDIN) as seen:
            counter.count(parts, seen)
    except KeyboardInterrupt:
        say("tokenkit: interrupted; this is what was counted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        counter.cannot_write(error)
    summary = RowSummary(columns, counter.spreads, options, list(counter.notes))
    summary.show()
    if options["report"]:
        try:
            summary.write(options["report"])
        except OSError as error:
            counter.cannot_write(error, options["report"])
    for note in counter.notes:
        say(f"tokenkit: not exact: {note}", err=True)
    skipped.say()
    counter.complaints.say()
    over = summary.complain_over()
    return code or (2 if counter.failed else 1 if over else 0)


def _refuse_beside_chat(columns: list[Column], options: dict[str, Any]) -> None:
    """Exit with 2 for what does not go with --chat."""
    if options["field"] or options["column"]:
        raise click.UsageError("Give --chat, or --field or --column, not both.")
    if any(column.model is None for column in columns):
        raise click.UsageError("--chat needs models, as each has its own rule; give --model.")


class _RowCounter:
    """Counts rows: how they are spread under each column, and what is wrong with inputs."""

    def __init__(
        self, columns: list[Column], options: dict[str, Any], output: RowFile | None
    ) -> None:
        self.columns = columns
        self.options = options
        self.output = output
        self.spreads = [Distribution() for _ in columns]
        self.complaints = Complaints()
        self.notes: dict[str, None] = {}
        self.failed = False

    def count(self, parts: list[FilePart], seen: Callable[[int, int], None]) -> None:
        """Count the rows of parts; those that go to an output in their order."""
        share = ShareDone()
        for part, batch in self._batches(parts):
            if isinstance(batch, InputError):
                skip = self.options["errors"] == "skip" and isinstance(batch, NotTextError)
                self._complain(part.path, batch, skip, (part.file, sys.maxsize))
            elif batch is not None:
                self._add(part, batch)
            position = batch.position if isinstance(batch, RowBatch) else None
            seen(share.more(part, position), batch.rows if isinstance(batch, RowBatch) else 0)

    def _add(self, part: FilePart, batch: RowBatch) -> None:
        unit = READERS[part.kind].unit if part.kind else "line"
        for spread, tokens in zip(self.spreads, batch.tokens, strict=True):
            spread.add(tokens)
            spread.invalid += batch.invalid
        for line, message in batch.errors:
            skip = self.options["errors"] == "skip"
            self._complain(part.path, f"{unit} {line}: {message}", skip, (part.file, line))
        self.notes.update(dict.fromkeys(batch.notes))
        self._write(part.path, batch)

    def _batches(
        self, parts: list[FilePart]
    ) -> Iterator[tuple[FilePart, RowBatch | InputError | None]]:
        options = self.options
        if options["chat"]:
            return ((part, batch) for part in parts for batch in self._chats(part))
        return count_parts(
            parts,
            lambda part: name_for(part, options),
            [column.encoding for column in self.columns],
            row_settings(options),
            id_name=options["id_name"],
            in_order=self.output is not None,
        )

    def _chats(self, part: FilePart) -> Iterator[RowBatch | InputError | None]:
        options = self.options
        settings: dict[str, Any] = {name: options[name] for name in SETTINGS}
        settings |= {"id_name": options["id_name"], "kind": part.kind}
        models = [column.model for column in self.columns if column.model]
        try:
            yield from count_chats(part.path, options["chat"], models, **settings)
        except InputError as error:
            yield error
        yield None

    def _complain(
        self, path: str, error: object, skip: bool = False, order: tuple[int, ...] = ()
    ) -> None:
        name = shown_uri(path)
        self.complaints.add(name, f"skipped: {error}" if skip else error, order)
        self.failed = self.failed or not skip

    def _write(self, path: str, batch: RowBatch) -> None:
        if self.output is None:
            return
        try:
            self.output.write(shown_uri(path), batch)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            self.cannot_write(error)
            self.output.failed = True
            self.output = None  # the rest is still counted

    def cannot_write(self, error: OSError, path: str | None = None) -> None:
        name = path or self.options["per_row"]
        self._complain(name, f"cannot be written: {error.strerror or error}")
