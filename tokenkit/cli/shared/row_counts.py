"""Counts of the rows of a data set: how they are spread, and what is wrong with rows and inputs."""

from __future__ import annotations

import sys

from tokenkit.cli.shared.datasets import ShareDone, column_name, name_for, row_settings
from tokenkit.cli.shared.inputs import Complaints
from tokenkit.errors import InputError, NotTextError
from tokenkit.inputs import READERS, Distribution, RowBatch, count_parts, shown_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.inputs import FilePart

__all__ = ["RowCounter"]


class RowCounter:
    """Counts rows: how they are spread under each column, and what is wrong with inputs."""

    def __init__(self, columns: list[Column], options: dict[str, Any]) -> None:
        self.columns = columns
        self.options = options
        self.spreads = [Distribution() for _ in columns]
        self.complaints = Complaints()
        self.notes: dict[str, None] = {}
        self.failed = False

    def count(self, parts: list[FilePart], seen: Callable[[int, int], None]) -> None:
        """Count the rows of parts."""
        share = ShareDone()
        for part, batch in self.batches(parts):
            if isinstance(batch, InputError):
                skip = self.options["errors"] == "skip" and isinstance(batch, NotTextError)
                self.complain(part.path, batch, skip, (part.file, sys.maxsize))
            elif batch is not None:
                self.add(part, batch)
            position = batch.position if isinstance(batch, RowBatch) else None
            seen(share.more(part, position), batch.rows if isinstance(batch, RowBatch) else 0)

    def batches(
        self, parts: list[FilePart], *, in_order: bool = False
    ) -> Iterator[tuple[FilePart, RowBatch | InputError | None]]:
        """Give the batches of parts, as `count_parts` does."""
        return count_parts(
            parts,
            lambda part: name_for(part, self.options),
            [column.encoding for column in self.columns],
            row_settings(self.options),
            id_name=self.options.get("id_name"),
            in_order=in_order,
        )

    def add(self, part: FilePart, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for spread, tokens in zip(self.spreads, batch.tokens, strict=True):
            spread.add(tokens)
            spread.invalid += batch.invalid
        unit = READERS[part.kind].unit if part.kind else "line"
        for line, message in batch.errors:
            skip = self.options["errors"] == "skip"
            where = f"{unit} {line}: {column_name(message, self.options)}"
            self.complain(part.path, f"{where}{message}", skip, (part.file, line))
        self.notes.update(dict.fromkeys(batch.notes))

    def complain(
        self, path: str, error: object, skip: bool = False, order: tuple[int, ...] = ()
    ) -> None:
        """Keep an error of an input for the end."""
        self.complaints.add(shown_uri(path), f"skipped: {error}" if skip else error, order)
        self.failed = self.failed or not skip
