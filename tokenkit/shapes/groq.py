"""Groq's chat completions: OpenAI's keys, times, and a breakdown by model.

Source: `CompletionUsage` and `ChatCompletion` of groq 1.7.0 (PyPI).
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, harmless

USAGE: dict[str, Meaning] = harmless(
    "queue_time prompt_time completion_time total_time completion_tokens_per_second"
)
RESPONSE: dict[str, Meaning] = harmless("x_groq mcp_list_tools usage_breakdown")
