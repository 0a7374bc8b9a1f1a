"""HTML of results for notebooks: tables of bounded length."""

from __future__ import annotations

import pytest

from tokenkit._notebook import table_html


@pytest.mark.parametrize(("rows", "more"), [(199, 0), (200, 0), (201, 1), (1_300, 1_100)])
def test_a_table_says_how_many_rows_it_leaves_out(rows: int, more: int) -> None:
    html = table_html(("row",), [(f"<{row}>",) for row in range(rows)])
    assert html.count("<tr>") == 1 + min(rows, 200)
    assert "&lt;0&gt;" in html
    assert (f"and {more:,} more" in html) is bool(more)
    assert ("more</div>" in html) is bool(more)
