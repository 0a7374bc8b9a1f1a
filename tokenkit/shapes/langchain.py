"""LangChain's `usage_metadata`, and the `AIMessage` that holds it.

Source: `UsageMetadata`, `InputTokenDetails`, `OutputTokenDetails` of langchain-core 1.8.3 (PyPI):
input_tokens is the "sum of all input token types". langchain-openai writes the tokens of another
service tier under keys that begin with the tier's name; langchain-anthropic adds the two lives of
cache writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    REPEATED,
    Count,
    Meaning,
    Table,
    Word,
    counts,
    get,
    harmless,
)
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.provider_tools import ProviderCalls


@dataclass(frozen=True)
class TierCount:
    """Tokens of a service tier, which the key names; the number itself counts for `slot`."""

    tier: str
    slot: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.word("tier", self.tier)
        if self.slot:
            Count(self.slot).read(book, path, value)


_INPUT: dict[str, Meaning] = counts(
    {
        "audio": "audio_in",
        "cache_creation": "written",
        "cache_read": "cached",
        "ephemeral_5m_input_tokens": "written_short",
        "ephemeral_1h_input_tokens": "written_long",
        "image": "image_in",
        "text": "text_in",
    }
)
_OUTPUT: dict[str, Meaning] = counts(
    {"audio": "audio_out", "reasoning": "reasoning", "image": "image_out", "text": "text_out"}
)
for _tier in ("flex", "priority"):
    _INPUT |= {_tier: TierCount(_tier, ""), f"{_tier}_cache_read": TierCount(_tier, "cached")}
    _OUTPUT |= {_tier: TierCount(_tier, ""), f"{_tier}_reasoning": TierCount(_tier, "reasoning")}

USAGE: dict[str, Meaning] = {
    "input_token_details": Table(_INPUT),
    "output_token_details": Table(_OUTPUT),
    # LangSmith's own sums, in USD.
    **harmless("input_cost output_cost total_cost input_cost_details output_cost_details"),
}
_CALLS = ProviderCalls("type", ("server_tool_call", "server_tool_use"), "name", "args", ("_call",))


@dataclass(frozen=True)
class AdditionalKwargs:
    """`additional_kwargs`: older versions keep calls of OpenAI's own tools in `tool_outputs`."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        book.opaque.append(path)
        _CALLS.read(book, f"{path}.tool_outputs", get(value, "tool_outputs"))


MESSAGE: dict[str, Meaning] = {
    "content": _CALLS,
    "additional_kwargs": AdditionalKwargs(),
    "response_metadata": Table(
        {
            "model_name": Word("model"),
            "model": Word("model"),
            "service_tier": Word("tier"),
            "created_at": Word("created"),
            "model_provider": HARMLESS,
            "usage": REPEATED,
            "token_usage": REPEATED,
            **harmless(
                """id finish_reason system_fingerprint logprobs stop_reason stop_sequence object
                status safety_ratings prompt_feedback metadata incomplete_details error user done
                done_reason total_duration load_duration prompt_eval_count
                prompt_eval_duration eval_count eval_duration ResponseMetadata stopReason
                metrics output_version"""
            ),
        }
    ),
    **harmless(
        """type name id example tool_calls invalid_tool_calls lc kwargs
        tool_call_chunks chunk_position"""
    ),
}
