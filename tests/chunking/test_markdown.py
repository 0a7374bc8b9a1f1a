"""Headings and their paths are CommonMark's: markdown-it-py is the oracle."""

from __future__ import annotations

import functools
import itertools
import random
import re
from typing import Any

import pytest
from chunk_promises import WHITE_SPACE, check_promises
from markdown_it import MarkdownIt
from search import examples

import tokenkit
from tokenkit import Chunker
from tokenkit._core import text_borders
from tokenkit.chunking.formats import FORMATS

COMMONMARK = MarkdownIt("commonmark")
ORACLE = "markdown-it-py 4.3.0, CommonMark 0.31.2"

# What lines may be; every block of CommonMark is opened, closed and interrupted by some.
LINES = [
    *["# A", "## B c ##", "###D", "#", "## ", "#\tt", "####### s", "a # b", "\\# x", "  ## in"],
    *["Foo", "bar", "baz qux", "text  ", "  cont", "    code", "      deep", "\tcode"],
    *["===", "---", "-", "=", "--- ", "  ---", "   ===", "    ===", "* * *", "___", "*"],
    *["- item", "- ", "+ x", "* y", "1. one", "2. two", "1) o", "10. ten", "- - nn", "  - in"],
    *["1. - x", "-   wide", "-    wider", "-     code", "\t- tab", "- # L", "- ```", "- ---"],
    *["> q", "> # Q", "> ", "> - n", ">", "> ```", "> ===", "> <!--"],
    *["```", "``` py", "~~~", "````", "    ```", "  ```", "`code`", "``` a`b"],
    *["<!--", "-->", "<!-- x -->", "<!-- a", "<!-->", "<pre>", "</pre>", "<script>", "<style"],
    *["</script>", "<textarea>x</textarea>", "<?php", "?>", "<!X", "<!X>", "<![CDATA[", "]]>"],
    *["<div>", "</div>", "<b>", "<b>x", "<a href='x'>", "</span>", "<br/>", "<p", "<x y=1 z>"],
    *["[foo]: /url", "[a]: <b> 'c'", "| a | b |", "|---|---|"],
    *["", "", "", "", " ", "  ", "\t"],
]


def random_document(rng: random.Random) -> str:
    line_end = rng.choice(["\n", "\n", "\n", "\r\n"])
    some = rng.sample(LINES, rng.randrange(2, 12))
    if "-    wider" in some:  # whose paragraph the oracle ends at a fence 4 wide; cmark does not
        some = [line for line in some if line != "    ```"]
    return line_end.join(rng.choices(some, k=rng.randrange(1, 9))) + rng.choice(["", line_end])


@functools.lru_cache(4)
def starts_of_lines(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]


def headings(text: str) -> list[tuple[int, int, str]]:
    """Depth, line and words of our headings; the words of several lines without indentation."""
    starts = starts_of_lines(text)
    return [
        (depth, starts.index(at), unindented(text[start:end] if end > start else ""))
        for at, depth, start, end in text_borders(text, FORMATS["markdown"])[1]
    ]


def unindented(words: str) -> str:
    return "\n".join(line.strip(" \t") for line in words.splitlines())


