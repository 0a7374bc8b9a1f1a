"""Which of several models takes these inputs, at how many tokens and what price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tokenkit._face import public
from tokenkit.costs.bill import Cost, cost
from tokenkit.costs.quantities import whole_number
from tokenkit.costs.rates import EXACT, plain
from tokenkit.models import Model, get_model

__all__ = ["ModelComparison", "compare"]

Inputs = str | int | Sequence[str] | Sequence[int] | Sequence[Mapping[str, Any]]


_NO_REPLY = ("embedding", "moderation", "rerank")
# Tokens taken for the frame of a message where its format is private: none to twice this.
FRAME = 4


@public
@dataclass(frozen=True)
class ModelComparison:
    """One model's row. Tokens are those of all inputs together; costs are USD.

    `fits` is None where it cannot be told: no limits are published, or the estimate lies on both
    sides of them. `exact` says whether the count comes from the model's own vocabulary; where it
    does not, the number lies between `tokens_low` and `tokens_high`. `reason` says what does not
    fit or is not known. `details` holds the single costs behind `cost_low` and `cost_high`, which
    are too low where `partial` is True.
    """

    model: str
    fits: bool | None
    tokens: int
    tokens_low: int
    tokens_high: int
    exact: bool
    cost_low: Decimal
    cost_high: Decimal
    partial: bool
    reason: str
    details: tuple[tuple[Cost, Cost], ...]


@dataclass(frozen=True)
class _Count:
    tokens: int
    low: int
    high: int
    exact: bool


def compare(
    inputs: Inputs,
    models: Iterable[str | Model],
    *,
    expected_output: tuple[int, int] | int = (0, 0),
    tier: str = "standard",
    at: date | str | None = None,
) -> list[ModelComparison]:
    """One row per model, in the order given: does it fit, tokens, lowest and highest cost (USD).

    `inputs` is one text, a chat (a list of messages), a list of texts (each its own request), or
    token counts already known (an int or a list of them). Texts are counted as they stand, chats
    with their framing, tool calls and images. `expected_output` is the fewest and most tokens of
    each reply (none from an embedding, moderation or rerank model). Models with a private tokenizer
    are estimated, of the frame of their messages 0 to 8 tokens each. `tier`
    and `at` are those of `cost`.

    Raises UnknownModelError, ValueError for negative numbers or a low above its high, and TypeError
    for inputs of another type.

    >>> rows = compare(9_000, ["gpt-4", "gpt-4o"], expected_output=(100, 500))
    >>> [(row.model, row.fits, str(row.cost_low), str(row.cost_high)) for row in rows]
    [('gpt-4', False, '0.276', '0.3'), ('gpt-4o', True, '0.0235', '0.0275')]
    """
    low, high = _output_range(expected_output)
    requests = _requests(inputs)
    rows = []
    for name in models:
        model = get_model(name)
        counts = [_count_request(request, model) for request in requests]
        least, most = (0, 0) if model.kind in _NO_REPLY else (low, high)
        costs = tuple(
            (
                cost(model, input_tokens=count.low, output_tokens=least, tier=tier, at=at),
                cost(model, input_tokens=count.high, output_tokens=most, tier=tier, at=at),
            )
            for count in counts
        )
        fits, reason = _fits(model, counts, most)
        rows.append(
            ModelComparison(
                model=model.name,
                fits=fits,
                tokens=sum(count.tokens for count in counts),
                tokens_low=sum(count.low for count in counts),
                tokens_high=sum(count.high for count in counts),
                exact=all(count.exact for count in counts),
                cost_low=_total(pair[0] for pair in costs),
                cost_high=_total(pair[1] for pair in costs),
                partial=any(one.partial for pair in costs for one in pair),
                reason=reason,
                details=costs,
            )
        )
    return rows


def _total(costs: Iterable[Cost]) -> Decimal:
    total = Decimal(0)
    for one in costs:
        total = EXACT.add(total, one.total)
    return plain(total)


def _output_range(expected: object) -> tuple[int, int]:
    pair = (expected, expected) if isinstance(expected, int) else expected
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"expected_output must be (low, high) tokens, got {expected!r}")
    low, high = (whole_number("expected_output", value) for value in pair)
    if low > high:
        raise ValueError(f"expected_output must not fall from {low} to {high}")
    return low, high


def _requests(inputs: object) -> list[Any]:
    """The requests that `inputs` stands for: texts, token counts or one chat."""
    if isinstance(inputs, (str, int)) and not isinstance(inputs, bool):
        return [inputs]
    if isinstance(inputs, Sequence) and not isinstance(inputs, (bytes, bytearray, memoryview)):
        items = list(inputs)
        if items and all(isinstance(item, Mapping) for item in items):
            return [items]
        if all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in items):
            return items
    raise TypeError(
        "inputs must be a text, a list of texts, a list of messages or token counts, "
        f"got {type(inputs).__name__}"
    )


def _count_request(request: Any, model: Model) -> _Count:
    if isinstance(request, int):
        tokens = whole_number("inputs", request)
        return _Count(tokens, tokens, tokens, exact=True)
    if model.encoding is None:
        return _estimate(request, model)
    if isinstance(request, str):
        from tokenkit.encodings import get_encoding

        tokens = get_encoding(model.encoding).count(request)
        return _Count(tokens, tokens, tokens, exact=bool(model.encoding_exact))
    from tokenkit.chat import count_messages

    counted = count_messages(request, model)
    return _Count(counted.total, counted.low, counted.high, counted.exact)


def _estimate(request: Any, model: Model) -> _Count:
    from tokenkit.chat import estimate_tokens

    if isinstance(request, str):
        texts, other, frames = [request], 0, 0
    else:
        texts, other, frames = _contents(request, model)
    estimates = [estimate_tokens(text, model) for text in texts]
    return _Count(
        sum(estimate.tokens for estimate in estimates) + other + FRAME * frames,
        sum(estimate.low for estimate in estimates),
        sum(estimate.high for estimate in estimates) + other + 2 * FRAME * frames,
        exact=False,
    )


def _contents(messages: Any, model: Model) -> tuple[list[str], int, int]:
    """Texts, tokens of images and files, and the number of messages and calls of a chat."""
    from tokenkit.chat import PartCounter, Tally, check_calls, check_role

    parts = PartCounter(model, None, Tally())
    texts: list[str] = []
    other = frames = 0
    for index, message in enumerate(messages):
        check_role(index, message)
        said, tokens = parts.texts(message.get("content"), index)
        calls = check_calls(index, message.get("tool_calls") or ())
        texts += said
        texts += [f"{name} {arguments}" for _, name, arguments in calls]
        other += tokens
        frames += 1 + len(calls)
    return texts, other, frames


def _fits(model: Model, counts: Sequence[_Count], output: int) -> tuple[bool | None, str]:
    """Whether every request fits with the longest reply, and the first reason why not."""
    verdicts = [_request_fits(model, count, output) for count in counts]
    for wanted in (False, None):
        for verdict in verdicts:
            if verdict[0] is wanted:
                return verdict
    return True, ""


def _request_fits(model: Model, count: _Count, output: int) -> tuple[bool | None, str]:
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
        if count.high + extra > limit:
            return None, f"up to {count.high + extra} tokens may exceed {name} {limit}"
    return True, ""
