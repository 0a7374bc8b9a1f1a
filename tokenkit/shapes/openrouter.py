"""OpenRouter's chat completions: OpenAI's keys, what was charged, and who served the request.

Source: OpenRouter's pages "Usage Accounting" and the models `ChatUsage` and `OpenResponsesUsage` of
its SDK's reference (2026). `cost` is what OpenRouter charged, in USD credits.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Charged, Meaning, Table, Word, counts, harmless

_PROMPT = Table({**counts({"cache_write_tokens": "written"}), **harmless("video_tokens")})
USAGE: dict[str, Meaning] = {
    "prompt_tokens_details": _PROMPT,
    "input_tokens_details": _PROMPT,
    "cost": Charged(),
    **harmless("cost_details is_byok"),
}
RESPONSE: dict[str, Meaning] = {
    "provider": Word("served_by"),
    **harmless("native_tokens_prompt native_tokens_completion openrouter_metadata"),
}
