"""Differences where another host sells a model, and for each of its snapshots.

`hosts` maps a host ("azure", "bedrock", "vertex_ai") to a table with any of `names` (what the model
is called there), `prices`, `price_periods` and `regions` (the factor of each region of that host).
`retirements` is a list of tables with `on`, a day, and any of `snapshot`, `host`, `replacement`
(what the vendor suggests) and `answered_by` (the model that answers from then on, at its rates).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tokenkit._checks import check_str
from tokenkit.models.fields import day, fail, mapping, strings, text
from tokenkit.models.frozen import FrozenDict, freeze
from tokenkit.models.price_fields import checked_periods, checked_regions, checked_tiers

if TYPE_CHECKING:
    from tokenkit.models.record import Model

__all__ = ["as_sold_by", "checked_hosts", "checked_retirements", "leaving_as"]

_HOST_FIELDS = ("names", "prices", "price_periods", "regions")
_RETIREMENT_FIELDS = ("on", "snapshot", "host", "replacement", "answered_by")


def checked_hosts(value: object) -> FrozenDict:
    """Return the field `hosts`; ModelDataError names the host and field that are wrong."""
    hosts: dict[str, Any] = {}
    for name, item in mapping("hosts", value).items():
        table = mapping(f"hosts.{name}", item)
        for key in table:
            if key not in _HOST_FIELDS:
                fail(f"hosts.{name}.{key}", "one of " + ", ".join(_HOST_FIELDS), key)
        host: dict[str, Any] = {}
        if "names" in table:
            host["names"] = strings(f"hosts.{name}.names", table["names"])
        if "prices" in table:
            host["prices"] = freeze(checked_tiers(f"hosts.{name}.prices", table["prices"]))
        if "price_periods" in table:
            host["price_periods"] = tuple(checked_periods(table["price_periods"]))
        if "regions" in table:
            host["regions"] = checked_regions(table["regions"])
        hosts[name] = FrozenDict(host)
    return FrozenDict(hosts)


def checked_retirements(value: object) -> tuple[FrozenDict, ...]:
    """Return the field `retirements` with its days as dates."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        fail("retirements", "a list of tables", value)
    retirements = []
    for index, item in enumerate(value):
        field = f"retirements[{index}]"
        table = mapping(field, item)
        for key, part in table.items():
            if key not in _RETIREMENT_FIELDS:
                fail(f"{field}.{key}", "one of " + ", ".join(_RETIREMENT_FIELDS), key)
            if key != "on":
                text(f"{field}.{key}", part)
        leaves = day(f"{field}.on", table.get("on"))
        if leaves is None:
            fail(f"{field}.on", "a date such as 2026-11-22", None)
        retirements.append(FrozenDict({**table, "on": leaves}))
    return tuple(retirements)


def as_sold_by(model: Model, host: str) -> Model:
    """The model with a host's own prices and days; without prices where none are known."""
    known = model.hosts.get(check_str("host", host), FrozenDict())
    note = f"prices: those of the host {host} are not known"
    sold = dataclasses.replace(
        model,
        prices=known.get("prices", FrozenDict()),
        price_periods=known.get("price_periods", ()),
        price_hours=FrozenDict(),
        price_regions=known.get("regions", FrozenDict()),
        notes=model.notes if "prices" in known else (*model.notes, note),
    )
    return leaving_as(sold, host=host)


def leaving_as(model: Model, *, snapshot: str | None = None, host: str | None = None) -> Model:
    """The model with the day on which that snapshot, or that host's offer, ends."""
    for item in model.retirements:
        if item.get("snapshot") == snapshot and item.get("host") == host:
            return dataclasses.replace(
                model,
                retires_on=item["on"],
                retired=False,
                replacement=item.get("answered_by") or item.get("replacement"),
            )
    return model
