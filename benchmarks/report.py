"""Turns the data of a run into tables of medians and ratios, and plots."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import plots
from benchmarks.tables import OURS, Table, all_tables


def write(data: dict[str, Any], folder: Path) -> None:
    """Write results.md and, where matplotlib is there, a plot for each table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(full(data, pictures=folder), "utf-8")


def full(data: dict[str, Any], pictures: Path | None = None) -> str:
    """Every table as Markdown; with ``pictures``, a folder, also a plot for each."""
    parts = ["# Benchmark results\n", introduction(data)]
    for encoding, tables in all_tables(data).items():
        parts += [f"## {encoding}\n", exactness(data["exact"][encoding])]
        for table in tables:
            parts.append(f"### {table.title} ({table.unit})\n")
            title = f"{encoding}: {table.title} ({table.unit})"
            picture = plots.draw(table, title, pictures) if pictures else None
            if picture:
                parts.append(f"![{table.title}]({picture})\n")
            parts += [markdown(table), ratio_markdown(table)]
    return "\n".join(part for part in parts if part)


def introduction(data: dict[str, Any]) -> str:
    about = data["about"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"Measured on {about['date']} with `{about['command']}`: {about['cpu']}, "
        f"{about['cores']} cores, {about['system']}, Python {about['python']}; {versions}. "
        f"Texts: {about['corpus']}. Medians over the rounds (here {about['rounds']}), the lowest "
        "and highest in brackets; ratios are medians of the ratios within each round. "
        f"Process CPU time, but for batches and starts.{conditions(about)}\n"
    )


def conditions(about: dict[str, Any]) -> str:
    """How busy other processes kept the machine during the run, where that was measured."""
    others = about.get("others")
    return "" if others is None else f" Other processes used {others:.1%} of the machine."


def exactness(exact: dict[str, dict[str, str]]) -> str:
    """Whose ids are not tiktoken's, and where."""
    lines = ["Ids compared with tiktoken's before timing:", ""]
    for library, faults in exact.items():
        if faults:
            found = "; ".join(f"{name}: {fault}" for name, fault in faults.items())
            lines.append(f"- {library}: {found}")
        else:
            lines.append(f"- {library}: all equal")
    return "\n".join(lines) + "\n"


def rounded(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def summary(values: list[float], spread: bool = True, unit: str = "") -> str:
    """The median and, in brackets, the lowest and the highest."""
    if not values:
        return "-"
    middle = rounded(median(values)) + unit
    if not spread or len(values) < 2:
        return middle
    return f"{middle} ({rounded(min(values))}-{rounded(max(values))})"


def markdown(table: Table, spread: bool = True) -> str:
    columns = table.columns()
    lines = [f"| | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    for library in table.libraries():
        cells = []
        for column in columns:
            mark = table.marks.get((library, column), "")
            text = summary(list(table.cells[library][column].values()), spread)
            cells.append(f"{text} *{mark}*" if mark else text)
        lines.append(f"| {library} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def ratio_markdown(table: Table) -> str:
    """How many times better tokenkit is than each other library."""
    columns = table.columns()
    others = [name for name in table.libraries() if name not in (OURS, "python")]
    if OURS not in table.cells or not others:
        return ""
    lines = [f"| tokenkit against | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    for library in others:
        cells = [summary(table.ratios(library, column), unit="x") for column in columns]
        lines.append(f"| {library} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def failures(data: dict[str, Any]) -> list[str]:
    """List what fails a smoke run: a failed measurement, or ids of ours that are not right."""
    found = []
    for encoding, exact in data["exact"].items():
        for library, faults in exact.items():
            found += [f"{encoding}, {library}, {name}: {text}" for name, text in faults.items()]
    for run in data["runs"]:
        if "error" in run["values"]:
            found.append(
                f"{run['library']}, {run['task']}, {run['case']}: {run['values']['error']}"
            )
    return found
