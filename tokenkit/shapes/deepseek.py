"""DeepSeek's chat completions: OpenAI's keys, and cache hits and misses beside them.

Source: DeepSeek's API reference, "Create Chat Completion" (2026): prompt_tokens equals
prompt_cache_hit_tokens + prompt_cache_miss_tokens.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, counts

USAGE: dict[str, Meaning] = counts(
    {"prompt_cache_hit_tokens": "cached", "prompt_cache_miss_tokens": "uncached"}
)
