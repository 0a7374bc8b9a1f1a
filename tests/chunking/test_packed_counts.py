"""Numbers of requests by counts alone, against `pack` with the rows themselves."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.chunking import packed_requests

SMALL = tokenkit.Model(
    name="small", kind="embedding", encoding="cl100k_base", context_window=12, provider="custom"
)
MODEL = "text-embedding-3-small"


@given(
    st.lists(st.integers(0, 15), max_size=60), st.integers(1, 9), st.integers(1, 40), st.randoms()
)
def test_against_pack(sizes: list[int], inputs: int, tokens: int, rng: random.Random) -> None:
    limits = {"max_inputs": inputs, "max_tokens": tokens}
    found = packed_requests(
        Counter(sizes), SMALL, inputs_per_request=inputs, tokens_per_request=tokens
    )
    most = min(12, tokens)
    sent = [size for size in sizes if 0 < size <= most]
    assert (found.rows, found.empty) == (len(sent), sizes.count(0))
    assert found.too_long == sum(size > most for size in sizes)
    assert found.requests == len(tokenkit.pack(sorted(sent, reverse=True), SMALL, **limits))
    orders = [sorted(sent), *(rng.sample(sent, len(sent)) for _ in range(9))]
    for order in orders:
        assert found.low <= len(tokenkit.pack(order, SMALL, **limits)) <= found.high
    assert found.low <= found.requests <= found.high


def test_bounds_are_tight_where_rows_are_small() -> None:
    found = packed_requests({500: 1_000_000}, MODEL)
    assert found.requests == found.low == -(-1_000_000 * 500 // 300_000)
    assert found.high == 1_000_000 * 500 // 299_501 + 1
    # 2,048 inputs are the tighter limit: no order needs one more than another.
    found = packed_requests({7: 2_048 * 9 + 1}, MODEL)
    assert (found.low, found.requests, found.high) == (10, 10, 10)


def test_limits_are_those_of_pack() -> None:
    found = packed_requests({1: 1}, MODEL)
    assert (found.inputs_per_request, found.tokens_per_request) == (2_048, 300_000)
    assert found.max_input_tokens == 8_191
    assert packed_requests({9_000: 1, 8_191: 1}, MODEL).too_long == 1
    alone = packed_requests({9_000: 1}, None, inputs_per_request=5, tokens_per_request=10_000)
    assert (alone.requests, alone.max_input_tokens, alone.to_dict()["rows"]) == (1, None, 1)
    assert packed_requests({}, MODEL).to_dict() | {"inputs_per_request": 0} == {
        **dict.fromkeys(("requests", "low", "high", "rows", "empty", "too_long"), 0),
        "inputs_per_request": 0,
        "tokens_per_request": 300_000,
        "max_input_tokens": 8_191,
    }


@pytest.mark.parametrize(
    ("model", "limits", "error", "message"),
    [
        ("gpt-5.4", {}, ValueError, "expected an embedding model, got gpt-5.4"),
        ("embed-v4.0", {}, ValueError, "give inputs_per_request and tokens_per"),
        (
            MODEL,
            {"inputs_per_request": 0},
            ValueError,
            "inputs_per_request: expected at least 1 tokens",
        ),
        (None, {"inputs_per_request": 3}, ValueError, "tokens_per_request: expected a number"),
    ],
)
def test_errors(
    model: str | None, limits: dict[str, int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        packed_requests({1: 1}, model, **limits)
