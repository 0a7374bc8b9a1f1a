"""Tokens to money, in exact decimals, by tier and date."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.costs.bill import cost as cost, price as price
    from tokenkit.costs.comparison import ModelComparison as ModelComparison, compare as compare
    from tokenkit.costs.from_usage import (
        CostTracker as CostTracker,
        always_searches as always_searches,
        cost_from_usage as cost_from_usage,
        cost_of_reading as cost_of_reading,
        region_without_rate as region_without_rate,
    )
    from tokenkit.costs.of_tools import ToolCosts as ToolCosts, tool_costs as tool_costs
    from tokenkit.costs.rates import (
        EXACT as EXACT,
        TIERS as TIERS,
        Tier as Tier,
        plain as plain,
        price_day as price_day,
        price_moment as price_moment,
        tier_name as tier_name,
    )
    from tokenkit.costs.results import (
        Cost as Cost,
        CostLine as CostLine,
        total_of as total_of,
    )
    from tokenkit.costs.shares import (
        known_media as known_media,
        most_media as most_media,
        prompt_shares as prompt_shares,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "bill": "cost",
            "comparison": "ModelComparison compare",
            "from_usage": "CostTracker cost_from_usage",
            "rates": "TIERS",
            "results": "Cost CostLine",
            "of_tools": "ToolCosts tool_costs",
        },
        internal={
            "bill": "price",
            "from_usage": "always_searches cost_of_reading region_without_rate",
            "rates": "EXACT Tier plain price_day price_moment tier_name",
            "results": "total_of",
            "shares": "known_media most_media prompt_shares",
        },
    )
