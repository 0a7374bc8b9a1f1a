"""The counts of `tokenkit count` as a table, a tree or records."""

from __future__ import annotations

import os
import sys

from tokenkit._visible import shown_line
from tokenkit.cli.shared.output import (
    print_json,
    print_painted,
    print_records,
    print_separated,
    say,
    shown_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tokenkit.cli.shared.options import Column
    from tokenkit.costs import ModelComparison
    from tokenkit.inputs import FileCount

    Row = tuple[str, tuple[int, ...]]


class Counted:
    """Counts of files under columns."""

    def __init__(
        self,
        columns: list[Column],
        results: list[FileCount],
        paths: tuple[str, ...],
        skipped: list[tuple[str, str]],
    ) -> None:
        self.columns = columns
        self.results = results
        self.paths = paths
        self.failed = [
            {"name": result.name, "error": result.error} for result in results if result.error
        ]
        self.skipped = [{"name": name, "reason": reason} for name, reason in skipped]
        self.rows = [
            (result.name, result.tokens) for result in results if result.tokens is not None
        ]
        self.totals = [sum(tokens[i] for _, tokens in self.rows) for i in range(len(columns))]
        self.labels = ["tokens"] if len(columns) == 1 else [column.label for column in columns]

    @property
    def bare(self) -> bool:
        """Whether the answer is one number."""
        one_input = len(self.paths) == 1 and not os.path.isdir(self.paths[0])
        return one_input and len(self.columns) == 1

    @property
    def comparisons(self) -> list[ModelComparison | None]:
        """Price and room of the total in each model; None for an encoding."""
        from tokenkit.costs import compare

        return [
            compare(total, [column.model])[0] if column.model else None
            for column, total in zip(self.columns, self.totals, strict=True)
        ]

    def show(self, options: dict[str, Any]) -> None:
        """Print the counts in the format that was asked for."""
        form = options["output_format"]
        if form is None:
            plain = self.bare or sys.stdout.isatty() or options["tree"] is not None
            form = "text" if plain or options["cost"] or options["fits"] else "tsv"
        rows = self._top(options["top"])
        if form == "json":
            print_json(self._report(rows, options))
        elif form == "jsonl":
            print_records(self._records(rows) + self.failed, form)
        elif form in ("csv", "tsv"):
            cells = ([*tokens, name] for name, tokens in rows)
            print_separated([*self.labels, "name"], cells, form)
        else:
            print_painted(self._text(rows, options), end="")

    def _top(self, number: int | None) -> list[Row]:
        if number is None:
            return self.rows
        return sorted(self.rows, key=lambda row: -row[1][0])[:number]

    def _records(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        single = len(self.columns) == 1
        return [
            {
                "name": name,
                "tokens": tokens[0] if single else dict(zip(self.labels, tokens, strict=True)),
            }
            for name, tokens in rows
        ]

    def _report(self, rows: list[Row], options: dict[str, Any]) -> dict[str, Any]:
        """One object; with one column `model`, `encoding` and `total` stand at its top."""
        heads: list[dict[str, Any]] = []
        for index, column in enumerate(self.columns):
            head: dict[str, Any] = {"model": column.model, "encoding": column.encoding.name}
            row = self.comparisons[index] if options["cost"] or options["fits"] else None
            if options["cost"]:
                head["cost_usd"] = None if row is None else str(row.cost_low)
                head["cost_partial"] = row is None or row.partial
            if options["fits"]:
                head["fits"] = None if row is None else row.fits
            heads.append({**head, "total": self.totals[index]})
        inputs = {"inputs": self._records(rows) + self.failed, "skipped": self.skipped}
        if len(heads) == 1:
            total = heads[0].pop("total")
            return {**heads[0], **inputs, "total": total}
        return {"columns": heads, **inputs}

    def _text(self, rows: list[Row], options: dict[str, Any]) -> str:
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
            lines.insert(0, (tuple(map(shown_line, self.labels)), ""))
        widths = [max(len(str(cells[i])) for cells, _ in lines) for i in range(len(self.columns))]
        return "".join(
            "  ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True))
            + f"  {name}".rstrip()
            + "\n"
            for cells, name in lines
        )

    def complain_over(self, max_tokens: int | None, fits: bool, each: bool) -> bool:
        """Say what is over the limits that were asked for, and by how much: the totals, or each
        file by itself; return whether something is."""
        over = False
        for index, column in enumerate(self.columns):
            counts = [("", self.totals[index])]
            if each:
                counts = [(f"{shown_name(name)}: ", tokens[index]) for name, tokens in self.rows]
            for whose, tokens in counts:
                if max_tokens is not None and tokens > max_tokens:
                    over = True
                    say(
                        f"tokenkit: {whose}{tokens} tokens ({column.label}) are "
                        f"{tokens - max_tokens} over the limit of {max_tokens}",
                        err=True,
                    )
                reason = self._over_window(index, tokens) if fits else ""
                if reason:
                    over = True
                    say(f"tokenkit: {whose}{column.label}: {reason}", err=True)
        return over

    def _over_window(self, index: int, tokens: int) -> str:
        """Why a number of tokens does not fit the window of a column's model; "" if it does."""
        from tokenkit.costs import compare

        row = self.comparisons[index]
        model = self.columns[index].model
        if row is not None and model and tokens != self.totals[index]:
            (row,) = compare(tokens, [model])
        return row.reason if row is not None and row.fits is False else ""


def _price(row: ModelComparison | None) -> str:
    if row is None or (row.partial and not row.cost_low):
        return "-"
    return f"{row.cost_low:f}" + ("+" if row.partial else "")


def _verdict(row: ModelComparison | None) -> str:
    if row is None or row.fits is None:
        return "-"
    return "yes" if row.fits else "no"


def tree_rows(rows: list[Row], least: int) -> list[tuple[tuple[object, ...], str]]:
    """Arrange files in their folders, indented by depth: sums and names, from `least` tokens up."""
    sums: dict[tuple[str, ...], list[int]] = {}
    files = set()
    for name, tokens in rows:
        parts = tuple(os.path.normpath(name).split(os.sep))
        files.add(parts)
        for depth in range(1, len(parts) + 1):
            folder = sums.setdefault(parts[:depth], [0] * len(tokens))
            for index, number in enumerate(tokens):
                folder[index] += number
    return [
        (
            tuple(counts),
            "  " * (len(parts) - 1) + shown_name(parts[-1]) + ("" if parts in files else "/"),
        )
        for parts, counts in sorted(sums.items())
        if counts[0] >= least
    ]
