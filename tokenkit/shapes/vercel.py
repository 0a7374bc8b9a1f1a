"""Vercel's AI SDK: usage of versions 4 to 6, embeddings, and the provider's nested form.

Source: vercel/ai, `packages/ai/src/types/usage.ts` and `LanguageModelV3Usage` (read 2026-11):
version 6 has `inputTokenDetails` and `outputTokenDetails` inside the wholes; version 5 had the flat
`cachedInputTokens` and `reasoningTokens`; version 4 `promptTokens` and `completionTokens`. In
version 5 the provider for Anthropic left cached tokens out of `inputTokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes import gemini
from tokenkit.shapes.meanings import REPEATED, Meaning, Table, Word, counts, get, harmless
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.provider_tools import ProviderCalls

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
_CALLS = ProviderCalls("providerExecuted", (True,), "toolName", "input")


@dataclass(frozen=True)
class Steps:
    """`steps`: each has the calls of its own; those of the last one stand beside it, too."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        steps = value if isinstance(value, (list, tuple)) else ()
        book.count("steps", path, len(steps))
        for index, step in enumerate(steps):
            _CALLS.read(book, f"{path}[{index}].toolCalls", get(step, "toolCalls"))


@dataclass(frozen=True)
class ProviderMetadata:
    """`providerMetadata`: Google's searches that grounded the reply, and Anthropic's own usage."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        for name in ("google", "vertex"):
            grounding = get(get(value, name), "groundingMetadata")
            if grounding is not None:
                place = f"{path}.{name}.groundingMetadata"
                gemini.GROUNDING.read(book, place, grounding)
        usage = get(get(value, "anthropic"), "usage")
        if usage is not None:
            REPEATED.read(book, f"{path}.anthropic.usage", usage)


RESPONSE: dict[str, Meaning] = {
    "toolCalls": _CALLS,
    "steps": Steps(),
    "providerMetadata": ProviderMetadata(),
    "response": _RESPONSE_INFO,
    "model": Table({"modelId": Word("model"), "provider": Word("served_by")}),
    **harmless(
        """text content reasoning reasoningText files sources staticToolCalls
        dynamicToolCalls toolResults staticToolResults dynamicToolResults finishReason
        rawFinishReason warnings request output experimental_output object
        embedding embeddings value values rawResponse finalStep"""
    ),
}
