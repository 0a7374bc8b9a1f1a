"""How counts of rows are spread, against sorted lists and sums."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.inputs import distribution
from tokenkit.inputs.distribution import INVALID, MISSING, Distribution


def spread_of(counts: list[int]) -> Distribution:
    spread = Distribution()
    spread.add(np.array(counts))
    return spread


@given(
    st.lists(st.integers(0, 5000), min_size=1),
    st.integers(0, 100),
    st.integers(-1, 6000),
    st.sampled_from([0, 100, 1 << 16]),
)
def test_distribution_against_a_sorted_list(
    counts: list[int], percent: int, limit: int, in_array: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distribution, "_COUNTED_IN_ARRAY", in_array)
        spread = spread_of([*counts, MISSING])
    rank = max(1, -(-len(counts) * percent // 100))
    assert spread.percentile(percent) == sorted(counts)[rank - 1]
    assert (spread.rows, spread.tokens, spread.missing) == (len(counts), sum(counts), 1)
    assert spread.above(limit) == sum(count > limit for count in counts)
    assert sum(rows for _, _, rows in spread.histogram()) == len(counts)
    for low, high, rows in spread.histogram():
        assert rows == sum(low <= count <= high for count in counts)


def test_without_rows() -> None:
    spread = spread_of([MISSING])
    assert (spread.rows, spread.tokens, spread.missing, spread.histogram()) == (0, 0, 1, [])
    with pytest.raises(ValueError, match="expected rows that were counted, got none"):
        spread.percentile(50)


@pytest.mark.parametrize("tier", ["standard", "batch", "flex", "priority"])
def test_each_row_is_priced_as_a_request_of_its_own(tier: str) -> None:
    # The last model's batch tier has no rates for long prompts, another tier's threshold does.
    for model in ("gpt-5.4", "gemini-2.5-pro", "claude-sonnet-4-5", "text-embedding-3-small"):
        counts = [300_000, 300_000, 200_000, 200_001, 272_000, 272_001, 10, 0]
        bills = [tokenkit.cost(model, input_tokens=tokens, tier=tier) for tokens in sorted(counts)]
        found = spread_of(counts).cost(model, tier)
        assert (found.total, found.partial) == (
            sum(bill.total for bill in bills),
            any(bill.partial for bill in bills),
        )
        assert found == sum(bills)
    whole = tokenkit.cost("gpt-5.4", input_tokens=sum(counts), tier=tier)
    assert whole.total != spread_of(counts).cost("gpt-5.4", tier).total


def test_a_model_without_prices_is_partial() -> None:
    found = spread_of([7, 8]).cost(tokenkit.Model(name="without-prices", kind="chat"))
    assert (found.total, found.partial) == (Decimal(0), True)
    assert spread_of([7]).cost("gpt-5.4", at="2026-11-01").as_of.isoformat() == "2026-11-01"
    with pytest.raises(ValueError, match="tier: expected one of"):
        spread_of([7]).cost("gpt-5.4", "cheap")


@given(st.lists(st.integers(0, 300)), st.lists(st.integers(0, 400), min_size=1, unique=True))
def test_bins_take_each_row_once(counts: list[int], ends: list[int]) -> None:
    bins = sorted(ends)
    groups = spread_of(counts).histogram(bins)
    assert sum(rows for _, _, rows in groups) == len(counts)
    for low, high, rows in groups:
        assert rows == sum(low <= count <= high for count in counts)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(groups))
    assert {high for _, high, _ in groups} <= {*bins, max(counts, default=0)}


@pytest.mark.parametrize("bins", [[], [3, 3], [5, 4]])
def test_bins_that_do_not_grow(bins: list[int]) -> None:
    with pytest.raises(ValueError, match="bins: expected growing numbers of tokens"):
        spread_of([3]).histogram(bins)


@pytest.mark.parametrize("bins", [7, "12", [1.5]])
def test_bins_of_other_types(bins: Any) -> None:
    with pytest.raises(TypeError, match="bins"):
        spread_of([3]).histogram(bins)
    assert repr(spread_of([3, MISSING])) == "<Distribution: 1 rows, 3 tokens, 1 rows missing>"


@given(st.lists(st.lists(st.integers(INVALID, 70))))
def test_parts_make_the_whole(parts: list[list[int]]) -> None:
    whole = spread_of([count for part in parts for count in part])
    merged, sent = Distribution(), Distribution()
    for part in parts:
        merged.merge(spread_of(part))
        sent.add_pairs(spread_of(part).pairs())
    assert merged == sent == whole
    assert whole.invalid == sum(part.count(INVALID) for part in parts)
    assert whole.missing == whole.invalid + sum(part.count(MISSING) for part in parts)
    assert whole != spread_of([INVALID, *(count for part in parts for count in part)])


def test_replies_cost_also_where_rows_are_empty() -> None:
    spread = Distribution()
    spread.add(np.array([0, 0, MISSING]))
    assert spread.cost("gpt-5.4").total == 0
    expected = tokenkit.cost("gpt-5.4", output_tokens=20).total
    assert spread.cost("gpt-5.4", output_tokens=10).total == expected


def test_rows_for_a_model_that_always_searches_have_its_fee() -> None:
    spread = Distribution()
    spread.add_pairs([(100, 3), (0, 1)])
    true = tokenkit.cost("gpt-5-search-api", input_tokens=300, web_searches=4)
    assert spread.cost("gpt-5-search-api").total == true.total
