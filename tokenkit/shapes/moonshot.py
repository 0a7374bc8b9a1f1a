"""Moonshot's (Kimi's) chat completions: OpenAI's keys, with the cached tokens at the top.

Source: Moonshot's API reference, "Chat completion" (2026): usage.cached_tokens.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, counts

USAGE: dict[str, Meaning] = counts({"cached_tokens": "cached"})
