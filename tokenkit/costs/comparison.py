"""Which of several models takes these inputs, at how many tokens and what price."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit._checks import check_whole
from tokenkit._face import public
from tokenkit.chat import MessageCount, TokenCount, add_counts
from tokenkit.costs.bill import cost
from tokenkit.costs.from_usage import always_searches
from tokenkit.costs.rates import Tier
from tokenkit.costs.results import Cost, total_of
from tokenkit.costs.shares import most_media, prompt_shares
from tokenkit.models import Model, get_model
from tokenkit.shapes import Usage, plain

__all__ = ["ModelComparison", "compare"]

Inputs = str | int | Sequence[str] | Sequence[int] | Sequence[Any]


@public
@dataclass(frozen=True, kw_only=True)
class ModelComparison(TokenCount):
    """One model's row: a `TokenCount` of all inputs together, and what they cost in USD.

    `fits` is None where it is not known: no limits are published, or the bounds of the count lie
    on both sides of them. `reason` says what does not fit or is not known. `cost_high` is None
    where the count has no upper bound. `details` holds the single costs behind `cost_low` and
    `cost_high`, which are too low where `partial` is True.
    """

    model: str
    fits: bool | None
    cost_low: Decimal
    cost_high: Decimal | None
    partial: bool
    reason: str
    details: tuple[tuple[Cost, Cost | None], ...]


def compare(
    inputs: Inputs,
    models: Iterable[str | Model],
    *,
    expected_output: tuple[int, int] | int = (0, 0),
    tier: Tier | str = "standard",
    at: date | str | None = None,
) -> list[ModelComparison]:
    """Compare models: one row each, in the order given, with fit, tokens and costs (USD).

    `inputs` is one text, a chat (a list of messages), a list of texts (each its own request), or
    token counts already known (an int or a list of them). Texts are counted as they stand, chats
    with their framing, tool calls and images. `expected_output` is the fewest and most tokens of
    each reply (none from an embedding, moderation or rerank model). Models with a private tokenizer
    are estimated; the frame of each of their messages is taken as 0 to 8 tokens. `tier` and `at`
    are those of `cost`.

    Raises UnknownModelError, ValueError for negative numbers or a low above its high, and TypeError
    for inputs of another type, and for one model that is not in a list.

    >>> rows = compare(9_000, ["gpt-4", "gpt-4o"], expected_output=(100, 500))
    >>> [(row.model, row.fits, str(row.cost_low), str(row.cost_high)) for row in rows]
    [('gpt-4', False, '0.276', '0.3'), ('gpt-4o', True, '0.0235', '0.0275')]
    """
    low, high = _output_range(expected_output)
    requests = _requests(inputs)
    rows = []
    for name in _models(models):
        model = get_model(name)
        counts = [_count_request(request, model) for request in requests]
        if always_searches(model):
            counts = [_with_search(count) for count in counts]
        output = (low, high) if model.writes_reply else (0, 0)
        rows.append(_row(model, counts, output, tier, at))
    return rows


def _models(models: object) -> Iterable[str | Model]:
    if isinstance(models, (str, Model)):
        name = models if isinstance(models, str) else models.name
        raise TypeError(f"models: expected a list of models, got one; give [{name!r}]")
    if not isinstance(models, Iterable):
        raise TypeError(f"models: expected a list of models, got {type(models).__name__}")
    return models


def _row(
    model: Model,
    counts: Sequence[TokenCount],
    output: tuple[int, int],
    tier: str,
    at: date | str | None,
) -> ModelComparison:
    details = [_costs(model, count, output, tier, at) for count in counts]
    lows, highs = [low for low, _ in details], [high for _, high in details if high is not None]
    fits, reason = _fits(model, counts, output[1])
    total = add_counts(counts)
    return ModelComparison(
        tokens=total.tokens,
        low=total.low,
        high=total.high,
        exact=total.exact,
        notes=total.notes,
        model=model.name,
        fits=fits,
        cost_low=total_of(lows),
        cost_high=None if total.high is None else total_of(highs),
        partial=any(price.partial for price in [*lows, *highs]),
        reason=reason,
        details=tuple(details),
    )


def _costs(
    model: Model, count: TokenCount, output: tuple[int, int], tier: str, at: date | str | None
) -> tuple[Cost, Cost | None]:
    """Return what a request costs at least and at most; None where nothing limits its input."""
    media = most_media(model, count) if isinstance(count, MessageCount) else ()
    # Where thoughts have a rate of their own, the longest reply is all thoughts.
    apart = any("thinking_output" in rates for rates in model.prices.values())
    searches = 1 if always_searches(model) else 0

    def priced(tokens: int, reply: int, thoughts: int = 0) -> list[Cost]:
        same = {"input_tokens": tokens, "output_tokens": reply, "reasoning_tokens": thoughts}
        ways: list[dict[str, Any]] = [{**same, **share} for share in prompt_shares(tokens, media)]
        usages = [Usage(**way, web_searches=searches) for way in ways]
        return [cost(model, usage, tier=tier, at=at) for usage in usages]

    low = min(priced(count.low, output[0]), key=_rank)
    if count.high is None:
        return low, None
    return low, max(priced(count.high, output[1], output[1] if apart else 0), key=_rank)


def _rank(price: Cost) -> tuple[bool, Decimal]:
    return price.partial, price.total


def _output_range(expected: object) -> tuple[int, int]:
    pair = (expected, expected) if _is_count(expected) else expected
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(
            f"expected_output: expected tokens of the reply, one number or (low, high), "
            f"got {expected!r}"
        )
    low, high = (check_whole("expected_output", value) for value in pair)
    if low > high:
        raise ValueError(f"expected_output: expected low <= high, got ({low}, {high})")
    return low, high


def _is_count(value: object) -> bool:
    """Return whether it is a whole number: an int, or one of NumPy or pandas."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        return False
    return getattr(value, "ndim", 0) == 0  # an array has the method, too


