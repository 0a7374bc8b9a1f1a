"""Portkey's pricing files, one per provider: {MODEL: {"pricing_config": {"pay_as_you_go": ...}}}.

Prices are US cents per token; of `additional_units`, cents per call. The provider is that of the
file's name, such as openai.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tokenkit._checks import shown
from tokenkit.errors import ModelDataError
from tokenkit.models.fields import mapping
from tokenkit.models.price_lists.listing import (
    PROVIDERS,
    Listing,
    PriceList,
    fold_long_prompts,
    most,
    usd,
    vendor,
)

__all__ = ["Portkey"]

_CENTS_PER_TOKEN = 10_000  # to USD per 1M tokens
_RATES = {
    "request_token": "input",
    "response_token": "output",
    "cache_read_input_token": "cached_input",
    "cache_write_input_token": "cache_write",
    "request_audio_token": "audio_input",
    "response_audio_token": "audio_output",
    "cache_read_audio_input_token": "cached_audio_input",
    "request_image_token": "image_input",
    "cache_read_image_input_token": "cached_image_input",
    "response_image_token": "image_output",
}
_UNITS = {
    "cache_write_1h": ("cache_write_long", _CENTS_PER_TOKEN),
    "web_search": ("web_search", 10),
    "file_search": ("file_search", 10),
}
_LONG = re.compile(r"(.+)-gt-(\d+)k")
_SECTIONS = {"pay_as_you_go": "standard", "batch_config": "batch"}


class Portkey:
    """The reader of Portkey's files."""

    name = "Portkey"

    def fits(self, data: object) -> bool:
        """Whether most entries have a pricing_config."""
        return isinstance(data, Mapping) and most(data.values(), "pricing_config")

    def read(self, data: Mapping[str, Any], into: PriceList) -> None:
        """Read the models of the provider that the file is named after."""
        stem = into.where.replace("\\", "/").rsplit("/", 1)[-1].split(".")[0]
        if stem not in PROVIDERS:
            raise ModelDataError(
                f"{into.where}: expected a file named after its provider, as Portkey names them "
                f"(openai.json), got {shown(stem)}; known: {', '.join(sorted(PROVIDERS))}"
            )
        for name, row in data.items():
            if name == "default":  # the form of a row, with prices of 0
                continue
            with into.row(name):
                config = mapping("pricing_config", mapping("row", row).get("pricing_config"))
                currency = config.get("currency", "USD")
                if currency != "USD":
                    raise ModelDataError(
                        f"expected prices in USD, got {shown(currency)}, at currency"
                    )
                provider = vendor(stem, name)
                if provider is not None:
                    into.add(_listing(name, provider, config, into))
        fold_long_prompts(into, _LONG)


def _listing(name: str, provider: str, config: Mapping[str, Any], into: PriceList) -> Listing:
    listing = Listing(name, provider, "embedding" if "embed" in name else "chat")
    for section, value in config.items():
        if section in ("currency", "calculate") or not value:
            continue
        if section not in _SECTIONS:
            into.leave(section, name)
            continue
        rates: dict[str, Any] = {}
        for key, price in mapping(section, value).items():
            if key == "additional_units":
                _units(rates, mapping(key, price), name, into)
            elif key in _RATES and isinstance(price, Mapping) and "price" in price:
                rates[_RATES[key]] = usd(price["price"], _CENTS_PER_TOKEN, f"{section}.{key}")
            elif _says_a_price(price):
                into.leave(f"{section}.{key}", name)
        listing.prices[_SECTIONS[section]] = rates
    return listing


def _units(rates: dict[str, Any], units: Mapping[str, Any], name: str, into: PriceList) -> None:
    for key, price in units.items():
        if key in _UNITS:
            rate, factor = _UNITS[key]
            place = f"additional_units.{key}"
            rates[rate] = usd(mapping(place, price).get("price"), factor, place)
        elif _says_a_price(price):
            into.leave(f"additional_units.{key}", name)


def _says_a_price(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_says_a_price(item) for item in value.values())
    return bool(value)
