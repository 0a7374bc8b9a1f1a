"""Which format a text looks like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from search import examples
from strategies import EDGES, WHITE_SPACE, texts

from tokenkit import Chunker
from tokenkit._core import text_format
from tokenkit.chunking.formats import CHOICES, FORMATS, detected_format, format_number

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


# What distinguishes the formats, and what nearly does.
PARTS = [
    *('{"', '"a"', '"a\\"', '"\\n"', '"a\n"', '": ', ":", "[", "]", ", ", "-1.5e+3", "1", "\u0663"),
    *("true", "false", "null", "nul", "{", "}", ";", "):", ");", ")", "def ", "class ", "func "),
    *("import ", "#include", "# ", "## ", "### ", "#", "```", "``", "- ", "* ", "|", "<a", "<a b"),
    *(
        "<a-b:c_1>",
        "<\u00e9",
        "<p\u00e9>",
        "</",
        "</a>",
        "<!",
        "<!D",
        "<?x",
        "<!--",
        "<1",
        "/",
        ">",
    ),
    *("\ufeff", "words", "\x1c", "\x1d", "\x1f", "\x0b", "\u2028", "\u2029", "\u200b", "\u180e"),
    *(" ", "\n", "\n", "\n\n", *WHITE_SPACE, *EDGES),
]
MIXED = st.lists(st.sampled_from(PARTS), max_size=24).map("".join)
# Around the last character that is looked at.
LONG = st.builds(
    lambda start, fill, drop, end: start + (fill * 8192)[: 8192 - drop] + end,
    MIXED,
    st.sampled_from(["a", "\n", "\u00e9", "\U0001f642", "a;\n", "</", "- x\n"]),
    st.integers(0, 40),
    MIXED,
)


@examples(2_000)
@given(st.one_of(MIXED, LONG, texts("o200k_base")), st.sampled_from(sorted(CHOICES)))
@example('\ufeff\ufeff{"a":', "auto")
@example('\ufeff\ufeff{"a":', "code")
@example('\x1c\x1f{"a":', "auto")
@example("[true, 1 ], [null ,", "auto")
@example("[1, 2, 3]", "auto")
@example('{"a\\\n": 1}', "auto")
@example("<a\u3000></a>", "auto")
@example("x;\n \n\t\n \n \ny", "auto")
@example("x;\x1fy;\x1ez\x85w\u2028v;\r\n\r;", "auto")
def test_the_core_sees_the_same_format(text: str, choice: Any) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert text_format(text, CHOICES[choice]) == format_number(choice, text)


@pytest.mark.parametrize(("text", "name"), [(t, name) for name in TEXTS for t in TEXTS[name]])
def test_the_core_knows_the_examples(text: str, name: str) -> None:
    assert text_format(text, CHOICES["auto"]) == FORMATS[name]
