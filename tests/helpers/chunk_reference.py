"""The slow partition: every pair of borders counted, straight from the definition of cost."""

from __future__ import annotations

import re

import tokenkit

_CLOSERS = "\"')]}*_»”’」』"


def borders(source: str) -> list[tuple[int, float]]:
    """(place, penalty) of the borders of plain text, as far as the tests' words go."""
    found: dict[int, float] = {}
    body = source.rstrip()
    for space in re.finditer(r"\s+", body):
        if space.start() == 0:
            continue
        newlines = list(re.finditer(r"\r\n|\r|\n", space.group()))
        if newlines:
            place = space.start() + newlines[-1].end()
            found[place] = 1 if len(newlines) == 1 else 0
            line = source.encode()[: len(source[: space.start()].encode())][-50:]
            ended = body[: space.start()].rstrip(_CLOSERS).endswith((".", "。"))
            if len(newlines) == 1 and len(line) == 50 and b"\n" not in line and not ended:
                found[place] = 1.3 if body[place].isalpha() else 1
            continue
        before = body[: space.start()].rstrip(_CLOSERS)
        penalty = 4
        if before[-1:] in set(".。"):
            penalty = 3 if body[space.end()].islower() else 2
        elif before[-1:] in set(",，"):
            penalty = 3
        found[space.start()] = penalty
    # Full-width marks need no white space behind them.
    for mark in re.finditer(rf"([。，][{re.escape(_CLOSERS)}。，.,]*)(?=\S)", body):
        found[mark.end()] = 2 if set(mark.group()) & set("。.") else 3
    return [(0, 0), *sorted(found.items()), (len(source), 0)]


def least_cost(source: str, enc: tokenkit.Encoding, limit: int, weight: float) -> float | None:
    """The least cost of a partition; None if there is none between borders."""
    places = borders(source)
    best: list[float | None] = [0.0]
    for end, penalty in places[1:]:
        costs = [
            cost + 1 + weight * penalty
            for (start, _), cost in zip(places, best, strict=False)
            if cost is not None and enc.count(source[start:end]) <= limit
        ]
        best.append(min(costs, default=None))
    return best[-1]
