"""The core's chunker against its readable twin (`encodings.pattern_chunks`), on bundled patterns.

The twin takes any pattern, so it also takes a bundled one, written in another way: then both split
the same text by the same tokens. They must agree exactly where the twin's estimates are exact: it
takes the tokens of a slice for those of the pieces of the whole text, which the core does not
(csrc/README.md, "Chunks"). That is the one difference by design, and `is_exact` is its proof: it
counts every slice between two borders. Where two partitions cost the same, "optimal" may choose
either; then the costs are compared. "token" without an overlap uses no estimates; there they may
differ only where a shorter text has more tokens (thousands of white spaces at a limit of a few
tokens). Wherever they differ, both keep the promises.
"""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Any

import pytest
from chunk_promises import check_overflow, check_promises
from chunk_streams import data_text, hostile_text, random_settings
from hypothesis import event, given, strategies as st
from search import by_profile
from strategies import FAMILIES, texts

import tokenkit
from tokenkit import Chunk, Chunker, ContextOverflowError, Encoding
from tokenkit.chunking.formats import format_number
from tokenkit.encodings.engines.pattern import PatternEngine
from tokenkit.encodings.engines.pattern_chunks import SlowChunking

STRATEGIES = ["optimal", "greedy", "token"]
# In these, and between these, the newer patterns have the same pieces whatever stands around them.
WORDS = ["one", "two", "three,", "Four.", "six;", "(five)", "# Title", "- item", "Eight!", "nine:"]
JOINTS = [" ", " ", " ", "\n", "\n\n", "\r\n"]


@cache
def twin_of(name: str) -> Encoding:
    """A bundled encoding whose pattern the core does not recognize, as it is in a group."""
    encoding = tokenkit.get_encoding(name)
    twin = Encoding(
        f"{name}_twin",
        pat_str=f"(?:{encoding._pat_str})",
        mergeable_ranks=encoding._mergeable_ranks,
        special_tokens=encoding._special_tokens,
    )
    assert isinstance(twin.engine, PatternEngine)
    return twin


def chunks_or_error(chunker: Chunker, source: str) -> list[Chunk] | str:
    try:
        chunks = chunker.chunk(source)
    except ContextOverflowError as error:
        check_overflow(source, error, chunker)
        return str(error)
    check_promises(source, chunks, chunker)
    return chunks


def both(name: str, source: str, options: dict[str, Any]) -> tuple[Any, Any]:
    encodings = (tokenkit.get_encoding(name), twin_of(name))
    native, slow = (Chunker(**{**options, "encoding": encoding}) for encoding in encodings)
    return chunks_or_error(native, source), chunks_or_error(slow, source)


def slow_chunking(source: str, chunker: Chunker) -> SlowChunking:
    engine = chunker.encoding.engine
    assert isinstance(engine, PatternEngine)
    format = format_number(chunker.format, source)
    return SlowChunking(engine, source, format, chunker._settings)


def assert_agreement(name: str, source: str, options: dict[str, Any]) -> None:
    """Both give the same chunks, or "optimal" chose among partitions of the same cost."""
    native, slow = both(name, source, options)
    if native == slow:
        return
    assert options["strategy"] == "optimal", options
    # Small chunks are joined after the choice, so the choice is looked at without that.
    plain = {**options, "min_tokens": 0}
    native, slow = both(name, source, plain)
    assert native != slow, options
    chunking = slow_chunking(source, Chunker(**{**plain, "encoding": twin_of(name)}))
    ends = [chunking._end(place) for place in chunking.places]
    penalties = dict(zip(ends, chunking.penalties, strict=True))
    costs = [
        sum(1 + chunking.weight * penalties[chunk.end] for chunk in chunks)
        for chunks in (native, slow)
    ]
    assert costs[0] == pytest.approx(costs[1], abs=1e-9), options


