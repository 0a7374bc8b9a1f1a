"""Which rates hold: several steps for long prompts, thinking, hours, changes that are near."""

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from tokenkit.costs.bill import cost
from tokenkit.costs.rates import price_moment
from tokenkit.errors import ModelDataError
from tokenkit.models.record import Model

M = 1_000_000
STEPS: dict[str, Any] = {
    "input": "1",
    "output": "2",
    "long": [
        {"above": 32_000, "input": "3", "output": "4"},
        {"above": 128_000, "input": "5", "output": "6"},
    ],
}


def model(**fields: Any) -> Model:
    return Model(name="m", kind="chat", **fields)


@pytest.mark.parametrize(
    ("prompt", "price"),
    [(32_000, 1), (32_001, 3), (128_000, 3), (128_001, 5), (10 * M, 5)],
)
def test_the_step_that_a_prompt_reaches_prices_all_its_tokens(prompt: int, price: int) -> None:
    bill = cost(model(prices={"standard": STEPS}), input_tokens=prompt, output_tokens=M)
    assert bill.total == Decimal(prompt * price) / M + price + 1


def test_a_tier_without_steps_does_not_price_what_other_tiers_step() -> None:
    stepped = model(prices={"standard": STEPS, "batch": {"input": "1"}})
    assert not cost(stepped, input_tokens=32_000, tier="batch").partial
    assert cost(stepped, input_tokens=32_001, tier="batch").partial


@pytest.mark.parametrize(
    ("long", "complaint"),
    [
        ([], "long': expected a table, or a list of tables"),
        ([{"input": "1"}], "long[0].above': expected the number of prompt tokens"),
        ([{"above": 2, "input": "1"}, {"above": 1}], "steps in the order of their `above`"),
        ([{"above": 2}, {"above": 2}], "steps in the order of their `above`"),
        ([3], "long[0]': expected a table"),
        ({"above": 1, "long": {"above": 2}}, "expected a rate out of input"),
    ],
)
def test_wrong_steps_are_named(long: Any, complaint: str) -> None:
    with pytest.raises(ModelDataError) as caught:
        model(prices={"standard": {"input": "1", "long": long}})
    assert complaint in str(caught.value)


def test_a_reply_with_thinking_has_all_its_tokens_at_that_rate() -> None:
    thinks = model(prices={"standard": {"input": "1", "output": "2", "thinking_output": "8"}})
    assert cost(thinks, output_tokens=M).total == 2
    assert cost(thinks, output_tokens=M, reasoning_tokens=1).total == 8
    plain = model(prices={"standard": {"output": "2"}})
    assert cost(plain, output_tokens=M, reasoning_tokens=M // 2).total == 2


def by_the_hour() -> Model:
    hours = {
        "zone": "UTC",
        "hours": ["09:00-12:00"],
        "holidays": ["2026-10-01"],
        "otherwise": {"standard": {"input": "1"}},
    }
    return model(prices={"standard": {"input": "2"}}, price_hours=hours)


def test_a_moment_is_priced_by_its_hour_and_a_day_says_that_it_is_not() -> None:
    peak = datetime(2026, 11, 30, 10, tzinfo=timezone.utc)
    priced = cost(by_the_hour(), input_tokens=M, at=peak)
    assert (priced.total, priced.notes) == (Decimal(2), ())
    assert priced.as_of == date(2026, 11, 30)
    assert cost(by_the_hour(), input_tokens=M, at="2026-11-30T12:00+00:00").total == 1
    assert cost(by_the_hour(), input_tokens=M, at="2026-10-01T10:00+00:00").total == 1
    day = cost(by_the_hour(), input_tokens=M, at="2026-11-30")
    assert day.total == 2
    assert "prices: those of 09:00-12:00 (UTC)" in day.notes[0]
    assert cost(by_the_hour(), input_tokens=M, at="2026-12-31T10:00+00:00").notes == ()
    later = cost(by_the_hour(), input_tokens=M, at="2027-01-04T10:00+00:00")
    assert later.notes == ("prices: public holidays after 2026-12-31 are not known",)


def test_a_change_within_thirty_days_is_noted() -> None:
    later = {"from": "2027-01-31", "prices": {"standard": {"input": "2"}}}
    changes = model(prices={"standard": {"input": "1"}}, price_periods=[later])
    note = "prices: they change on 2027-01-31"
    for day, noted in (
        ("2026-12-31", False),
        ("2027-01-01", True),
        ("2027-01-30", True),
        ("2027-01-31", False),
    ):
        assert (note in cost(changes, input_tokens=1, at=day).notes) is noted, day


def test_moments() -> None:
    assert price_moment("2026-11-22") == date(2026, 11, 22)
    assert price_moment("2026-11-22T14:30+08:00").isoformat() == "2026-11-22T14:30:00+08:00"
    assert price_moment("2026-11-22T14:30:00Z") == price_moment("2026-11-22T14:30+00:00")
    now = price_moment(None)
    assert isinstance(now, datetime)
    assert now.tzinfo is not None
    for wrong in ("soon", "2026-13-01", "2026-11-22T25:00", 3):
        with pytest.raises(ValueError, match="at: expected a date, a datetime"):
            price_moment(wrong)  # type: ignore[arg-type]


def test_prices_are_known_from_the_first_day_of_a_period_to_its_last() -> None:
    period = {"from": "2026-01-10", "to": "2026-01-20", "prices": {"standard": {"input": "7"}}}
    record = model(
        prices={"standard": {"input": "1"}}, price_periods=[period], verified_on="2026-06-01"
    )
    for day, price, unknown in [
        ("2026-01-09", "1", True),
        ("2026-01-10", "7", False),
        ("2026-01-20", "7", False),
        ("2026-01-21", "1", False),
    ]:
        priced = cost(record, input_tokens=M, at=day)
        assert priced.total == Decimal(price), day
        assert any(note.startswith("no prices of") for note in priced.notes) is unknown, day
