"""Chunks made of the core's spans: indexes, offsets with surrogate pairs, paths of headings."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

import tokenkit
from tokenkit import Chunk
from tokenkit.chunking.results import BOUNDARIES, chunks_of, path_after, path_at

NO_FAILURE = None


def test_spans_become_chunks() -> None:
    spans = [(0, 3, 2, 1, 6, 0), (2, 6, 3, 0, 9, 1)]
    first, second = chunks_of("abcdef", (spans, [(1, 3, 4)], NO_FAILURE), "T: ", 8)
    assert first == Chunk("abc", 0, 3, 2, "T: abc", 0, 1, "clause", ())
    assert second == Chunk("cdef", 2, 6, 3, "T: cdef", 1, 0, "end", ("d",))


def test_a_window_goes_on_where_the_last_one_ended() -> None:
    path = ((1, "One"), (2, "Two"))
    (chunk,) = chunks_of(
        "abc", ([(0, 3, 1, 0, 9, 0)], [], NO_FAILURE), "", 8, shift=100, first=7, path=path
    )
    assert (chunk.start, chunk.end, chunk.index) == (100, 103, 7)
    assert chunk.headings == ("One", "Two")


def test_a_pair_of_surrogates_is_one_character_of_the_core() -> None:
    text = "a\ud83d\ude00b\ud83d\ude00c"
    first, second = chunks_of(text, ([(0, 2, 1, 0, 8, 0), (2, 5, 1, 0, 9, 0)], [], None), "", 8)
    assert (first.start, first.end, first.text) == (0, 3, "a\ud83d\ude00")
    assert (second.start, second.end, second.text) == (3, 7, "b\ud83d\ude00c")


def test_a_text_that_was_repaired_keeps_its_words_and_its_prefix() -> None:
    text = "# A \ud83d title\n\n" + "a \ud83d\ude00 b " * 9
    chunker = tokenkit.Chunker(
        encoding="o200k_base", max_tokens=12, prefix="T: ", table_header=True
    )
    chunks = chunker.chunk(text)
    assert len(chunks) > 1
    assert [chunk.input for chunk in chunks] == [f"T: {chunk.text}" for chunk in chunks]
    assert "".join(text[chunk.start : chunk.end] for chunk in chunks) == text


def test_a_failure_names_offset_and_numbers() -> None:
    with pytest.raises(tokenkit.ContextOverflowError, match=r"at least 9 .* offset 13, ") as caught:
        chunks_of("a\ud83d\ude00b", ([], [], (2, 9)), "", 4, shift=10)
    error = caught.value
    assert (error.needed, error.available, error.limit_name) == (9, 4, "max_tokens")


def test_paths_of_headings() -> None:
    path = path_after(((1, "One"), (2, "Two"), (4, "Four")), 2, "Zwei")
    assert path == ((1, "One"), (2, "Zwei"))
    headings = [(1, 0, 3), (3, 4, 7), (2, 8, 11)]
    assert path_at("One Two Six", headings, ()) == ((1, "One"), (2, "Six"))


def test_chunks_are_frozen_and_can_be_pickled() -> None:
    (chunk,) = tokenkit.chunk("# Title\n", encoding="o200k_base", max_tokens=8, prefix="T: ")
    assert pickle.loads(pickle.dumps(chunk)) == chunk
    with pytest.raises(dataclasses.FrozenInstanceError):
        chunk.text = "other"  # type: ignore[misc]
    assert len(BOUNDARIES) == 10
