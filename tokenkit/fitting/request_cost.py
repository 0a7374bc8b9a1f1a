"""The cost of a request before it is sent: the least and the most, in USD.

Tokens of one prompt may have several rates: those read from a cache or written to it, sound, and
thoughts and sound in the reply. Where a request does not say how many have which, the bounds are
the cheapest and the dearest of the ways in which they may be shared out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from tokenkit.chat import RequestCount
from tokenkit.costs import Cost, always_searches, price, prompt_shares, tier_name
from tokenkit.fitting.cache_marks import NO_CACHE, CacheUse
from tokenkit.models import Model
from tokenkit.shapes import Usage, plain

__all__ = ["RequestCost", "reply_kinds"]

# The name of a quantity -> its tokens.
Shares: TypeAlias = dict[str, int]


class RequestCost(NamedTuple):
    """The quantities of a request that are paid for; `low` and `high` price them.

    `output` is (least, most) tokens of all replies together, the most None where nothing limits
    them. `pictures` are the images to be made, as `cost` takes them; `region` is where the vendor
    is asked to run it. `media` are the quantities of the input beside text, and the most
    tokens of each; `kinds` are the quantities that a whole reply may be besides text.
    """

    model: Model
    counted: RequestCount
    output: tuple[int, int | None]
    tier: str
    at: date | str | None
    cache: CacheUse = NO_CACHE
    pictures: tuple[Mapping[str, Any], ...] = ()
    region: str | None = None
    media: tuple[tuple[str, int], ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def low(self) -> Decimal | None:
        """USD of the least input and reply; None where something has no listed price."""
        sums = self._sums(self.counted.low, self.output[0])
        return min(sums, default=None)

    @property
    def high(self) -> Decimal | None:
        """USD of the most input and reply; None where unbounded or without a price."""
        tokens, most = self.counted.high, self.output[1]
        if self._by_length and not self.counted.partial:
            return max(self._sums(0, 0), default=None)
        if tokens is None or self.counted.partial or most is None:
            return None
        return max(self._sums(tokens, most), default=None)

    @property
    def _by_length(self) -> bool:
        """Whether it is paid by the second or the character, whatever the number of tokens."""
        return self.model.kind in ("speech", "transcription")

    def _sums(self, tokens: int, output: int) -> list[Decimal]:
        """Price each way to share out the tokens; nothing where one that is asked for has no price.

        What nobody asked for and has no rate of its own is not priced apart by the vendor either.
        """
        if self._by_length:
            heard = self._heard()
            return [] if heard is None else _known([self._priced(heard)])
        fees = {"web_searches": 1} if always_searches(self.model) else {}
        replies: list[Shares] = [{}, *({kind: output} for kind in self.kinds)]
        sums = []
        for (asked, prompt), reply in product(self._prompts(tokens), replies):
            way = {"input_tokens": tokens, "output_tokens": output, **prompt, **reply, **fees}
            usd = self._priced(way)
            if usd is None and asked:
                return []
            sums.append(usd)
        return _known(sums)

    def _prompts(self, tokens: int) -> Iterator[tuple[bool, Shares]]:
        """Yield the ways to share out a prompt, and whether the request asks for such a way."""
        asked = self.cache.asked
        for part in prompt_shares(tokens, self.media):
            most = tokens - sum(part.values())
            held = most if self.cache.tokens is None else min(most, self.cache.tokens)
            yield True, part
            if self.cache.reads and held > 0:
                yield asked, {**part, "cached_tokens": max(0, min(held, most - self.cache.after))}
            if self.cache.writes and held > 0:
                yield asked, {**part, "cache_write_tokens": held}
            if self.cache.long_life and held > 0:
                yield asked, {**part, "cache_write_tokens": held, "cache_write_long_tokens": held}

    def _heard(self) -> dict[str, Any] | None:
        """Return what speech and transcription are paid by; None where it is not known.

        A price of a minute beside rates of tokens is the vendor's estimate: tokens are billed.
        """
        count = self.counted
        if any({"minute", "output"} <= rates.keys() for rates in self.model.prices.values()):
            return None
        quantities: dict[str, Any] = {"characters": count.characters} if count.characters else {}
        if count.seconds is not None:
            quantities["audio_seconds"] = Decimal(str(count.seconds))
        return quantities or None

    def _priced(self, quantities: Mapping[str, Any]) -> Decimal | None:
        try:
            tier = tier_name(self.tier, self.model)
            usage = Usage(**quantities, images=self.pictures)
            priced: Cost = price(self.model, usage, tier, self.at, region=self.region)
        except ValueError:  # a tier that is not sold
            return None
        return None if priced.partial else priced.total


def _known(sums: list[Decimal | None]) -> list[Decimal]:
    return [usd for usd in sums if usd is not None]


def reply_kinds(model: Model, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the quantities with a rate of their own that all of a reply may be, besides text."""
    rates = {rate for tier in model.prices.values() for rate in tier}
    kinds = ["reasoning_tokens"] if "thinking_output" in rates else []
    asked = _modalities(body)
    if asked is None and model.provider == "openai":
        asked = "text"  # its default
    for word in ("audio", "image"):
        if f"{word}_output" in rates and (asked is None or word in asked):
            kinds.append(f"{word}_output_tokens")
    return tuple(kinds)


def _modalities(body: Mapping[str, Any]) -> str | None:
    """Return the words for what a reply may be made of, None where the request names none."""
    config = plain(body.get("config") or body.get("generationConfig") or {})
    for holder in (body, config):
        for key in ("modalities", "response_modalities", "responseModalities"):
            words = holder.get(key) if isinstance(holder, Mapping) else None
            if words:
                return str(words).lower()
    return None
