"""Alibaba's Qwen (DashScope) and MiniMax: OpenAI's keys, with explicit caches and characters.

Source: DashScope's guide to context caches and MiniMax's chat completion reference (2026), as
litellm 1.110.2 (PyPI) reads them.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, Table, counts, harmless

_DETAILS = Table(
    {
        "cache_creation": Table(counts({"ephemeral_5m_input_tokens": "written_short"})),
        **harmless("cache_type"),
    }
)
USAGE: dict[str, Meaning] = {
    "prompt_tokens_details": _DETAILS,
    "input_tokens_details": _DETAILS,
    **harmless("total_characters plugins x_details"),
}
