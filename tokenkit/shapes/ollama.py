"""Ollama's own API: `/api/chat`, `/api/generate` and `/api/embed`.

Source: Ollama's page "Usage" (2026): `prompt_eval_count` are the tokens of the prompt, of which
`prompt_eval_cached_count` were read from the cache; `eval_count` are those of the reply; times are
in nanoseconds.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import Meaning, Word, counts, harmless

MARKS = ("prompt_eval_count", "eval_count")
RESPONSE: dict[str, Meaning] = {
    **counts(
        {
            "prompt_eval_count": "input",
            "prompt_eval_cached_count": "cached",
            "eval_count": "output",
        }
    ),
    "model": Word("model"),
    "created_at": Word("created"),
    **harmless(
        """message response thinking done done_reason context embeddings logprobs remote_model
        remote_host total_duration load_duration prompt_eval_duration eval_duration"""
    ),
}
