"""Which shape an object has: one table, from the keys that mark a shape. The first that fits wins.

Vendors copy each other's keys, and proxies mix them, so shapes that share their words are read as
one family with one merged table: a key means the same in all of it, or importing fails.
"""

from __future__ import annotations

from typing import Any

from tokenkit.shapes import (
    agents,
    anthropic,
    anthropic_reports,
    batches,
    bedrock,
    cohere,
    deepseek,
    gemini,
    groq,
    hosts,
    langchain,
    litellm,
    llama_index,
    mistral,
    moonshot,
    ollama,
    openai,
    openrouter,
    opentelemetry,
    pydantic_ai,
    qwen,
    vercel,
    xai,
)
from tokenkit.shapes.meanings import HARMLESS, Table, fields_of, get, harmless, has, merged
from tokenkit.shapes.shape import Shape, all_of, any_of, around, names, with_object

__all__ = ["SHAPES", "shape_of"]


# OpenAI's keys and those of all who took them over.
SNAKE = merged(
    openai.USAGE,
    agents.USAGE,
    anthropic.USAGE,
    deepseek.USAGE,
    groq.USAGE,
    hosts.USAGE,
    langchain.USAGE,
    litellm.USAGE,
    mistral.USAGE,
    moonshot.USAGE,
    openrouter.USAGE,
    pydantic_ai.USAGE,
    qwen.USAGE,
    xai.USAGE,
)
CHAT_RESPONSE = merged(
    openai.CHAT_RESPONSE,
    groq.RESPONSE,
    hosts.RESPONSE,
    mistral.RESPONSE,
    openrouter.RESPONSE,
    qwen.RESPONSE,
    xai.RESPONSE,
)
RESPONSES_RESPONSE = merged(openai.RESPONSE, openrouter.RESPONSE, xai.RESPONSE)
CAMEL = merged(vercel.USAGE, bedrock.USAGE)


def _is_usage_row(value: Any) -> bool:
    return with_object("organization.usage.")(value) or all_of(
        "num_model_requests", "input_tokens"
    )(value)


def _is_tokens_of_provider(value: Any) -> bool:
    return fields_of(get(value, "inputTokens")) is not None


def _is_langchain(value: Any) -> bool:
    return all_of("usage_metadata", "response_metadata")(value) or (
        has(value, "usage_metadata", "content") and not has(value, "candidates")
    )


def _is_converse(value: Any) -> bool:
    return has(value, "usage") and any_of("stopReason", "metrics")(value)


def _is_responses(value: Any) -> bool:
    return get(value, "object") == "response" or (
        has(value, "output", "usage") and isinstance(get(value, "output"), (list, tuple))
    )


def _is_vercel(value: Any) -> bool:
    return has(value, "usage") and any_of(
        "finishReason", "totalUsage", "toolCalls", "providerMetadata"
    )(value)


def _is_llama_index(value: Any) -> bool:
    return has(value, "raw") and any_of("message", "delta", "additional_kwargs", "text")(value)


def _is_pydantic_ai(value: Any) -> bool:
    return has(value, "usage") and (get(value, "kind") == "response" or has(value, "parts"))


def _is_cohere(value: Any) -> bool:
    return any(get(get(value, key), "billed_units") is not None for key in ("usage", "meta"))


