"""Cohere's chat, embed, rerank and classify: billed units beside the tokens.

Source: `Usage`, `UsageBilledUnits`, `ApiMeta` and `ApiMetaBilledUnits` of cohere 7.3.1 (PyPI). The
billed units are what is paid for; `tokens` counts the template around them, too.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Fee, Items, Meaning, Table, Word, counts, harmless

_BILLED = Table(
    {
        **counts({"input_tokens": "input", "output_tokens": "output", "image_tokens": "image_in"}),
        "images": Fee("images", "image"),
        "search_units": Items("search_unit"),
        "classifications": Fee("classifications", "classification"),
        "pages": Items("page"),
        **harmless("text_tokens"),
    }
)
USAGE: dict[str, Meaning] = {
    "billed_units": _BILLED,
    "tokens": Table(harmless("input_tokens output_tokens")),
    **counts({"cached_tokens": "cached"}),
    **harmless("api_version warnings"),
}
RESPONSE: dict[str, Meaning] = {
    "model": Word("model"),
    **harmless(
        """id message finish_reason logprobs text generation_id chat_history citations documents
        is_search_required search_queries search_results tool_calls response_type embeddings texts
        images results classifications response_id prompt"""
    ),
}
