"""Chats of texts alone, the same in each run, and limits to fit them into."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

ROLES = ("system", "developer", "user", "assistant")
WORDS = ("hello", " world", "\n", "naïve ", "漢字", "👩‍👩‍👧", "مرحبا", "<|endoftext|>", "don't ")


def plain_chats(number: int, seed: str) -> Iterator[list[dict[str, Any]]]:
    """Short and long chats; some have no user's message, or a system's message at the end."""
    draw = random.Random(seed)
    for _ in range(number):
        odds = [draw.choice((0, 1, 3)) for _ in ROLES]
        roles = draw.choices(ROLES, odds if any(odds) else None, k=draw.randrange(24))
        yield [_message(role, draw) for role in roles]


def _message(role: str, draw: random.Random) -> dict[str, Any]:
    message: dict[str, Any] = {"role": role, "content": _text(draw)}
    if draw.random() < 0.15:
        message["content"] = [{"type": "text", "text": _text(draw)} for _ in range(2)]
    if draw.random() < 0.15:
        message["name"] = draw.choice(("ada", "bob_2"))
    return message


def _text(draw: random.Random) -> str:
    return "".join(draw.choices(WORDS, k=int(draw.paretovariate(0.8)) % 90))


def some_limits(tokens: int, seed: str) -> list[int]:
    """Limits around a chat of so many tokens: none, all of it, one less, and others between."""
    draw = random.Random(seed)
    return sorted({0, tokens, max(0, tokens - 1), *(draw.randrange(tokens + 1) for _ in range(5))})
