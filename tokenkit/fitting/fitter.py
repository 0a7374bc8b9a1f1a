"""Make a chat fit the room that a model has, losing as little as possible and listing every loss.

>>> from tokenkit.fitting import fit
>>> chat = [{"role": "user", "content": "word " * 3000}, {"role": "user", "content": "Sum up."}]
>>> result = fit(chat, "gpt-4", max_output=6_000)
>>> [m["content"] for m in result.messages], result.dropped[0].index
(['Sum up.'], 0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from tokenkit._checks import (
    check_choice,
    check_fraction,
    check_number,
    check_tokens,
    check_whole,
    shown,
)
from tokenkit.chat import Message, check_messages, request_rule
from tokenkit.fitting.budget import MIN_OUTPUT, MaxOutput
from tokenkit.fitting.chat_fitter import ChatFitter, Choices
from tokenkit.fitting.input_room import input_room
from tokenkit.fitting.result import Fit
from tokenkit.fitting.selection import PROTECTED, STRATEGIES, Protected, Strategy
from tokenkit.models import Model, get_model

__all__ = ["fit"]

# As the former Assistants API takes it.
ThreadStrategy: TypeAlias = Mapping[str, Any]
Priorities: TypeAlias = Sequence[float] | Callable[[Message], float]


def fit(
    messages: Sequence[Any],
    model: str | Model,
    *,
    max_output: MaxOutput = "auto",
    min_output: int = MIN_OUTPUT,
    tools: Sequence[Any] | None = None,
    response_format: Mapping[str, Any] | type | None = None,
    reasoning_reserve: int = 0,
    safety: float = 0.0,
    protect: Sequence[Protected] = PROTECTED,
    strategy: Strategy | ThreadStrategy = "recent",
    max_input: int | None = None,
    priorities: Priorities | None = None,
    shrink_results: bool = True,
    hysteresis: float = 0.0,
    on_overflow: Literal["raise", "return"] = "raise",
) -> Fit:
    """Choose and shorten messages so that input and reply stay within the model's limits.

    All sizes are tokens. `max_output` is reserved for the reply: a number, "auto" (what the input
    leaves, up to the model's cap and at least `min_output`) or None (nothing).
    `reasoning_reserve` is reserved besides. `safety` is a fraction of the limit to keep free.
    `tools` and `response_format` are sent with the messages, and count as in `count_messages`.

    The newest group of messages always stays: a message, or tool calls with their results, which
    are never separated. `protect` names what stays, too: "system" messages, the "last_user"
    message, and the "first_user" message while there is room for it. With `shrink_results`,
    oversize tool results are shortened in the middle before anything is dropped. `strategy` says
    what is dropped first: "recent" the oldest groups, "middle_out" those in the middle, "priority"
    those with the lowest of `priorities` (one number per message, or a function of a message).
    "api" drops what the responses API drops by its own `truncation="auto"`: items from the
    beginning of the conversation (its reference, 2026); instructions stay, `protect` and
    `shrink_results` have no effect. The `truncation_strategy` of the former Assistants API does
    what that API did, as far as is known (`RunCreateParams` of openai 3.57.0): {"type": "auto"}
    drops messages in the middle of the chat (which ones is not published), and
    {"type": "last_messages", "last_messages": 4} all but the last 4, with tool results only where
    their calls are among them; system messages and the newest group stay.
    `max_input` limits the tokens of the input besides, as `max_prompt_tokens` did there.
    `hysteresis` (a fraction of the limit) keeps the border of "recent" where it is over several
    calls of a growing chat, so that prompt caches hit.

    The input is never changed; messages that stay whole are the same objects.

    Raises ContextOverflowError if the messages that must stay do not fit (with
    on_overflow="return" they come back, with negative headroom), ValueError for a tool result
    without its call (naming the message) and for arguments out of range, TypeError for arguments
    of another type, and what `count_messages` raises.

    >>> chat = [{"role": "user", "content": "word " * 8_000}, {"role": "user", "content": "Why?"}]
    >>> result = fit(chat, "gpt-4", max_output=1_000)
    >>> len(result.messages), result.tokens <= result.limit, result.max_output
    (1, True, 1000)
    """
    record = get_model(model)
    protected = _protected(protect)
    name, last = _named(strategy)
    check_choice("on_overflow", on_overflow, ("raise", "return"))
    check_fraction("hysteresis", hysteresis)
    if priorities is not None and name != "priority":
        raise ValueError(f"priorities: expected None with strategy={strategy!r}; use 'priority'")
    chat = check_messages(messages)
    room = input_room(record, max_output, min_output, reasoning_reserve, safety)
    if max_input is not None and check_tokens("max_input", max_input) < room.limit:
        room = replace(room, limit=max_input, limit_name="max_input")
    values = _priorities(priorities, chat) if name == "priority" else ()
    choices = Choices(protected, name, bool(shrink_results), hysteresis, values)
    if name == "api":
        choices = Choices(("system",), name, shrink_results=False)
    elif not isinstance(strategy, str):
        choices = Choices(("system", "first_user"), name, shrink_results=False, last=last)
    rule = request_rule(record, tools=tools, response_format=response_format, estimate=True)
    fitted = ChatFitter(rule, chat, room.limit).fit(choices)
    if fitted.tally.total > room.limit and on_overflow == "raise":
        raise room.overflow(fitted.tally.total)
    return room.result(fitted.messages, fitted.tally, fitted.losses, fitted.truncated)


def _named(strategy: Any) -> tuple[Strategy, int | None]:
    """Return the strategy's own name, and how many of the last messages alone are read."""
    if not isinstance(strategy, Mapping):
        check_choice("strategy", strategy, STRATEGIES)
        return strategy, None
    kind, number = strategy.get("type"), strategy.get("last_messages")
    extra = strategy.keys() - {"type", "last_messages"}
    if kind == "auto" and not extra:
        return "middle_out", None
    if kind != "last_messages" or extra:
        known = "{'type': 'auto'} or {'type': 'last_messages', 'last_messages': 4}"
        raise ValueError(f"strategy: expected {known}, got {shown(strategy)}")
    return "recent", check_whole("strategy['last_messages']", number, 1)


def _protected(protect: object) -> tuple[str, ...]:
    if isinstance(protect, str) or not isinstance(protect, Iterable):
        known = ", ".join(map(repr, PROTECTED))
        raise TypeError(f"protect: expected a list of names out of {known}, got {protect!r}")
    return tuple(
        check_choice(f"protect[{index}]", name, PROTECTED) for index, name in enumerate(protect)
    )


def _priorities(priorities: Priorities | None, chat: Sequence[Message]) -> list[float]:
    if priorities is None:
        return [0.0] * len(chat)
    values = [priorities(m) for m in chat] if callable(priorities) else list(priorities)
    if len(values) != len(chat):
        raise ValueError(
            f"priorities: expected a number for each of {len(chat)} messages, got {len(values)}"
        )
    return [check_number(f"priorities[{index}]", value) for index, value in enumerate(values)]
