"""Sharing tokens out among entries that are ordered by priority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Allotment", "allot"]


@dataclass(frozen=True)
class Allotment:
    """Tokens that an entry could use (`full`), may use (`cap`) and needs (`least`), those of its
    substitute if it cannot have them (`substitute`), its share of the rest (`flex`)."""

    full: int
    cap: int
    least: int = 0
    flex: float = 0
    substitute: int = 0


def allot(wanted: Sequence[Allotment], room: int) -> list[int]:
    """Tokens for each entry, highest priority first in `wanted`; never more than `room` in sum.

    Least needs come first, then caps, each in order; what is left goes by flex.

    >>> allot([Allotment(full=50, cap=20, flex=1), Allotment(full=40, cap=40, least=10)], 70)
    [30, 40]
    """
    granted = [0] * len(wanted)
    for index, want in enumerate(wanted):
        if want.least <= room:
            granted[index] = want.least
            room -= want.least
    for index, want in enumerate(wanted):
        more = min(room, want.cap - granted[index])
        if granted[index] < want.least:  # not there, but for its substitute
            more = want.substitute if want.substitute <= room else 0
        granted[index] += more
        room -= more
    _flex(wanted, granted, room)
    return granted


def _flex(wanted: Sequence[Allotment], granted: list[int], room: int) -> None:
    """Hand out `room` in proportion to flex, until it is used up or all are full."""
    hungry = [i for i, want in enumerate(wanted) if want.flex > 0 and granted[i] >= want.least]
    while room > 0:
        hungry = [i for i in hungry if granted[i] < wanted[i].full]
        if not hungry:
            return
        total = sum(wanted[i].flex for i in hungry)
        rest = room
        for index in hungry:
            share = max(1, int(rest * (wanted[index].flex / total)))
            more = min(room, share, wanted[index].full - granted[index])
            granted[index] += more
            room -= more
