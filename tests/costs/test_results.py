"""Costs added up, and a cost as data."""

from __future__ import annotations

import itertools
import json
from datetime import date
from typing import Any

import pytest
from cost_strategies import token_counts
from hypothesis import given, strategies as st

from tokenkit.costs.bill import cost
from tokenkit.costs.results import Cost
from tokenkit.models.record import Model


def test_sums_have_no_trailing_zeros() -> None:
    lines = (cost("gpt-4o", input_tokens=1000) + cost("gpt-4o", input_tokens=3000)).lines
    assert [str(line.amount) for line in lines] == ["0.01"]


@given(st.lists(st.tuples(st.sampled_from(["gpt-4o", "gpt-5"]), token_counts()), max_size=5))
def test_sums_of_costs(requests: list[tuple[str, dict[str, Any]]]) -> None:
    costs = [cost(model, **counts) for model, counts in requests]
    together = sum(costs)
    if not isinstance(together, Cost):
        assert not costs
        return
    assert together.total == sum(one.total for one in costs)
    assert together.partial == any(one.partial for one in costs)
    assert sum(line.quantity for line in together.lines + together.unpriced) == sum(
        line.quantity for one in costs for line in one.lines + one.unpriced
    )
    assert together.to_dict()["total"] == f"{together.total:f}"


def test_lines_of_a_sum_are_one_where_their_rates_are() -> None:
    """The day of prices is the last one, the day of their check the first that is known."""
    fields = [("1", date(2026, 6, 1)), ("2", date(2026, 1, 1)), ("1", None)]
    models = [
        Model(name="m", kind="chat", prices={"standard": {"input": price}}, verified_on=day)
        for price, day in fields
    ]
    days = ("2026-11-20", "2026-11-01", "2026-11-10")
    costs = [cost(model, input_tokens=10, at=day) for model, day in zip(models, days, strict=True)]
    for order in itertools.permutations(costs):
        together = sum(order)
        assert isinstance(together, Cost)
        assert {(str(line.price), int(line.quantity)) for line in together.lines} == {
            ("1", 20),
            ("2", 10),
        }
        assert len(together.lines) == 2
        assert together.as_of == date(2026, 11, 20)
        assert together.verified_on == date(2026, 1, 1)


def test_adding_something_else() -> None:
    with pytest.raises(TypeError):
        cost("gpt-4o") + 1


def test_a_cost_as_data() -> None:
    record = cost("gpt-4o", input_tokens=1000, cache_write_tokens=400).to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["lines"] == [
        {
            "item": "input",
            "quantity": "600",
            "unit": "1M tokens",
            "price": "2.5",
            "amount": "0.0015",
        }
    ]
    assert record["unpriced"][0]["item"] == "cache_write"
    assert record["partial"] is True
