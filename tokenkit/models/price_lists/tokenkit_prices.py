"""tokenkit's own price file, with which prices come without a release.

{"format": "tokenkit-prices/1", "verified_on": DAY, "sha256": HASH, "models": [RECORD, ...]}

The hash is that of `models`, written as JSON with sorted keys and no blanks, in UTF-8: a file that
was cut short or changed on its way is refused. Records have the fields of `Model`; those that do
not name their own `verified_on` have that of the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit.errors import ModelDataError
from tokenkit.models.fields import day, mapping
from tokenkit.models.price_lists.listing import Listing, PriceList
from tokenkit.models.record import model_from_record, without_derived

__all__ = ["FORMAT", "TokenkitPrices", "models_hash"]

FORMAT = "tokenkit-prices/1"


class TokenkitPrices:
    """The reader of tokenkit's own price files."""

    name = "tokenkit"

    def fits(self, data: object) -> bool:
        """Whether the file names its format as one of tokenkit's."""
        named = data.get("format") if isinstance(data, Mapping) else None
        return isinstance(named, str) and named.startswith("tokenkit-prices/")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read all records. Raises ModelDataError for another version or a wrong hash."""
        if data["format"] != FORMAT:
            raise ModelDataError(
                f"{into.where}: expected the format {FORMAT!r}, got {shown(data['format'])}"
            )
        models, stated = data.get("models"), data.get("sha256")
        if not isinstance(models, list):
            raise ModelDataError(f"{into.where}: expected a list of records, at models")
        if stated != models_hash(models):
            got = stated if _is_hash(stated) else shown(stated)
            raise ModelDataError(
                f"{into.where}: expected the sha256 {models_hash(models)} of its models, "
                f"got {got}; the file was changed or is not whole"
            )
        into.dated = day("verified_on", data.get("verified_on"))
        for index, row in enumerate(models):
            name = row.get("name") if isinstance(row, Mapping) else None
            with into.row(str(name or f"models[{index}]")):
                model = model_from_record(mapping("row", row), "row")
                record = without_derived(model.to_record())
                listing = Listing(model.name, model.provider, model.kind, record=record)
                listing.checked = model.verified_on or into.dated
                into.listings.append(listing)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and value.isalnum()


def models_hash(models: object) -> str:
    """Return the hash that a price file states of its models.

    >>> models_hash([])[:8]
    '4f53cda1'
    """
    text = json.dumps(models, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
