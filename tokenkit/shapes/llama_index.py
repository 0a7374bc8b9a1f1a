"""LlamaIndex: the `ChatResponse` with the provider's own answer, and `TokenCountingEvent`.

Source: `ChatResponse` and `TokenCountingEvent` of llama-index-core 0.14.25 (PyPI). The event counts
with a tokenizer of the caller's and knows neither cached tokens nor reasoning.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, counts, harmless

EVENT: dict[str, Meaning] = {
    **counts(
        {
            "prompt_token_count": "input",
            "completion_token_count": "output",
            "total_token_count": "total",
        }
    ),
    **harmless("prompt completion event_id"),
}
RESPONSE: dict[str, Meaning] = harmless(
    "message delta additional_kwargs logprobs likelihood_score text"
)
