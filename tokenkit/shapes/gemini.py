"""Google's Gemini, on the Gemini API and on Vertex AI, in camelCase and in snake_case.

Source: `GenerateContentResponseUsageMetadata`, live `UsageMetadata`, `Candidate`,
`GroundingMetadata`, and `Usage` of `Interaction`, of google-genai 3.6.1 (PyPI). The prompt holds
the cached tokens; thoughts stand beside the candidates and the results of tools beside the prompt:
total_token_count is "the sum of prompt_token_count, candidates_token_count,
tool_use_prompt_token_count, and thoughts_token_count".
Grounding is billed by prompt up to Gemini 2.5 and by search query from Gemini 3 on (the pricing
page of the Gemini API, 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.meanings import (
    HARMLESS,
    Count,
    Each,
    Meaning,
    Table,
    Word,
    both_spellings,
    counts,
    fields_of,
    get,
    harmless,
    items_of,
)
from tokenkit.shapes.notebook import Notebook
from tokenkit.shapes.scalars import as_count, is_absent

_SLOTS = {
    "prompt": {"AUDIO": "audio_in", "IMAGE": "image_in", "VIDEO": "video_in"},
    "cache": {"AUDIO": "cached_audio", "IMAGE": "cached_image", "VIDEO": "cached_video"},
    "reply": {"AUDIO": "audio_out", "IMAGE": "image_out", "VIDEO": "video_out"},
}
_PLAIN = ("TEXT", "DOCUMENT", "MODALITY_UNSPECIFIED")


@dataclass(frozen=True)
class Modalities:
    """A list of {modality, tokenCount} or {modality, tokens}, parts of the whole."""

    side: str

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, item in enumerate(items_of(book, path, value)):
            place = f"{path}[{index}]"
            kind, tokens = "", None
            for key, part in fields_of(item) or ():
                if key == "modality":
                    kind = str(getattr(part, "value", part)).upper().rpartition(".")[2]
                elif key in ("token_count", "tokenCount", "tokens"):
                    tokens = part
                else:
                    book.unknown(f"{place}.{key}", part)
            slot = _SLOTS[self.side].get(kind)
            if slot and not is_absent(tokens):
                book.add(slot, f"{path}.{kind}", as_count(place, tokens))
            elif kind not in _PLAIN and not slot:
                book.unknown(f"{place}.modality", kind or item)


@dataclass(frozen=True)
class Queries:
    """The queries that grounding sent to the search engine; empty ones are not billed."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        number = sum(1 for query in items_of(book, path, value) if query)
        book.count("grounding_queries", path, number)
        book.count("grounded_prompts", path, min(number, 1))


@dataclass(frozen=True)
class ToolCounts:
    """`grounding_tool_count` of an interaction: a list of {type, count}."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        for index, item in enumerate(items_of(book, path, value)):
            place, tool = f"{path}[{index}]", str(get(item, "type"))
            slots = {"google_search": "grounding_queries", "google_maps": "stated maps_grounding"}
            keys: dict[str, Meaning] = {"type": HARMLESS, "count": HARMLESS}
            if tool in slots:
                keys["count"] = Count(slots[tool])
                book.count("grounded_prompts", path, 1)
            elif tool != "retrieval":
                book.unknown(f"{place}.type", tool)
            Table(keys).read(book, place, item)


@dataclass(frozen=True)
class Maps:
    """A sign that Google Maps grounded the reply, which is paid for once: a widget or a place."""

    def read(self, book: Notebook, path: str, value: Any) -> None:
        widget = isinstance(value, str)
        if widget or any(get(chunk, "maps") is not None for chunk in items_of(book, path, value)):
            book.count("done maps_grounding", "grounding", 1)
        book.opaque.append(path)


USAGE: dict[str, Meaning] = both_spellings(
    {
        **counts(
            {
                "prompt_token_count": "input",
                "candidates_token_count": "output",
                "response_token_count": "output",
                "cached_content_token_count": "cached",
                "thoughts_token_count": "reasoning",
                "tool_use_prompt_token_count": "tool_results",
                "total_token_count": "total",
            }
        ),
        "prompt_tokens_details": Modalities("prompt"),
        "cache_tokens_details": Modalities("cache"),
        "candidates_tokens_details": Modalities("reply"),
        "response_tokens_details": Modalities("reply"),
        "tool_use_prompt_tokens_details": HARMLESS,
        "traffic_type": Word("tier"),
        "service_tier": Word("tier"),
        "billable_character_count": HARMLESS,
    }
)
# The Interactions API.
INTERACTION_USAGE: dict[str, Meaning] = {
    **counts(
        {
            "total_input_tokens": "input",
            "total_output_tokens": "output",
            "total_cached_tokens": "cached",
            "total_thought_tokens": "reasoning",
            "total_tool_use_tokens": "tool_results",
            "total_tokens": "total",
        }
    ),
    "input_tokens_by_modality": Modalities("prompt"),
    "cached_tokens_by_modality": Modalities("cache"),
    "output_tokens_by_modality": Modalities("reply"),
    "grounding_tool_count": ToolCounts(),
    **harmless("tool_use_tokens_by_modality initial_input_tokens"),  # in the totals already
}
INTERACTION: dict[str, Meaning] = {
    "model": Word("model"),
    "created": Word("created"),
    "service_tier": Word("tier"),
    **harmless(
        """status agent agent_config cached_content continuation_ids continuation_token environment
        environment_id errors generation_config id input labels output_audio output_image
        output_text output_video previous_interaction_id response_format response_mime_type
        response_modalities safety_settings steps system_instruction tools updated webhook_config
        object role outputs"""
    ),
}
GROUNDING = Table(
    both_spellings(
        {
            "web_search_queries": Queries(),
            "image_search_queries": Queries(),
            "retrieval_queries": HARMLESS,
            "grounding_chunks": Maps(),
            "google_maps_widget_context_token": Maps(),
            **harmless(
                """grounding_supports retrieval_metadata search_entry_point
                source_flagging_uris"""
            ),
        }
    )
)
_CANDIDATE = Table(
    both_spellings(
        {
            "grounding_metadata": GROUNDING,
            **harmless(
                """content citation_metadata finish_message token_count finish_reason avg_logprobs
                index logprobs_result safety_ratings url_context_metadata continuation_token
                grounding_attributions score"""
            ),
        }
    )
)
RESPONSE: dict[str, Meaning] = both_spellings(
    {
        "candidates": Each(_CANDIDATE),
        "model_version": Word("model"),
        "create_time": Word("created"),
        **harmless(
            """sdk_http_response prompt_feedback response_id model_status
            automatic_function_calling_history parsed server_content setup_complete go_away"""
        ),
    }
)
