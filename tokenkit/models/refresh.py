"""Brings a user's overlay file up to date from a published price list.

Three steps, so that no price changes unseen: `plan_refresh` reads the list and says what would
change, the caller looks and decides, `RefreshPlan.write` writes and keeps the old file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tokenkit._files import read_named
from tokenkit._visible import escaped, plural, shown_line
from tokenkit._writing import whole_text
from tokenkit.errors import ModelDataError
from tokenkit.models.fields import day as checked_day
from tokenkit.models.merging import Change, merge
from tokenkit.models.overlay import MOST_BYTES, parse_json, read_records
from tokenkit.models.price_lists import Listing, PriceList, Skipped, read_list
from tokenkit.models.record import Model, model_from_record, without_derived
from tokenkit.models.registry import Registry, built_in

__all__ = ["Change", "RefreshPlan", "plan_refresh", "refresh_models"]

_TIMEOUT_SECONDS = 30
_SHOWN = 20  # rows of a kind that a plan lists one by one


@dataclass(frozen=True)
class RefreshPlan:
    """Holds the changes of an overlay file that a refresh would make; `write` makes them.

    `format` names the list, `dated` is the day that it states. `kept` are values of the list that
    are older than the registry's and stay out, `beside` rates that the list does not hold although
    it changes others of their tier, `skipped` rows that make no sense, `unread` keys that say a
    price which is not read, with the rows that have them.
    """

    source: str
    path: str
    changes: tuple[Change, ...]
    records: tuple[Mapping[str, Any], ...]
    format: str = ""
    dated: date | None = None
    kept: tuple[Change, ...] = ()
    beside: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unread: Mapping[str, tuple[str, ...]] | None = None

    def __str__(self) -> str:
        return "\n".join(map(shown_line, self._lines()))

    def _lines(self) -> Iterator[str]:
        day = f"of {self.dated}" if self.dated else "which states no day"
        yield f"{self.source}: a list of {self.format}, {day}"
        if self.changes:
            yield f"{self.source} would change {self.path}:"
            yield from (f"  {change}" for change in self.changes)
        else:
            yield f"{self.path} agrees with {self.source}: nothing to change"
        if self.kept:
            yield "older than the registry's own, so they stay out (--older takes them):"
            yield from _some([str(change) for change in self.kept])
        if self.beside:
            yield "not in the list, which changes other rates of their tier; they stay as they are:"
            yield from _some(list(self.beside))
        if self.skipped:
            yield "rows left out:"
            yield from _some([f"{row}: {reason}" for row, reason in self.skipped])
        if self.unread:
            yield "keys that say a price and are not read:"
            for key, rows in sorted(self.unread.items()):
                yield f"  {key} ({len(rows)} {plural(len(rows), 'row')}: {rows[0]})"

    def write(self) -> str | None:
        """Write the overlay; returns where the old file is kept, None if there was none.

        Raises OSError if it cannot be written; the old file is then as it was.
        """
        text = json.dumps({"models": list(self.records)}, indent=1, ensure_ascii=False)
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        with whole_text(self.path) as file:
            file.write(escaped(text) + "\n")
            file.flush()  # a full disk shows itself before the old file is kept
            return _keep(self.path)


def plan_refresh(
    source: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    older: bool = False,
    dated: date | str | None = None,
) -> RefreshPlan:
    """Compare a price list with the registry and say what it would change in an overlay file.

    `source` is a file or a URL of a list of LiteLLM, models.dev, genai-prices, llm-prices, Portkey,
    OpenRouter or tokenkit itself; `path` the overlay, which need not exist yet. `dated` is the day
    of a list that does not name one. Values that were verified after the list's day stay, unless
    `older`. A list whose day is not known counts as newer.

    Raises ModelDataError for a list of another kind or an overlay that is not JSON, and OSError if
    one of them cannot be read.

    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> listed = {"gpt-5.2": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-06}}
    >>> _ = (folder / "list.json").write_text(json.dumps(listed))
    >>> plan = plan_refresh(folder / "list.json", folder / "overlay.json", dated="2030-01-31")
    >>> [str(change) for change in plan.changes]
    ['gpt-5.2: prices.standard.input: 1.75 -> 1.5']
    """
    where, target = os.fspath(source), os.fspath(path)
    if target.lower().endswith(".toml"):
        raise ModelDataError(f"{target}: expected a .json file to write, got a .toml file")
    prices = read_list(_read_json(where), where)
    prices.dated = checked_day("dated", dated) or prices.dated
    known = built_in()
    overlay = {m.name: m for m in known.load(target)} if os.path.exists(target) else {}
    records = {r["name"]: r for r in read_records(target)} if overlay else {}
    plan = _Planner(prices, known, records, older)
    plan.take_all()
    return RefreshPlan(
        source=where,
        path=target,
        changes=tuple(plan.changes),
        records=tuple(records.values()),
        format=prices.format,
        dated=prices.dated,
        kept=tuple(plan.kept),
        beside=tuple(plan.beside),
        skipped=tuple(prices.skipped),
        unread={key: tuple(rows) for key, rows in prices.unread.items()},
    )


def refresh_models(
    source: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    confirm: Callable[[RefreshPlan], bool],
    older: bool = False,
    dated: date | str | None = None,
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
    plan = plan_refresh(source, path, older=older, dated=dated)
    if plan.changes and confirm(plan):
        plan.write()
    return plan


class _Planner:
    """Merges listings into records one by one; a record that would make no sense is not taken."""

    def __init__(
        self, prices: PriceList, known: Registry, records: dict[str, Any], older: bool
    ) -> None:
        self.prices = prices
        self.known = known
        self.records = records
        self.older = older
        self.changes: list[Change] = []
        self.kept: list[Change] = []
        self.beside: list[str] = []
        self.taken: set[str] = set()

    def take_all(self) -> None:
        """Take every listing, a record's own row before those of its snapshots and aliases."""
        found = [(listing, self._model(listing)) for listing in self.prices.listings]
        for own in (True, False):
            for listing, model in found:
                if own is (model is None or listing.name == model.name):
                    with self.prices.row(listing.name):
                        self._take(listing, self._model(listing))

    def _take(self, listing: Listing, model: Model | None) -> None:
        if model is not None and listing.host is None and model.provider != listing.provider:
            return  # another vendor's model of that name: the list's price is not that vendor's
        record = self._record(model) if model else None
        dated = listing.checked or self.prices.dated
        day = f"of {dated}" if dated else f"without a day, read on {date.today()}"
        source = f"{self.prices.where} ({self.prices.format}, {day})"
        merged = merge(model, record, listing, source, dated, older=self.older)
        name = merged.record["name"]
        if merged.changes and name in self.taken:
            raise ModelDataError(f"another row of the list is that of {name}, and says otherwise")
        self.taken.add(name)
        self.kept += merged.kept
        if merged.changes:
            model_from_record(merged.record, "the record that comes out")
            self.changes += merged.changes
            self.beside += [f"{name}: {path}" for path in merged.beside]
            self.records[name] = merged.record

    def _record(self, model: Model) -> dict[str, Any]:
        return without_derived(self.records.get(model.name) or model.to_record())

    def _model(self, listing: Listing) -> Model | None:
        for name in (listing.name, *listing.other_names):
            if name in self.records:
                return model_from_record(self.records[name], "the overlay")
            model = self.known.find(name)
            if model is not None:
                own = self.records.get(model.name)
                return model_from_record(own, "the overlay") if own else model
        return None


def _some(lines: list[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN} more"


def _keep(path: str) -> str | None:
    """Copy the file aside under a name that is not taken yet."""
    if not os.path.exists(path):
        return None
    number = 0
    while True:
        kept = f"{path}.bak{number or ''}"
        try:
            copy = open(kept, "xb")  # noqa: SIM115 (closed below)
        except FileExistsError:
            number += 1
            continue
        try:
            with copy, open(path, "rb") as old:
                shutil.copymode(path, kept)
                copy.write(old.read())
        except BaseException:
            os.unlink(kept)
            raise
        return kept


def _read_json(source: str) -> object:
    if source.startswith(("http://", "https://")):
        import urllib.request

        with urllib.request.urlopen(source, timeout=_TIMEOUT_SECONDS) as answer:
            content = answer.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ModelDataError(f"{source}: expected at most {MOST_BYTES} bytes, got more")
    else:
        content = read_named(source, MOST_BYTES)
    return parse_json(content, source)
