"""The cost of a request before it is sent: the least and the most, in USD.

The least is the least input and no reply. Where the request marks a prefix for Anthropic's cache,
the least reads it from the cache and the most writes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from tokenkit.chat import RequestCount
from tokenkit.costs import price, tier_name
from tokenkit.models import Model
from tokenkit.shapes import Usage

__all__ = ["RequestCost"]


class RequestCost(NamedTuple):
    """The quantities of a request that are paid for; `low` and `high` price them.

    `output` is (least, most) tokens of all replies together, the most None where nothing limits
    them. `pictures` are the images to be made, as `cost` takes them; `region` is where the vendor
    is asked to run it.
    """

    model: Model
    counted: RequestCount
    output: tuple[int, int | None]
    tier: str
    at: date | str | None
    marked: int = 0
    long_life: bool = False
    pictures: tuple[Mapping[str, Any], ...] = ()
    region: str | None = None

    @property
    def low(self) -> Decimal | None:
        """USD of the least input and reply; None where something has no listed price."""
        return self._priced(self.counted.low, self.output[0], writes=False)

    @property
    def high(self) -> Decimal | None:
        """USD of the most input and reply; None where unbounded or without a price."""
        most = self.output[1]
        if self.counted.high is None or self.counted.partial or most is None:
            return None
        return self._priced(self.counted.high, most, writes=True)

    def _priced(self, tokens: int, output: int, *, writes: bool) -> Decimal | None:
        count = self.counted
        quantities: dict[str, Any] = {"input_tokens": tokens, "output_tokens": output}
        if self.model.kind in ("speech", "transcription"):
            quantities = {"characters": count.characters} if count.characters else {}
            if count.seconds is not None:
                quantities["audio_seconds"] = Decimal(str(count.seconds))
            if not quantities:
                return None
        if self.pictures:
            quantities["images"] = self.pictures
        prefix = self._prefix(tokens)
        if prefix and writes:
            quantities["cache_write_tokens"] = prefix
            if self.long_life:
                quantities["cache_write_long_tokens"] = prefix
        elif prefix:
            quantities["cached_tokens"] = prefix
        try:
            tier = tier_name(self.tier, self.model)
            usage = Usage(**quantities)
            priced = price(self.model, usage, tier, self.at, region=self.region)
        except ValueError:  # a tier that is not sold
            return None
        return None if priced.partial else priced.total

    def _prefix(self, tokens: int) -> int:
        """Return the most tokens of the marked prefix in an input of so many tokens."""
        if not self.marked or not self.counted.tokens:
            return 0
        return min(tokens, math.ceil(self.marked * tokens / self.counted.tokens))


def marks_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (path, mark) for each `cache_control` of a request to Anthropic, in its order."""
    for key in ("tools", "system", "messages"):
        items = body.get(key)
        for index, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
            if not isinstance(item, Mapping):
                continue
            path = f"{key}[{index}]"
            inner = item.get("content")
            for part in inner if isinstance(inner, (list, tuple)) else ():
                if isinstance(part, Mapping) and isinstance(part.get("cache_control"), Mapping):
                    yield path, part["cache_control"]
            if isinstance(item.get("cache_control"), Mapping):
                yield path, item["cache_control"]
    if isinstance(body.get("cache_control"), Mapping):
        yield "end", body["cache_control"]


def marked_prefix(body: Mapping[str, Any], count: RequestCount) -> tuple[int, bool]:
    """Return the tokens before the last mark of the cache, and whether it lives for an hour.

    Order of a request to Anthropic: tools, system, messages ("Prompt caching" of its docs).
    """
    marks = list(marks_of(body))
    if not marks:
        return 0, False
    last = marks[-1][0]
    parts = count.parts
    tools = sum(part.tokens for part in parts if not part.in_message)
    system = body.get("system") is not None
    if last == "end":
        tokens = count.tokens
    elif last.startswith("tools"):
        tokens = tools
    else:
        index = 0
        if last.startswith("messages"):
            index = int(last[len("messages[") : -1]) + system
        inside = (part for part in parts if part.in_message and part.index is not None)
        tokens = tools + sum(part.tokens for part in inside if (part.index or 0) <= index)
    return min(tokens, count.tokens), any(mark.get("ttl") == "1h" for _, mark in marks)
