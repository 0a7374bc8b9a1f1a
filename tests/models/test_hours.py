"""Prices by the time of day: which moments are peak hours, and what a wrong table is told."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

import tokenkit
from tokenkit.errors import ModelDataError
from tokenkit.models.hours import checked_hours, holidays_known_until, in_hours
from tokenkit.models.record import Model

PEAK: dict[str, Any] = {
    "zone": "+08:00",
    "days": [1, 2, 3, 4, 5],
    "hours": ["09:00-12:00", "14:00-18:00"],
    "holidays": ["2026-10-01"],
    "otherwise": {"standard": {"input": "1"}},
}
BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("moment", "peak"),
    [
        ("2026-11-30T09:00+08:00", True),  # a Monday; the first minute is peak
        ("2026-11-30T08:59+08:00", False),
        ("2026-11-30T11:59+08:00", True),
        ("2026-11-30T12:00+08:00", False),  # the last minute is not
        ("2026-11-30T17:59+08:00", True),
        ("2026-11-30T01:00+00:00", True),  # the same moment as 09:00 in Beijing
        ("2026-11-29T20:00-05:00", True),  # Sunday evening in New York, Monday there
        ("2026-11-28T10:00+08:00", False),  # a Saturday
        ("2026-10-01T10:00+08:00", False),  # a Thursday, but a holiday
        ("2026-10-02T10:00+08:00", True),
    ],
)
def test_peak_hours(moment: str, peak: bool) -> None:
    hours = checked_hours(PEAK)
    assert in_hours(hours, datetime.fromisoformat(moment)) is peak


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("zone", [timezone(timedelta(hours=14)), timezone.utc, None])
def test_the_ends_of_the_calendar(year: int, zone: timezone | None) -> None:
    """Python has no moments beyond them, in which another zone may be."""
    moment = datetime.min if year == 1 else datetime.max
    for far in (moment.replace(tzinfo=zone), moment.replace(tzinfo=timezone(-timedelta(hours=14)))):
        assert in_hours(checked_hours(PEAK), far) in (True, False)
        assert tokenkit.cost("deepseek-v4-pro", input_tokens=1, at=far).total >= 0
        body = {"usage": {"prompt_tokens": 1, "completion_tokens": 1}, "created": far.isoformat()}
        assert tokenkit.cost_from_usage({"model": "deepseek-v4-pro", **body}).total > 0
    prices = {"standard": {"input": "1"}}
    day = date.max - timedelta(days=1)
    periods = ({"from": date.max.isoformat(), "prices": prices},)
    model = tokenkit.Model(name="m", kind="chat", prices=prices, price_periods=periods)
    assert "prices: they change on 9999-12-31" in tokenkit.cost(model, input_tokens=1, at=day).notes


@pytest.mark.parametrize(("zone", "peak"), [("-05:00", True), ("+05:00", False), ("UTC", False)])
def test_a_zone_is_behind_utc_or_ahead_of_it(zone: str, peak: bool) -> None:
    hours = checked_hours(PEAK | {"zone": zone})
    moment = datetime(2026, 11, 30, 22, 30, tzinfo=timezone.utc)  # 17:30 in New York
    assert in_hours(hours, moment) is peak


def test_every_minute_of_a_week_is_peak_or_not_as_a_naive_twin_says() -> None:
    hours = checked_hours(PEAK)
    moment = datetime(2026, 11, 2, tzinfo=BEIJING)
    peak = 0
    for _minute in range(7 * 24 * 60):
        expected = moment.weekday() < 5 and (9 <= moment.hour < 12 or 14 <= moment.hour < 18)
        assert in_hours(hours, moment.astimezone(timezone.utc)) is expected
        peak += expected
        moment += timedelta(minutes=1)
    assert peak == 35 * 60


def test_a_moment_picks_the_prices_and_a_day_the_list_price() -> None:
    model = Model(name="m", kind="chat", prices={"standard": {"input": "2"}}, price_hours=PEAK)
    night = datetime(2026, 11, 30, 3, tzinfo=BEIJING)
    assert model.prices_on(night)["standard"]["input"] == "1"
    assert model.prices_on(night.replace(hour=10))["standard"]["input"] == "2"
    assert model.prices_on(night.date())["standard"]["input"] == "2"
    assert model.prices_on() in (model.prices, model.price_hours["otherwise"])


def test_the_record_goes_round() -> None:
    model = Model(name="m", kind="chat", price_hours=PEAK)
    assert Model(**model.to_record()) == model
    assert model.price_hours["holidays"] == (date(2026, 10, 1),)
    assert holidays_known_until(model.price_hours) == date(2026, 12, 31)
    assert holidays_known_until(checked_hours(PEAK | {"holidays": []})) is None
    assert "price_hours" not in Model(name="m", kind="chat").to_record()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"zone": "Asia/Shanghai"}, "price_hours.zone': expected UTC or an offset"),
        ({"zone": None}, "price_hours.zone'"),
        ({"days": [0]}, "price_hours.days': expected a list of weekdays"),
        ({"hours": []}, "price_hours.hours': expected a list of times"),
        ({"hours": ["9-12"]}, "expected times such as 09:00-12:00, got '9-12'"),
        ({"hours": ["22:00-02:00"]}, "expected times that end on their day"),
        ({"hours": ["22:00-24:30"]}, "expected times that end on their day"),
        ({"hours": ["09:00-09:00"]}, "expected times that end on their day"),
        ({"holidays": ["soon"]}, "price_hours.holidays': expected a date"),
        ({"otherwise": None}, "price_hours.otherwise': expected a table"),
        ({"otherwise": {"standard": {"inputs": "1"}}}, "price_hours.otherwise.standard.inputs"),
        ({"colour": "red"}, "price_hours.colour': expected one of zone"),
    ],
)
def test_wrong_tables_are_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelDataError) as caught:
        Model(name="m", kind="chat", price_hours=PEAK | change)
    assert complaint in str(caught.value)