_GEMINI_COUNTS = tuple(key for key in gemini.USAGE if "oken" in key and "etails" not in key)
SHAPES = (
    *batches.SHAPES,
    Shape(
        "OpenTelemetry attributes",
        lambda value: (
            any(key.startswith(opentelemetry.USAGE_PREFIX) for key in names(value))
            or fields_of(get(value, "gen_ai")) is not None
        ),
        opentelemetry.Attributes(),
    ),
    Shape("OpenTelemetry span", all_of("attributes"), Table(opentelemetry.SPAN)),
    Shape(
        "OpenAI usage export of web searches",
        with_object("organization.usage.web_search"),
        Table(openai.SEARCH_EXPORT),
    ),
    Shape(
        "OpenAI usage export of file searches",
        with_object("organization.usage.file_search"),
        Table(openai.FILE_SEARCH_EXPORT),
    ),
    Shape(
        "OpenAI usage export of decisions",
        with_object("organization.usage.decisions"),
        Table(openai.EXPORT),
        tier="decisions",
    ),
    Shape("OpenAI usage export", _is_usage_row, Table(openai.EXPORT)),
    Shape(
        "Anthropic usage report's row",
        lambda value: has(value, "group") and has(get(value, "usage"), "uncached_input_tokens"),
        Table(anthropic_reports.ROW),
    ),
    Shape(
        "Anthropic usage report",
        all_of("uncached_input_tokens", "output_tokens"),
        Table(anthropic_reports.MESSAGES),
    ),
    Shape(
        "Claude Code usage report",
        lambda value: has(value, "model") and has(get(value, "tokens"), "input", "output"),
        Table(anthropic_reports.CLAUDE_CODE),
    ),
    Shape("usage report of a model", all_of("usage_report"), Table(agents.REPORT)),
    Shape("LiteLLM's log", litellm.is_log, Table(litellm.LOG)),
    Shape("OpenAI batch", with_object("batch"), around(openai.BATCH, "usage"), tier="batch"),
    Shape(
        "realtime event",
        lambda value: get(value, "type") == "response.done" and has(value, "response"),
        around(harmless("type event_id"), "response"),
    ),
    Shape(
        "Responses event",
        lambda value: str(get(value, "type")).startswith("response.") and has(value, "response"),
        around(harmless("type sequence_number"), "response"),
    ),
    Shape(
        "realtime response",
        with_object("realtime.response"),
        around(openai.REALTIME_RESPONSE, "usage"),
    ),
    Shape(
        "Anthropic message",
        lambda value: get(value, "type") == "message" and has(value, "usage"),
        around(anthropic.MESSAGE, "usage"),
    ),
    Shape(
        "Anthropic message delta",
        lambda value: get(value, "type") == "message_delta",
        around(harmless("type delta context_management"), "usage"),
    ),
    Shape(
        "Claude Code's transcript",
        lambda value: (
            has(get(value, "message"), "usage") and any_of("sessionId", "session_id")(value)
        ),
        Table(agents.TRANSCRIPT),
    ),
    Shape(
        "Codex's log",
        lambda value: get(get(value, "payload"), "type") == "token_count",
        Table(agents.CODEX_LINE),
    ),
    Shape(
        "Codex's count",
        lambda value: get(value, "type") == "token_count" and has(value, "info"),
        Table(agents.CODEX_COUNT),
    ),
    Shape(
        "Anthropic message start",
        lambda value: get(value, "type") == "message_start",
        around(harmless("type"), "message"),
    ),
    Shape(
        "Gemini interaction",
        lambda value: has(get(value, "usage"), "total_input_tokens"),
        around(gemini.INTERACTION, "usage"),
    ),
    Shape(
        "Bedrock Converse stream",
        lambda value: has(get(value, "metadata"), "usage", "metrics"),
        around({}, "metadata"),
    ),
    Shape(
        "Bedrock invocation metrics",
        lambda value: has(value, bedrock.METRICS) and not has(value, "usage"),
        around(harmless("type"), bedrock.METRICS),
        host="bedrock",
    ),
    Shape("Bedrock Converse", _is_converse, around(bedrock.RESPONSE, "usage"), host="bedrock"),
    Shape("LangChain message", _is_langchain, around(langchain.MESSAGE, "usage_metadata")),
    Shape(
        "Gemini response",
        any_of("usageMetadata", "usage_metadata"),
        around(gemini.RESPONSE, "usageMetadata", "usage_metadata"),
    ),
    Shape("Cohere response", _is_cohere, around(cohere.RESPONSE, "usage", "meta")),
    Shape("pydantic-ai response", _is_pydantic_ai, around(pydantic_ai.RESPONSE, "usage")),
    Shape("Responses", _is_responses, around(RESPONSES_RESPONSE, "usage")),
    Shape(
        "Vercel AI result of several steps",
        lambda value: _is_vercel(value) and has(value, "totalUsage"),
        around({**vercel.RESPONSE, "usage": HARMLESS}, "totalUsage"),
    ),
    Shape("Vercel AI result", _is_vercel, around(vercel.RESPONSE, "usage")),
    Shape("LlamaIndex response", _is_llama_index, around(llama_index.RESPONSE, "raw")),
    Shape("Mistral OCR", all_of("usage_info"), around(CHAT_RESPONSE, "usage_info")),
    Shape("chat completion", all_of("usage"), around(CHAT_RESPONSE, "usage")),
    Shape(
        "LlamaIndex counting event",
        all_of("prompt_token_count", "completion_token_count"),
        Table(llama_index.EVENT),
    ),
    Shape(
        "Gemini interaction's usage",
        any_of("total_input_tokens", "total_output_tokens"),
        Table(gemini.INTERACTION_USAGE),
    ),
    Shape(
        "OpenAI live session",
        lambda value: has(value, "seconds", "active_seconds"),
        Table(openai.LIVE_SESSION),
    ),
    Shape("Gemini", any_of(*_GEMINI_COUNTS), Table(gemini.USAGE)),
    Shape("Ollama", any_of(*ollama.MARKS), Table(ollama.RESPONSE), host="ollama"),
    Shape("Cohere", any_of("billed_units"), Table(cohere.USAGE)),
    Shape("Vercel AI provider", _is_tokens_of_provider, Table(vercel.PROVIDER_USAGE)),
    Shape("Bedrock", any_of(*bedrock.MARKS), Table(CAMEL), host="bedrock"),
    Shape(
        "Vercel AI",
        any_of(
            "inputTokenCount",
            "inputTokens",
            "outputTokens",
            "promptTokens",
            "completionTokens",
            "totalTokens",
        ),
        Table(CAMEL),
    ),
    Shape(
        "OpenAI and those who took its keys",
        any_of(
            "prompt_tokens",
            "completion_tokens",
            "input_tokens",
            "output_tokens",
            "total_tokens",
            "request_tokens",
            "response_tokens",
            "seconds",
            "pages_processed",
            "cache_read_input_tokens",
        ),
        Table(SNAKE),
    ),
)


def shape_of(value: Any) -> Shape | None:
    """Return the first shape of the table that fits; None where none does."""
    entries = fields_of(value)
    if entries is None:
        return None
    fields = dict(entries)  # so that each look is one, also at the attributes of an object
    return next((shape for shape in SHAPES if shape.fits(fields)), None)
