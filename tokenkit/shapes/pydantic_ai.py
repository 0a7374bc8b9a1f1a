"""pydantic-ai's `RequestUsage`, `RunUsage` and `ModelResponse`.

Source: `UsageBase` of pydantic-ai-slim 2.68.0 (PyPI): input_tokens is the total, "this total
includes cached tokens (cache_read_tokens, cache_write_tokens) and audio tokens".
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Amount, Charged, Fee, Meaning, Word, counts, harmless

USAGE: dict[str, Meaning] = {
    **counts(
        {
            "request_tokens": "input",
            "response_tokens": "output",
            "cache_read_tokens": "cached",
            "cache_write_tokens": "written",
            "cache_write_1h_tokens": "written_long",
            "cache_audio_read_tokens": "cached_audio",
            "input_audio_tokens": "audio_in",
            "output_audio_tokens": "audio_out",
            "output_reasoning_tokens": "reasoning",
            "requests": "requests",
        }
    ),
    "audio_seconds": Amount("audio_seconds"),
    "unmeasured_requests": Fee("unmeasured_requests", "request", "their usage was not reported"),
    # `details` repeats the provider's own numbers, by its own names; tool calls are the caller's.
    **harmless("details tool_calls"),
    "cost": Charged(),
}
RESPONSE: dict[str, Meaning] = {
    "model_name": Word("model"),
    "timestamp": Word("created"),
    "provider_name": Word("served_by"),
    **harmless(
        """parts kind provider_url provider_details provider_response_id finish_reason metadata
        run_id state conversation_id vendor_id vendor_details"""
    ),
}
