"""Alibaba's Qwen (DashScope) and MiniMax: OpenAI's keys, with explicit caches and characters.

Source: DashScope's guide to context caches and MiniMax's chat completion reference (2026), as
litellm 1.110.2 (PyPI) reads them.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import HARMLESS, Fee, Meaning, Table, counts, harmless

_DETAILS = Table(
    {
        "cache_creation": Table(counts({"ephemeral_5m_input_tokens": "written_short"})),
        **harmless("cache_type"),
    }
)
USAGE: dict[str, Meaning] = {
    "prompt_tokens_details": _DETAILS,
    "input_tokens_details": _DETAILS,
    "plugins": Table(
        {"search": Table({"count": Fee("plugin_search", "call"), "strategy": HARMLESS})}
    ),
    **harmless("total_characters x_details"),
}
# DashScope's own API, and MiniMax.
RESPONSE: dict[str, Meaning] = harmless(
    """code message output base_resp input_sensitive input_sensitive_type output_sensitive
    output_sensitive_type output_sensitive_int"""
)
