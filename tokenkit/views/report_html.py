"""The page of a corpus report: its numbers, and a plot of how the rows are spread.

The page has no script, and its policy lets it load nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokenkit.chunking import PackedRequests
from tokenkit.costs import Cost
from tokenkit.views.html_parts import (
    card,
    escaped_text,
    filled,
    policy_hash,
    read_source,
    value_list,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.views.report_result import TokenReport

__all__ = ["report_page"]

# The plot, in units of its own: a field of WIDTH by HEIGHT, and room for labels around it.
WIDTH, HEIGHT, SIDE, TOP, BOTTOM = 960, 220, 30, 24, 26
MOST_LABELS = 10  # below the bars
MOST_NUMBERS = 20  # above them


def report_page(reports: Sequence[TokenReport], *, title: str = "") -> str:
    """Write a page that shows reports, one below the other.

    `title` is by default the first report's column. The result is a str that can be written as
    UTF-8. Raises ValueError without reports.

    >>> import pyarrow, tokenkit
    >>> table = pyarrow.table({"text": ["hello world", None]})
    >>> page = report_page([tokenkit.token_report(table, "text", "gpt-5.4")], title="<Texts>")
    >>> page.startswith("<!doctype html>"), "<h1>&lt;Texts&gt;</h1>" in page, "<svg" in page
    (True, True, True)
    """
    if not reports:
        raise ValueError("reports: expected a report at least, got none")
    style = read_source("page.css") + read_source("report.css")
    values = {
        "title": escaped_text(title or f"Tokens of column {reports[0].column}"),
        "style": style,
        "style_hash": policy_hash(style),
        "reports": "\n".join(map(_section, reports)),
    }
    return filled("report.html", values)


def _section(report: TokenReport) -> str:
    cards = [_rows_card(report), _tokens_card(report)]
    if report.costs:
        cards.append(_cost_card(report.costs))
    if report.requests is not None:
        cards.append(_requests_card(report.requests))
    notes = "".join(f'<p class="quiet">{escaped_text(note)}</p>' for note in report.notes)
    name = report.encoding if report.model is None else f"{report.model}, {report.encoding}"
    return (
        f"<section><h2>{escaped_text(report.column)}: {escaped_text(name)}</h2>"
        f'<div class="cards">{"".join(cards)}</div>{_plot(report)}{notes}</section>'
    )


def _rows_card(report: TokenReport) -> str:
    rows = {"nulls": f"{report.nulls:,}", "invalid": f"{report.invalid:,}"}
    if report.limit is not None:
        rows[f"over {report.limit:,} tokens ({report.limit_name})"] = f"{report.over_limit:,}"
    return card("Rows", f'<p class="big">{report.rows:,}</p>', value_list(rows))


def _tokens_card(report: TokenReport) -> str:
    sizes = {"min": report.min, "median": report.median, "p95": report.p95, "max": report.max}
    rows = {name: "-" if size is None else f"{size:,}" for name, size in sizes.items()}
    about = "" if report.exact else "about "
    return card("Tokens", f'<p class="big">{about}{report.tokens:,}</p>', value_list(rows))


def _cost_card(costs: Mapping[str, Cost]) -> str:
    first = next(iter(costs.values()))
    checked = "" if first.verified_on is None else f", checked on {first.verified_on}"
    lines = "".join(_cost_row(tier, cost) for tier, cost in costs.items())
    return card(
        "Cost as inputs, each row a request",
        f'<table class="compare">{lines}</table>',
        f'<p class="quiet">Prices of {first.as_of}{checked}</p>',
    )


def _cost_row(tier: str, cost: Cost) -> str:
    reasons = "; ".join(dict.fromkeys(line.reason for line in cost.unpriced))
    usd = f"{cost.total:f} USD" if not reasons else f"{cost.total:f} USD and more: {reasons}"
    if reasons and not cost.lines:
        usd = reasons
    return f'<tr><th scope="row">{escaped_text(tier)}</th><td>{escaped_text(usd)}</td></tr>'


def _requests_card(packed: PackedRequests) -> str:
    rows = {
        "in any order": f"{packed.low:,} to {packed.high:,}",
        "rows in them": f"{packed.rows:,}",
        "left out as empty": f"{packed.empty:,}",
        "left out as too long": f"{packed.too_long:,}",
    }
    return card(
        f"Embedding requests of {packed.inputs_per_request:,} inputs "
        f"and {packed.tokens_per_request:,} tokens",
        f'<p class="big">{packed.requests:,}</p>',
        value_list(rows),
    )


def _plot(report: TokenReport) -> str:
    """Draw the histogram, with a bar for each group of rows."""
    bins = report.histogram
    if not bins:
        return '<p class="quiet">No rows were counted.</p>'
    most = max(rows for _, _, rows in bins)
    step = WIDTH / len(bins)
    shapes = []
    for index, (low, high, rows) in enumerate(bins):
        label = f"{low:,}" if low == high else f"{low:,}-{high:,}"
        middle, height = (index + 0.5) * step, HEIGHT * rows / most
        over = report.limit is not None and low > report.limit
        shapes.append(
            f'<g><title>{label} tokens: {rows:,} rows</title><rect x="{index * step + 2:.1f}" '
            f'y="{TOP + HEIGHT - height:.1f}" width="{max(step - 4, 1):.1f}" '
            f'height="{height:.1f}" class="{"f-over" if over else "f-prompt"}"/></g>'
        )
        if rows and index % -(-len(bins) // MOST_NUMBERS) == 0:
            shapes.append(_label(middle, TOP + HEIGHT - height - 6, f"{rows:,}"))
        if index % -(-len(bins) // MOST_LABELS) == 0:
            shapes.append(_label(middle, TOP + HEIGHT + 18, label))
    axis = f'<line x1="0" x2="{WIDTH}" y1="{TOP + HEIGHT}" y2="{TOP + HEIGHT}" class="axis"/>'
    field = f"{-SIDE} 0 {WIDTH + 2 * SIDE} {TOP + HEIGHT + BOTTOM}"
    return (
        f'<figure class="plot"><svg viewBox="{field}" role="img" '
        f'aria-label="{report.rows:,} rows by their number of tokens">{"".join(shapes)}{axis}</svg>'
        "<figcaption>Rows by their number of tokens</figcaption></figure>"
    )


def _label(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{words}</text>'
