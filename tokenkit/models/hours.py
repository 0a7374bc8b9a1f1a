"""Prices that depend on the time of day, as DeepSeek's do: peak hours on working days.

A record's `price_hours` says when its `prices` hold; at all other times `otherwise` holds:

    {"zone": "+08:00", "days": [1, 2, 3, 4, 5], "hours": ["09:00-12:00", "14:00-18:00"],
     "holidays": ["2026-10-01"], "otherwise": {"standard": {...}}}

`zone` is a fixed offset from UTC, `days` are ISO weekdays (1 is Monday), `hours` begin at their
first minute and end before their last; `holidays` are days in that zone without peak hours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from tokenkit.models.fields import day, fail, mapping
from tokenkit.models.frozen import FrozenDict, freeze
from tokenkit.models.price_fields import checked_tiers

__all__ = ["checked_hours", "holidays_known_until", "in_hours", "same_hours"]

_FIELDS = ("zone", "days", "hours", "holidays", "otherwise")
_ZONE = re.compile(r"UTC|([+-])([01]\d):([0-5]\d)")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def checked_hours(value: object) -> FrozenDict:
    """Return the field `price_hours` with its holidays as dates; empty where there is none.

    Raises ModelDataError naming the wrong part.
    """
    table = mapping("price_hours", value)
    if not table:
        return FrozenDict()
    for key in table:
        if key not in _FIELDS:
            fail(f"price_hours.{key}", "one of " + ", ".join(_FIELDS), key)
    zone = table.get("zone")
    if not isinstance(zone, str) or not _ZONE.fullmatch(zone):
        fail("price_hours.zone", "UTC or an offset such as +08:00", zone)
    days = table.get("days", (1, 2, 3, 4, 5, 6, 7))
    if not isinstance(days, (list, tuple)) or not all(day in range(1, 8) for day in days):
        fail("price_hours.days", "a list of weekdays from 1 (Monday) to 7", days)
    hours = table.get("hours")
    if not isinstance(hours, (list, tuple)) or not hours:
        fail("price_hours.hours", "a list of times such as 09:00-12:00", hours)
    for item in hours:
        first, last = _minutes(item)
        if first >= last or last > 24 * 60:
            fail("price_hours.hours", "times that end on their day, after they begin", item)
    holidays = table.get("holidays", ())
    if not isinstance(holidays, (list, tuple)):
        fail("price_hours.holidays", "a list of days such as 2026-10-01", holidays)
    for item in holidays:
        if day("price_hours.holidays", item) is None:
            fail("price_hours.holidays", "a day such as 2026-10-01", None)
    otherwise = checked_tiers("price_hours.otherwise", table.get("otherwise"))
    return FrozenDict(
        zone=zone,
        days=tuple(days),
        hours=tuple(hours),
        holidays=tuple(day("price_hours.holidays", item) for item in holidays),
        otherwise=freeze(otherwise),
    )


def in_hours(hours: Mapping[str, Any], when: datetime) -> bool:
    """Whether a moment lies in the hours; one without a time zone is taken as local time.

    >>> peak = {"zone": "UTC", "days": (1,), "hours": ("09:00-12:00",), "holidays": ()}
    >>> in_hours(peak, datetime(2026, 11, 30, 9, tzinfo=timezone.utc))
    True
    """
    try:
        local = when.astimezone(_zone(hours["zone"]))
    except (OverflowError, ValueError):  # a moment at an end of the calendar, in no vendor's hours
        return False
    if local.isoweekday() not in hours["days"] or local.date() in hours["holidays"]:
        return False
    minute = 60 * local.hour + local.minute
    return any(first <= minute < last for first, last in map(_minutes, hours["hours"]))


def same_hours(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether both mean the same hours of a week, but for holidays.

    >>> same_hours({"zone": "UTC", "hours": ["01:00-02:00"]},
    ...            {"zone": "+08:00", "hours": ["09:00-10:00"]})
    True
    """
    return _minutes_of_week(first) == _minutes_of_week(second)


def _minutes_of_week(hours: Mapping[str, Any]) -> set[int]:
    offset = _zone(hours["zone"]).utcoffset(None)
    shift = int(offset.total_seconds()) // 60
    spans = [_minutes(span) for span in hours["hours"]]
    return {
        ((day - 1) * 1440 + minute - shift) % (7 * 1440)
        for day in hours.get("days", range(1, 8))
        for first, last in spans
        for minute in range(first, last)
    }


def holidays_known_until(hours: Mapping[str, Any]) -> date | None:
    """The last day of the year up to which holidays are listed, None where none are."""
    last = max(hours["holidays"], default=None)
    return None if last is None else date(last.year, 12, 31)


def _minutes(span: object) -> tuple[int, int]:
    match = _HOURS.fullmatch(span) if isinstance(span, str) else None
    if match is None:
        fail("price_hours.hours", "times such as 09:00-12:00", span)
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    return 60 * first_hour + first_minute, 60 * last_hour + last_minute


def _zone(text: str) -> timezone:
    match = _ZONE.fullmatch(text)
    if match is None or match[1] is None:
        return timezone.utc
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)
