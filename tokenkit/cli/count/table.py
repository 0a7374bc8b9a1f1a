"""What `tokenkit count` found, and how it is printed."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property

import click

from tokenkit.cli.shared.inputs import shown_name
from tokenkit.cli.shared.options import ENVIRONMENT, nothing_chosen
from tokenkit.encodings import encoding_for_model, get_encoding
from tokenkit.errors import TokenkitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tokenkit.costs import ModelComparison
    from tokenkit.encodings import Encoding
    from tokenkit.inputs import FileCount


@dataclass(frozen=True)
class Column:
    """One model or encoding to count with."""

    label: str
    encoding: Encoding
    model: str | None = None


def chosen_columns(models: tuple[str, ...], encodings: tuple[str, ...]) -> list[Column]:
    """A column for each model and encoding, else for the environment's; exits with 2 if none."""
    if not models and not encodings:
        if not os.environ.get(ENVIRONMENT):
            raise nothing_chosen()
        encodings = (os.environ[ENVIRONMENT],)
    try:
        return [Column(name, encoding_for_model(name), name) for name in models] + [
            Column(name, get_encoding(name)) for name in encodings
        ]
    except TokenkitError as error:
        raise click.UsageError(str(error)) from None


class Counted:
    """Counts of files under columns."""

    def __init__(
        self, columns: list[Column], results: list[FileCount], paths: tuple[str, ...]
    ) -> None:
        self.columns = columns
        self.results = results
        self.paths = paths
        self.rows = [(one.name, one.tokens) for one in results if one.tokens is not None]
        self.totals = [sum(tokens[i] for _, tokens in self.rows) for i in range(len(columns))]
        self.labels = ["tokens"] if len(columns) == 1 else [column.label for column in columns]

    @property
    def bare(self) -> bool:
        """Whether the answer is one number."""
        one_input = len(self.paths) == 1 and not os.path.isdir(self.paths[0])
        return one_input and len(self.columns) == 1

    @cached_property
    def comparisons(self) -> list[ModelComparison | None]:
        """Price and room of the total in each model; None for an encoding."""
        from tokenkit.costs import compare

        return [
            compare(total, [column.model])[0] if column.model else None
            for column, total in zip(self.columns, self.totals, strict=True)
        ]

    def show(self, options: dict[str, Any]) -> None:
        """Prints what was counted in the format that was asked for."""
        form = options["output_format"]
        if form is None:
            plain = self.bare or sys.stdout.isatty() or options["tree"] is not None
            form = "text" if plain or options["cost"] or options["fits"] else "tsv"
        rows = self._top(options["top"])
        if form == "json":
            click.echo(json.dumps(self._report(rows, options), indent=2))
        elif form == "jsonl":
            for record in self._records(rows):
                click.echo(json.dumps(record))
        elif form in ("csv", "tsv"):
            click.echo(self._separated(rows, "," if form == "csv" else "\t"), nl=False)
        else:
            click.echo(self._text(rows, options), nl=False)

    def _top(self, number: int | None) -> list[tuple[str, tuple[int, ...]]]:
        if number is None:
            return self.rows
        return sorted(self.rows, key=lambda row: -row[1][0])[:number]

    def _records(self, rows: Iterable[tuple[str, tuple[int, ...]]]) -> list[dict[str, Any]]:
        single = len(self.columns) == 1
        return [
            {
                "name": name,
                "tokens": tokens[0] if single else dict(zip(self.labels, tokens, strict=True)),
            }
            for name, tokens in rows
        ]

    def _report(
        self, rows: list[tuple[str, tuple[int, ...]]], options: dict[str, Any]
    ) -> dict[str, Any]:
        """One object; with one column `model`, `encoding` and `total` stand at its top."""
        errors = [{"name": one.name, "error": one.error} for one in self.results if one.error]
        heads: list[dict[str, Any]] = []
        for index, column in enumerate(self.columns):
            head: dict[str, Any] = {"model": column.model, "encoding": column.encoding.name}
            found = self.comparisons[index] if options["cost"] or options["fits"] else None
            if options["cost"]:
                head["cost_usd"] = None if found is None else str(found.cost_low)
                head["cost_partial"] = found is None or found.partial
            if options["fits"]:
                head["fits"] = None if found is None else found.fits
            heads.append({**head, "total": self.totals[index]})
        inputs = self._records(rows) + errors
        if len(heads) == 1:
            total = heads[0].pop("total")
            return {**heads[0], "inputs": inputs, "total": total}
        return {"columns": heads, "inputs": inputs}

    def _separated(self, rows: list[tuple[str, tuple[int, ...]]], delimiter: str) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerow([*self.labels, "name"])
        writer.writerows([*tokens, click.format_filename(name)] for name, tokens in rows)
        return out.getvalue()

    def _text(self, rows: list[tuple[str, tuple[int, ...]]], options: dict[str, Any]) -> str:
        totals = tuple(self.totals)
        lines: list[tuple[tuple[object, ...], str]] = []
        if options["tree"] is not None:
            lines += tree_rows(self.rows, options["tree"])
        elif self.bare and not (options["cost"] or options["fits"]):
            return "".join(f"{tokens[0]}\n" for _, tokens in rows)
        else:
            lines += [(tokens, shown_name(name)) for name, tokens in rows]
        lines.append((totals, "total"))
        if options["cost"]:
            lines.append((tuple(map(_price, self.comparisons)), "USD as input"))
        if options["fits"]:
            lines.append((tuple(map(_verdict, self.comparisons)), "fits the window"))
        if len(self.columns) > 1:
            lines.insert(0, (tuple(self.labels), ""))
        widths = [max(len(str(cells[i])) for cells, _ in lines) for i in range(len(self.columns))]
        return "".join(
            "  ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True))
            + f"  {name}".rstrip()
            + "\n"
            for cells, name in lines
        )

    def complain_over(self, max_tokens: int | None, fits: bool) -> bool:
        """Says by how much each total is over what was asked for; whether one is."""
        over = False
        for index, column in enumerate(self.columns):
            total = self.totals[index]
            if max_tokens is not None and total > max_tokens:
                over = True
                click.echo(
                    f"tokenkit: {total} tokens ({column.label}) are {total - max_tokens} over the "
                    f"limit of {max_tokens}",
                    err=True,
                )
            found = self.comparisons[index] if fits else None
            if found is not None and found.fits is False:
                over = True
                click.echo(f"tokenkit: {column.label}: {found.reason}", err=True)
        return over


def _price(found: ModelComparison | None) -> str:
    if found is None or (found.partial and not found.cost_low):
        return "-"
    return f"{found.cost_low:f}" + ("+" if found.partial else "")


def _verdict(found: ModelComparison | None) -> str:
    if found is None or found.fits is None:
        return "-"
    return "yes" if found.fits else "no"


def tree_rows(
    rows: list[tuple[str, tuple[int, ...]]], least: int
) -> list[tuple[tuple[object, ...], str]]:
    """Folders with the sums of what is in them and files, indented by depth, `least` tokens up."""
    sums: dict[tuple[str, ...], list[int]] = {}
    files = set()
    for name, tokens in rows:
        parts = tuple(os.path.normpath(name).split(os.sep))
        files.add(parts)
        for depth in range(1, len(parts) + 1):
            held = sums.setdefault(parts[:depth], [0] * len(tokens))
            for index, number in enumerate(tokens):
                held[index] += number
    return [
        (
            tuple(held),
            "  " * (len(parts) - 1) + shown_name(parts[-1]) + ("" if parts in files else "/"),
        )
        for parts, held in sorted(sums.items())
        if held[0] >= least
    ]
