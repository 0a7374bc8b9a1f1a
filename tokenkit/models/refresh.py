"""Brings a user's overlay file up to date from a published price list.

Three steps, so that no price changes unseen: `plan_refresh` reads the list and says what would
change, the caller looks and decides, `RefreshPlan.write` writes and keeps the old file.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tokenkit.errors import ModelDataError
from tokenkit.models.overlay import read_records
from tokenkit.models.price_lists import Listing, read_listings
from tokenkit.models.record import model_from_record
from tokenkit.models.registry import built_in

__all__ = ["Change", "RefreshPlan", "plan_refresh", "refresh_models"]

_TIMEOUT_SECONDS = 30
_MAX_BYTES = 64 * 1024 * 1024


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
        old = "not known" if self.old is None else self.old
        return f"{self.model}: {self.field}: {old} -> {self.new}"


@dataclass(frozen=True)
class RefreshPlan:
    """The changes of an overlay file that a refresh would make; `write` writes them."""

    source: str
    path: str
    changes: tuple[Change, ...]
    records: tuple[Mapping[str, Any], ...]

    def __str__(self) -> str:
        if not self.changes:
            return f"{self.path} agrees with {self.source}: nothing to change"
        lines = [f"{self.source} would change {self.path}:"]
        return "\n".join([*lines, *(f"  {change}" for change in self.changes)])

    def write(self) -> str | None:
        """Write the overlay; returns where the old file is kept, None if there was none."""
        text = json.dumps({"models": list(self.records)}, indent=1, ensure_ascii=False)
        folder = os.path.dirname(os.path.abspath(self.path))
        os.makedirs(folder, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=folder, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text + "\n")
            kept = _keep(self.path)
            os.replace(fresh, self.path)
        except BaseException:
            os.unlink(fresh)
            raise
        return kept


def plan_refresh(source: str | os.PathLike[str], path: str | os.PathLike[str]) -> RefreshPlan:
    """Plan what the price list at `source` would change in the overlay file at `path`.

    `source` is a file or an http(s) URL, in the shape of LiteLLM's model_prices_and_context_window
    or of models.dev's api.json. It is compared with the package's records and those already in
    the overlay. LiteLLM's max_input_tokens is a window for some models and an input limit for
    others, so for a known model it changes neither. Prices of 0 are ignored.

    Raises OSError if `source` cannot be read, and ModelDataError if it or the overlay is wrong.

    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> listed = {"gpt-5.2": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-06}}
    >>> _ = (folder / "list.json").write_text(json.dumps(listed))
    >>> plan = plan_refresh(folder / "list.json", folder / "overlay.json")
    >>> [str(change) for change in plan.changes]
    ['gpt-5.2: prices.standard.input: 1.75 -> 1.5']
    """
    where, target = os.fspath(source), os.fspath(path)
    if target.lower().endswith(".toml"):
        raise ModelDataError(f"{target}: a refresh writes JSON; name a .json file")
    listings = read_listings(_read_json(where), where)
    known = built_in()
    overlay = {m.name: m for m in known.load(target)} if os.path.exists(target) else {}
    records = {r["name"]: r for r in read_records(target)} if overlay else {}
    changes: list[Change] = []
    for listing in listings:
        model = known.find(listing.name)
        if model is not None and model.provider != listing.provider:
            continue
        if model is None:
            record, found = _new_record(listing)
        else:
            record = records.get(model.name) or model.to_record()
            found = _merge(record, listing)
        if found:
            _stamp(record, found, where)
            model_from_record(record, where)  # a list that makes no sense must not be written
            changes += found
            records[record["name"]] = record
    return RefreshPlan(where, target, tuple(changes), tuple(records.values()))


def refresh_models(
    source: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    confirm: Callable[[RefreshPlan], bool],
) -> RefreshPlan:
    """Plan a refresh, show it to `confirm` if it changes anything, and write it if that is True.

    Raises what `plan_refresh` raises, and OSError if the overlay cannot be written.

    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> listed = {"gpt-5.2": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-06}}
    >>> _ = (folder / "list.json").write_text(json.dumps(listed))
    >>> overlay = folder / "overlay.json"
    >>> plan = refresh_models(folder / "list.json", overlay, confirm=lambda plan: True)
    >>> len(plan.changes), overlay.exists()
    (1, True)
    """
    plan = plan_refresh(source, path)
    if plan.changes and confirm(plan):
        plan.write()
    return plan


def _new_record(listing: Listing) -> tuple[dict[str, Any], list[Change]]:
    record: dict[str, Any] = {
        "name": listing.name,
        "provider": listing.provider,
        "kind": listing.kind,
        **listing.limits,
        "prices": listing.prices,
    }
    if listing.retires_on:
        record["retires_on"] = listing.retires_on
    return record, [Change(listing.name, "", None, listing.name)]


def _merge(record: dict[str, Any], listing: Listing) -> list[Change]:
    """Put the list's values into a known model's record; returns what that changed."""
    name = record["name"]
    limits = dict(listing.limits)
    if not listing.window_stated:
        limits.pop("context_window", None)
    if listing.retires_on:
        limits["retires_on"] = listing.retires_on  # type: ignore[assignment]
    found = list(_set(record, name, limits))
    prices = record.setdefault("prices", {})
    for tier, rates in listing.prices.items():
        found += _set_rates(prices.setdefault(tier, {}), name, f"prices.{tier}", rates)
    return found


def _stamp(record: dict[str, Any], changes: list[Change], source: str) -> None:
    """Note in the record where its changed fields come from, and when."""
    fields = dict.fromkeys(change.field.split(".")[0] or "prices" for change in changes)
    record.setdefault("sources", {}).update(dict.fromkeys(fields, source))
    record["verified_on"] = date.today().isoformat()


def _set(record: dict[str, Any], name: str, values: Mapping[str, Any]) -> Iterator[Change]:
    for field, new in values.items():
        old = record.get(field)
        if old != new:
            record[field] = new
            yield Change(name, field, old, new)


def _set_rates(
    rates: dict[str, Any], name: str, place: str, values: Mapping[str, Any]
) -> Iterator[Change]:
    for rate, new in values.items():
        if isinstance(new, Mapping):
            yield from _set_rates(rates.setdefault(rate, {}), name, f"{place}.{rate}", new)
        elif rates.get(rate) != new:
            yield Change(name, f"{place}.{rate}", rates.get(rate), new)
            rates[rate] = new


def _keep(path: str) -> str | None:
    """Copy the file aside under a name that is not taken yet."""
    if not os.path.exists(path):
        return None
    number = 0
    while True:
        kept = f"{path}.bak{number or ''}"
        try:
            with open(path, "rb") as old, open(kept, "xb") as copy:
                copy.write(old.read())
            return kept
        except FileExistsError:
            number += 1


def _read_json(source: str) -> object:
    if source.startswith(("http://", "https://")):
        import urllib.request

        with urllib.request.urlopen(source, timeout=_TIMEOUT_SECONDS) as answer:
            text = answer.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise ModelDataError(f"{source}: expected at most {_MAX_BYTES} bytes, got more")
    else:
        with open(source, "rb") as file:
            text = file.read()
    try:
        return json.loads(text)
    except ValueError as error:
        raise ModelDataError(f"{source}: not valid JSON: {error}") from None
