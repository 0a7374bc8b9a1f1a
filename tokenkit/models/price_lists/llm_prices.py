"""llm-prices' lists: {"updated_at", "prices": [{"id", "vendor", "input", "output", ...}]}.

Also the vendors' files of its repository: {"vendor", "models": [{"id", "price_history": [...]}]}.
USD per 1M tokens; `from_date` is the first day of a price and `to_date` the first day after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tokenkit.models.fields import day, fail, mapping
from tokenkit.models.price_lists.listing import (
    PROVIDERS,
    Listing,
    PriceList,
    fold_long_prompts,
    most,
    usd,
)

__all__ = ["LlmPrices"]

_RATES = {"input": "input", "output": "output", "input_cached": "cached_input"}
_LONG = re.compile(r"(.+)-(\d+)k")
_FIELDS = (*_RATES, "id", "vendor", "name", "from_date", "to_date", "price_history")


class LlmPrices:
    """The reader of llm-prices' lists."""

    name = "llm-prices"

    def fits(self, data: object) -> bool:
        """Whether rows with a vendor are under "prices", or models under one vendor."""
        if not isinstance(data, Mapping):
            return False
        if isinstance(data.get("vendor"), str):
            return isinstance(data.get("models"), list)
        rows = data.get("prices")
        return isinstance(rows, list) and most(rows, "vendor")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read current and dated rows; several rows of a model become its periods."""
        into.dated = day("updated_at", data.get("updated_at"))
        by_model: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for index, row in enumerate(_rows(data)):
            with into.row(f"prices[{index}]"):
                name, vendor = mapping("row", row).get("id"), row.get("vendor")
                if not isinstance(name, str) or not isinstance(vendor, str):
                    fail("id", "a name and a vendor", name)
                if vendor in PROVIDERS:
                    by_model.setdefault((PROVIDERS[vendor], name), []).append(row)
        for (provider, name), rows in by_model.items():
            with into.row(name):
                into.add(_listing(name, provider, rows, into))
        fold_long_prompts(into, _LONG)


def _listing(name: str, provider: str, rows: list[Mapping[str, Any]], into: PriceList) -> Listing:
    listing = Listing(name, provider)
    today = date.today()
    for row in rows:
        rates = {
            ours: usd(row[theirs], 1, theirs)
            for theirs, ours in _RATES.items()
            if row.get(theirs) is not None
        }
        for key in row:
            if key not in _FIELDS and row[key]:
                into.leave(key, name)
        first, after = day("from_date", row.get("from_date")), day("to_date", row.get("to_date"))
        if after is not None and after <= today:
            continue  # a price of the past
        if first is None or first <= today:
            listing.prices["standard"] = rates
        else:
            period: dict[str, Any] = {"from": first.isoformat(), "prices": {"standard": rates}}
            if after is not None:
                period["to"] = (after - timedelta(days=1)).isoformat()
            listing.price_periods.append(period)
    return listing


def _rows(data: Mapping[str, Any]) -> Iterator[Any]:
    if "models" not in data:
        yield from data["prices"]
        return
    for model in data["models"]:
        history = model.get("price_history") if isinstance(model, Mapping) else None
        for row in history if isinstance(history, list) else [history]:
            named = {"id": model.get("id"), "vendor": data["vendor"]}
            yield {**row, **named} if isinstance(row, Mapping) else row
