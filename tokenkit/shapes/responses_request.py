"""The keys of a request of OpenAI's Responses API.

Source: `ResponseCreateParams` of openai 3.57.0 (PyPI). A conversation's items and those of the
previous response are put before the input; a stored prompt is kept by the server, and its
variables are put into it.
"""

from __future__ import annotations

from tokenkit.shapes.chat_request import POLICY
from tokenkit.shapes.requests import (
    PLAIN,
    Fee,
    Fields,
    Keep,
    Open,
    RequestMeaning,
    Whole,
    kept,
    plain_keys,
)

__all__ = ["RESPONSES_REQUEST"]

_CACHE = plain_keys("comparison_response_id mode prewarm ttl")
RESPONSES_REQUEST: dict[str, RequestMeaning] = {
    **kept("model input instructions tools tool_choice truncation service_tier"),
    "max_output_tokens": Whole("max_output_tokens"),
    "text": Fields({"format": Keep("response_format"), "verbosity": PLAIN}),
    "previous_response_id": Open("the turns of the earlier response are not in the request"),
    "conversation": Open("the turns of the conversation are not in the request", {"id": PLAIN}),
    "prompt": Open(
        "a stored prompt is not in the request",
        plain_keys("id version variables"),
        slot="stored_prompt",
    ),
    "context_management": Keep("context_management"),
    "image": Fields(kept("context_compression")),
    "reasoning": Fields(
        {
            **plain_keys("context generate_summary summary"),
            "effort": Keep("reasoning_effort"),
            "mode": Keep("reasoning_mode"),
        }
    ),
    "moderation": Fields({"model": PLAIN, "policy": POLICY}),
    "prompt_cache_options": Fee("writes to the cache have a price of their own", _CACHE),
    "background_options": Fields(
        {"continuation_id": PLAIN, "completion_window": Keep("completion_window")}
    ),
    "access_programs": Fields({"cyber": PLAIN}),
    "stream_options": Fields(plain_keys("include_obfuscation")),
    **plain_keys(
        """background include max_tool_calls metadata parallel_tool_calls prompt_cache_key
        prompt_cache_retention safety_identifier store stream temperature top_logprobs top_p user"""
    ),
}
