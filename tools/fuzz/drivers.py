"""The table of drivers. A new one is a file beside this and a line here."""

from __future__ import annotations

from . import (
    chats,
    ignore_rules,
    overlays,
    pages,
    price_lists,
    requests,
    tables,
    tokenizer_files,
    usages,
    vocabularies,
)
from .driver import Driver

__all__ = ["DRIVERS"]

DRIVERS: dict[str, Driver] = {
    module.DRIVER.name: module.DRIVER
    for module in (
        chats,
        ignore_rules,
        overlays,
        pages,
        price_lists,
        requests,
        tables,
        tokenizer_files,
        usages,
        vocabularies,
    )
}
