"""Random chats for property tests: turns, tool loops, parallel calls, odd texts, open ends."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

Message = dict[str, Any]

_TEXT = """the budget of a model holds input and output together so measure before sending search
result table column value lorem ipsum delta { } [0.5, 12] x=1; - item naïve café 東京 данные
한국어 🎉 https://example.org/a?b=c"""
WORDS = (*_TEXT.split(), "\n\n")
TOOL_NAMES = ("search", "read_file", "run_query", "get_current_weather")


def words(rng: random.Random, most: int) -> str:
    """Between 0 and `most` words; short texts are as likely as long ones."""
    count = rng.randint(0, rng.choice((3, most // 4 + 1, most)))
    return " ".join(rng.choices(WORDS, k=count))


def tool_group(rng: random.Random, number: int, most: int, parallel: int) -> list[Message]:
    """An assistant's calls and their results, in any order."""
    ids = [f"call_{number}_{i}" for i in range(rng.randint(1, parallel))]
    calls = [
        {
            "id": call_id,
            "type": "function",
            "function": {
                "name": rng.choice(TOOL_NAMES),
                "arguments": json.dumps({"q": rng.choice(("rain", "two words", "東京"))}),
            },
        }
        for call_id in ids
    ]
    content = rng.choice((None, "", "Let me look."))
    rng.shuffle(ids)
    results: list[Message] = [
        {"role": "tool", "tool_call_id": call_id, "content": words(rng, most)} for call_id in ids
    ]
    return [{"role": "assistant", "content": content, "tool_calls": calls}, *results]


def random_chat(
    seed: int, turns: int = 12, most_words: int = 120, parallel: int = 3
) -> list[Message]:
    """A valid tool-using chat, the same for the same seed."""
    rng = random.Random(seed)
    chat: list[Message] = []
    if rng.random() < 0.8:
        role = rng.choice(("system", "system", "developer"))
        chat.append({"role": role, "content": words(rng, 40)})
    if rng.random() < 0.1:
        chat.append({"role": "assistant", "content": "Hello, what can I do for you?"})
    for turn in range(rng.randint(1, turns)):
        chat.append({"role": "user", "content": words(rng, most_words) or "go on"})
        if rng.random() < 0.1:
            chat[-1]["name"] = "Ann"
        for step in range(rng.choice((0, 0, 1, 2, 4))):
            chat += tool_group(rng, turn * 10 + step, most_words * 3, parallel)
        chat.append({"role": "assistant", "content": words(rng, most_words)})
        if rng.random() < 0.05:
            chat.append({"role": "system", "content": "Keep it short."})
    return _ending(rng, chat, most_words)


def _ending(rng: random.Random, chat: list[Message], most: int) -> list[Message]:
    """End with a user message, in an agent loop, or with an open call."""
    kind = rng.choice(("user", "loop", "open", "answer"))
    if kind == "answer":
        return chat
    chat.append({"role": "user", "content": words(rng, most) or "and now?"})
    if kind == "loop":
        for step in range(rng.randint(1, 5)):
            chat += tool_group(rng, 900 + step, most * 3, 2)
    if kind == "open":
        group = tool_group(rng, 950, most, 3)
        chat += group[: rng.randint(1, len(group))]
    return chat


def agent_loop(seed: int, steps: int = 30) -> list[Message]:
    """One user message and many tool calls: the shape of an agent's work."""
    rng = random.Random(seed)
    chat: list[Message] = [
        {"role": "system", "content": "You fix bugs."},
        {"role": "user", "content": "Make the tests of this project pass."},
    ]
    for step in range(steps):
        chat += tool_group(rng, step, 300, 1)
    return chat


@st.composite
def chats(draw: st.DrawFn, turns: int = 12, most_words: int = 120) -> list[Message]:
    seed = draw(st.integers(0, 2**32 - 1))
    return random_chat(seed, draw(st.integers(1, turns)), most_words, draw(st.integers(1, 3)))
