"""How counts of rows are spread, against sorted lists and sums."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tokenkit
from tokenkit.inputs import distribution
from tokenkit.inputs.distribution import MISSING, Distribution


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


def test_each_row_is_priced_as_a_request_of_its_own() -> None:
    counts = [300_000, 300_000, 10]
    bills = [tokenkit.cost("gpt-5.4", input_tokens=tokens).total for tokens in counts]
    assert spread_of(counts).cost("gpt-5.4") == (sum(bills), False)
    assert sum(bills) != tokenkit.cost("gpt-5.4", input_tokens=sum(counts)).total
    model = tokenkit.Model(name="without-prices", kind="chat")
    assert spread_of(counts).cost(model) == (Decimal(0), True)
