"""Vercel's AI SDK: usage of versions 4 to 6, embeddings, and the provider's nested form.

Source: vercel/ai, `packages/ai/src/types/usage.ts` and `LanguageModelV3Usage` (read 2026-11):
version 6 has `inputTokenDetails` and `outputTokenDetails` inside the wholes; version 5 had the flat
`cachedInputTokens` and `reasoningTokens`; version 4 `promptTokens` and `completionTokens`. In
version 5 the provider for Anthropic left cached tokens out of `inputTokens`.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import REPEATED, Meaning, Table, Word, counts, harmless

USAGE: dict[str, Meaning] = {
    "model": Word("model"),  # flat rows of logs
    **counts(
        {
            "inputTokens": "input",
            "outputTokens": "output",
            "promptTokens": "input",
            "completionTokens": "output",
            "totalTokens": "total",
            "reasoningTokens": "reasoning",
            "cachedInputTokens": "cached",
        }
    ),
    "inputTokenDetails": Table(
        counts(
            {
                "noCacheTokens": "uncached",
                "cacheReadTokens": "cached",
                "cacheWriteTokens": "written",
            }
        )
    ),
    "outputTokenDetails": Table(counts({"textTokens": "text_out", "reasoningTokens": "reasoning"})),
    "raw": REPEATED,  # the provider's own object
}
# LanguageModelV3Usage: what a provider hands to the SDK.
PROVIDER_USAGE: dict[str, Meaning] = {
    "inputTokens": Table(
        counts(
            {
                "total": "input",
                "noCache": "uncached",
                "cacheRead": "cached",
                "cacheWrite": "written",
            }
        )
    ),
    "outputTokens": Table(
        counts({"total": "output", "text": "text_out", "reasoning": "reasoning"})
    ),
    "raw": REPEATED,
}
_RESPONSE_INFO = Table(
    {
        "modelId": Word("model"),
        "timestamp": Word("created"),
        **harmless("id headers messages body"),
    }
)
RESPONSE: dict[str, Meaning] = {
    "response": _RESPONSE_INFO,
    "model": Table({"modelId": Word("model"), "provider": Word("served_by")}),
    **harmless(
        """text content reasoning reasoningText files sources toolCalls staticToolCalls
        dynamicToolCalls toolResults staticToolResults dynamicToolResults finishReason
        rawFinishReason warnings request providerMetadata steps output experimental_output object
        embedding embeddings value values rawResponse finalStep"""
    ),
}
