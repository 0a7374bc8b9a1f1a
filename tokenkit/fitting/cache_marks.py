"""The part of a request that a prompt cache may hold, by marks or by the vendor's own choice.

Anthropic caches the prefix before a mark, in the order tools, system, messages ("Prompt caching" of
its docs). OpenAI writes what is new of a prompt from GPT-5.6 on, at a price of its own, and other
vendors cache by themselves what they like: see `cache_plan`. Marks mean the same in chat
completions, where Qwen and servers in front of several vendors take them (DashScope's guide to
context caches, 2026); OpenAI's own are `prompt_cache_breakpoint`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tokenkit.chat import RequestCount
from tokenkit.models import Model
from tokenkit.shapes import plain

__all__ = ["NO_CACHE", "CacheUse", "cache_use"]


class CacheUse(NamedTuple):
    """The most tokens of a prompt that a cache may hold, None for all of them.

    `after` are the least tokens that stand behind them. `reads` and `writes` say whether these may
    be read at the least, and written at the most; `asked` whether the request marks them;
    `long_life` whether the cache may live for an hour.
    """

    tokens: int | None = 0
    after: int = 0
    reads: bool = False
    writes: bool = False
    asked: bool = False
    long_life: bool = False


NO_CACHE = CacheUse()


def cache_use(model: Model, body: Mapping[str, Any], count: RequestCount) -> CacheUse:
    """Return what a cache may hold of a request that was counted."""
    marks = list(_marks_of(body))
    long_life = any(mark.get("ttl") not in _SHORT for _, mark in marks)
    if model.provider == "anthropic":
        if not marks:
            return NO_CACHE
        tokens, after = _around(marks[-1][0], body, count)
        return CacheUse(tokens, after, reads=True, writes=True, asked=True, long_life=long_life)
    if count.high is not None and count.high < (model.min_cacheable_tokens or 0):
        return NO_CACHE
    if model.provider == "openai":
        return CacheUse(None, reads=True, writes=True, long_life=long_life)
    writes = bool(marks) and any("cache_write" in rates for rates in model.prices.values())
    return CacheUse(None, reads=True, writes=writes, asked=writes, long_life=long_life)


_SHORT = (None, "5m", "30m")  # the shorter of the two lives that vendors sell
_MARKS = ("cache_control", "prompt_cache_breakpoint")


def _around(last: str, body: Mapping[str, Any], count: RequestCount) -> tuple[int | None, int]:
    """Return the most tokens up to the last mark, None where nothing limits them, and the least
    behind it."""
    if not last.startswith(("tools", "system", "messages")) or count.chat is None:
        return None, 0
    tally = count.chat.tally
    messages = body.get("messages")
    own = len(messages) if isinstance(messages, (list, tuple)) else 0
    end = ahead = len(tally.costs) - own  # the messages of `system`
    if last.startswith("tools"):
        end = 0
    elif last.startswith("messages"):
        end = ahead + int(last[len("messages[") : -1]) + 1
    low, high = tally.bounds()
    after = tally.least_of(range(end, len(tally.costs))) - max(0, low - count.low)
    most = tally.most_of(range(end))
    if most is not None and high is not None and count.high is not None:
        most += max(0, count.high - high)
    elif count.high is None and high is not None:
        most = None  # something beside the messages is unbounded
    return most, max(0, after)


def _marks_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (path, mark) for each mark of a request, in the order in which Anthropic reads it."""
    for key in ("tools", "system", "messages", "input"):
        items = body.get(key)
        for index, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
            for mark in _marks_in(item):
                yield f"{key}[{index}]", mark
    if isinstance(body.get("cache_control"), Mapping):
        yield "end", body["cache_control"]


def _marks_in(block: object) -> Iterator[Mapping[str, Any]]:
    """Yield the marks of a message, a tool or a block, those of the blocks inside it first."""
    if not isinstance(block, Mapping):
        block = plain(block)  # an object of an SDK
        if not isinstance(block, Mapping):
            return
    inner = block.get("content")
    for part in inner if isinstance(inner, (list, tuple)) else ():
        yield from _marks_in(part)
    for key in _MARKS:
        mark = plain(block.get(key))
        if isinstance(mark, Mapping):
            yield mark
