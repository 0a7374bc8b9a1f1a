"""The hooks that `tokenkit.integrations.agents` makes; importing this file imports the SDK."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from agents import AgentHooks, RunHooks

from tokenkit import CostTracker, Model, get_model
from tokenkit.integrations.guarding import UNMEASURED, check_spent


class _Priced:
    """Prices the replies of a run: the two kinds of hooks call the same methods.

    `model_of` gives the model of an agent.
    """

    def __init__(
        self,
        tracker: CostTracker,
        model_of: Callable[[Any], str | Model],
        max_usd: Decimal | None,
    ) -> None:
        self.tracker = tracker
        self.model_of = model_of
        self.max_usd = max_usd

    async def on_llm_start(self, context: Any, agent: Any, *sent: Any) -> None:
        """Check what was spent, and that the next reply can be priced."""
        check_spent(self.tracker, self.max_usd)
        get_model(self.model_of(agent))

    async def on_llm_end(self, context: Any, agent: Any, response: Any) -> None:
        """Add the cost of a reply."""
        usage = response.usage
        self.tracker.add(usage if usage.total_tokens else UNMEASURED, self.model_of(agent))


class PricedRun(_Priced, RunHooks[Any]):  # type: ignore[misc,unused-ignore]
    """Hooks of a run."""


class PricedAgent(_Priced, AgentHooks[Any]):  # type: ignore[misc,unused-ignore]
    """Hooks of one agent."""
