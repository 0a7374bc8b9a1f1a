"""The base `CountedEngine`: every road that an engine has from it agrees with `encode_buffer`.

The engine here changes text, so that its tokens stand at no place: it drops spaces, lowers case,
joins an e with the accent behind it and puts one id before each text.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Collection
from typing import Any

import pyarrow
import pytest
from chunk_promises import MARKDOWN, PROSE
from hypothesis import given, strategies as st

import tokenkit
from tokenkit import Chunker
from tokenkit.encodings import arrow_texts
from tokenkit.encodings.engines.counted import CountedEngine
from tokenkit.encodings.text import Text, as_str
from tokenkit.encodings.truncation import truncate_settings

TEXTS = st.text(alphabet="abE e\u0301\n漢👩\u200d\ud83d\ude00.", max_size=40)
START = 7


class Changing(CountedEngine):
    """An engine that changes text."""

    def special_set(self, tokens: Collection[str]) -> Any:
        return frozenset(tokens)

    def find_special(self, text: Text, among: Any) -> str | None:
        return None

    def encode_buffer(self, text: Text, allowed: Any) -> array[int]:
        changed = unicodedata.normalize("NFC", as_str(text)).lower().replace(" ", "")
        return array("I", [START, *map(ord, changed)] if changed else [])

    def token_spans(self, text: Text, ids: object, unit: int) -> array[int]:
        raise NotImplementedError("tokens stand at no place")


ENGINE = Changing()


@given(texts=st.lists(TEXTS, max_size=4), limit=st.integers(-1, 9))
def test_every_road_agrees(texts: list[str], limit: int) -> None:
    ids = [ENGINE.encode(text, None) for text in texts]
    counts = [len(row) for row in ids]
    assert ENGINE.count_batch(texts, 1).tolist() == counts
    whole, offsets = ENGINE.encode_batch(texts, None, 1)
    assert whole.tolist() == [token for row in ids for token in row]
    assert offsets.tolist() == [sum(counts[:i]) for i in range(len(texts) + 1)]
    for text, count in zip(texts, counts, strict=True):
        assert ENGINE.count(text, None) == count
        assert ENGINE.within(text, limit) == (count if count <= limit else None)
        counter = ENGINE.counter()
        counter.update(text[: len(text) // 2])
        counter.copy().update("more")
        counter.update(text[len(text) // 2 :])
        assert counter.total == count
    column = pyarrow.array([as_str(text) for text in texts] + [None])

    def rows(made: Any) -> Any:
        return pyarrow.array(tokenkit.ArrowColumn(made)).to_pylist()

    assert rows(ENGINE.count_arrow(arrow_texts(column), 1)) == [*counts, None]
    assert rows(ENGINE.encode_arrow(arrow_texts(column), 1)) == [*ids, None]
    fits = [count <= limit for count in counts]
    assert rows(ENGINE.fits_arrow(arrow_texts(column), limit, 1)) == [*fits, None]
    with pytest.raises(ValueError, match=f"row {len(texts)} is null"):
        ENGINE.encode_ragged(arrow_texts(column), 1)
    ragged, ends = ENGINE.encode_ragged(arrow_texts(column[:-1]), 1)
    assert (ragged.tolist(), ends.tolist()) == (whole.tolist(), offsets.tolist())


@pytest.mark.parametrize("keep", ["head", "tail", "ends"])
@given(text=TEXTS, most=st.integers(0, 12))
def test_truncation_keeps_as_much_as_fits(keep: Any, text: str, most: int) -> None:
    settings = truncate_settings(ENGINE, most, keep, "", "char")
    kept = ENGINE.truncate(text, settings)
    assert ENGINE.count(kept, None) <= most
    if keep == "head" and kept != text:
        # A space costs nothing here, and an accent joins the letter before: look two further.
        assert text.startswith(kept)
        end = len(kept)
        assert any(ENGINE.count(text[: end + i], None) > most for i in (1, 2, 3))


def test_a_cut_is_found_without_reading_all_of_a_long_text() -> None:
    text = "ab " * 300_000
    cuts = ENGINE.cuts(text, ENGINE.encode_prefix("", 1))
    # 9 letters and the first id; white space is free.
    assert text[: cuts.head(10)].rstrip() == "ab ab ab ab a"
    assert text[cuts.tail(10) :].strip() == "b ab ab ab ab"
    assert (cuts.head(0), text[cuts.tail(0) :]) == (0, "")


@pytest.mark.parametrize("strategy", ["optimal", "greedy", "token"])
@pytest.mark.parametrize("overlap", [0, 10])
@pytest.mark.parametrize("text", [PROSE, MARKDOWN, "E\u0301 " * 100, ""])
def test_chunks_fit(strategy: Any, overlap: int, text: str) -> None:
    chunker = Chunker(encoding="gpt2", max_tokens=40, overlap=overlap, strategy=strategy)
    (chunks,) = ENGINE.chunk_batch([text], [0], chunker._settings, 1)
    spans, _, too_long = chunks
    assert too_long is None
    assert bool(spans) == bool(text)
    for start, end, tokens, repeated, _, _ in spans:
        assert ENGINE.count(text[start:end], None) == tokens <= 40
        assert repeated <= overlap
    # Nothing but white space lies between two chunks.
    ends, starts = [0, *(span[1] for span in spans)], [*(span[0] for span in spans), len(text)]
    assert not any(text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    # A chunk is not much smaller than it could be.
    if strategy == "token" and len(spans) > 2:
        assert min(tokens for _, _, tokens, *_ in spans[:-1]) > 30
