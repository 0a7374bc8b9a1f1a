"""Puts the live page into the documentation site, and a link to it onto its guide."""

from __future__ import annotations

from typing import Any

from mkdocs.structure.files import File, Files

from tokenkit.views import live_file

GUIDE, PAGE = "live.md", "try.html"
HEADING = "# The live page\n"
LINK = f"\n[Try it here]({PAGE}): everything runs inside the page.\n"


def on_files(files: Files, config: Any) -> Files:
    """Add the page, made of the core and the vocabulary as they are now."""
    files.append(File.generated(config, PAGE, content=live_file([], "o200k_base")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put the link below the guide's heading."""
    if page.file.src_uri != GUIDE:
        return markdown
    if HEADING not in markdown:
        raise ValueError(f"{GUIDE}: expected the heading {HEADING!r}")
    return markdown.replace(HEADING, HEADING + LINK, 1)
