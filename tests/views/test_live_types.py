"""The types of the live page's scripts name what is there: `make types-js` relies on them."""

from __future__ import annotations

import re
from pathlib import Path

LIVE = Path(__file__).resolve().parents[2] / "tokenkit" / "views" / "live"
WITHOUT_SERVER = {"core": "script", "vocabulary": "script"}


def test_ids_of_the_page_have_their_tags() -> None:
    page = (LIVE / "live.html").read_text("utf-8")
    found = {name: tag for tag, name in re.findall(r'<(\w+)\b[^<>]* id="([\w-]+)"', page)}
    types = (LIVE / "types.d.ts").read_text("utf-8")
    tags = types.partition("interface Tags {\n")[2].partition("}\n")[0]
    declared = dict(re.findall(r'^  "?([\w-]+)"?: "(\w+)";$', tags, re.MULTILINE))
    assert declared == found | WITHOUT_SERVER
