"""How many tokens a model's input may have.

>>> budget = Budget.for_model("gpt-4o", max_output=4_000)
>>> budget.context_window, budget.input_limit
(128000, 124000)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tokenkit._checks import check_fraction, check_tokens
from tokenkit._face import public
from tokenkit.encodings import overhead_of
from tokenkit.models import Model, get_model

__all__ = ["Budget", "MaxOutput"]

# Tokens of the reply; "auto": what the input leaves, up to the model's cap; None: reserve nothing.
MaxOutput: TypeAlias = int | Literal["auto"] | None

MIN_OUTPUT = 256  # the least that "auto" reserves unless told otherwise


@public
@dataclass(frozen=True)
class Budget:
    """The room of one request, in tokens.

    `context_window`, `max_input` and `max_output` are the model's published limits (`max_output`
    the reply that is reserved, if a number is), None where not published. `input_limit` is what
    the messages may use: the tightest limit (`limit_name`) less the `reserved` reply, the safety
    margin, the encoding's `overhead` and `tools_tokens`. What a chat template writes around
    messages is in their count, so models that take messages have no `overhead`. OpenAI's embedding
    models have `inputs_per_request` and `tokens_per_request` too; other models have None, as the
    limits of other providers are not known here.
    """

    model: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    input_limit: int
    limit_name: str
    reserved: int = 0
    tools_tokens: int = 0
    safety: float = 0.0
    inputs_per_request: int | None = None
    tokens_per_request: int | None = None

    @classmethod
    def for_model(
        cls,
        model: str | Model,
        *,
        max_output: MaxOutput = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        safety: float = 0.0,
    ) -> Budget:
        """Make the budget of a model.

        `max_output` is the number of tokens to reserve for the reply, no more than the model can
        give; "auto" reserves the 256 that `fit` leaves it at least, None nothing. `safety` is a
        fraction of the limit to keep free.

        Raises UnknownModelError, TypeError for arguments of another type, and ValueError for
        numbers out of range or a model whose limits are not published.

        >>> Budget.for_model("text-embedding-3-small").input_limit
        8191
        >>> Budget.for_model("gpt-5", max_output=1_000).limit_name
        'max_input_tokens'
        >>> Budget.for_model("gpt-4", max_output="auto").input_limit
        7936
        """
        record = get_model(model)
        reserved = reserved_tokens(record, max_output)
        limit, name = tightest_limit(record, reserved, safety)
        used = 0
        if tools:
            from tokenkit.chat import request_rule

            fixed = request_rule(record, tools=tools, estimate=True).tally([]).fixed
            used = sum(part.tokens for part in fixed if part.kind in ("tool", "tools"))
        return cls(
            model=record.name,
            context_window=record.context_window,
            max_input=record.max_input_tokens,
            max_output=record.max_output_tokens if max_output in (None, "auto") else reserved,
            input_limit=max(0, limit - used),
            limit_name=name,
            reserved=reserved,
            tools_tokens=used,
            safety=safety,
            inputs_per_request=record.inputs_per_request,
            tokens_per_request=record.tokens_per_request,
        )


def clamp_output(model: Model, tokens: int) -> int:
    """Give no more tokens than the model can reply with."""
    return tokens if model.max_output_tokens is None else min(tokens, model.max_output_tokens)


def reserved_tokens(
    model: Model, max_output: object, min_output: int = MIN_OUTPUT, reasoning: int = 0
) -> int:
    """Give the tokens to reserve for the reply before the input is known.

    Raises ValueError or TypeError for numbers out of range.
    """
    check_tokens("reasoning_reserve", reasoning)
    check_tokens("min_output", min_output)
    if max_output is None:
        return reasoning
    if isinstance(max_output, str):
        if max_output != "auto":
            raise ValueError(
                f"max_output: expected 'auto', None or a number of tokens, got {max_output!r}"
            )
        return clamp_output(model, min_output + reasoning)
    return clamp_output(model, check_tokens("max_output", max_output, 1)) + reasoning


def reply_tokens(model: Model, max_output: object, used: int) -> int | None:
    """Give the reply's number for the API beside an input of `used` tokens.

    None where nothing was reserved, or nothing limits the reply.
    """
    if max_output is None:
        return None
    if max_output != "auto":
        return clamp_output(model, check_tokens("max_output", max_output, 1))
    if model.window == "separate" or model.context_window is None:
        return model.max_output_tokens
    return clamp_output(model, max(0, model.context_window - used))


def tightest_limit(model: Model, reserved: int, safety: float) -> tuple[int, str]:
    """Give (tokens, name) of the limit that an input meets first.

    `reserved` tokens are kept for the reply and the fraction `safety` of the limit is kept free. So
    are the tokens that the model's tokenizer puts around a text, but for a model that takes
    messages: there they are among those that its template or rule counts around a chat.
    Raises ValueError if no limit of the model is published.
    """
    check_fraction("safety", safety)
    limits: list[tuple[int, str]] = []
    if model.context_window is not None:
        room = model.context_window - (reserved if model.window == "shared" else 0)
        limits.append((room, "context_window"))
    if model.max_input_tokens is not None:
        limits.append((model.max_input_tokens, "max_input_tokens"))
    if model.kind == "embedding" and model.safe_input_tokens is not None:
        limits.append((model.safe_input_tokens, "safe_input_tokens"))
    if not limits:
        raise ValueError(
            f"{model.name}: no context window is published; give one with "
            "register_model({..., 'context_window': ...})"
        )
    tightest, name = min(limits)
    overhead = 0 if model.takes_messages else overhead_of(model.encoding)
    return int(tightest * (1 - safety)) - overhead, name
