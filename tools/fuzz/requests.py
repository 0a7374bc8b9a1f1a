"""Files of requests, damaged: each line is counted or has a problem, and the totals add up."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tokenkit.inputs import RequestCounter

from .chats import CHATS, TOOL
from .driver import Driver, expect
from .mutations import damaged_bytes, damaged_json, hostile, random_text

__all__ = ["DRIVER"]


def _line(rng: random.Random, number: int) -> Any:
    """A request of a batch, a bare body, or an example to train with."""
    chat: dict[str, Any] = {"model": "gpt-4o-mini", "messages": rng.choice(CHATS)}
    if rng.random() < 0.3:
        chat |= {"tools": [TOOL], "tool_choice": "auto", "max_completion_tokens": 50, "n": 2}
    responses = {"model": "gpt-5", "instructions": "Be brief.", "input": rng.choice(CHATS)}
    embeddings = {"model": "text-embedding-3-small", "input": ["a", random_text(rng), "b"]}
    url, body = rng.choice(
        (
            ("/v1/chat/completions", chat),
            ("/v1/responses", responses),
            ("/v1/embeddings", embeddings),
        )
    )
    kind = rng.randrange(4)
    if kind == 0:
        return body
    if kind == 1:
        return {"messages": [*CHATS[0], {"role": "assistant", "content": "Hello!"}]}
    return {"custom_id": f"r{number}", "method": "POST", "url": url, "body": body}


def _lines(rng: random.Random) -> list[bytes]:
    lines = []
    for number in range(rng.randint(1, 4)):
        value = _line(rng, number)
        if rng.random() < 0.7:
            value = hostile(rng) if rng.random() < 0.05 else damaged_json(rng, value)
        line = json.dumps(value).encode() + b"\n"
        lines.append(damaged_bytes(rng, line) if rng.random() < 0.1 else line)
    return lines


def attempt(rng: random.Random, folder: Path) -> None:
    lines = _lines(rng)
    counter = RequestCounter(rng.choice((None, "gpt-4o-mini")), epochs=rng.choice((1, 3)))
    for line in lines:
        counter.add(line)
    report = counter.finish()
    wrong = {problem.line for problem in report.problems if not problem.is_limit}
    counted = sum(total.requests for total in report.totals.values())
    expect(counted + len(wrong) == report.requests, "a line without a word", lines, report)
    for problem in report.problems:
        expect(problem.message and 0 <= problem.line <= len(lines), "no problem", lines, problem)
    for name, total in report.totals.items():
        expect(0 <= total.low <= total.tokens, "bounds that do not hold", lines, name, total)
        expect(total.high is None or total.tokens <= total.high, "bounds too low", lines, total)
        expect(not total.exact or total.low == total.high, "exact, bounds apart", lines, total)
        expect(total.cost.is_finite() and total.cost >= 0, "no sum of money", lines, total)


DRIVER = Driver("requests", "each line is counted or has a problem", attempt)
