"""Stops the build of the site if a page would load anything from the network."""

from __future__ import annotations

import re
from pathlib import Path

LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b[^>]*\bhref=["']?(?:https?:)?//[^>]*>|@import\s*(?:url\(\s*)?["']?(?:https?:)?//"""
)


def outside(html: str) -> list[str]:
    """The tags that load something from another place; links for a reader to follow are none."""
    return [match[0] for match in LOADED.finditer(html)]


def on_post_build(config: dict[str, str]) -> None:
    """Called by mkdocs when all pages are written."""
    for page in sorted(Path(config["site_dir"]).rglob("*.html")):
        if tags := outside(page.read_text(encoding="utf-8")):
            raise SystemExit(f"{page}: expected no outside resource, got {tags[0]}")
