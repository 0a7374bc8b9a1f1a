"""Batches for the embeddings API: limits, order, and as few requests as can be."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.chunking.packing import Batch, pack
from tokenkit.errors import ContextOverflowError, NoTokenizerError, UnknownModelError
from tokenkit.models.record import Model

SMALL = "text-embedding-3-small"
COUNTS = st.lists(st.integers(1, 8191), max_size=300)


@given(COUNTS, st.integers(1, 40), st.integers(8191, 50_000))
def test_limits_and_order(counts: list[int], max_inputs: int, max_tokens: int) -> None:
    batches = pack(counts, SMALL, max_inputs=max_inputs, max_tokens=max_tokens)
    assert [count for batch in batches for count in batch] == counts
    place = 0
    for batch in batches:
        assert batch.start == place
        place = batch.end
        assert list(batch.items) == counts[batch.start : batch.end]
        assert 1 <= len(batch) <= max_inputs
        assert batch.tokens == sum(batch.items) <= max_tokens
    assert place == len(counts)


def fewest(counts: list[int], max_inputs: int, max_tokens: int) -> int:
    """The smallest number of consecutive batches, found by trying every first batch."""

    @cache
    def rest(start: int) -> int:
        if start == len(counts):
            return 0
        ends = range(start + 1, min(start + max_inputs, len(counts)) + 1)
        return min(1 + rest(end) for end in ends if sum(counts[start:end]) <= max_tokens)

    return rest(0)


@given(
    st.lists(st.integers(1, 12), max_size=30), st.integers(1, 8), st.integers(12, 40)
)  # fmt: skip
def test_no_cut_in_order_has_fewer(counts: list[int], max_inputs: int, max_tokens: int) -> None:
    batches = pack(counts, SMALL, max_inputs=max_inputs, max_tokens=max_tokens)
    assert len(batches) == fewest(counts, max_inputs, max_tokens)


def test_the_limits_of_the_api() -> None:
    assert [len(batch) for batch in pack([1] * 5000, SMALL)] == [2048, 2048, 904]
    assert [batch.tokens for batch in pack([8191] * 40, SMALL)] == [294_876, 32_764]
    assert [batch.tokens for batch in pack([3000] * 100, SMALL)] == [300_000]
    assert [batch.tokens for batch in pack([3000] * 99 + [3001], SMALL)] == [297_000, 3001]


def test_chunks_are_counted_as_they_are_sent() -> None:
    # The prefix is sent too, and the model's encoding is not the one that made the chunks.
    chunker = tokenkit.Chunker(encoding="o200k_base", max_tokens=20, prefix="Über das Meer: ")
    chunks = chunker.chunk("Die Bibliothek öffnet um neun. " * 30)
    (batch,) = pack(chunks, SMALL)
    assert list(batch) == chunks
    assert batch.inputs == [chunk.input for chunk in chunks]
    enc = tokenkit.encoding_for_model(SMALL)
    assert batch.tokens == sum(enc.count(chunk.input) for chunk in chunks)
    assert batch.tokens != sum(chunk.tokens for chunk in chunks)


@given(st.lists(st.text(min_size=1), max_size=20), st.integers(1, 6))
def test_texts_are_packed_as_their_counts(texts: list[str], max_inputs: int) -> None:
    enc = tokenkit.encoding_for_model(SMALL)
    counts = [enc.count(text) for text in texts]
    batches = pack(texts, SMALL, max_inputs=max_inputs)
    of_counts = pack(counts, SMALL, max_inputs=max_inputs)
    assert [text for batch in batches for text in batch.inputs] == texts
    assert [(b.start, b.end, b.tokens) for b in batches] == [
        (b.start, b.end, b.tokens) for b in of_counts
    ]


def test_a_batch_is_like_a_tuple() -> None:
    batch = Batch(("a", "b", "c"), 4, 7, 9)
    assert (len(batch), batch[0], batch[1:], list(batch)) == (3, "a", ("b", "c"), ["a", "b", "c"])
    with pytest.raises(TypeError, match="token counts, which holds no texts"):
        _ = Batch((3,), 0, 1, 3).inputs


def test_any_iterable_and_numbers_of_numpy() -> None:
    assert pack([], SMALL) == []
    assert pack(iter([3, 4]), SMALL) == [Batch((3, 4), 0, 2, 7)]
    counts = tokenkit.encoding_for_model(SMALL).count_batch(["one two", "three"])
    (batch,) = pack(counts, SMALL)
    assert batch.tokens == counts.sum() == 3
    assert type(batch.tokens) is int
    assert pack(np.array([5], dtype=np.uint32), SMALL)[0].tokens == 5


@pytest.mark.parametrize("items", [[5, 8192], ["a", "word " * 8192]])
def test_an_input_over_the_limit_is_named(items: list[Any]) -> None:
    with pytest.raises(
        ContextOverflowError,
        match=r"^items\[1\]: expected at most 8191 tokens, .* got 819[23]; chunk",
    ) as e:
        pack(items, SMALL)
    assert e.value.needed > e.value.available == 8191
    assert e.value.limit_name == "safe_input_tokens"


def test_an_input_over_the_requests_limit_is_named() -> None:
    with pytest.raises(
        ContextOverflowError, match=r"^items\[2\]: expected at most 100 tokens, .* got 101;"
    ) as caught:
        pack([1, 100, 101], SMALL, max_tokens=100)
    assert caught.value.limit_name == "max_tokens"


@pytest.mark.parametrize(
    ("items", "options", "error", "message"),
    [
        ([3, 0], {}, ValueError, r"^items\[1\]: expected at least 1 token, got 0"),
        (["a", ""], {}, ValueError, r"^items\[1\]: expected at least 1 token, got 0"),
        ([3, -2], {}, ValueError, r"^items\[1\]: expected a count of at least 1, got -2"),
        ([3, None], {}, TypeError, r"^items\[1\]: expected a chunk, .* got NoneType"),
        ([True], {}, TypeError, r"^items\[0\]: expected a chunk, .* got bool"),
        ([2.0], {}, TypeError, r"^items\[0\]: expected a chunk, .* got float"),
        ([b"text"], {}, TypeError, r"^items\[0\]: expected a chunk, .* got bytes"),
        ([3], {"max_inputs": 0}, ValueError, "max_inputs: expected at least 1"),
        ([3], {"max_tokens": 1.5}, TypeError, "max_tokens: expected a whole number"),
    ],
)
def test_bad_input(
    items: list[Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        pack(items, SMALL, **options)


def test_one_text_is_not_a_list_of_letters() -> None:
    with pytest.raises(TypeError, match=r"got one str; use pack\(\[text\], model\)"):
        pack("hello", SMALL)


def test_models() -> None:
    with pytest.raises(UnknownModelError):
        pack([1], "no-such-model")
    with pytest.raises(ValueError, match="expected an embedding model, got gpt-4o of kind"):
        pack([1], "gpt-4o")
    with pytest.raises(ValueError, match="limits of cohere's embeddings API are not known"):
        pack([1], "embed-v4.0", max_inputs=96)
    assert len(pack([500] * 100, "embed-v4.0", max_inputs=96, max_tokens=128_000)) == 2
    with pytest.raises(NoTokenizerError, match=r"embed-v4\.0"):
        pack(["text"], "embed-v4.0", max_inputs=96, max_tokens=128_000)
    own = Model(name="own", kind="embedding", encoding="cl100k_base", context_window=512)
    assert len(pack([512, 512], own)) == 1
    with pytest.raises(
        ContextOverflowError, match="at most 512 tokens, the context_window of own, got 513"
    ):
        pack([513], own)
    unlimited = Model(name="bare", kind="embedding", encoding="cl100k_base")
    assert len(pack([200_000, 200_000], unlimited)) == 2
