"""Published price lists, one file each. A new list is a file here and a line in FORMATS."""

from __future__ import annotations

from collections.abc import Mapping

from tokenkit._checks import shown
from tokenkit.errors import ModelDataError
from tokenkit.models.price_lists.genai_prices import GenaiPrices
from tokenkit.models.price_lists.listing import (
    WRONG_SHAPES,
    Format,
    Listing,
    PriceList,
    Skipped,
)
from tokenkit.models.price_lists.litellm import LiteLLM
from tokenkit.models.price_lists.llm_prices import LlmPrices
from tokenkit.models.price_lists.models_dev import ModelsDev
from tokenkit.models.price_lists.openrouter import OpenRouter
from tokenkit.models.price_lists.portkey import Portkey
from tokenkit.models.price_lists.tokenkit_prices import TokenkitPrices

__all__ = ["FORMATS", "Listing", "PriceList", "Skipped", "read_list"]

FORMATS: tuple[Format, ...] = (
    TokenkitPrices(),
    LiteLLM(),
    LlmPrices(),
    OpenRouter(),
    Portkey(),
    ModelsDev(),
    GenaiPrices(),
)


def read_list(data: object, where: str) -> PriceList:
    """Read a price list of any known format.

    Raises ModelDataError that says what the data looks like, if it is none of them.
    """
    for form in FORMATS:
        if form.fits(data):
            prices = PriceList(where, form.name)
            try:
                form.read(data, prices)
            except ModelDataError as error:
                told = str(error)
                raise ModelDataError(told if where in told else f"{where}: {told}") from None
            except WRONG_SHAPES as error:
                raise ModelDataError(
                    f"{where}: cannot be read as a list of {form.name}: {shown(error)}"
                ) from None
            return prices
    if isinstance(data, Mapping):
        got = f"an object with the keys {', '.join(map(repr, list(data)[:5])) or 'none'}"
    else:
        got = f"a {type(data).__name__}"
    names = ", ".join(form.name for form in FORMATS)
    raise ModelDataError(f"{where}: expected a price list of {names}, got {got}")
