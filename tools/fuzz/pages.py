"""Pages of any text: the JSON in them holds the texts as they were, and nothing else changes."""

from __future__ import annotations

import functools
import json
import random
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import tokenkit
from tokenkit.views import Part, html_page

from .driver import Driver, expect
from .mutations import random_text

__all__ = ["DRIVER"]


class Reader(HTMLParser):
    """Collects the elements of a page, and what is inside of its first script."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.script = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags.count("script") == 1 and self.tags[-1] == "script":
            self.script += data


@functools.cache
def harmless_tags(parts: int) -> list[str]:
    """The elements of a page with so many harmless parts."""
    return Reader(_page(["a"] * parts, "a")).tags


def _page(texts: list[str], title: str) -> str:
    encoding = tokenkit.get_encoding("o200k_base")
    parts = [Part(text, title) for text in texts]
    return html_page(parts, [encoding], title=title, subtitle=title)


def _joined(text: str) -> str:
    """The text as JavaScript has it: surrogates that make a pair are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def attempt(rng: random.Random, folder: Path) -> None:
    texts = [random_text(rng) for _ in range(rng.randint(1, 3))]
    title = random_text(rng, 2)
    page = _page(texts, title)
    page.encode()
    reader = Reader(page)
    data: dict[str, Any] = json.loads(reader.script)
    shown = [part["text"] for part in data["parts"]]
    expect(shown == [_joined(text) for text in texts], "another text", texts, title)
    expect(reader.tags == harmless_tags(len(texts)), "other elements", texts, title)
    encoding = tokenkit.get_encoding("o200k_base")
    ids = [part["raw"][0]["ids"] for part in data["parts"]]
    expect(ids == [encoding.encode_ordinary(text) for text in texts], "other ids", texts)


DRIVER = Driver("pages", "texts come back out of the page", attempt)
