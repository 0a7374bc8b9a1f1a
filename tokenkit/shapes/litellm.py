"""LiteLLM's `Usage`: OpenAI's whole, with Anthropic's field names side by side.

Source: `Usage`, `PromptTokensDetailsWrapper`, `CompletionTokensDetailsWrapper`, `ServerToolUse` and
`CacheCreationTokenDetails` of litellm 1.110.2 (PyPI). `prompt_tokens` holds the cached tokens;
`cache_read_input_tokens` repeats them. Its logs are `StandardLoggingPayload` and, in a proxy's
database, `SpendLogsPayload`: the cached tokens are in `metadata.usage_object`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tokenkit.shapes import anthropic
from tokenkit.shapes.meanings import (
    Amount,
    Charged,
    Count,
    Fee,
    Items,
    Meaning,
    Table,
    Word,
    counts,
    get,
    harmless,
    has,
)
from tokenkit.shapes.notebook import Notebook

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


@dataclass(frozen=True)
class LogMetadata:
    """`metadata` of a log, also as JSON, with the whole usage object."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (RecursionError, ValueError):
                book.unknown(path, value)
                return
        book.opaque.append(path)
        usage = get(value, "usage_object")
        if usage:
            book.enter(book, f"{path}.usage_object", usage)


LOG: dict[str, Meaning] = {
    **counts({"prompt_tokens": "input", "completion_tokens": "output", "total_tokens": "total"}),
    "model": Word("model"),
    "startTime": Word("created"),
    "metadata": LogMetadata(),
    "response_cost": Charged(),
    "spend": Charged(),
    **harmless(
        """id trace_id session_id litellm_call_id request_id call_type stream cost_breakdown
        cost_finalized autorouter_savings autorouter_savings_estimate
        autorouter_baseline_observation response_cost_failure_debug_info zero_cost_diagnostic status
        status_fields endTime completionStartTime response_time model_map_information model_id
        model_group api_base api_key custom_llm_provider cache_hit cache_key saved_cache_cost
        request_tags request_model_access_groups end_user requester_ip_address user_agent messages
        response error_str error_information model_parameters hidden_params guardrail_information
        standard_built_in_tools_params accounting_payload accounting_log_disabled
        accounting_delivery_id mcp_namespaced_tool_name billing_agent_id agent_id user team_id
        organization_id proxy_server_request request_duration_ms"""
    ),
}


def is_log(value: Any) -> bool:
    """Return whether this is a row of LiteLLM's log of requests."""
    return has(value, "call_type", "startTime") and has(value, "prompt_tokens")


def unpaid(value: Any) -> str | None:
    """Return why nobody paid a vendor for a row of the log; None where somebody did."""
    if not is_log(value):
        return None
    if str(get(value, "status")) == "failure":
        return "the request failed"
    if str(get(value, "cache_hit")).lower() == "true":
        return "LiteLLM answered from its own cache, so the vendor charged nothing"
    return None
