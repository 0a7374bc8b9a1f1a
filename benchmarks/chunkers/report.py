"""Turns a run's data into tables: speed, memory, promises, and where chunks end."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.chunkers.peers import CHUNKERS, COUNT, OURS
from benchmarks.chunkers.quality import ENDS
from benchmarks.report import conditions, rounded, summary

FAILED = "failed"


def full(data: dict[str, Any]) -> str:
    """Every table, as Markdown."""
    parts = ["# Chunkers\n", introduction(data), "## Speed (MB/s)\n", speed(data, spread=True),
             "## How many times faster tokenkit optimal is\n", ratios(data), targets(data),
             "## Memory\n", MEMORY_TEXT, memory(data)]  # fmt: skip
    for text in data["about"]["bytes"]:
        parts += [f"## Chunks of {text}\n", quality(data, text)]
    parts += [f"## Overlap of {data['about']['overlap']} tokens\n", OVERLAP_TEXT]
    for text in data["about"]["bytes"]:
        parts += [f"### {text}\n", overlap(data, text)]
    parts += ["## Errors\n", errors(data)]
    return "\n".join(parts)


def introduction(data: dict[str, Any]) -> str:
    about = data["about"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"Measured on {about['date']} with `{about['command']}`: {about['cpu']}, "
        f"{about['cores']} cores, {about['system']}, Python {about['python']}; {versions}. "
        f"{about['chunk_size']} tokens of {about['encoding']}, no overlap, default settings. CPU "
        "time of the first text that a fresh process meets; medians over the rounds (here "
        f"{about['rounds']}); ratios are medians of the ratios within each round."
        f"{conditions(about)}\n"
    )


def seconds(data: dict[str, Any], chunker: str, text: str) -> dict[int, float]:
    """Round -> time."""
    return {
        run["round"]: run["values"]["seconds"]
        for run in data["runs"]
        if run["chunker"] == chunker and run["text"] == text and "seconds" in run["values"]
    }


def compared(data: dict[str, Any], chunker: str, other: str, text: str) -> list[float]:
    """How many times faster a chunker is than another, for each round."""
    one, two = seconds(data, chunker, text), seconds(data, other, text)
    return [two[number] / one[number] for number in one if number in two and one[number] > 0]


def table(first: str, columns: list[str], rows: dict[str, list[str]]) -> str:
    lines = [f"| {first} | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"


def by_text(data: dict[str, Any], chunkers: list[str], cell: Callable[[str, str], str]) -> str:
    names = list(data["about"]["bytes"])
    return table("", names, {one: [cell(one, name) for name in names] for one in chunkers})


def speed(data: dict[str, Any], spread: bool) -> str:
    sizes = data["about"]["bytes"]

    def cell(chunker: str, text: str) -> str:
        times = [time for time in seconds(data, chunker, text).values() if time > 0]
        return summary([sizes[text] / time / 1e6 for time in times], spread) if times else FAILED

    return by_text(data, list(CHUNKERS), cell)


def ratios(data: dict[str, Any]) -> str:
    others = [name for name in CHUNKERS if not name.startswith("tokenkit")]
    return by_text(
        data, others, lambda other, text: summary(compared(data, OURS, other, text), unit="x")
    )


def targets(data: dict[str, Any]) -> str:
    """Ours beside the fastest rival that looks for borders and kept the limit on that text, and
    beside our own `count`."""
    rivals = [
        name for name, one in CHUNKERS.items()
        if one.structure and not name.startswith("tokenkit")
    ]  # fmt: skip
    rows: dict[str, list[str]] = {"fastest rival": [], "times faster": [], "share of count": []}
    for text in data["about"]["bytes"]:
        kept = [name for name in rivals if not broken_limit(data, name, text)]
        slower = {name: compared(data, OURS, name, text) for name in kept}
        name = min((n for n in slower if slower[n]), key=lambda n: median(slower[n]), default=None)
        rows["fastest rival"].append(name or "-")
        rows["times faster"].append(summary(slower[name], unit="x") if name else "-")
        shares = [100 * share for share in compared(data, OURS, COUNT, text)]
        rows["share of count"].append(summary(shares, unit="%"))
    title = (
        "tokenkit optimal beside the fastest chunker that looks for borders and kept the limit, "
        "and beside its own `count`:\n\n"
    )
    return title + table("", list(data["about"]["bytes"]), rows)


def broken_limit(data: dict[str, Any], chunker: str, text: str) -> bool:
    return any(
        run["values"].get("quality", {}).get("over")
        for run in data["runs"]
        if run["chunker"] == chunker and run["text"] == text
    )


MEMORY_TEXT = (
    "Peak of resident memory in the first call, above that before, in times the text's bytes. In "
    "tokenkit's figures are the tables of pieces seen that `count` fills too, 16 MB at most:\n"
)


def memory(data: dict[str, Any]) -> str:
    sizes = data["about"]["bytes"]

    def cell(chunker: str, text: str) -> str:
        found = [
            run["values"]["memory"] / sizes[text]
            for run in data["runs"]
            if run["chunker"] == chunker and run["text"] == text and "memory" in run["values"]
        ]
        return rounded(median(found)) if found else "-"

    return by_text(data, list(CHUNKERS), cell)


def quality(data: dict[str, Any], text: str) -> str:
    """One text's chunks: how full, which promises are kept, where they end."""
    columns = ["chunks", "fill", "over the limit (largest)", "joined = source", "wrong offsets",
               "wrong counts", "U+FFFD", *(f"ends: {kind}" for kind in ENDS)]  # fmt: skip
    rows = {}
    for run in data["runs"]:
        if run["text"] != text or run["round"] != 1 or run["chunker"] == COUNT:
            continue
        one = run["values"].get("quality")
        if one is None:
            rows[run["chunker"]] = [FAILED] + ["-"] * (len(columns) - 1)
            continue
        over = f"{one['over']} ({one['largest']})" if one["over"] else "0"
        rows[run["chunker"]] = [
            str(one["chunks"]), f"{one['fill']:.3f}", over, one["joined"],
            str(one["wrong_offsets"]), str(one["wrong_counts"]), str(one["replaced"]),
            *(f"{100 * one['ends'][kind]:.1f}%" for kind in ENDS),
        ]  # fmt: skip
    return table("", columns, rows)


