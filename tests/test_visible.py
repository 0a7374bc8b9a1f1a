"""Text of others is visible, on one line and not long; JSON that is escaped says the same."""

from __future__ import annotations

import json
import re

from hypothesis import given, strategies as st

from tokenkit._visible import HIDDEN, escaped, listed, shown_line

CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x1b\x07\r\n\x9b\u202e"))


@given(TEXTS, st.integers(8, 40))
def test_a_line_is_one_line_and_controls_nothing(text: str, most: int) -> None:
    line = shown_line(text)
    assert not CONTROLS.search(line)
    assert (line == text) == (not CONTROLS.search(text) and not HIDDEN.search(text))
    if len(text) > most:
        assert shown_line(text, most) == shown_line(shown_line_middle(text, most))
    else:
        assert shown_line(text, most) == line


def shown_line_middle(text: str, most: int) -> str:
    """A text of `most` characters: the start and the end, with points between."""
    shorter = f"{text[: most - most // 4 - 5]} ... {text[-(most // 4) :]}"
    assert len(shorter) == most
    return shorter


def test_a_list_of_names_is_short() -> None:
    names = ["\x1b]0;evil\x07" * 1_000, *map(str, range(10_000))]
    line = listed(names)
    assert not CONTROLS.search(line)
    assert len(line) < 1_000
    assert line.endswith(", 18, and 9981 more")


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_escaped_json_says_the_same(value: object) -> None:
    text = escaped(json.dumps(value, ensure_ascii=False))
    assert not HIDDEN.search(text)
    assert json.loads(text) == json.loads(json.dumps(value))
