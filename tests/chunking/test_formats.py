"""Which format a text looks like."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit import Chunker
from tokenkit.chunking.formats import FORMATS, detected_format, format_number

TEXTS = {
    "markdown": [
        "# Title\n\nSome words.",
        "\ufeff# Title\n\nSome words.",
        "<h1>Title</h1>\n\n## Part\n\nSome words.",
        "```\ncode();\n```\n\n- an item\n- another\n",
        "## Part\n\n| a | b |\n|---|---|\n",
    ],
    "code": [
        "def f(x):\n    return x\n",
        "int main() {\n    return 0;\n}\n",
        "# a comment\nimport os\nclass A:\n    pass\ndef f():\n    g()\n",
    ],
    "json": [
        '{"a": 1}',
        ' [\n  {"a": [1, 2]}\n]',
        "[[1, 2], [3, 4], [5, 6]]",
        '\ufeff["a", "b", "c", "d"]',
    ],
    "markup": [
        "<ul><li>One</li></ul>",
        "<!DOCTYPE html>\n<html><body><p>x</p></body></html>",
        '<?xml version="1.0"?>\n<a><b>x</b></a>',
        "\ufeff<!-- a -->\n<p>x</p>",
    ],
    "text": [
        "[a link](there), and more.",
        "[1] Doe. A book.\n[2] Roe.\n",
        "<3 is a heart",
        "",
        "Some words.\nMore of them.",
        "- an item\n- another\n",
        "x; y\n" * 9,
    ],
}


@pytest.mark.parametrize(
    ("text", "expected"), [(text, name) for name, texts in TEXTS.items() for text in texts]
)
def test_texts_look_like_what_they_are(text: str, expected: Any) -> None:
    assert detected_format(text) == expected
    assert format_number("auto", text) == FORMATS[expected]
    auto = Chunker(encoding="o200k_base", max_tokens=8)
    if expected in ("markdown", "code", "text"):
        named = Chunker(encoding="o200k_base", max_tokens=8, format=expected)
        assert auto.chunk(text * 5) == named.chunk(text * 5)


def test_a_named_format_is_not_guessed() -> None:
    assert format_number("text", "# Title\n") == FORMATS["text"]


def test_only_the_beginning_is_looked_at() -> None:
    assert detected_format("word " * 2_000 + "\n# Title\n") == "text"
