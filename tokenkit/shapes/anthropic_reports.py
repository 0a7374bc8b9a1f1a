"""Anthropic's reports of an organization's usage: of messages, and of Claude Code.

Source: "Get Messages Usage Report" and "Claude Code Usage Report" of Anthropic's Admin API (2026).
Rows are sums over a minute, an hour or a day; cached and written tokens stand beside the uncached
ones. `context_window` says how long the prompts of a row are, where rows are grouped by it. What
Claude Code is estimated to cost is in US cents and is not read.
"""

from __future__ import annotations

from tokenkit.shapes import anthropic
from tokenkit.shapes.meanings import Meaning, Table, Word, counts, harmless

MESSAGES: dict[str, Meaning] = {
    **counts(
        {
            "uncached_input_tokens": "uncached",
            "cache_read_input_tokens": "cached",
            "output_tokens": "output",
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
    **harmless("api_key_id workspace_id account_id service_account_id"),
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
