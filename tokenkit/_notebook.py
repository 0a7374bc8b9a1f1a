"""HTML of results for notebooks: elements with inline styles, no script, nothing loaded.

A notebook that is not trusted shows this as well: scripts and style sheets are what it takes out.
Colours stand only where the text on them has one of its own, so that dark themes stay readable.
"""

from __future__ import annotations

from html import escape

from tokenkit._visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MONO", "card_html", "escaped_html", "table_html"]

MONO = "font-family:monospace"
_CELL = "padding:0.15em 0.8em 0.15em 0;text-align:left;vertical-align:top"
_MOST_ROWS = 200


def escaped_html(text: object) -> str:
    """Write a text of others as HTML, with names for what is hidden.

    >>> escaped_html("<b>\\u202e")
    '&lt;b&gt;[RLO]'
    """
    return escape(visible(str(text)))


def card_html(title: str, lines: Iterable[str], table: str = "") -> str:
    """Draw a title in large letters, and lines below it; `table` is HTML."""
    body = "".join(f'<div style="opacity:0.85">{escaped_html(line)}</div>' for line in lines)
    head = f'<div style="font-size:1.4em;font-weight:bold">{escaped_html(title)}</div>'
    return f'<div style="font-family:sans-serif;line-height:1.5">{head}{body}{table}</div>'


def table_html(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Draw a table; of more than 200 rows the first, and how many there are besides."""
    # Not <th>: what cleans a notebook that is not trusted may not know it.
    head = "".join(f'<td style="{_CELL}"><b>{escaped_html(name)}</b></td>' for name in names)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escaped_html(cell)}</td>' for cell in row) + "</tr>"
        for row in rows[:_MOST_ROWS]
    )
    more = len(rows) - _MOST_ROWS
    rest = f"<div>and {more:,} more</div>" if more > 0 else ""
    return f'<table style="margin-top:0.5em"><tr>{head}</tr>{body}</table>{rest}'
