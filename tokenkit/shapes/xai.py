"""xAI's chat completions and Responses: OpenAI's keys, server-side tools, and Grok's reasoning.

Source: `SamplingUsage` of xai-sdk 1.21.0 (PyPI), and answers of the API that xAI's users show: in
chat completions `total_tokens` is prompt + completion + reasoning, so that reasoning is beside
the completion. Where there is no total, it is taken so for chat completions of xAI's models.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import HARMLESS, Count, Fee, Items, Meaning, Table, counts, harmless

_NO_RATE = "no rate is listed for it"
USAGE: dict[str, Meaning] = {
    # The SDK's object is flat.
    **counts(
        {
            "reasoning_tokens": "reasoning",
            "cached_prompt_text_tokens": "cached",
            "prompt_text_tokens": "text_in",
            "prompt_image_tokens": "image_in",
        }
    ),
    "num_sources_used": Fee("live_search_sources", "source", _NO_RATE),
    "server_side_tool_usage_details": Table(
        {
            "web_search_calls": Count("web_searches"),
            "x_search_calls": Items("x_search"),
            "code_interpreter_calls": Items("code_execution"),
            "file_search_calls": Items("file_search"),
            "document_search_calls": Fee("document_search", "call", _NO_RATE),
            "image_generation_calls": Fee("image_generation", "call", _NO_RATE),
            "mcp_calls": HARMLESS,  # tokens only
        }
    ),
    # Sums of what stands elsewhere, and what xAI itself charged.
    **harmless("num_server_side_tools_used cost_in_usd_ticks context_details"),
    "server_side_tools_used": HARMLESS,
}
RESPONSE: dict[str, Meaning] = harmless("citations debug_output inline_citations")
