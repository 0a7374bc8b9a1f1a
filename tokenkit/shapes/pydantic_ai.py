"""pydantic-ai's `RequestUsage`, `RunUsage` and `ModelResponse`.

Source: `UsageBase` of pydantic-ai-slim 2.68.0 (PyPI): input_tokens is the total, "this total
includes cached tokens (cache_read_tokens, cache_write_tokens) and audio tokens".
"""

from __future__ import annotations

from tokenkit.shapes.meanings import (
    HARMLESS,
    Amount,
    Charged,
    Each,
    Fee,
    Meaning,
    PaidItem,
    Table,
    Word,
    counts,
    harmless,
)
from tokenkit.shapes.provider_tools import ProviderCalls

# The provider's own numbers once more, by its own names and those of pydantic-ai's adapters.
_DETAILS: dict[str, Meaning] = {
    **harmless(
        """input_tokens output_tokens prompt_tokens completion_tokens total_tokens cached_tokens
        cache_read_input_tokens cache_creation_input_tokens cache_write_tokens audio_tokens
        text_tokens image_tokens accepted_prediction_tokens rejected_prediction_tokens
        thoughts_tokens cached_content_tokens tool_use_prompt_tokens text_prompt_tokens
        audio_prompt_tokens image_prompt_tokens video_prompt_tokens document_prompt_tokens
        text_candidates_tokens audio_candidates_tokens image_candidates_tokens text_cache_tokens
        audio_cache_tokens image_cache_tokens video_cache_tokens text_tool_use_prompt_tokens
        web_fetch_requests compaction_input_tokens compaction_output_tokens is_byok"""
    ),
    **counts({"reasoning_tokens": "reasoning", "web_search_requests": "web_searches"}),
}
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
    "details": Table(_DETAILS),
    "tool_calls": HARMLESS,  # the caller's own tools
    "cost": Charged(),
}
RESPONSE: dict[str, Meaning] = {
    "parts": ProviderCalls("part_kind", ("builtin-tool-call",), "tool_name", "args"),
    "model_name": Word("model"),
    "timestamp": Word("created"),
    "provider_name": Word("served_by"),
    **harmless(
        """kind provider_url provider_details provider_response_id finish_reason metadata
        run_id state conversation_id vendor_id vendor_details model_id canonical_system
        workspace_ref history_digest"""
    ),
    # "Their usage is not included in `usage`, which is this response's own."
    "failed_attempts": Each(PaidItem("failed_attempt", "request", "its usage is not in this one")),
}
