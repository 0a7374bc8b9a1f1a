"""Puts what a price list says of a model into its record, and says what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tokenkit.models.hours import same_hours
from tokenkit.models.price_lists import Listing
from tokenkit.models.record import Model

__all__ = ["Change", "Merge", "merge"]

_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One field of one model: what it is now and what the list says (None: not there yet)."""

    model: str
    field: str
    old: object
    new: object

    def __str__(self) -> str:
        if self.field == "":
            return f"{self.model}: new model"
        old = "not known" if self.old is None else _short(self.old)
        return f"{self.model}: {self.field}: {old} -> {_short(self.new)}"


@dataclass
class Merge:
    """Holds a record with a listing merged into it.

    `changes` are taken. `kept` are values of the list that are older than the record's and were
    left out. `beside` are paths of rates that the list does not hold although it changed others of
    the same tier: they may be out of date.
    """

    record: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def merge(
    model: Model | None,
    record: dict[str, Any] | None,
    listing: Listing,
    source: str,
    dated: date | None,
    *,
    older: bool,
) -> Merge:
    """Merge a listing into a copy of a model's record, or make a new one where there is none.

    `dated` is the day of the list, None where it names none: such a list counts as newer than the
    record. A value of the record that was verified after the list's day stays, unless `older`.
    """
    if model is None or record is None:
        return _new(listing, source, dated)
    merged = Merge(_copy(record))
    verified = model.verified_on
    stays = not older and dated is not None and verified is not None and dated < verified
    writer = _Writer(merged, model.name, stays)
    if listing.host is not None and model.provider != listing.provider:
        host = merged.record.setdefault("hosts", {}).setdefault(listing.host, {})
        host.setdefault("names", [listing.name.split("/", 1)[1]])
        writer.rates(host.setdefault("prices", {}), f"hosts.{listing.host}", listing.prices)
    elif listing.record is not None:
        _whole(merged, writer, listing.record, dated)
        return merged
    else:
        _fields(merged, writer, listing, dated or date.today())
    _stamp(merged, source, dated)
    if merged.changes:
        _note_unread(merged.record, listing, source)
    return merged


def _note_unread(record: dict[str, Any], listing: Listing, source: str) -> None:
    """Note in the record, and so in every cost, which prices of its row were not read."""
    note = f"prices: not read in {source}: {', '.join(listing.unread)}"
    notes = record.setdefault("notes", [])
    if listing.unread and note not in notes:
        notes.append(note)
    if not notes:
        del record["notes"]


def _new(listing: Listing, source: str, dated: date | None) -> Merge:
    """A record of what the list says, dated as the list is: nothing else is known of it."""
    if listing.record is not None:
        whole = _dated_copy(listing.record, dated)
        return Merge(whole, [Change(listing.name, "", None, listing.name)])
    record: dict[str, Any] = {
        "name": listing.name,
        "provider": listing.provider,
        "kind": listing.kind,
        **listing.limits,
    }
    for name in ("prices", "price_periods", "price_hours", "price_regions", "retires_on"):
        if getattr(listing, name):
            record[name] = getattr(listing, name)
    record["sources"] = dict.fromkeys((*listing.limits, "prices"), source)
    if dated is not None:
        record["verified_on"] = dated.isoformat()
    _note_unread(record, listing, source)
    return Merge(record, [Change(listing.name, "", None, listing.name)])


def _whole(merged: Merge, writer: _Writer, listed: Mapping[str, Any], dated: date | None) -> None:
    """Take a whole record of the registry's own format: its sources, notes and day come along."""
    beside = ("name", "sources", "notes", "verified_on")
    for name in dict.fromkeys((*listed, *merged.record)):
        if name not in beside:
            writer.value(merged.record, name, name, listed.get(name))
    if merged.changes and not writer.stays:
        merged.record = _dated_copy(listed, dated)
    else:
        merged.record = {name: new for name, new in merged.record.items() if new is not None}


def _dated_copy(record: Mapping[str, Any], dated: date | None) -> dict[str, Any]:
    day = {} if dated is None else {"verified_on": dated.isoformat()}
    return {**day, **_copy(record)}


