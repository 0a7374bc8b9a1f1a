"""Figures of texts, and how a prompt and its reply fill a model's window.

>>> import tokenkit
>>> sizes = text_figures(["How many tokens is this?"], tokenkit.get_encoding("o200k_base"))
>>> sizes.tokens, sizes.characters_per_token
(6, 4.0)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tokenkit._checks import check_tokens
from tokenkit.costs import Cost, cost
from tokenkit.encodings import Encoding, repaired
from tokenkit.fitting import clamp_output, reply_tokens, tightest_limit
from tokenkit.models import Model, get_model

__all__ = ["Figures", "WindowUse", "text_figures", "window_use"]

CHARACTERS_PER_TOKEN = 4  # the rule of thumb that figures are compared with


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes of texts, all together: words are separated by white space, bytes are UTF-8.

    >>> Figures(tokens=2, characters=11, bytes=11, words=2, lines=1).rule_tokens
    3
    """

    tokens: int
    characters: int
    bytes: int
    words: int
    lines: int

    @property
    def characters_per_token(self) -> float | None:
        """Characters per token; None without tokens."""
        return self.characters / self.tokens if self.tokens else None

    @property
    def rule_tokens(self) -> int:
        """Tokens by the rule of 4 characters per token, rounded up."""
        return math.ceil(self.characters / CHARACTERS_PER_TOKEN)

    @property
    def rule_error(self) -> float | None:
        """The error of that rule as a fraction of the count: above 0 where it says more."""
        return self.rule_tokens / self.tokens - 1 if self.tokens else None


def text_figures(texts: Iterable[str], encoding: Encoding) -> Figures:
    """Measure texts, each counted alone, and add up their sizes.

    >>> import tokenkit
    >>> sizes = text_figures(["How many tokens is this?"], tokenkit.get_encoding("o200k_base"))
    >>> sizes.tokens, sizes.characters_per_token, sizes.rule_tokens, sizes.words
    (6, 4.0, 6, 5)
    """
    all_texts = list(texts)
    return Figures(
        tokens=sum(encoding.count(text) for text in all_texts),
        characters=sum(map(len, all_texts)),
        bytes=sum(len(repaired(text).encode()) for text in all_texts),
        words=sum(len(text.split()) for text in all_texts),
        lines=sum(text.count("\n") + (not text.endswith("\n")) for text in all_texts if text),
    )


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How a prompt and its reply fill a model's window, in tokens.

    `window` is the context window, or the input's own limit where there is no window. The reply may
    take `reserved` of it. The prompt may grow by `free` more until it reaches `limit`, which
    `limit_name` names; below 0 it is over. `beyond` is for neither: a cap of the input or of the
    reply keeps both out of it.

    >>> window_use("gpt-4", 8_000, max_output=100).free
    92
    """

    model: str
    window: int
    prompt: int
    reserved: int
    free: int
    beyond: int
    limit: int
    limit_name: str
    cost: Cost

    @property
    def usd(self) -> Decimal | None:
        """The cost of prompt and reserved reply in USD; None where no price is listed."""
        return None if self.cost.partial else self.cost.total


def window_use(
    model: str | Model, prompt: int, *, max_output: Literal["auto"] | int | None = None
) -> WindowUse:
    """Compute how a prompt of so many tokens, and its reply, fill a model's window.

    `max_output` tokens are reserved for the reply: "auto" reserves all that the prompt leaves, up
    to the model's cap, None nothing. Raises UnknownModelError, TypeError for a `max_output` of
    another type, and ValueError below 1 or for a model without published limits.

    >>> use = window_use("gpt-4o", 10_000, max_output=4_000)
    >>> use.window, use.free, use.reserved, use.usd
    (128000, 114000, 4000, Decimal('0.065'))
    """
    record = get_model(model)
    if max_output is None:
        reply = 0
    elif max_output == "auto":
        reply = reply_tokens(record, "auto", prompt) or 0
    else:
        reply = clamp_output(record, check_tokens("max_output", max_output, 1))
    limit, limit_name = tightest_limit(record, reply, 0.0)
    window = record.context_window or limit
    free = limit - prompt
    inside = reply if record.window == "shared" else 0
    return WindowUse(
        model=record.name,
        window=window,
        prompt=prompt,
        reserved=reply,
        free=free,
        beyond=max(0, window - prompt - inside - max(0, free)),
        limit=limit,
        limit_name=limit_name,
        cost=cost(record, input_tokens=prompt, output_tokens=reply),
    )
