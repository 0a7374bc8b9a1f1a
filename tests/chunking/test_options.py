"""Options of a chunker: what the core takes for them."""

from __future__ import annotations

import pytest

from tokenkit.chunking.options import checked_separators, weight_of


@pytest.mark.parametrize("separator", ["a", "a" * 1024, "é" * 512])
def test_a_separator_has_a_longest(separator: str) -> None:
    assert checked_separators([separator], "optimal") == (separator,)


@pytest.mark.parametrize(("separator", "size"), [("", 0), ("a" * 1025, 1025), ("é" * 513, 1026)])
def test_other_sizes_are_refused(separator: str, size: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 1024 bytes of UTF-8, got one of {size}$"):
        checked_separators(["ok", separator], "greedy")


def test_the_weight_falls_with_tightness() -> None:
    weights = [weight_of(step / 20) for step in range(21)]
    assert weights == sorted(weights, reverse=True)
    assert (weights[0], weights[10], weights[20]) == pytest.approx((0.4, 0.15, 0.06))
