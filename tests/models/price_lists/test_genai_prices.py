"""genai-prices: prices that begin on a day, and steps for long prompts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tokenkit.models.price_lists import Listing, read_list


def listing_of(prices: Any) -> Listing:
    models = [{"id": "gpt-9", "prices": prices}]
    (listing,) = read_list([{"id": "openai", "models": models}], "data.json").listings
    return listing


@pytest.mark.parametrize(("days", "begun"), [(-1, True), (0, True), (1, False)])
def test_a_price_holds_from_its_day_on(days: int, begun: bool) -> None:
    first = (date.today() + timedelta(days=days)).isoformat()
    listing = listing_of(
        [
            {"prices": {"input_mtok": 1}},
            {"constraint": {"start_date": first}, "prices": {"input_mtok": 2}},
        ]
    )
    assert listing.prices == {"standard": {"input": "2" if begun else "1"}}
    assert [period["from"] for period in listing.price_periods] == ([] if begun else [first])


def test_a_search_costs_the_same_beside_a_long_prompt() -> None:
    tiered = {"base": 1, "tiers": [{"start": 200_000, "price": 2}]}
    listing = listing_of({"input_mtok": tiered, "output_mtok": 4, "web_searches_kcount": 14})
    assert listing.prices["standard"] == {
        "input": "1",
        "output": "4",
        "web_search": "14",
        "long": {"above": 200_000, "input": "2", "output": "4"},
    }
