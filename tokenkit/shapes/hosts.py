"""Hosts that serve OpenAI's chat completions with keys of their own: Azure, vLLM, Perplexity ...

Source: the API references of Azure OpenAI, vLLM, Together, Fireworks, Cerebras, DeepInfra and
Perplexity (2026). Perplexity bills citations and searches apart from the prompt, and each request.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Fee, Meaning, PaidItem, harmless

USAGE: dict[str, Meaning] = {
    "citation_tokens": Fee("citations", "token"),
    "num_search_queries": Fee("searches", "call"),
    "search_context_size": PaidItem("request", "request", "its fee goes by the size of the search"),
    # Times, sizes, and what the host itself charged.
    **harmless(
        """estimated_cost time_to_first_token total_latency
        total_tokens_per_sec completion_tokens_per_sec acceptance_rate stop_reason is_last_response
        start_time end_time"""
    ),
}
RESPONSE: dict[str, Meaning] = harmless(
    """prompt_filter_results prompt_annotations prompt_logprobs prompt_token_ids
    kv_transfer_params prompt perf_metrics time_info search_results related_questions images videos
    warnings nvext sglext"""
)