def expected(text: str) -> list[tuple[int, int, str]]:
    """The headings of the document itself: those in quotes and lists are not its own."""
    tokens = COMMONMARK.parse(text)
    return [
        (int(token.tag[1]), token.map[0], unindented(words.content))
        for token, words in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


@pytest.mark.parametrize("block", range(5))
def test_headings_are_those_of_commonmark(block: int) -> None:
    rng = random.Random(block)
    for _ in range(20 * examples(400).max_examples):
        text = random_document(rng)
        if not text.startswith("---"):  # front matter, which CommonMark does not know
            assert headings(text) == expected(text), (ORACLE, text)


def test_long_documents_have_the_headings_of_commonmark() -> None:
    rng = random.Random(1)
    for _ in range(8):
        text = "\n\nx\n\n".join(random_document(rng) for _ in range(40))
        wanted = expected(text := "x\n" + text)
        assert headings(text) == wanted
        chunker = Chunker(encoding="o200k_base", max_tokens=40, format="markdown")
        chunks = chunker.chunk(text)
        check_promises(text, chunks, chunker)
        greedy = Chunker(encoding="o200k_base", max_tokens=40, format="markdown", strategy="greedy")
        assert list(greedy.iter_chunks([text[:3_333], text[3_333:]])) == greedy.chunk(text)
        for chunk in chunks:
            words = chunk.start + len(chunk.text) - len(chunk.text.lstrip(WHITE_SPACE))
            path: list[tuple[int, str]] = []
            for depth, line, title in wanted:
                if starts_of_lines(text)[line] <= words:
                    path = [*(above for above in path if above[0] < depth), (depth, title)]
            assert chunk.headings == tuple(" ".join(title.split("\n")) for _, title in path)


BODY = "Water rises and falls twice a day along this coast.\n"
PATHS = {
    "byte order mark": ("\ufeff# Tides\n\n## Neap\n\n", ("Tides", "Neap")),
    "comment": ("# Tides\n\n<!--\n# hidden\n-->\n\n## Neap\n\n", ("Tides", "Neap")),
    "long comment": (f"# Tides\n\n<!--{'x y' * 900} -->\n## Neap\n\n", ("Tides", "Neap")),
    "pre": ("# Tides\n\n<pre>\n# hidden\n\n# too\n</pre>\n## Neap\n\n", ("Tides", "Neap")),
    "several lines": ("Tides\nof the  \n  North\n=====\n\n", ("Tides of the North",)),
    "front matter": ("---\ntitle: x\n# a note\n---\n## Neap\n\n", ("Neap",)),
    "front matter in TOML": ("+++\ntitle = 'x'\n# a note\n+++\n# Neap\n\n", ("Neap",)),
    "front matter behind a mark": ("\ufeff---\na: b\n# c\n...\n# Neap\n\n", ("Neap",)),
    "a break, no front matter": ("---\n\n# Tides\n\nNeap\n---\n\n", ("Tides", "Neap")),
    "code": ("# Tides\n\n    # no\n\n```sh\n# no\n```\n\n~~~\n# no\n~~~\n", ("Tides",)),
    "a fence far in ends no code": ("```\n    ```\n# no\n```\n\n# Neap\n\n", ("Neap",)),
    "an item": ("# Tides\n\n- step\n\n  ```\n  # no\n  ```\n\n  # no\n\n# Neap\n\n", ("Neap",)),
    "an item with its text far in": ("-    step\n\n  # Neap\n\n", ("Neap",)),
    "code in an item": ("# Tides\n\n1.  a\n\n    ```\n# a\n", ("a",)),
    "a quote": ("# Tides\n\n> # no\n> ```\n> # no\n\n", ("Tides",)),
    "a title of reStructuredText": ("Tides\n~~~~~\n\n", ("Tides",)),
    "tildes are no title": ("~~\n~~~~\n# no\n~~~~\n\n# Neap\n\n", ("Neap",)),
    "carriage returns": ("# Tides\r\r## Neap\r\r", ("Tides", "Neap")),
}


@pytest.mark.parametrize("name", PATHS)
def test_paths(name: str) -> None:
    start, path = PATHS[name]
    for limit in (14, 4_000):
        chunker = Chunker(encoding="o200k_base", max_tokens=limit, format="markdown")
        chunks = chunker.chunk(start + BODY)
        check_promises(start + BODY, chunks, chunker)
        first = Chunker(encoding="o200k_base", max_tokens=limit).chunk(start + "# x\n" + BODY)
        if limit == 14:
            assert chunks[-1].headings == path
            assert first[-1].headings[-1:] == ("x",)


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
def test_white_space_alone_belongs_to_the_heading_before(strategy: Any) -> None:
    text = "# Tides\n\nWater rises.\n" + " \n" * 300 + "# Neap\n\n" + BODY
    chunks = tokenkit.chunk(
        text, encoding="o200k_base", max_tokens=20, format="markdown", strategy=strategy
    )
    blank = [chunk for chunk in chunks if chunk.text.isspace()]
    assert len(blank) > 3
    assert {chunk.headings for chunk in blank} == {("Tides",)}
    assert chunks[-1].headings == ("Neap",)
