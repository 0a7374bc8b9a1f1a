"""The keys of a request to Gemini, as the SDK takes them and as they are sent.

Source: `GenerateContentConfig` and `GenerationConfig` of google-genai 3.6.1 (PyPI): the SDK puts
all options into `config`, the API those of the reply into `generationConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tokenkit.shapes.meanings import camel
from tokenkit.shapes.requests import (
    Fields,
    Keep,
    Open,
    RequestMeaning,
    Whole,
    kept,
    plain_keys,
)

__all__ = ["GEMINI_REQUEST"]


def _spelled(table: Mapping[str, RequestMeaning]) -> dict[str, RequestMeaning]:
    """Return the table with each snake_case key in camelCase, too."""
    return {spelling: item for key, item in table.items() for spelling in (key, camel(key))}


_REPLY: dict[str, RequestMeaning] = {
    "max_output_tokens": Whole("max_output_tokens"),
    "candidate_count": Whole("choices"),
    "response_schema": Keep("output_schema"),
    "response_json_schema": Keep("output_schema"),
    "thinking_config": Keep("thinking"),
    "media_resolution": Keep("media_resolution"),
    "service_tier": Keep("service_tier"),
    **plain_keys(
        """audio_timestamp audio_transcription_config enable_affective_dialog
        enable_enhanced_civic_answers frequency_penalty image_config logprobs
        model_selection_config presence_penalty response_logprobs response_mime_type
        response_modalities routing_config seed speech_config stop_sequences temperature top_k
        top_p translation_config"""
    ),
}
_CALLING = plain_keys("mode allowed_function_names stream_function_call_arguments")
_TOOL_CONFIG: dict[str, RequestMeaning] = {
    "function_calling_config": Fields(_spelled(_CALLING)),
    **plain_keys("retrieval_config include_server_side_tool_invocations"),
}
_AROUND: dict[str, RequestMeaning] = {
    "system_instruction": Keep("system"),
    "tools": Keep("tools"),
    "cached_content": Open("the cached content is not in the request"),
    "continuation_token": Open("the turns before the continuation are not in the request"),
    "tool_config": Fields(_spelled(_TOOL_CONFIG)),
    **plain_keys("safety_settings labels model_armor_config store"),
}
_SDK_ONLY = plain_keys(
    """http_options should_return_http_response automatic_function_calling
    automatic_continuation generation_output_config"""
)
GEMINI_REQUEST: dict[str, RequestMeaning] = _spelled(
    {
        **kept("model contents"),
        "generation_config": Fields(_spelled(_REPLY)),
        "config": Fields(_spelled({**_REPLY, **_AROUND, **_SDK_ONLY})),
        **_AROUND,
        "service_tier": Keep("service_tier"),
    }
)
