"""The cost of each border: between records, elements, lines of code, and at separators.

In the texts here ⟨level:tenths⟩ stands where a border is; the levels are those of
csrc/chunk/border_types.hpp.
"""

from __future__ import annotations

import re

import pytest

from tokenkit._core import text_borders
from tokenkit.chunking.formats import FORMATS

BORDERS = [
    ("json", '[{"a":⟨6:90⟩ 1,⟨6:80⟩ "b":⟨6:90⟩ 2},⟨2:0⟩ {"a":⟨6:90⟩ 3}]'),
    ("json", '[{"a":1,⟨6:80⟩"b":[2,⟨6:80⟩3]},⟨2:0⟩{"a":3}]'),
    ("json", '[{"x":⟨6:90⟩ [[1],⟨2:70⟩ [2]]},⟨2:0⟩ {"x":⟨6:90⟩ [[3],⟨2:70⟩ [4]]}]'),
    ("json", ']\n⟨2:0⟩{"a":⟨6:90⟩ 1}\n⟨2:0⟩{"b":⟨6:90⟩ 2}\n'),
    ("json", '{"a":"one,⟨6:110⟩ \\"two\\",⟨6:110⟩ {three},⟨6:110⟩ four"}'),
    ("json", '[\n⟨4:90⟩  {"a":⟨6:90⟩ 1},\n⟨2:0⟩  {"a":⟨6:90⟩ 2}\n⟨4:90⟩]\n'),
    ("markup", "<p>one⟨7:120⟩ <b>two</b>three</p>⟨2:0⟩<!--a>b</p>c--><p>d</p>"),
    ("markup", "<script>a</p>b</script>⟨2:0⟩<style>p>a</p>b</style>⟨2:0⟩<p>c</p>"),
    ("markup", "<ul><li>one</li>⟨2:0⟩<li>two</li>⟨2:0⟩</ul>"),
    ("markup", "<no>1</no>⟨2:20⟩<note>x⟨7:120⟩ y</note>⟨2:20⟩<br>⟨2:10⟩z<hr/>⟨2:10⟩w"),
    ("markup", '<tr><td>1</td>⟨2:30⟩<td>2</td>⟨2:30⟩</tr>⟨2:0⟩<a⟨7:120⟩ href="x>y⟨7:120⟩ z">t</a>'),
    ("markup", "<row><no>1</no>⟨2:20⟩</row>⟨2:0⟩<row>2</row>"),
    (
        "code",
        (
            "def⟨7:40⟩ f():\n⟨4:12⟩    return\n\n\n⟨2:0⟩def⟨7:40⟩ g():\n"
            "⟨4:12⟩    if⟨7:40⟩ x:\n⟨4:14⟩        y\n⟨4:30⟩    else:\n⟨4:14⟩        z\n\n"
            "⟨2:0⟩x\n⟨4:10⟩y\n"
        ),
    ),
    (
        "code",
        (
            "if\n⟨4:11⟩  b\n⟨4:30⟩else\n⟨4:11⟩  c\n⟨2:5⟩elsewhere\n⟨4:11⟩  d\n⟨4:30⟩done;\n"
            "⟨4:30⟩fi\n⟨4:10⟩final\n⟨4:30⟩}\n⟨4:10⟩x\n"
        ),
    ),
]
SEPARATED = [
    ((b"--",), "a--⟨2:0⟩b⟨7:90⟩ c\n⟨4:60⟩--⟨2:0⟩d--⟨2:0⟩-⟨2:0⟩e"),
    ((b"--",), "one⟨7:90⟩ two\n\n⟨3:50⟩--⟨2:0⟩\n\nthree⟨7:90⟩ four"),
    ((b"e",), "e\u0301e⟨2:0⟩x"),
    ((b"|", b";"), "one;⟨2:2⟩two|⟨2:0⟩three⟨7:90⟩ four;⟨2:2⟩five"),
    ((b"- ",), "one⟨7:90⟩ two.\n\n⟨3:50⟩- ⟨2:0⟩three\n⟨4:60⟩- ⟨2:0⟩four"),
]
MARK = re.compile("⟨.*?⟩")


def marked(text: str, format: str, separators: tuple[bytes, ...] = ()) -> str:
    borders, _ = text_borders(text, FORMATS[format], separators)
    for offset, level, penalty in reversed(borders):
        text = f"{text[:offset]}⟨{level}:{penalty}⟩{text[offset:]}"
    return text


@pytest.mark.parametrize(("format", "text"), BORDERS)
def test_borders_of_data_and_code(format: str, text: str) -> None:
    assert marked(MARK.sub("", text), format) == text


@pytest.mark.parametrize(("separators", "text"), SEPARATED)
def test_borders_at_separators(separators: tuple[bytes, ...], text: str) -> None:
    assert marked(MARK.sub("", text), "text", separators) == text
