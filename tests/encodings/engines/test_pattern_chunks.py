"""Chunks for encodings whose pattern is the user's own keep the same promises."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any, cast

import pytest
from chunk_promises import MARKDOWN, PROSE, check_overflow, check_promises
from chunk_streams import hostile_text, random_settings
from hypothesis import given, reject, strategies as st
from search import by_profile
from strategies import texts

from tokenkit import Chunker, ContextOverflowError, Encoding

WORDS = [" the", "the", " a", "th", "in", "er", "ing", "\n\n", "  ", "漢字", "。", "word", " word"]


def encoding(pattern: str) -> Encoding:
    """A small vocabulary: bytes, and all beginnings of some words."""
    ranks = {bytes([i]): i for i in range(256)}
    for word in WORDS:
        data = word.encode()
        for end in range(2, len(data) + 1):
            ranks.setdefault(data[:end], len(ranks))
    return Encoding("own", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


ENCODINGS = [
    encoding(r"\w+|\s+|[^\w\s]+"),
    encoding(r"\s?\S+|\s+(?!\S)|\s+"),
    encoding(r"(?<=\s)\w+|\w|\W+"),  # looks back: what a word is depends on what stands before
]


@pytest.mark.parametrize("index", range(len(ENCODINGS)))
@given(data=st.data())
def test_promises(index: int, data: st.DataObject) -> None:
    rng = random.Random(data.draw(st.integers(0, 1 << 32)))
    chosen = random_settings(rng, "")
    chosen |= {
        "encoding": ENCODINGS[index],
        "strategy": data.draw(st.sampled_from(["optimal", "greedy", "token"])),
    }
    source = data.draw(texts("o200k_base")) if rng.random() < 0.5 else hostile_text(rng, 400)
    source = source[: by_profile(1_500, None)]
    try:
        chunker = Chunker(**chosen)
    except ValueError:  # the prefix leaves no room
        reject()
    try:
        chunks = chunker.chunk(source)
    except ContextOverflowError as error:
        check_overflow(source, error, chunker)
        chunks = chunker.chunk(source := "")
    check_promises(source, chunks, chunker)


# A number sign of Arabic joins what follows, two regional indicators are a flag.
CLUSTERED = ["🇩", "🇩", "\u0605", "👩\u200d", "\u0301" * 3, "क्", "त", "a", " "]


@pytest.mark.parametrize("encoding", [ENCODINGS[0], "cl100k_base"], ids=str)
def test_clusters_behind_one_that_was_cut_stay_whole(encoding: Any) -> None:
    rng = random.Random(0)
    for _ in range(by_profile(2_000, 50_000)):
        source = "".join(rng.choices(rng.sample(CLUSTERED, 3), k=rng.randrange(50)))
        strategy: Any = rng.choice(["optimal", "greedy", "token"])
        chunker = Chunker(encoding=encoding, max_tokens=rng.randrange(8, 14), strategy=strategy)
        check_promises(source, chunker.chunk(source), chunker)


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
def test_chunks_are_full_and_end_well(strategy: Any) -> None:
    enc = ENCODINGS[0]
    chunker = Chunker(encoding=enc, max_tokens=300, strategy=strategy)
    source = PROSE * 4
    chunks = chunker.chunk(source)
    assert len(chunks) <= 1.35 * enc.count(source) / 300 + 1
    if strategy != "token":
        good = {"paragraph", "line", "sentence"}
        assert sum(c.boundary in good for c in chunks[:-1]) >= 0.8 * (len(chunks) - 1)
    assert chunker.chunk_batch([source, "", source]) == [chunks, [], chunks]
    assert list(chunker.iter_chunks([source[:99], source[99:]])) == chunks


def test_an_overlap_starts_in_no_cluster() -> None:
    """U+0605 is in one cluster with the blank behind it, so no word ends between the two."""
    for strategy in ("optimal", "greedy", "token"):
        chunker = Chunker(
            encoding=ENCODINGS[0], max_tokens=6, overlap=4, strategy=cast("Any", strategy)
        )
        source = "ab\u0605 cd\u0605 e " * 6
        check_promises(source, chunker.chunk(source), chunker)


def test_overlap_comes_near_what_is_asked() -> None:
    chunker = Chunker(encoding=ENCODINGS[0], max_tokens=200, overlap=40)
    chunks = chunker.chunk(PROSE)
    check_promises(PROSE, chunks, chunker)
    shared = [c.overlap for c in chunks[:-1]]
    assert sum(shared) / len(shared) >= 0.6 * 40
    assert all(after.start < before.end for before, after in pairwise(chunks))


def test_markdown_and_small_tails() -> None:
    chosen: dict[str, Any] = {"encoding": ENCODINGS[0], "format": "markdown", "max_tokens": 40}
    chunks = Chunker(**chosen).chunk(MARKDOWN)
    assert chunks[-1].headings == ("Title",)
    assert {"Guide"} == {c.headings[0] for c in chunks[:-1] if c.headings}
    joining = Chunker(**chosen, min_tokens=20)
    few = joining.chunk(MARKDOWN)
    assert len(few) <= len(chunks)
    check_promises(MARKDOWN, few, joining)


def test_a_character_over_the_limit_names_its_place() -> None:
    with pytest.raises(ContextOverflowError, match="offset 2"):
        Chunker(encoding=ENCODINGS[0], max_tokens=2).chunk("ab\U0001f9ff")