def _fields(merged: Merge, writer: _Writer, listing: Listing, day: date) -> None:
    record = merged.record
    for name, number in listing.limits.items():
        if name != "context_window" or listing.window_stated:
            writer.value(record, name, name, number)
    if listing.retires_on:
        writer.value(record, "retires_on", "retires_on", listing.retires_on)
    for region, factor in listing.price_regions.items():
        writer.value(
            record.setdefault("price_regions", {}), region, f"price_regions.{region}", factor
        )
    if listing.price_hours:
        _hours(record, writer, listing.price_hours)
    prices, place = _in_force(record, day)
    writer.rates(prices, place, listing.prices)
    for period in listing.price_periods:
        if period["from"] <= day.isoformat():
            continue
        known = record.setdefault("price_periods", [])
        same = [item for item in known if item.get("from") == period["from"]]
        if same:
            place = f"price_periods.{period['from']}"
            writer.rates(same[0]["prices"], place, period["prices"])
        else:
            writer.value({}, "", f"price_periods.{period['from']}", period["prices"])
            if not writer.stays:
                known.append(_copy(period))
    for name in ("price_regions", "price_periods", "prices"):
        if not record.get(name):
            record.pop(name, None)


def _hours(record: dict[str, Any], writer: _Writer, listed: Mapping[str, Any]) -> None:
    """Write the rates of other hours where the hours are the same, else all of it."""
    ours = record.get("price_hours")
    if ours and same_hours(ours, listed):
        writer.rates(ours["otherwise"], "price_hours.otherwise", listed["otherwise"])
    else:
        writer.value(record, "price_hours", "price_hours", _copy(listed))


def _in_force(record: dict[str, Any], day: date) -> tuple[dict[str, Any], str]:
    """The prices of a record that hold on that day, and their path: the list means those."""
    for period in record.get("price_periods", ()):
        first, last = period.get("from") or "", period.get("to") or "9999"
        if first <= day.isoformat() <= last:
            prices: dict[str, Any] = period["prices"]
            return prices, f"price_periods.{first or 'until ' + last}"
    prices = record.setdefault("prices", {})
    return prices, "prices"


class _Writer:
    """Writes values into a record and notes them as changed, or as kept where ours are newer."""

    def __init__(self, merged: Merge, model: str, stays: bool) -> None:
        self.merged = merged
        self.model = model
        self.stays = stays

    def value(self, table: dict[str, Any], key: str, path: str, new: object) -> None:
        """Write one value. What the record does not have yet is taken from an older list, too."""
        old = table.get(key, _MISSING)
        if old == new or (old is _MISSING and new is None):
            return
        change = Change(self.model, path, None if old is _MISSING else old, new)
        if self.stays and old is not _MISSING:
            self.merged.kept.append(change)
        else:
            table[key] = new
            self.merged.changes.append(change)

    def rates(self, prices: dict[str, Any], place: str, listed: Mapping[str, Any]) -> None:
        """Write the rates of every tier that the list has."""
        for tier, rates in listed.items():
            before = len(self.merged.changes)
            ours = prices.setdefault(tier, {})
            had = [*_paths(ours, f"{place}.{tier}")]
            for rate, new in rates.items():
                path = f"{place}.{tier}.{rate}"
                if isinstance(new, Mapping) and isinstance(ours.get(rate, {}), Mapping):
                    step = ours.setdefault(rate, {})
                    for inner, price in new.items():
                        self.value(step, inner, f"{path}.{inner}", price)
                    if not step:
                        del ours[rate]
                else:
                    self.value(ours, rate, path, new)
            if not ours:
                del prices[tier]
            changed = [change for change in self.merged.changes[before:] if change.old is not None]
            if changed:
                listed_paths = {*_paths(rates, f"{place}.{tier}")}
                self.merged.beside += [path for path in had if path not in listed_paths]


def _paths(rates: Mapping[str, Any], place: str) -> Iterator[str]:
    for rate, price in rates.items():
        if isinstance(price, Mapping):
            yield from _paths(price, f"{place}.{rate}")
        elif rate != "above":
            yield f"{place}.{rate}"


def _stamp(merged: Merge, source: str, dated: date | None) -> None:
    """Note where the changed values come from, and a day that holds for all numbers, if any does.

    A list without a day leaves the record without one. One with a day never makes it younger.
    """
    if not merged.changes:
        return
    if dated is None:
        merged.record.pop("verified_on", None)
    elif "verified_on" in merged.record:
        merged.record["verified_on"] = min(dated.isoformat(), merged.record["verified_on"])
    sources = merged.record.setdefault("sources", {})
    sources.update((change.field, source) for change in merged.changes)
    if merged.beside:
        notes = merged.record.setdefault("notes", [])
        note = f"prices: not in {source}, which changed others: {', '.join(merged.beside)}"
        if note not in notes:
            notes.append(note)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, (list, tuple)) else value


def _short(value: object) -> object:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(str(_short(item)) for item in value)
    return value