def _requests(inputs: object) -> list[Any]:
    """Return the requests that `inputs` stands for: texts, token counts or one chat."""
    if isinstance(inputs, str):
        return [inputs]
    if _is_count(inputs):
        return [check_whole("inputs", inputs)]
    if isinstance(inputs, Iterable) and not isinstance(inputs, (bytes, bytearray, memoryview)):
        items: list[Any] = list(inputs) if hasattr(inputs, "__len__") else [None]  # no generators
        if items and all(isinstance(plain(item), dict) for item in items):
            return [items]
        if all(isinstance(item, str) or _is_count(item) for item in items):
            return [item if isinstance(item, str) else operator.index(item) for item in items]
    raise TypeError(
        "inputs: expected a text, a list of texts, a list of messages or token counts, "
        f"got {type(inputs).__name__}"
    )


def _count_request(request: Any, model: Model) -> TokenCount:
    if isinstance(request, int):
        tokens = check_whole("inputs", request)
        return TokenCount(tokens, tokens, tokens, exact=True)
    if model.encoding is None:
        return _estimate(request, model)
    if isinstance(request, str):
        from tokenkit.encodings import get_encoding

        tokens, exact = get_encoding(model.encoding).count(request), bool(model.encoding_exact)
        notes = (
            () if exact else (f"the encoding of {model.name} is assumed to be {model.encoding}",)
        )
        return TokenCount(tokens, tokens, tokens, exact, notes)
    from tokenkit.chat import count_messages

    return count_messages(request, model)


def _with_search(count: TokenCount) -> TokenCount:
    """Return the count of a request that is a web search, whose text the model reads, too."""
    note = "each request is a web search, whose text is not in it"
    return replace(count, high=None, exact=False, notes=(*count.notes, note))


def _estimate(request: Any, model: Model) -> TokenCount:
    from tokenkit.chat import check_messages, estimate_tokens, request_rule

    if isinstance(request, str):
        return add_counts([estimate_tokens(request, model)])
    tally = request_rule(model, estimate=True).tally(check_messages(request))
    tokens, low, high, exact = tally.numbers()
    return MessageCount(
        tokens=tokens,
        low=low,
        high=high,
        exact=exact,
        notes=tuple(tally.notes),
        parts=tally.parts(),
    )


def _fits(model: Model, counts: Sequence[TokenCount], output: int) -> tuple[bool | None, str]:
    """Return whether every request fits with the longest reply, and the first reason why not."""
    verdicts = [_request_fits(model, count, output) for count in counts]
    for wanted in (False, None):
        for verdict in verdicts:
            if verdict[0] is wanted:
                return verdict
    return True, ""


def _request_fits(model: Model, count: TokenCount, output: int) -> tuple[bool | None, str]:
    room = output if model.window == "shared" else 0
    limits = [
        ("max_input_tokens", model.max_input_tokens, 0),
        ("context_window", model.context_window, room),
    ]
    if model.kind == "embedding":
        limits = [("safe_input_tokens", model.safe_input_tokens, 0)]
    if model.max_output_tokens is not None and output > model.max_output_tokens:
        return False, f"{output} tokens of reply exceed max_output_tokens {model.max_output_tokens}"
    known = [(name, limit, extra) for name, limit, extra in limits if limit is not None]
    if not known:
        return None, "no limits are published"
    for name, limit, extra in known:
        if count.low + extra > limit:
            return False, f"{count.low + extra} tokens exceed {name} {limit}"
    for name, limit, extra in known:
        if count.high is None:
            return None, f"the count has no upper bound and may exceed {name} {limit}"
        if count.high + extra > limit:
            return None, f"up to {count.high + extra} tokens may exceed {name} {limit}"
    return True, ""
