"""Chunks of a text that comes in parts are those of the whole text."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from chunk_promises import MARKDOWN, PROSE, check_promises
from chunk_streams import data_text, hostile_text, random_cuts, random_settings
from search import by_profile
from strategies import FAMILIES

import tokenkit
from tokenkit import Chunk, Chunker, ContextOverflowError
from tokenkit.chunking.stream import Refill


def collected(chunks: Any) -> tuple[list[Chunk], str]:
    """The chunks, and the error that ended them."""
    found = []
    try:
        for c in chunks():
            found.append(c)
    except ContextOverflowError as error:
        return found, str(error)
    return found, ""


def check_same(
    seed: int, monkeypatch: pytest.MonkeyPatch, longest: int = by_profile(30_000, 60_000)
) -> bool:
    """Compares on one random text; False if the settings cannot be met."""
    rng = random.Random(seed)
    chosen = random_settings(rng, rng.choice(FAMILIES))
    try:
        chunker = Chunker(**chosen)
    except ValueError:
        return False
    text = data_text if seed % 3 == 2 else hostile_text
    source = text(rng, rng.choice([3_000, 30_000, longest]))
    # The size of the window plays no part; in small ones more goes wrong.
    monkeypatch.setattr(tokenkit.chunking.chunker, "_WINDOW", rng.choice([8_192, 12_000, 20_000]))
    whole, error = collected(lambda: chunker.chunk(source))
    parts, late_error = collected(lambda: chunker.iter_chunks(random_cuts(rng, source)))
    assert late_error == error, f"seed {seed}: {chosen}"
    assert error or parts == whole, f"seed {seed}: {chosen}"
    return True


@pytest.mark.parametrize("block", range(6))
def test_streams_give_the_same_chunks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    done = sum(check_same(1_000 * block + k, monkeypatch) for k in range(by_profile(4, 12)))
    assert done >= by_profile(2, 6)


def test_a_run_is_judged_by_no_more_than_a_chunk_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """How it was cut once depended on where it ended, which a stream does not know yet."""
    assert check_same(101_094, monkeypatch, 30_000)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_streams_give_the_same_chunks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    done = sum(check_same(100_000 + 1_000 * block + k, monkeypatch) for k in range(150))
    assert done >= 100


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", "\u6f22", "\u3002\u300c", "1", "!", "\u0301", "a b. "]
)
@pytest.mark.parametrize("strategy", ["greedy", "token"])
def test_long_runs(strategy: Any, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size, window = by_profile((20_000, 8_192), (200_000, 65_536))  # more than two windows
    monkeypatch.setattr(tokenkit.chunking.chunker, "_WINDOW", window)
    source = f"Start. {unit * (size // len(unit))} End, of it.\n\nMore."
    for trim, overlap in ((False, 0), (True, 0), (False, 4)):
        chunker = Chunker(
            encoding="o200k_base", max_tokens=12, strategy=strategy, trim=trim, overlap=overlap
        )
        parts = [source[k : k + 7_001] for k in range(0, len(source), 7_001)]
        assert list(chunker.iter_chunks(parts)) == chunker.chunk(source)


def test_optimal_does_not_depend_on_how_the_stream_is_cut() -> None:
    rng = random.Random(7)
    for settings in ({}, {"overlap": 10}, {"min_tokens": 30}, {"trim": True}):
        chosen: dict[str, Any] = {"encoding": "o200k_base", "max_tokens": 60, **settings}
        source = hostile_text(rng, by_profile(80_000, 300_000))
        chunker = Chunker(**chosen)
        chunks = list(chunker.iter_chunks([source]))
        assert list(chunker.iter_chunks(random_cuts(rng, source))) == chunks
        check_promises(source, chunks, chunker)


def test_optimal_is_near_what_chunk_gives() -> None:
    source = "".join(
        f"Sentence {k} has words, and a clause.\n" * (k % 7) + "\n" for k in range(9_000)
    )
    chunker = Chunker(encoding="o200k_base", max_tokens=128)
    chunks = chunker.chunk(source)
    parts = list(chunker.iter_chunks(io.StringIO(source)))
    assert len(parts) <= 1.01 * len(chunks)


def test_streams_of_every_format_keep_the_promises() -> None:
    several: tuple[dict[str, Any], ...] = (
        {"format": "markdown", "overlap": 3},
        {"format": "code", "trim": True},
        {"format": "auto", "strategy": "greedy"},
    )
    for chosen in several:
        every = {"encoding": "o200k_base", "max_tokens": 16, **chosen}
        source = MARKDOWN * 300
        chunker = Chunker(**every)
        check_promises(source, list(chunker.iter_chunks(io.StringIO(source))), chunker)


def test_stream_holds_a_bounded_window() -> None:
    chunker = Chunker(encoding="o200k_base", max_tokens=16, strategy="greedy")
    taken = 0

    def parts() -> Any:
        nonlocal taken
        for _ in range(2_000):
            taken += len(PROSE)
            yield PROSE

    furthest = max(taken - chunk.end for chunk in chunker.iter_chunks(parts()))
    assert taken > 3_000_000
    assert furthest < 100_000


@pytest.mark.parametrize("parts", [["abcd"], ["ab", "cd"], ["", "abcd", ""], ["a", "", "bcd", ""]])
def test_a_refill_knows_the_end_as_soon_as_all_is_taken(parts: list[str]) -> None:
    refill = Refill(parts)
    assert (refill.take(3), refill.ended) == ("abc", False)
    assert (refill.take(1), refill.ended) == ("d", True)
    assert (refill.take(1), refill.ended) == ("", True)
