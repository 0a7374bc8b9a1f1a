"""The keys of a request of Anthropic's messages API.

Source: `MessageCreateParams`, the stable and the beta one, of anthropic 2.14.0 (PyPI). "Set to 0 to
populate the prompt cache": a reply of no tokens may be asked for.
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

__all__ = ["ANTHROPIC_REQUEST"]

_BINDING = Fields(plain_keys("prefix_mismatch_behavior"))
_THINKING = Fields(
    {**plain_keys("type budget_tokens display"), "block_binding": _BINDING}, slot="thinking"
)
ANTHROPIC_REQUEST: dict[str, RequestMeaning] = {
    **kept("model messages system tools tool_choice service_tier speed"),
    "thinking": _THINKING,
    "cache_control": Fields(plain_keys("type ttl"), slot="cache_control"),
    "max_tokens": Whole("max_tokens", least=0),
    "output_config": Fields(
        {
            "format": Keep("output_schema"),
            "effort": PLAIN,
            "task_budget": Fields(plain_keys("type total remaining")),
        }
    ),
    "output_format": Keep("output_schema"),
    "inference_geo": Keep("region"),
    "mcp_servers": Open("the tools of these servers are not in the request"),
    "container": Open(
        "files and skills of the container are not in the request", plain_keys("id skills")
    ),
    "context_management": Keep("context_management"),
    "compaction": Keep("context_management"),
    "thread": Open(
        "the turns of the thread are not in the request", plain_keys("type previous_message_id")
    ),
    "fallbacks": Fee("another model may answer, at its own rates"),
    "metadata": Fields({"user_id": PLAIN}),
    "billing_policy": Fields(plain_keys("type bill_to")),
    "diagnostics": Fields(plain_keys("previous_message_id")),
    **plain_keys(
        """betas fallback_credit_token stop_sequences stream temperature top_k top_p
        user_profile_id workspace_id"""
    ),
}
