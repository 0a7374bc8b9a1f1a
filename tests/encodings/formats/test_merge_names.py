"""Merges by the texts of their tokens: the core against the code that names faults."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tokenkit._core import ids_of_merges
from tokenkit.encodings.formats.faults import Fault
from tokenkit.encodings.formats.vocabularies import _checked_ids

# As bytes, U+6161 is "aa" and U+00016161 begins with it.
CHARACTERS = "abé\u6161\u6261\U00016161"
TOKENS = st.dictionaries(st.text(CHARACTERS, max_size=3), st.integers(0, 1 << 20), max_size=40)


@st.composite
def vocabularies_and_parts(draw: st.DrawFn) -> tuple[dict[str, int], list[str]]:
    vocab = {token: number for number, token in enumerate(draw(TOKENS))}
    known = st.sampled_from([*vocab]) if vocab else st.nothing()
    whole = st.one_of(known, st.text(CHARACTERS, max_size=4)) if vocab else st.text(CHARACTERS)
    parts: list[str] = []
    for token in draw(st.lists(whole, max_size=30)):
        cut = draw(st.integers(0, len(token)))
        parts += [token[:cut], token[cut:]]
    return vocab, parts


@pytest.mark.searches
@given(vocabularies_and_parts())
def test_the_core_finds_the_ids_that_the_slow_way_finds(
    given_: tuple[dict[str, int], list[str]],
) -> None:
    vocab, parts = given_
    ids = np.full(len(parts), 7, np.uint32)
    found = ids_of_merges(parts, vocab, ids.data)
    expected = _slowly(parts, vocab)
    assert (ids.tolist() if found else None) == expected


def _slowly(parts: list[str], vocab: dict[str, int]) -> list[int] | None:
    try:
        return [*map(int, _checked_ids(parts, vocab, "", "here"))]
    except Fault:
        return None


def test_wrong_buffers_are_refused() -> None:
    with pytest.raises(ValueError, match="expected two parts for each merge, and"):
        ids_of_merges(["a"], {"a": 0}, array("I", [0]))
    with pytest.raises(ValueError, match="expected two parts for each merge, and"):
        ids_of_merges(["a", "a"], {"a": 0}, array("I", [0]))
    with pytest.raises(TypeError, match="expected str, got bytes"):
        ids_of_merges([b"a", b"b"], {"a": 0}, array("I", [0, 0]))  # type: ignore[list-item]