def is_exact(name: str, source: str, options: dict[str, Any]) -> bool:
    """Does every slice between two borders have the tokens that the twin takes it to have, the
    prefix before it, too; is none between neighbours more than a chunk less the overlap, and does
    every overlap start at a border?"""
    chunker = Chunker(**{**options, "encoding": twin_of(name)})
    slow = slow_chunking(source, chunker)
    # The core's own count: `regex` may know characters of a newer Unicode than the core does.
    count = tokenkit.get_encoding(name).count
    used = count(chunker.prefix)
    room = min(chunker.max_tokens, chunker.max_tokens - chunker.reserve - used) - chunker.overlap
    borders = range(1, len(slow.places) - 1)
    if slow.overlap and any(slow._overlapping(border) == border for border in borders):
        return False
    for a, start in enumerate(slow.places):
        for b in range(a + 1, len(slow.places)):
            slice = source[slow._start(start) : slow._end(slow.places[b])]
            tokens = slow.upto[b] - slow.from_[a]
            if count(slice) != tokens or count(chunker.prefix + slice) != used + tokens:
                return False
            if b == a + 1 and tokens > room:
                return False
            if tokens > chunker.max_tokens + 8:
                break
    return True


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    limit = draw(st.sampled_from([16, 20, 30, 50]))
    chosen = {
        "max_tokens": limit,
        "strategy": draw(st.sampled_from(STRATEGIES)),
        "format": draw(st.sampled_from(["auto", "text", "markdown", "code"])),
        "tightness": draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])),
        "overlap": draw(st.sampled_from([0, 0, 3, limit // 3])),
        "prefix": draw(st.sampled_from(["", "", "T:\n"])),
        "reserve": draw(st.sampled_from([0, 0, 1])),
        "trim": draw(st.booleans()),
        "min_tokens": draw(st.sampled_from([0, 0, limit // 2])),
        "separators": draw(st.sampled_from([None, None, ["---"], [". ", " "]])),
    }
    if chosen["strategy"] == "token":
        chosen["separators"] = None
    return chosen


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base"])
@given(st.data())
def test_both_agree_where_borders_stand_between_pieces(name: str, data: st.DataObject) -> None:
    chosen = data.draw(options())
    parts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINTS)), max_size=150)
    source = "".join(word + joint for word, joint in data.draw(parts))
    assert_agreement(name, source, chosen)


def test_both_see_the_same_ties() -> None:
    """Two ends are equally good here but for how fractions are rounded."""
    source = "one one one one\n\nthree, three, one (five)\none one three, (five) "
    chosen = {"max_tokens": 20, "strategy": "greedy", "tightness": 0.0, "separators": ["---"]}
    assert_agreement("cl100k_base", source, {"format": "auto", **chosen})


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base"])
def test_both_agree_on_long_documents(name: str, strategy: str) -> None:
    """Every combination of the options that move the ends of chunks, on long documents."""
    rng = random.Random(f"{name} {strategy}")
    for overlap, prefix, trim, min_tokens, reserve in itertools.product(
        (0, 5), ("", "T:\n"), (False, True), (0, 12), (0, 1)
    ):
        source = "".join(rng.choice(WORDS) + rng.choice(JOINTS) for _ in range(120))
        chosen = {
            "max_tokens": rng.choice([20, 24]),
            "strategy": strategy,
            "format": rng.choice(["text", "markdown", "code"]),
            "tightness": rng.choice([0.0, 0.5, 1.0]),
            "overlap": overlap,
            "prefix": prefix,
            "trim": trim,
            "min_tokens": min_tokens,
            "reserve": reserve,
        }
        assert_agreement(name, source, chosen)


@pytest.mark.parametrize("name", FAMILIES)
@given(st.data())
def test_both_agree_wherever_the_estimates_are_exact(name: str, data: st.DataObject) -> None:
    chosen = data.draw(options())
    source = data.draw(texts(name))[:300]
    exact = is_exact(name, source, chosen)
    event(f"exact: {exact}")
    if exact:
        assert_agreement(name, source, chosen)
    else:
        both(name, source, chosen)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_both_on_hostile_texts(name: str, strategy: str) -> None:
    """The same error or none; with "token" and no overlap the same chunks, whatever the text."""
    same = exact = done = 0
    for seed in range(by_profile(5, 16)):
        rng = random.Random(f"{name} {strategy} {seed}")
        chosen = {**random_settings(rng, name), "strategy": strategy}
        if strategy == "token":
            chosen["separators"] = None
        text = data_text if seed % 3 == 2 else hostile_text
        source = text(rng, rng.choice([50, 300, 600]))[:1_200]
        try:
            native, slow = both(name, source, chosen)
        except ValueError:  # the prefix leaves no room
            continue
        done += 1
        assert isinstance(native, str) == isinstance(slow, str)
        if strategy == "token" and not chosen["overlap"]:
            assert native == slow, f"seed {seed}: {chosen}"
            exact += 1
        same += native == slow
    assert done >= by_profile(3, 10)
    assert same >= max(exact, by_profile(0, done // 5))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_both_where_white_space_that_is_left_out_costs_a_token(strategy: str) -> None:
    """Trimming a full chunk may leave one that is too much, and so it may with an overlap."""
    count = tokenkit.get_encoding("o200k_base").count
    assert [count(text) for text in (" {!", "{!", ' "");\n', ' "");')] == [1, 2, 1, 2]
    for limit, overlap in itertools.product(range(2, 8), (0, 1)):
        chosen = {"max_tokens": limit, "overlap": overlap, "strategy": strategy, "trim": True}
        for source in ("e {!\no" * 9, 'print "");\n' * 9):
            native, slow = both("o200k_base", source, {**chosen, "format": "text"})
            assert native == slow or strategy != "token" or overlap, chosen
