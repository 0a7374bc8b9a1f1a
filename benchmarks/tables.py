"""Figures of a run by library and column: what a report and its plots are made of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

OURS = "tokenkit"
PASSES = {"first": "first pass", "fresh": "fresh text", "hot": "hot"}
ROADS = {"encode": "Encode to an array", "list": "Encode to a list", "count": "Count"}
BATCH_TASKS = {
    "count_batch": "count strings",
    "encode_batch": "encode strings",
    "count_one": "count one text",
}
THREADS = {1: "1 thread", 2: "2 threads"}

Rounds = dict[int, float]


@dataclass
class Table:
    """Figures by library and column, one of each round; ``marks`` are cells that need a remark."""

    title: str
    unit: str
    larger_is_better: bool
    cells: dict[str, dict[str, Rounds]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    marks: dict[tuple[str, str], str] = field(default_factory=dict)

    def columns(self) -> list[str]:
        names = [name for row in self.cells.values() for name in row]
        return list(dict.fromkeys([*names, *(column for _, column in self.marks)]))

    def libraries(self) -> list[str]:
        return list(dict.fromkeys([*self.cells, *(library for library, _ in self.marks)]))

    def ratios(self, library: str, column: str) -> list[float]:
        """How many times better tokenkit is than this library, for each round."""
        ours, theirs = self.cells[OURS][column], self.cells[library][column]
        pairs = [(ours[number], theirs[number]) for number in ours if number in theirs]
        if self.larger_is_better:
            return [mine / other for mine, other in pairs if other > 0]
        return [other / mine for mine, other in pairs if mine > 0]


def all_tables(data: dict[str, Any]) -> dict[str, list[Table]]:
    """Encoding -> the tables of its figures, with inexact or failed cells marked."""
    found: dict[str, list[Table]] = {}
    for encoding in data["exact"]:
        runs = [run for run in data["runs"] if run["encoding"] == encoding]
        tables: dict[str, Table] = {}
        for run in runs:
            add_run(tables, run, data["about"]["bytes"])
        for table in tables.values():
            mark_inexact(table, data["exact"][encoding])
        if "Start" in tables:
            subtract_python(tables["Start"])
        if "Batches, hot" in tables:
            tables["threads"] = two_threads_over_one(tables["Batches, hot"])
        found[encoding] = list(tables.values())
    return found


def add_run(tables: dict[str, Table], run: dict[str, Any], sizes: dict[str, list[int]]) -> None:
    """Put one run's figures into the tables where they belong."""
    for title, unit, larger, column, value in figures(run, sizes):
        table = tables.setdefault(title, Table(title, unit, larger))
        if value is None:
            table.marks[run["library"], column] = "failed"
        else:
            table.cells[run["library"]][column][run["round"]] = value


Figure = tuple[str, str, bool, str, float | None]


def figures(run: dict[str, Any], sizes: dict[str, list[int]]) -> list[Figure]:
    """(title, unit, larger is better, column, value) for each figure of one run."""
    measure, case, values = run["measure"], run["case"], run["values"]
    failed = "error" in values
    if measure == "start":
        return [
            ("Start", "ms above bare Python", False, "time", scaled(values, "seconds", 1e3)),
            ("Memory at start", "MB", False, "peak", scaled(values, "bytes", 1e-6)),
        ]
    if measure == "hostile":
        return [("Hostile runs", "ms", False, case, scaled(values, "encode", 1e3))]
    if measure == "short":
        return [("Short calls, hot", "ns", False, name, values[name] * 1e9) for name in values
                if not failed]  # fmt: skip
    speeds: dict[str, float | None] = {}
    for name, size in zip(PASSES, [sizes[case][0], sizes[case][1], sizes[case][1]], strict=True):
        speeds[name] = None if failed else size / values[name] / 1e6
    if measure == "batch":
        column = f"{BATCH_TASKS[run['task']]}, {THREADS[run['threads']]}"
        return [
            (f"Batches, {PASSES[name]}", "MB/s", True, column, speeds[name])
            for name in ("fresh", "hot")
        ]
    return [
        (f"{ROADS[measure]}, {PASSES[name]}", "MB/s", True, case, speed)
        for name, speed in speeds.items()
    ]


def scaled(values: dict[str, Any], name: str, factor: float) -> float | None:
    return values[name] * factor if name in values else None


def mark_inexact(table: Table, exact: dict[str, dict[str, str]]) -> None:
    for library in table.libraries():
        for column in table.columns():
            if column in exact.get(library, {}) and (library, column) not in table.marks:
                table.marks[library, column] = "inexact"


def subtract_python(table: Table) -> None:
    """Turn the time of a whole process into what it takes above ``python -c pass``."""
    bare = table.cells.pop("python", {}).get("time", {})
    for row in table.cells.values():
        row["time"] = {number: value - bare[number] for number, value in row["time"].items()}


def two_threads_over_one(batches: Table) -> Table:
    """How many times faster each library is on two threads than on one."""
    table = Table("Two threads over one, hot", "times", larger_is_better=True)
    for library, row in batches.cells.items():
        for name in BATCH_TASKS.values():
            one, two = (row[f"{name}, {THREADS[number]}"] for number in (1, 2))
            for number in sorted(one.keys() & two.keys()):
                table.cells[library][name][number] = two[number] / one[number]
    return table
