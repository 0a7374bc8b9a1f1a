"""The check of English finds phrases wherever they are, and leaves quotations alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from check_english import PHRASES, faults


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("this is no list", "is no list"),
        ("lines that are no rows", "are no rows"),
        ("it lets go of the GIL", "lets go of"),
        ("a chat made to fit", "made to fit"),
        ("whoever reads it", "whoever"),
        ("a list of that which stays", "that which"),
        ("what is no text", "what is no"),
        ("it tells which it is", "tells which"),
        ("it walks text", "walks text"),
        ("the file is gone", "is gone"),
        ("it stands in a table", "stands in"),
    ],
)
def test_phrases_are_found(text: str, phrase: str) -> None:
    assert [(line, found) for line, found, _ in faults(f"One.\n{text}.\n")] == [(2, phrase)] or (
        phrase in {found for _, found, _ in faults(text)}
    )


@pytest.mark.parametrize("mark", ["# ", "// ", "    # ", "   * ", ""])
def test_a_phrase_across_lines_is_found(mark: str) -> None:
    first, second = "it lets", "go of the GIL"
    (fault,) = faults(f"{mark}{first}\n{mark}{second}\n")
    assert fault == (1, "lets go of", PHRASES[r"\b(?:let|lets|letting) go of\b"])


@pytest.mark.parametrize(
    "text",
    [
        "There is no limit.",
        "It is no longer there, and no faster.",
        "A word such as `whoever` is quoted.",
        'Another is "made to fit", quoted.',
        "What is exact?",
        "A part of the text is left.",
    ],
)
def test_plain_english_passes(text: str) -> None:
    assert faults(text) == []
