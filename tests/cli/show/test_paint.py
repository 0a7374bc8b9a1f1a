"""Tokens as colours: nothing else reaches the terminal."""

from __future__ import annotations

import re

from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit.cli.show.paint import Look, as_ansi, as_plain, lines
from tokenkit.views.parts import Part

ENCODING = tokenkit.get_encoding("o200k_base")
CODE = re.compile(r"\x1b\[[\d;]*m")


@examples(25)
@given(st.text(st.characters(), max_size=40), st.booleans(), st.booleans(), st.booleans())
def test_nothing_reaches_the_terminal_but_colors(
    text: str, marks: bool, ids: bool, as_bytes: bool
) -> None:
    for color in (True, False):
        look = Look(ids, marks, as_bytes, color)
        painted = list(lines(Part(text), ENCODING, look))
        shown = [as_ansi(line) if color else as_plain(line) for line in painted]
        for line in shown:
            rest = CODE.sub("", line) if color else line
            assert not re.search(
                "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", rest
            )
