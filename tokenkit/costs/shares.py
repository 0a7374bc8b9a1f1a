"""Shares of text, sound and pictures in a prompt, each of which may have a rate of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Protocol, TypeAlias

from tokenkit.chat import CountPart
from tokenkit.models import Model

__all__ = ["Shares", "known_media", "most_media", "prompt_shares"]

# The name of a quantity -> its tokens.
Shares: TypeAlias = dict[str, int]
_MEDIA = ("audio", "image")


class Counted(Protocol):
    """A count of a request: its tokens, the most that they may be, and its breakdown."""

    @property
    def tokens(self) -> int: ...

    @property
    def high(self) -> int | None: ...

    @property
    def parts(self) -> Sequence[CountPart]: ...


def known_media(model: Model, parts: Callable[[], Sequence[CountPart]]) -> Shares:
    """Return the tokens of a prompt's parts that have a rate of their own.

    `parts` is asked for them only where the model has such rates.
    """
    shares: Shares = {}
    for kind in _MEDIA:
        if any(f"{kind}_input" in rates for rates in model.prices.values()):
            known = [part.tokens for part in parts() if part.kind == kind]
            shares |= {f"{kind}_input_tokens": sum(known)} if known else {}
    return shares


def most_media(model: Model, count: Counted) -> tuple[tuple[str, int], ...]:
    """Return the quantities with a rate of their own that a prompt may hold, and the most of each.

    What is not known of its tokens may all be of one kind.
    """
    more = 0 if count.high is None else count.high - count.tokens
    known = known_media(model, lambda: count.parts)
    return tuple((name, tokens + more) for name, tokens in known.items())


def prompt_shares(tokens: int, media: Sequence[tuple[str, int]]) -> Iterator[Shares]:
    """Yield the extremes: each kind with none or the most of its tokens, all of it as text first.

    >>> list(prompt_shares(10, [("audio_input_tokens", 4)]))
    [{}, {'audio_input_tokens': 4}]
    """
    for taken in product((False, True), repeat=len(media)):
        left, shares = tokens, {}
        for (name, most), takes in zip(media, taken, strict=True):
            if takes and left and most:
                shares[name] = min(left, most)
                left -= shares[name]
        yield shares
