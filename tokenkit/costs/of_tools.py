"""`tool_costs`: what a list of tools adds to every request, in tokens and USD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tokenkit._checks import check_whole
from tokenkit.chat import CountPart, TokenCount, request_rule
from tokenkit.costs.bill import price
from tokenkit.costs.rates import Tier, tier_name
from tokenkit.costs.results import Cost
from tokenkit.models import Model, get_model
from tokenkit.shapes import Usage

__all__ = ["ToolCosts", "tool_costs"]


@dataclass(frozen=True, kw_only=True)
class ToolCosts(TokenCount):
    """The tokens that tools add to a request; a `TokenCount` with `parts`, the largest tool first.

    Parts of kind "tool" are single tools, by their `index` in the list; one of kind "tools" is what
    belongs to none of them. `cost` is USD for the input of `turns` requests.
    """

    model: str
    parts: tuple[CountPart, ...]
    turns: int
    cost: Cost


def tool_costs(
    tools: Sequence[Any],
    model: str | Model,
    *,
    turns: int = 1_000,
    tier: Tier | str = "standard",
    at: date | str | None = None,
) -> ToolCosts:
    """Count the tokens that a list of tools adds to every request, and price `turns` of them.

    Tools are those of OpenAI, Anthropic, Gemini, MCP and Bedrock. A model whose tokenizer is
    private is estimated. No prompt cache is assumed.

    Raises UnknownModelError, and ValueError or TypeError that name the faulty tool.

    >>> now = {"name": "now", "description": "The time", "inputSchema": {"type": "object"}}
    >>> costs = tool_costs([now], "gpt-4o")
    >>> [part.where for part in costs.parts], costs.turns, str(costs.cost.total)
    (['tools[0] now', 'tools'], 1000, '0.065')
    """
    record = get_model(model)
    check_whole("turns", turns)
    before = request_rule(record, estimate=True).tally([])
    after = request_rule(record, tools=tools, estimate=True).tally([])
    own = [part for part in after.fixed if part.kind in ("tool", "tools")]
    single = sorted((part for part in own if part.kind == "tool"), key=lambda part: -part.tokens)
    tokens = after.total - before.total
    low, high = after.bounds()
    first_low, first_high = before.bounds()
    least = max(0, low - (first_high or 0))
    return ToolCosts(
        tokens=tokens,
        low=tokens if after.exact else least,
        high=None if high is None else max(tokens, high - first_low),
        exact=after.exact,
        notes=tuple(note for note in after.notes if note not in before.notes),
        model=record.name,
        parts=(*single, *(part for part in own if part.kind == "tools")),
        turns=turns,
        cost=price(
            record,
            Usage(input_tokens=tokens * turns),
            tier_name(tier, record),
            at,
            requests=turns,
            longer_than=max(0, tokens - 1),
        ),
    )
