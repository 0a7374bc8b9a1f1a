"""Chats of many shapes, damaged: counted within bounds or refused, and no key is ignored."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import tokenkit

from .driver import Driver, expect
from .mutations import damaged_json, hostile, random_text, unknown_key

__all__ = ["DRIVER"]

MODELS = ("gpt-4o", "gpt-5", "gpt-4", "gpt-3.5-turbo", "gpt-oss-20b", "gpt-4o-mini")
_CALL = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": '{"at": "here"}'}}
_IMAGE = {"url": "https://example.org/a.png", "detail": "low"}

CHATS: tuple[list[dict[str, Any]], ...] = (
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi", "name": "Ann"}],
    [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [_CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
        {"role": "assistant", "content": "It is noon."},
    ],
    [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look at this"},
                {"type": "image_url", "image_url": _IMAGE},
            ],
        }
    ],
    [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t1", "name": "now", "input": {"at": "here"}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "noon"}],
        },
    ],
    [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "f1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "f1", "output": "noon"},
    ],
    [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "now", "args": {}}}]},
    ],
)
TOOL = {
    "type": "function",
    "function": {
        "name": "now",
        "description": "Tell the time",
        "parameters": {
            "type": "object",
            "properties": {"at": {"type": "string", "enum": ["here", "there"]}},
            "required": ["at"],
        },
    },
}


def counted(messages: Any, model: str, **options: Any) -> tokenkit.MessageCount | None:
    """Return the count, None if the chat is refused in words."""
    try:
        return tokenkit.count_messages(messages, model, **options)
    except (ValueError, TypeError, tokenkit.TokenkitError) as error:
        expect(str(error), "an error without words", messages)
        return None


def check(count: tokenkit.MessageCount, shown: Any) -> None:
    """Check what holds for every count."""
    expect(0 <= count.low <= count.tokens, "bounds that do not hold the number", shown, count)
    expect(count.high is None or count.tokens <= count.high, "bounds too low", shown, count)
    expect(not count.exact or count.low == count.high, "exact with bounds apart", shown, count)
    parts = sum(part.tokens for part in count.parts)
    expect(parts == count.tokens, "parts that do not add up", shown, count)


def attempt(rng: random.Random, folder: Path) -> None:
    model = rng.choice(MODELS)
    messages = copy.deepcopy(rng.choice(CHATS))
    tools: Any = rng.choice((None, None, [copy.deepcopy(TOOL)]))
    if rng.random() < 0.3:
        key = unknown_key(rng)
        at = rng.randrange(len(messages))
        messages[at][key] = rng.choice((random_text(rng, 2) or "x", {"text": "hello"}, ["a"], 7))
        count = counted(messages, model, tools=tools)
        if count is not None:
            check(count, messages)
            named = any(key.split("\x1b")[0] in note for note in count.notes)
            expect(not count.exact and named, "an unknown key that is not named", messages, count)
        return
    if tools and rng.random() < 0.5:
        tools = damaged_json(rng, tools)
    else:
        messages = hostile(rng) if rng.random() < 0.02 else damaged_json(rng, messages)
    before = copy.deepcopy((messages, tools))
    on_error = rng.choice(("raise", "drop"))
    count = counted(messages, model, tools=tools, on_error=on_error)
    expect(repr((messages, tools)) == repr(before), "the chat was changed", before)
    if count is not None:
        check(count, (messages, tools))


DRIVER = Driver("chats", "chats are counted within bounds or refused", attempt)
