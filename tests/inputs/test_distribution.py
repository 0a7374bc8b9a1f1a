"""How counts of rows are spread."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from tokenkit.inputs.distribution import MISSING, Distribution


@given(st.lists(st.integers(0, 5000), min_size=1), st.integers(0, 100))
def test_distribution_against_a_sorted_list(counts: list[int], percent: int) -> None:
    spread = Distribution()
    spread.add(np.array([*counts, MISSING]))
    rank = max(1, -(-len(counts) * percent // 100))
    assert spread.percentile(percent) == sorted(counts)[rank - 1]
    assert (spread.rows, spread.tokens, spread.missing) == (len(counts), sum(counts), 1)
    assert sum(rows for _, _, rows in spread.histogram()) == len(counts)
    for low, high, rows in spread.histogram():
        assert rows == sum(low <= count <= high for count in counts)
