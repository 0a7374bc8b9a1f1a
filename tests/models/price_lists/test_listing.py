"""Rows of all price lists: caps that say nothing, prices of 0, numbers of any spelling."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.errors import ModelDataError
from tokenkit.models.price_lists.listing import Listing, PriceList, tokens


def added(**fields: Any) -> Listing:
    prices = PriceList("a list")
    prices.add(Listing("m", "openai", **fields))
    (listing,) = prices.listings
    return listing


@pytest.mark.parametrize(("cap", "stays"), [(99, True), (100, False), (101, False)])
def test_a_cap_that_the_window_has_already_says_nothing(cap: int, stays: bool) -> None:
    limits = {"context_window": 100, "max_output_tokens": cap, "max_input_tokens": cap}
    assert added(limits=dict(limits)).limits == (limits if stays else {"context_window": 100})


def test_prices_of_nothing_are_none() -> None:
    steps = [{"above": 10, "input": "0"}, {"above": 20, "input": "3"}]
    listing = added(
        prices={"standard": {"input": "2", "output": "0", "long": steps}, "batch": {"input": "0"}},
        price_periods=[{"from": "2030-01-01", "prices": {"standard": {"input": "0"}}}],
    )
    assert listing.prices == {"standard": {"input": "2", "long": {"above": 20, "input": "3"}}}
    assert listing.price_periods == []


@pytest.mark.parametrize("value", [0, "0", 7, "7", 7.0])
def test_numbers_of_tokens(value: Any) -> None:
    assert tokens(value, "here") == int(value)


@pytest.mark.parametrize("value", [-1, "-1", 7.5, True, None, "many", [7]])
def test_no_numbers_of_tokens(value: Any) -> None:
    with pytest.raises(ModelDataError, match=r"expected a number of tokens, got .*, at here"):
        tokens(value, "here")
