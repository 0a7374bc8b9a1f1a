"""The keys of a request of OpenAI's chat completions API, and of servers that speak it.

Source: `CompletionCreateParams` of openai 3.57.0 (PyPI): all choices of `n` are billed as output,
and so is what a prediction holds and the reply does not. `data_sources` is Azure's ("On Your
Data"); the sampling parameters in the last lines are those of vLLM's server (its documentation,
2026), and add no text.
"""

from __future__ import annotations

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

__all__ = ["CHAT_REQUEST", "POLICY"]

_PLACE = plain_keys("city country region timezone")
_SEARCH: dict[str, RequestMeaning] = {
    "search_context_size": PLAIN,
    "user_location": Fields({"type": PLAIN, "approximate": Fields(_PLACE), **_PLACE}),
}
POLICY = Fields({"input": Fields({"mode": PLAIN}), "output": Fields({"mode": PLAIN})})
CHAT_REQUEST: dict[str, RequestMeaning] = {
    **kept(
        """model messages tools functions function_call tool_choice response_format
        reasoning_effort service_tier"""
    ),
    "max_completion_tokens": Whole("max_completion_tokens"),
    "max_tokens": Whole("max_tokens"),
    "n": Whole("choices"),
    "prediction": Fields({"type": PLAIN, "content": Keep("prediction")}),
    "web_search_options": Open("the text that a search finds is not in the request", _SEARCH),
    "audio": Fields(plain_keys("format voice")),
    "moderation": Fields({"model": PLAIN, "policy": POLICY}),
    "prompt_cache_options": Fee(
        "writes to the cache have a price of their own", plain_keys("mode ttl")
    ),
    "stream_options": Fields(plain_keys("include_usage include_obfuscation")),
    "data_sources": Open("the text that the server finds in its data is not in the request"),
    **plain_keys(
        """frequency_penalty logit_bias logprobs metadata modalities parallel_tool_calls
        presence_penalty prompt_cache_key prompt_cache_retention safety_identifier seed stop store
        stream temperature top_logprobs top_p user verbosity"""
    ),
    **plain_keys(
        """best_of top_k min_p typical_p repetition_penalty length_penalty min_tokens
        stop_token_ids ignore_eos skip_special_tokens include_stop_str_in_output"""
    ),
}
