"""`tokenkit count --field/--column`: the rows of data files."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import click

from tokenkit.cli.count.row_output import RowFile
from tokenkit.cli.count.row_summary import RowSummary, check_report_file
from tokenkit.cli.shared.app import INTERRUPTED
from tokenkit.cli.shared.datasets import SETTINGS, bytes_of, found_files, kind_for
from tokenkit.cli.shared.inputs import Skipped
from tokenkit.cli.shared.output import say
from tokenkit.cli.shared.progress import row_progress
from tokenkit.cli.shared.row_counts import RowCounter
from tokenkit.cli.shared.tokenizers import model_for
from tokenkit.errors import InputError
from tokenkit.inputs import (
    STDIN,
    RowBatch,
    count_chats,
    file_parts,
    shown_uri,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import FilePart


def count_data_files(paths: tuple[str, ...], columns: list[Column], options: dict[str, Any]) -> int:
    """Count rows, print the summary, write --per-row; return the exit code."""
    if options["chat"]:
        _refuse_beside_chat(options)
        columns = list(map(_of_a_model, columns))
    skipped = Skipped()
    target = options["per_row"]
    files = found_files(paths, options, skipped, [target or STDIN])
    labels = [column.label for column in columns]
    if options["report"]:
        check_report_file(options["report"], files)
    output = RowFile(target, labels, options["id_name"], files) if target else None
    parts = file_parts(files, lambda path: kind_for(path, options), whole=bool(options["chat"]))
    counter = _RowCounter(columns, options, output)
    code = 0
    try:
        # A bar would be in the way of rows that go to the terminal.
        with output or nullcontext(), row_progress(bytes_of(parts), shown=target != STDIN) as seen:
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


def _refuse_beside_chat(options: dict[str, Any]) -> None:
    """Exit with 2 for what does not go with --chat."""
    if options["field"] or options["column"]:
        raise click.UsageError("Give --chat, or --field or --column, not both.")


def _of_a_model(column: Column) -> Column:
    """Give an encoding a model: a chat is counted by its template, or its parts within bounds."""
    return column if column.model else replace(column, model=model_for(None, column.label))


class _RowCounter(RowCounter):
    """Counts rows, or chats, and writes the count of each to an output, in their order."""

    def __init__(
        self, columns: list[Column], options: dict[str, Any], output: RowFile | None
    ) -> None:
        super().__init__(columns, options)
        self.output = output

    def batches(
        self, parts: list[FilePart], *, in_order: bool = False
    ) -> Iterator[tuple[FilePart, RowBatch | InputError | None]]:
        if self.options["chat"]:
            return ((part, batch) for part in parts for batch in self._chats(part))
        return super().batches(parts, in_order=in_order or self.output is not None)

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

    def add(self, part: FilePart, batch: RowBatch) -> None:
        super().add(part, batch)
        if self.output is None:
            return
        try:
            self.output.write(shown_uri(part.path), batch)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            self.cannot_write(error)
            self.output.failed = True
            self.output = None  # the rest is still counted

    def cannot_write(self, error: OSError, path: str | None = None) -> None:
        """Keep for the end that an output cannot be written."""
        name = path or self.options["per_row"]
        self.complain(name, f"cannot be written: {error.strerror or error}")
