"""The types of the pages' scripts name what is there: `make types-js` relies on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

VIEWS = Path(__file__).resolve().parents[2] / "tokenkit" / "views"
# Only the live page without a server has these.
ADDED = {"core": "script", "vocabulary": "script"}


@pytest.mark.parametrize(
    ("page", "types", "added"),
    [("page.html", "page_types.d.ts", {}), ("live/live.html", "live/types.d.ts", ADDED)],
)
def test_ids_of_a_page_have_their_tags(page: str, types: str, added: dict[str, str]) -> None:
    source = (VIEWS / page).read_text("utf-8")
    found = {name: tag for tag, name in re.findall(r'<(\w+)\b[^<>]* id="([\w-]+)"', source)}
    tags = (VIEWS / types).read_text("utf-8").partition("interface Tags {\n")[2].partition("}\n")[0]
    declared = dict(re.findall(r'^  "?([\w-]+)"?: "(\w+)";$', tags, re.MULTILINE))
    assert declared == found | added
