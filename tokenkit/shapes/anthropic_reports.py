"""Anthropic's reports of an organization's usage: of messages, and of Claude Code.

Source: "Get Messages Usage Report" and "Claude Code Usage Report" of Anthropic's Admin API (2026),
`BetaAnalyticsUsageBucketedResult` and `BetaAnalyticsUsageItem` of anthropic 2.14.0 (PyPI).
Rows are sums over a minute, an hour or a day; cached and written tokens stand beside the uncached
ones. `context_window` says how long the prompts of a row are, where rows are grouped by it. What
Claude Code is estimated to cost is in US cents and is not read.
"""

from __future__ import annotations

from tokenkit.shapes import anthropic
from tokenkit.shapes.meanings import HARMLESS, INNER, Count, Meaning, Table, Word, counts, harmless

_DIMENSIONS = """api_key_id workspace_id account_id service_account_id starting_at ending_at
    claude_tag_category claude_tag_user_id product rbac_group_id slack_channel_id actor actor_type
    agent_id deployment_id environment_id organization_id session_id user_profile_id"""
_WORDS = ("model", "service_tier", "speed", "inference_geo", "context_window")
MESSAGES: dict[str, Meaning] = {
    **counts(
        {
            "uncached_input_tokens": "uncached",
            "cache_read_input_tokens": "cached",
            "output_tokens": "output",
            "total_tokens": "total",
        }
    ),
    "cache_creation": anthropic.WRITES,
    "server_tool_use": anthropic.SERVER_TOOLS,
    "model": Word("model"),
    "service_tier": Word("tier"),
    "speed": Word("speed"),
    "inference_geo": Word("region"),
    "context_window": Word("context_window"),
    "start_time": Word("created"),
    "requests": Count("requests"),
    **harmless(_DIMENSIONS),
}
# Rows of the analytics API: what they are grouped by, and what was used.
ROW: dict[str, Meaning] = {
    "group": Table({**{name: MESSAGES[name] for name in _WORDS}, **harmless(_DIMENSIONS)}),
    "usage": INNER,
    "starting_at": Word("created"),
    "ending_at": HARMLESS,
}
CLAUDE_CODE: dict[str, Meaning] = {
    "model": Word("model"),
    "tokens": Table(
        counts(
            {
                "input": "uncached",
                "output": "output",
                "cache_read": "cached",
                "cache_creation": "written",
            }
        )
    ),
    "start_time": Word("created"),
    **harmless("estimated_cost"),
}
