"""OpenAI's own shapes: chat completions, Responses, embeddings, images, audio, realtime, batches,
and the usage export of an organization.

Source: the types of openai 3.57.0 (PyPI): `CompletionUsage`, `ResponseUsage`, `BatchUsage`,
`RealtimeResponseUsage`, `ImagesResponse`, `Transcription`, `CreateEmbeddingResponse`,
`Response.tool_usage`, `UsageCompletionsResponse`; cached tokens and cache writes are inside the
input tokens, reasoning and rejected predictions inside the output tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    Amount,
    ByType,
    Count,
    Each,
    Fee,
    Item,
    Items,
    Meaning,
    PaidItem,
    Table,
    Word,
    counts,
    get,
    harmless,
)
from tokenkit.shapes.notebook import Notebook

_CACHED_DETAILS = Table(
    counts(
        {
            "text_tokens": "cached_text",
            "audio_tokens": "cached_audio",
            "image_tokens": "cached_image",
            "cached_text_tokens": "cached_text",
            "cached_image_tokens": "cached_image",
        }
    )
)
_WRITE_DETAILS = Table(
    counts({"ttl_12h_tokens": "written_long", "ttl_30m_tokens": "written_short"})
)
INPUT_DETAILS = Table(
    {
        **counts(
            {
                "cached_tokens": "cached",
                "cache_write_tokens": "written",
                "text_tokens": "text_in",
                "audio_tokens": "audio_in",
                "image_tokens": "image_in",
            }
        ),
        "cache_write_tokens_details": _WRITE_DETAILS,
        "cached_tokens_details": _CACHED_DETAILS,
    }
)
OUTPUT_DETAILS = Table(
    {
        **counts(
            {
                "reasoning_tokens": "reasoning",
                "text_tokens": "text_out",
                "audio_tokens": "audio_out",
                "image_tokens": "image_out",
            }
        ),
        # Both are among the completion tokens already.
        **harmless("accepted_prediction_tokens rejected_prediction_tokens"),
    }
)
USAGE: dict[str, Meaning] = {
    **counts(
        {
            "prompt_tokens": "input",
            "completion_tokens": "output",
            "input_tokens": "input",
            "output_tokens": "output",
            "total_tokens": "total",
            # Codex's token_count events: flat, cached tokens inside the input tokens.
            "cached_input_tokens": "cached",
            "reasoning_output_tokens": "reasoning",
        }
    ),
    "prompt_tokens_details": INPUT_DETAILS,
    "completion_tokens_details": OUTPUT_DETAILS,
    "input_tokens_details": INPUT_DETAILS,
    "output_tokens_details": OUTPUT_DETAILS,
    "input_token_details": INPUT_DETAILS,
    "output_token_details": OUTPUT_DETAILS,
    "service_tier": Word("tier"),
    # Flat rows of logs and data frames.
    "model": Word("model"),
    "created": Word("created"),
    "created_at": Word("created"),
    "type": HARMLESS,  # transcriptions: "tokens" or "duration"
    "seconds": Amount("audio_seconds"),
}
_SVG_USAGE = Table(
    {
        "output_tokens": Fee("svg_authoring", "token", "another model's tokens, priced apart"),
        "input_tokens": Fee("svg_authoring_input", "token", "another model's tokens, priced apart"),
        **harmless("model reasoning_tokens total_tokens"),
    }
)

_CHAT_MESSAGE = Table(
    {
        # Groq's: tools that it ran, at fees of its own.
        "executed_tools": Each(PaidItem("executed_tool", "call")),
        **harmless(
            """role content refusal annotations audio function_call tool_calls name reasoning
            reasoning_content reasoning_details thinking_blocks images citations parsed phase prefix
            provider_specific_fields"""
        ),
    }
)
_CHOICE = Table(
    {
        "message": _CHAT_MESSAGE,
        "delta": _CHAT_MESSAGE,
        **harmless(
            """index finish_reason native_finish_reason logprobs text content_filter_results
            content_filter_result stop_reason token_ids provider_specific_fields matched_stop
            messages"""
        ),
    }
)
# Chat completions, completions, embeddings, images, transcriptions, speech, moderations.
CHAT_RESPONSE: dict[str, Meaning] = {
    "choices": Each(_CHOICE),
    "model": Word("model"),
    "service_tier": Word("tier"),
    "svg_usage": _SVG_USAGE,
    "created": Word("created"),
    "created_at": Word("created"),
    **harmless(
        """id object system_fingerprint metadata moderation data background output_format quality
        safety_identifier size text languages logprobs task language duration segments words
        request_id results status_code obfuscation provider_specific_fields response_ms type
        event_id item_id content_index transcript b64_json partial_image_index
        partial_image_b64 sequence_number"""
    ),
}


@dataclass(frozen=True)
class WebSearchCall:
    """A web search of the Responses API: only the action "search" is billed, not pages opened.

    Source: OpenAI's web search guide (2026): "search" actions incur a tool call cost.
    """

    def read(self, book: Notebook, path: str, value: Any) -> None:
        keys = harmless("id type status action queries query results agent")
        Table(keys).read(book, path, value)
        action = get(get(value, "action"), "type") or "search"
        book.count("web_search_calls", path, 1 if action == "search" else 0)


@dataclass(frozen=True)
class ShellCall:
    """A command in a container of the vendor's, which is paid for, or on the caller's machine."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        local = get(get(value, "environment"), "type") == "local"
        (HARMLESS if local else Item("code_execution")).read(book, path, value)


