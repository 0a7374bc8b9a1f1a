"""How many tokens a model's input may have.

>>> budget = Budget.for_model("gpt-4o", max_output=4_000)
>>> budget.context_window, budget.input_limit
(128000, 124000)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenkit._checks import check_fraction, check_tokens
from tokenkit._face import public
from tokenkit.models import Model, get_model

__all__ = ["Budget"]


@public
@dataclass(frozen=True)
class Budget:
    """The room of one request, in tokens.

    `context_window`, `max_input` and `max_output` are the model's published limits (`max_output`
    the reply that is reserved, if one is), None where not published. `input_limit` is what the
    messages may use: the tightest limit (`limit_name`) less the reserved reply, the safety margin
    and `tools_tokens`. OpenAI's embedding models have `inputs_per_request` and `tokens_per_request`
    too; they are None for other models, as other providers' limits are not known here.
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
        max_output: int | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        safety: float = 0.0,
    ) -> Budget:
        """The budget of a model: `max_output` tokens are kept for the reply (None: nothing is),
        no more than the model can give; `safety` is a fraction of the limit kept free.

        Raises UnknownModelError, and ValueError for numbers out of range or a model whose limits
        are not published.

        >>> Budget.for_model("text-embedding-3-small").input_limit
        8191
        >>> Budget.for_model("gpt-5", max_output=1_000).limit_name
        'max_input_tokens'
        """
        record = get_model(model)
        reserved = 0
        if max_output is not None:
            reserved = clamp_output(record, check_tokens("max_output", max_output, 1))
        limit, name = tightest_limit(record, reserved, safety)
        used = 0
        if tools:
            from tokenkit.chat import request_rule

            fixed = request_rule(record, tools=tools).tally([]).fixed
            used = sum(part.tokens for part in fixed if part.kind in ("tool", "tools"))
        return cls(
            model=record.name,
            context_window=record.context_window,
            max_input=record.max_input_tokens,
            max_output=record.max_output_tokens if max_output is None else reserved,
            input_limit=max(0, limit - used),
            limit_name=name,
            reserved=reserved,
            tools_tokens=used,
            safety=safety,
            inputs_per_request=record.inputs_per_request,
            tokens_per_request=record.tokens_per_request,
        )


def clamp_output(model: Model, tokens: int) -> int:
    """No more than the model can reply."""
    return tokens if model.max_output_tokens is None else min(tokens, model.max_output_tokens)


def tightest_limit(model: Model, reserved: int, safety: float) -> tuple[int, str]:
    """(tokens, name) of the limit that an input meets first when `reserved` tokens are kept for the
    reply, less the fraction `safety`."""
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
            f"no context window is published for {model.name}; "
            "register_model({..., 'context_window': ...}) can give one"
        )
    tightest, name = min(limits)
    return int(tightest * (1 - safety)), name
