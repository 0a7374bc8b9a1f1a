"""tokenkit's counts for Haystack: a `TokenCounter`, as hooks that compact a chat take it.

>>> counter = token_counter("gpt-4o")                                       # doctest: +SKIP
>>> CompactionHook(                                                         # doctest: +SKIP
...     SlidingWindowCompactor(), context_window=128_000, token_counter=counter
... )
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenkit import get_model
from tokenkit.chat import request_rule

if TYPE_CHECKING:
    from tokenkit.integrations.haystack_counter import TokenkitTokenCounter

__all__ = ["token_counter"]


def token_counter(model: str, *, upper: bool = False) -> TokenkitTokenCounter:
    """Make a Haystack `TokenCounter` that counts messages and tools as `count_messages` does.

    `count(messages, tools=None)` gives tokens, by the rule of the model's chats; `measure` gives
    the same with bounds and notes. A model whose tokenizer is private is estimated. With `upper`,
    `count` is the upper bound where there is one, so that a chat is compacted early rather than
    late. Parts of a chat, such as results without their call, are counted as they are.

    A pipeline that holds it is saved by its name and loaded with
    `allowed_modules=["tokenkit.*"]`.

    Raises ImportError without haystack-ai, UnknownModelError, TypeError for a model that is not a
    name, and ValueError for one that takes no messages; counting raises TypeError or ValueError
    that names a faulty message.

    >>> token_counter("gpt-4o").count([ChatMessage.from_user("Hello")])     # doctest: +SKIP
    8
    """
    if not isinstance(model, str):
        raise TypeError(f"model: expected a name, got {type(model).__name__}")
    request_rule(get_model(model), estimate=True)
    from tokenkit.integrations.haystack_counter import TokenkitTokenCounter

    return TokenkitTokenCounter(model, upper)