_ITEMS = ByType(
    {
        **harmless(
            """message reasoning function_call function_call_output custom_tool_call
            custom_tool_call_output computer_call computer_call_output local_shell_call
            local_shell_call_output shell_call_output apply_patch_call apply_patch_call_output
            mcp_call mcp_list_tools mcp_approval_request mcp_approval_response tool_search_call
            tool_search_output compaction program program_output additional_tools
            code_interpreter_call_output item_reference"""
        ),
        "web_search_call": WebSearchCall(),
        "file_search_call": Item("file_search"),
        "code_interpreter_call": Item("code_execution"),
        "shell_call": ShellCall(),
        "image_generation_call": PaidItem(
            "image_generation", "call", "the image model's tokens are billed apart"
        ),
    }
)
_IMAGE_TOKENS = "the image model's tokens are billed apart"
_TOOL_USAGE = Table(
    {
        "web_search": Table(counts({"num_requests": "web_searches"})),
        "image_gen": Table(
            {
                "total_tokens": Fee("image_generation", "token", _IMAGE_TOKENS),
                **harmless(
                    """input_tokens input_tokens_details output_tokens output_tokens_details
                    cached_tokens cached_tokens_details"""
                ),
            }
        ),
    }
)
RESPONSE: dict[str, Meaning] = {
    "model": Word("model"),
    "service_tier": Word("tier"),
    "created_at": Word("created"),
    "output": Each(_ITEMS),
    "tool_usage": _TOOL_USAGE,
    **harmless(
        """id object access_programs error incomplete_details instructions metadata
        parallel_tool_calls temperature tool_choice tools top_p background completed_at
        conversation image input_transformations max_output_tokens max_tool_calls moderation
        previous_response_id prompt prompt_cache_diagnostics prompt_cache_key prompt_cache_options
        prompt_cache_retention reasoning safety_identifier status text top_logprobs truncation user
        store billing frequency_penalty presence_penalty output_text content_filters"""
    ),
}
# Realtime: the event response.done holds such a response.
REALTIME_RESPONSE: dict[str, Meaning] = {
    **harmless(
        """id object status status_details output conversation_id max_output_tokens metadata audio
        output_modalities modalities voice output_audio_format temperature"""
    )
}
# Live: the duration of a session, where it states its active and paused parts.
LIVE_SESSION: dict[str, Meaning] = {
    "active_seconds": Amount("active_seconds"),
    "paused_seconds": Amount("standby_seconds"),
    "seconds": HARMLESS,  # their sum
}
BATCH: dict[str, Meaning] = {
    "model": Word("model"),
    "created_at": Word("created"),
    "request_counts": Table({"completed": Count("requests"), **harmless("total failed")}),
    **harmless(
        """id object completion_window endpoint input_file_id status cancelled_at cancelling_at
        completed_at error_file_id errors expired_at expires_at failed_at finalizing_at
        in_progress_at metadata output_file_id"""
    ),
}
# Rows of organization.usage.*: sums over many requests.
EXPORT: dict[str, Meaning] = {
    **counts(
        {
            "input_tokens": "input",
            "output_tokens": "output",
            "input_cached_tokens": "cached",
            "input_cached_audio_tokens": "cached_audio",
            "input_cached_image_tokens": "cached_image",
            "input_cached_text_tokens": "cached_text",
            "input_cache_write_tokens": "written",
            "input_cache_write_12h_tokens": "written_long",
            "input_cache_write_30m_tokens": "written_short",
            "input_uncached_tokens": "uncached",
            "input_text_tokens": "text_in",
            "input_audio_tokens": "audio_in",
            "input_image_tokens": "image_in",
            "output_text_tokens": "text_out",
            "output_audio_tokens": "audio_out",
            "output_image_tokens": "image_out",
            "num_model_requests": "requests",
            "characters": "characters",
        }
    ),
    "model": Word("model"),
    "service_tier": Word("tier"),
    "seconds": Amount("audio_seconds"),
    "images": Fee("images", "image", "an export does not list their quality"),
    "num_sessions": Fee("code_interpreter", "session"),
    "usage_bytes": Fee("vector_store", "byte"),
    "start_time": Word("created"),
    **harmless(
        """object api_key_id api_source project_id user_id size source context_level end_time
        vector_store_id"""
    ),
    # Of the table that the dashboard exports.
    **harmless(
        """start_time_iso end_time_iso project_name user_name user_email api_key_name
        organization_id organization_name"""
    ),
}


@dataclass(frozen=True)
class BatchFlag:
    """`batch` of an export's row: whether these were requests of the Batch API."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        if value:
            book.words["tier"] = "batch"  # whatever service_tier says


EXPORT["batch"] = BatchFlag()
SEARCH_EXPORT: dict[str, Meaning] = {**EXPORT, "num_requests": Count("web_searches")}
FILE_SEARCH_EXPORT: dict[str, Meaning] = {**EXPORT, "num_requests": Items("file_search")}
