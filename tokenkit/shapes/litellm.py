"""LiteLLM's `Usage`: OpenAI's whole, with Anthropic's field names side by side.

Source: `Usage`, `PromptTokensDetailsWrapper`, `CompletionTokensDetailsWrapper`, `ServerToolUse` and
`CacheCreationTokenDetails` of litellm 1.110.2 (PyPI). `prompt_tokens` holds the cached tokens;
`cache_read_input_tokens` repeats them.
"""

from __future__ import annotations

from tokenkit.shapes import anthropic
from tokenkit.shapes.meanings import Amount, Count, Fee, Items, Meaning, Table, counts, harmless

_DETAILS = Table(
    {
        **counts(
            {
                "cache_creation_tokens": "written",
                "cache_creation_input_tokens": "written",
                "web_search_requests": "web_searches",
                "character_count": "characters",
            }
        ),
        "cache_creation_token_details": anthropic.WRITES,
        "google_maps_grounding_requests": Items("maps_grounding"),
        "image_count": Fee("images", "image"),
        "video_length_seconds": Amount("video_seconds"),
        "audio_length_seconds": Amount("audio_seconds"),
        "query_count": Fee("queries", "call"),
        # Among the prompt's tokens already, or no quantity.
        **harmless("video_tokens tool_use_tokens initial_prompt_tokens cache_type"),
    }
)
USAGE: dict[str, Meaning] = {
    "prompt_tokens_details": _DETAILS,
    "input_tokens_details": _DETAILS,
    "completion_tokens_details": Table(harmless("video_tokens")),
    "cache_read_input_tokens": Count("cached"),
    "cache_creation_input_tokens": Count("written"),
    "cache_creation": anthropic.WRITES,
    "server_tool_use": anthropic.SERVER_TOOLS,
    "speed": anthropic.USAGE["speed"],
    "inference_geo": anthropic.USAGE["inference_geo"],
}
