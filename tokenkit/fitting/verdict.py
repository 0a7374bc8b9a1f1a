"""The limits that one request meets, and whether it is within them for all that it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenkit.fitting.api_limits import request_limits
from tokenkit.models import Model

__all__ = ["Limit", "Verdict", "limits_of", "verdict_on"]


class Limit(NamedTuple):
    """A limit of a model, in tokens; the reply counts towards it where `with_output` is set."""

    name: str
    tokens: int
    with_output: bool = False

    def room(self, output: int) -> int:
        """Return the tokens that the input may have beside a reply of `output` tokens."""
        return self.tokens - output if self.with_output else self.tokens


class Verdict(NamedTuple):
    """Whether a request fits: True or False for all that it may be, else None.

    `limit` is the one that leaves the input the least room.
    """

    fits: bool | None
    limit: Limit | None


def limits_of(model: Model, inputs: int = 1) -> list[Limit]:
    """Return the limits of a model for a request; `inputs` are those of an embeddings request."""
    if model.kind == "embedding":
        if inputs == 1 and model.safe_input_tokens is not None:
            return [Limit("safe_input_tokens", model.safe_input_tokens)]
        most = request_limits(model)["max_tokens"]
        return [] if most is None else [Limit("tokens_per_request", most)]
    limits = []
    if model.context_window is not None:
        limits.append(Limit("context_window", model.context_window, model.window == "shared"))
    if model.max_input_tokens is not None:
        limits.append(Limit("max_input_tokens", model.max_input_tokens))
    return limits


def verdict_on(limits: Sequence[Limit], low: int, high: int | None, output: int) -> Verdict:
    """Judge an input of `low` to `high` tokens (None: no upper bound) and a reply."""
    if not limits:
        return Verdict(None, None)
    tightest = min(limits, key=lambda limit: limit.room(output))
    room = tightest.room(output)
    if low > room:
        return Verdict(False, tightest)
    return Verdict(True if high is not None and high <= room else None, tightest)
