"""Tokens that a fine-tuning job is billed for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tokenkit._checks import check_whole
from tokenkit.chat.checks import wrong_type
from tokenkit.chat.request import request_rule
from tokenkit.chat.token_count import TokenCount
from tokenkit.models import Model, get_model

__all__ = ["count_example", "count_training_tokens"]


def count_training_tokens(
    examples: Iterable[Mapping[str, Any]], model: str | Model, *, epochs: int = 1
) -> int:
    """Count the tokens that a fine-tuning job on chat `examples` is billed for.

    Per example 1, and per message 3 with its role and content, times the epochs; this reproduces
    the billed count of a public job (gpt-3.5-turbo-1106, 4,445 tokens). `tools` and `functions` are
    counted as those of a request. Examples longer than the model's training limit are truncated by
    OpenAI; that is not applied here. `count_requests` gives bounds and notes as well.

    Raises UnknownModelError, and ValueError or TypeError that name the faulty example and message.

    >>> example = {"messages": [{"role": "user", "content": "Hi"},
    ...                         {"role": "assistant", "content": "Hello!"}]}
    >>> count_training_tokens([example], "gpt-4o-mini", epochs=3)
    36
    """
    epochs = check_whole("epochs", epochs, 1)
    record = get_model(model)
    request_rule(record)  # raises for a model that takes no chats
    total = 0
    for index, example in enumerate(examples):
        if not isinstance(example, Mapping):
            raise wrong_type(f"examples[{index}]", "a dict with messages", example)
        try:
            total += count_example(example, record).tokens
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"examples[{index}].{error}") from None
    return total * epochs


def count_example(example: Mapping[str, Any], model: Model) -> TokenCount:
    """Count one example with its bounds, as `count_training_tokens` counts it, for one epoch.

    Raises ValueError or TypeError that name the faulty part.

    >>> talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    >>> count_example({"messages": talk}, get_model("gpt-4o-mini")).tokens
    12
    """
    messages = example.get("messages")
    if not isinstance(messages, (list, tuple)):
        raise wrong_type("messages", "a list of messages", messages)
    tools, functions = example.get("tools"), example.get("functions")
    rule = request_rule(model, tools=tools, functions=functions)
    tally = rule.tally(messages)
    low, high = tally.bounds()
    # Nothing primes a reply: the example has its own.
    more = 0 if rule.whole_chats else 1
    shift = more - sum(part.tokens for part in tally.fixed if part.kind == "priming")
    return TokenCount(
        tally.total + shift,
        max(0, low + shift),
        None if high is None else high + shift,
        tally.exact,
        tuple(tally.notes),
    )
