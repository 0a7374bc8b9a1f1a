"""A bar chart for each table, where matplotlib is installed."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

from benchmarks.tables import Table

COLOURS = ["#1b6ca8", "#e08e45", "#6a9955", "#a14a76", "#8c8c8c", "#c9b037", "#4a4a4a"]


def draw(table: Table, title: str, folder: Path) -> str | None:
    """Write the chart as SVG and give its file name, or None without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "tokenkit"  # the same figures give the same file
    from matplotlib import pyplot

    columns = table.columns()
    libraries = [name for name in table.libraries() if any(table.cells[name].values())]
    figure, axes = pyplot.subplots(figsize=(1.6 + 1.5 * len(columns), 3.6))
    width = 0.84 / max(len(libraries), 1)
    for index, library in enumerate(libraries):
        values = [list(table.cells[library][column].values()) for column in columns]
        middles = [median(value) if value else 0.0 for value in values]
        pairs = list(zip(middles, values, strict=True))
        below = [middle - min(value, default=0.0) for middle, value in pairs]
        above = [max(value, default=0.0) - middle for middle, value in pairs]
        places = [place - 0.42 + width * (index + 0.5) for place in range(len(columns))]
        axes.bar(
            places,
            middles,
            width,
            yerr=[below, above],
            label=library,
            color=COLOURS[index % len(COLOURS)],
            error_kw={"linewidth": 0.8},
        )
    names = [column.replace(", ", ",\n") for column in columns]
    axes.set_xticks(range(len(columns)), names, fontsize=8)
    if not table.larger_is_better:
        axes.set_yscale("log")
    axes.set_ylabel(table.unit)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + ".svg"
    figure.savefig(folder / name, metadata={"Date": None})
    pyplot.close(figure)
    return name
