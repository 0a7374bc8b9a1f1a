"""A price list merged into a record: what is newer is taken, what is not stated stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tokenkit.models.merging import Merge, merge
from tokenkit.models.price_lists import Listing
from tokenkit.models.record import Model

OURS = Model(
    name="m", kind="chat", provider="openai", context_window=100, max_output_tokens=50,
    prices={"standard": {"input": 1}}, verified_on=date(2026, 6, 2),
)  # fmt: skip


def merged(dated: str, older: bool = False, **fields: Any) -> Merge:
    listing = Listing("m", "openai", "chat", **fields)
    day = date.fromisoformat(dated)
    return merge(OURS, OURS.to_record(), listing, "a list", day, older=older)


@pytest.mark.parametrize(
    ("dated", "older", "taken"),
    [
        ("2026-06-01", False, False),
        ("2026-06-01", True, True),
        ("2026-06-02", False, True),
        ("2026-06-03", False, True),
    ],
)
def test_a_list_is_older_if_its_day_is_before_the_check(
    dated: str, older: bool, taken: bool
) -> None:
    result = merged(dated, older, prices={"standard": {"input": "2"}})
    paths = [change.field for change in (result.changes if taken else result.kept)]
    assert paths == ["prices.standard.input"]
    assert result.record["prices"] == {"standard": {"input": "2" if taken else "1"}}


@pytest.mark.parametrize("stated", [False, True])
def test_a_window_that_a_list_does_not_state_as_one_stays(stated: bool) -> None:
    limits = {"context_window": 80, "max_output_tokens": 40}
    result = merged("2026-06-03", limits=limits, window_stated=stated)
    assert result.record["context_window"] == (80 if stated else 100)
    assert result.record["max_output_tokens"] == 40


@pytest.mark.parametrize(("first", "later"), [("2026-06-03", False), ("2026-06-04", True)])
def test_a_period_that_has_begun_on_the_day_of_the_list_is_in_its_prices(
    first: str, later: bool
) -> None:
    period = {"from": first, "prices": {"standard": {"input": "2"}}}
    result = merged("2026-06-03", prices={"standard": {"input": "2"}}, price_periods=[period])
    assert result.record.get("price_periods", []) == ([period] if later else [])