OVERLAP_TEXT = (
    "Tokens that neighbours share, counted again; unknown where offsets are wrong. Not timed.\n"
)


def overlap(data: dict[str, Any], text: str) -> str:
    columns = ["chunks", "over the limit", "wrong offsets", "mean overlap", "most", "too many"]
    rows = {}
    for run in data["overlaps"]:
        if run["text"] != text:
            continue
        one = run["values"]
        if "error" in one:
            rows[run["chunker"]] = [FAILED] + ["-"] * (len(columns) - 1)
            continue
        rows[run["chunker"]] = [
            str(one["chunks"]), str(one["over"]), str(one["wrong_offsets"]),
            f"{one['mean']:.1f}" if "mean" in one else "-",
            str(one.get("most", "-")), str(one.get("too_many", "-")),
        ]  # fmt: skip
    return table("", columns, rows)


def errors(data: dict[str, Any]) -> str:
    found = {
        (run["chunker"], run["text"]): run["values"]["error"]
        for run in [*data["runs"], *data["overlaps"]]
        if "error" in run["values"]
    }
    lines = []
    for (chunker, text), error in found.items():
        first = " ".join(error.splitlines()[0].split())[:120].replace("|", "\\|")
        lines.append(f"- {chunker} failed on {text}: {first}")
    return "\n".join(lines or ["Nothing failed."]) + "\n"


def failures(data: dict[str, Any]) -> list[str]:
    """List what fails a smoke run: that anything of ours fails or breaks a promise, or that a
    rival fails on any text but a hostile one."""
    found = []
    for run in [*data["runs"], *data["overlaps"]]:
        ours, values = run["chunker"].startswith("tokenkit"), run["values"]
        place = f"{run['chunker']} on {run['text']}"
        if "error" in values and (ours or run["text"] != "hostile"):
            found.append(f"{place}: {values['error']}")
        if not ours:
            continue
        facts = values.get("quality", values)
        for name in ("over", "wrong_offsets", "wrong_counts", "replaced", "too_many"):
            if facts.get(name):
                found.append(f"{place}: {name} {facts[name]}")
        if facts.get("joined", "yes") != "yes":
            found.append(f"{place}: joined: {facts['joined']}")
    return found
