"""Usage objects and responses of many systems, with what they mean. Numbers are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenkit.shapes.canonical import Usage


@dataclass(frozen=True)
class Sample:
    """A foreign object, the model to price it with (None: its own), and what must be read."""

    name: str
    value: Any
    usage: Usage
    model: str | None = "gpt-5"
    tier: str = "standard"


def chat(**usage: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-5-2025-08-07",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "ok", "refusal": None},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": None,
    }


OPENAI = [
    Sample(
        "chat completion",
        chat(
            prompt_tokens=1000,
            completion_tokens=500,
            total_tokens=1500,
            prompt_tokens_details={"cached_tokens": 400, "audio_tokens": 0},
            completion_tokens_details={
                "reasoning_tokens": 300,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 20,
            },
        ),
        Usage(input_tokens=1000, cached_tokens=400, output_tokens=500, reasoning_tokens=300),
        None,
    ),
    Sample(
        "responses, with writes of both lives and searches",
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_790_000_000,
            "model": "gpt-6-sol",
            "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {
                    "type": "web_search_call",
                    "id": "ws_1",
                    "status": "completed",
                    "action": {"type": "search", "query": "tide"},
                },
                {
                    "type": "web_search_call",
                    "id": "ws_2",
                    "status": "completed",
                    "action": {"type": "open_page", "url": "https://example.org"},
                },
                {"type": "message", "role": "assistant", "content": [{"type": "output_text"}]},
            ],
            "usage": {
                "input_tokens": 20_000,
                "input_tokens_details": {
                    "cached_tokens": 500,
                    "cache_write_tokens": 19_000,
                    "cache_write_tokens_details": {
                        "ttl_12h_tokens": 18_000,
                        "ttl_30m_tokens": 1000,
                    },
                },
                "output_tokens": 100,
                "output_tokens_details": {"reasoning_tokens": 60},
                "total_tokens": 20_100,
            },
            "service_tier": "flex",
        },
        Usage(
            input_tokens=20_000,
            cached_tokens=500,
            cache_write_tokens=19_000,
            cache_write_long_tokens=18_000,
            output_tokens=100,
            reasoning_tokens=60,
            web_searches=1,
        ),
        None,
        "flex",
    ),
    Sample(
        "embeddings",
        {
            "object": "list",
            "model": "text-embedding-3-small",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.1]}],
            "usage": {"prompt_tokens": 8, "total_tokens": 8},
        },
        Usage(input_tokens=8),
        None,
    ),
    Sample(
        "images",
        {
            "created": 1_790_000_000,
            "data": [{"b64_json": "AA=="}],
            "quality": "low",
            "size": "1024x1024",
            "usage": {
                "input_tokens": 50,
                "output_tokens": 1056,
                "total_tokens": 1106,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
                "output_tokens_details": {"image_tokens": 1056, "text_tokens": 0},
            },
        },
        Usage(
            input_tokens=50,
            image_input_tokens=40,
            output_tokens=1056,
            image_output_tokens=1056,
        ),
        "gpt-image-1",
    ),
    Sample(
        "realtime",
        {
            "type": "response.done",
            "event_id": "event_1",
            "response": {
                "object": "realtime.response",
                "id": "resp_1",
                "status": "completed",
                "output": [],
                "usage": {
                    "total_tokens": 130,
                    "input_tokens": 100,
                    "output_tokens": 30,
                    "input_token_details": {
                        "text_tokens": 30,
                        "audio_tokens": 70,
                        "image_tokens": 0,
                        "cached_tokens": 60,
                        "cached_tokens_details": {
                            "text_tokens": 10,
                            "audio_tokens": 50,
                            "image_tokens": 0,
                        },
                    },
                    "output_token_details": {"text_tokens": 10, "audio_tokens": 20},
                },
            },
        },
        Usage(
            input_tokens=100,
            cached_tokens=60,
            audio_input_tokens=70,
            cached_audio_tokens=50,
            output_tokens=30,
            audio_output_tokens=20,
        ),
        "gpt-realtime-2.1",
    ),
    Sample(
        "transcription by tokens",
        {
            "text": "hello",
            "usage": {
                "type": "tokens",
                "input_tokens": 14,
                "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
                "output_tokens": 45,
                "total_tokens": 59,
            },
        },
        Usage(input_tokens=14, audio_input_tokens=14, output_tokens=45),
        "gpt-4o-transcribe",
    ),
    Sample(
        "transcription by time",
        {"text": "hello", "usage": {"type": "duration", "seconds": 90}},
        Usage(audio_seconds=90),
        "whisper-1",
    ),
    Sample(
        "line of batch results",
        {
            "id": "batch_req_1",
            "custom_id": "a",
            "response": {
                "status_code": 200,
                "request_id": "r1",
                "body": chat(prompt_tokens=10, completion_tokens=5, total_tokens=15),
            },
            "error": None,
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
        "batch",
    ),
    Sample(
        "batch object",
        {
            "id": "batch_1",
            "object": "batch",
            "endpoint": "/v1/responses",
            "status": "completed",
            "model": "gpt-5",
            "request_counts": {"total": 2, "completed": 2, "failed": 0},
            "usage": {
                "input_tokens": 10,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 2},
                "total_tokens": 15,
            },
        },
        Usage(input_tokens=10, output_tokens=5, reasoning_tokens=2),
        None,
        "batch",
    ),
    Sample(
        "row of the usage export",
        {
            "object": "organization.usage.completions.result",
            "input_tokens": 4_000,
            "input_cached_tokens": 3_000,
            "input_uncached_tokens": 1_000,
            "output_tokens": 500,
            "input_audio_tokens": 0,
            "output_audio_tokens": 0,
            "num_model_requests": 5,
            "project_id": None,
            "user_id": None,
            "api_key_id": None,
            "model": "gpt-5",
            "batch": True,
            "service_tier": None,
        },
        Usage(input_tokens=4_000, cached_tokens=3_000, output_tokens=500),
        None,
        "batch",
    ),
    Sample(
        "flat, as Codex logs it",
        {
            "input_tokens": 1172,
            "cached_input_tokens": 1155,
            "output_tokens": 225,
            "reasoning_output_tokens": 64,
            "total_tokens": 1397,
        },
        Usage(input_tokens=1172, cached_tokens=1155, output_tokens=225, reasoning_tokens=64),
    ),
]
ANTHROPIC_USAGE = {
    "input_tokens": 10,
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 300,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
    "output_tokens": 50,
    "output_tokens_details": {"thinking_tokens": 20},
    "service_tier": "standard",
    "inference_geo": "global",
    "speed": "standard",
    "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 2},
}
ANTHROPIC_READ = Usage(
    input_tokens=1310,
    cached_tokens=1000,
    cache_write_tokens=300,
    cache_write_long_tokens=100,
    output_tokens=50,
    reasoning_tokens=20,
)
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5-5",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "ok"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"any": "thing"}},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": ANTHROPIC_USAGE,
}
ANTHROPIC = [
    Sample("Anthropic usage", ANTHROPIC_USAGE, ANTHROPIC_READ, "claude-opus-5-5"),
    Sample("Anthropic message", MESSAGE, ANTHROPIC_READ, None),
    Sample(
        "Bedrock Converse",
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}},
            "stopReason": "end_turn",
            "usage": {
                "inputTokens": 10,
                "outputTokens": 50,
                "totalTokens": 1360,
                "cacheReadInputTokens": 1000,
                "cacheWriteInputTokens": 300,
                "cacheDetails": [
                    {"ttl": "5m", "inputTokens": 200},
                    {"ttl": "1h", "inputTokens": 100},
                ],
            },
            "metrics": {"latencyMs": 5},
            "serviceTier": {"type": "default"},
        },
        Usage(
            input_tokens=1310,
            cached_tokens=1000,
            cache_write_tokens=300,
            cache_write_long_tokens=100,
            output_tokens=50,
        ),
        "claude-opus-5-5",
    ),
    Sample(
        "LiteLLM: the whole, and Anthropic's fields side by side",
        {
            "prompt_tokens": 17_111,
            "completion_tokens": 100,
            "total_tokens": 17_211,
            "prompt_tokens_details": {
                "cached_tokens": 17_000,
                "text_tokens": None,
                "cache_creation_tokens": 102,
                "cache_write_tokens": 102,
                "cache_creation_token_details": {"ephemeral_1h_input_tokens": 40},
            },
            "completion_tokens_details": None,
            "cache_read_input_tokens": 17_000,
            "cache_creation_input_tokens": 102,
        },
        Usage(
            input_tokens=17_111,
            cached_tokens=17_000,
            cache_write_tokens=102,
            cache_write_long_tokens=40,
            output_tokens=100,
        ),
        "claude-opus-5-5",
    ),
    Sample(
        "pydantic-ai",
        {
            "input_tokens": 130_213,
            "cache_write_tokens": 1253,
            "cache_read_tokens": 128_955,
            "output_tokens": 10,
            "input_audio_tokens": 0,
            "details": {"cache_creation_input_tokens": 1253, "input_tokens": 5},
        },
        Usage(
            input_tokens=130_213, cached_tokens=128_955, cache_write_tokens=1253, output_tokens=10
        ),
        "claude-opus-5-5",
    ),
    Sample(
        "pydantic-ai response",
        {
            "kind": "response",
            "parts": [{"part_kind": "text", "content": "ok"}],
            "usage": {"input_tokens": 100, "cache_read_tokens": 90, "output_tokens": 10},
            "model_name": "claude-opus-5-5",
            "timestamp": "2026-11-01T10:00:00Z",
            "provider_name": "anthropic",
        },
        Usage(input_tokens=100, cached_tokens=90, output_tokens=10),
        None,
    ),
    Sample(
        "Vercel AI 5, Anthropic: cached tokens beside",
        {
            "inputTokens": 9,
            "outputTokens": 100,
            "totalTokens": 109,
            "cachedInputTokens": 17_102,
        },
        Usage(input_tokens=17_111, cached_tokens=17_102, output_tokens=100),
        "claude-opus-5-5",
    ),
    Sample(
        "line of Anthropic's batch results",
        {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
        ANTHROPIC_READ,
        None,
        "batch",
    ),
]
FRAMEWORKS = [
    Sample(
        "LangChain usage_metadata",
        {
            "input_tokens": 62_394,
            "output_tokens": 214,
            "total_tokens": 62_608,
            "input_token_details": {"audio": 0, "cache_read": 60_024},
            "output_token_details": {"audio": 0, "reasoning": 200},
        },
        Usage(input_tokens=62_394, cached_tokens=60_024, output_tokens=214, reasoning_tokens=200),
    ),
    Sample(
        "LangChain message of another tier",
        {
            "type": "ai",
            "content": "ok",
            "additional_kwargs": {},
            "response_metadata": {"model_name": "gpt-5", "finish_reason": "stop"},
            "tool_calls": [],
            "usage_metadata": {
                "input_tokens": 100,
                "output_tokens": 20,
                "total_tokens": 120,
                "input_token_details": {"flex": 60, "flex_cache_read": 40},
                "output_token_details": {"flex": 15, "flex_reasoning": 5},
            },
        },
        Usage(input_tokens=100, cached_tokens=40, output_tokens=20, reasoning_tokens=5),
        None,
        "flex",
    ),
    Sample(
        "LlamaIndex response",
        {
            "message": {"role": "assistant", "blocks": []},
            "raw": chat(prompt_tokens=10, completion_tokens=5, total_tokens=15),
            "delta": None,
            "logprobs": None,
            "additional_kwargs": {"prompt_tokens": 10},
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "LlamaIndex counting event",
        {
            "prompt": "hello",
            "completion": "hi",
            "prompt_token_count": 10,
            "completion_token_count": 5,
            "total_token_count": 15,
            "event_id": "e",
        },
        Usage(input_tokens=10, output_tokens=5),
    ),
    Sample(
        "Vercel AI 6",
        {
            "inputTokens": 1000,
            "inputTokenDetails": {
                "noCacheTokens": 500,
                "cacheReadTokens": 400,
                "cacheWriteTokens": 100,
            },
            "outputTokens": 50,
            "outputTokenDetails": {"textTokens": 20, "reasoningTokens": 30},
            "totalTokens": 1050,
            "raw": {"anything": 1},
        },
        Usage(
            input_tokens=1000,
            cached_tokens=400,
            cache_write_tokens=100,
            output_tokens=50,
            reasoning_tokens=30,
        ),
        "gpt-6-sol",
    ),
    Sample(
        "Vercel AI 6, what a provider hands over",
        {
            "inputTokens": {"total": 1000, "noCache": 600, "cacheRead": 400, "cacheWrite": None},
            "outputTokens": {"total": 50, "text": 20, "reasoning": 30},
            "raw": {},
        },
        Usage(input_tokens=1000, cached_tokens=400, output_tokens=50, reasoning_tokens=30),
    ),
    Sample(
        "Vercel AI result of several steps",
        {
            "text": "ok",
            "finishReason": "stop",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "totalUsage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15},
            "response": {"id": "r", "modelId": "gpt-5", "timestamp": "2026-11-01T00:00:00Z"},
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "OpenTelemetry span",
        {
            "name": "chat gpt-5",
            "attributes": {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "gpt-5",
                "gen_ai.response.model": "gpt-5",
                "gen_ai.usage.input_tokens": 1000,
                "gen_ai.usage.cache_read.input_tokens": 400,
                "gen_ai.usage.output_tokens": 50,
                "gen_ai.usage.reasoning.output_tokens": 30,
            },
        },
        Usage(input_tokens=1000, cached_tokens=400, output_tokens=50, reasoning_tokens=30),
        None,
    ),
    Sample(
        "OpenTelemetry in OTLP's JSON",
        {
            "name": "chat",
            "attributes": [
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-5"}},
                {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000"}},
                {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "50"}},
            ],
        },
        Usage(input_tokens=1000, output_tokens=50),
        None,
    ),
    Sample(
        "OpenTelemetry attributes alone",
        {"gen_ai.usage.prompt_tokens": 10, "gen_ai.usage.completion_tokens": 5},
        Usage(input_tokens=10, output_tokens=5),
    ),
]
VENDORS = [
    Sample(
        "Gemini in camelCase",
        {
            "candidates": [{"content": {"parts": [{"text": "ok"}]}, "finishReason": "STOP"}],
            "modelVersion": "gemini-2.5-pro",
            "responseId": "r",
            "usageMetadata": {
                "promptTokenCount": 1000,
                "cachedContentTokenCount": 400,
                "candidatesTokenCount": 50,
                "thoughtsTokenCount": 30,
                "toolUsePromptTokenCount": 20,
                "totalTokenCount": 1100,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}],
                "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 50}],
                "trafficType": "ON_DEMAND",
            },
        },
        Usage(input_tokens=1020, cached_tokens=400, output_tokens=80, reasoning_tokens=30),
        None,
    ),
    Sample(
        "Gemini in snake_case, without a total",
        {"prompt_token_count": 100, "candidates_token_count": 50, "thoughts_token_count": 30},
        Usage(input_tokens=100, output_tokens=80, reasoning_tokens=30),
        "gemini-2.5-pro",
    ),
    Sample(
        "Cohere chat",
        {
            "id": "c",
            "finish_reason": "COMPLETE",
            "message": {"role": "assistant", "content": [{"type": "text", "text": "ok"}]},
            "usage": {
                "billed_units": {"input_tokens": 100.0, "output_tokens": 20.0},
                "tokens": {"input_tokens": 180.0, "output_tokens": 25.0},
                "cached_tokens": 0.0,
            },
        },
        Usage(input_tokens=100, output_tokens=20),
        "command-a-03-2025",
    ),
    Sample(
        "DeepSeek",
        {
            "prompt_tokens": 1000,
            "completion_tokens": 50,
            "total_tokens": 1050,
            "prompt_cache_hit_tokens": 600,
            "prompt_cache_miss_tokens": 400,
            "completion_tokens_details": {"reasoning_tokens": 30},
        },
        Usage(input_tokens=1000, cached_tokens=600, output_tokens=50, reasoning_tokens=30),
        "deepseek-chat",
    ),
    Sample(
        "xAI: reasoning beside the completion",
        {
            "prompt_tokens": 10_000,
            "completion_tokens": 1500,
            "total_tokens": 14_300,
            "prompt_tokens_details": {"cached_tokens": 100, "text_tokens": 10_000},
            "completion_tokens_details": {"reasoning_tokens": 2800},
            "num_sources_used": 0,
        },
        Usage(input_tokens=10_000, cached_tokens=100, output_tokens=4300, reasoning_tokens=2800),
        "grok-4",
    ),
    Sample(
        "xAI Responses",
        {
            "input_tokens": 9212,
            "input_tokens_details": {"cached_tokens": 3072},
            "output_tokens": 3417,
            "output_tokens_details": {"reasoning_tokens": 400},
            "total_tokens": 12_629,
            "num_sources_used": 0,
            "num_server_side_tools_used": 0,
            "cost_in_usd_ticks": 318_319_000,
            "server_side_tool_usage_details": {"web_search_calls": 0, "x_search_calls": 0},
            "context_details": {"input_tokens": 7622, "output_tokens": 3219},
        },
        Usage(input_tokens=9212, cached_tokens=3072, output_tokens=3417, reasoning_tokens=400),
        "grok-4",
    ),
    Sample(
        "Mistral",
        {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        Usage(input_tokens=100, output_tokens=20),
        "mistral-large-latest",
    ),
    Sample(
        "Moonshot",
        {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "cached_tokens": 60},
        Usage(input_tokens=100, cached_tokens=60, output_tokens=20),
    ),
    Sample(
        "Groq",
        {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "queue_time": 0.01,
            "prompt_time": 0.02,
            "completion_time": 0.1,
            "total_time": 0.12,
            "prompt_tokens_details": {"cached_tokens": 60},
        },
        Usage(input_tokens=100, cached_tokens=60, output_tokens=20),
    ),
    Sample(
        "OpenRouter",
        {
            "prompt_tokens": 194,
            "completion_tokens": 20,
            "total_tokens": 214,
            "cost": 0.0095,
            "is_byok": False,
            "cost_details": {"upstream_inference_cost": None},
            "prompt_tokens_details": {
                "cached_tokens": 100,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "completion_tokens_details": {"reasoning_tokens": 4, "image_tokens": 0},
        },
        Usage(input_tokens=194, cached_tokens=100, output_tokens=20, reasoning_tokens=4),
    ),
]
AGENTS = [
    Sample(
        "OpenAI's Agents SDK",
        {
            "requests": 2,
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 60},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": 120,
            "request_usage_entries": [],
        },
        Usage(input_tokens=100, cached_tokens=60, output_tokens=20, reasoning_tokens=5),
    ),
    Sample(
        "CrewAI",
        {
            "total_tokens": 120,
            "prompt_tokens": 100,
            "cached_prompt_tokens": 60,
            "completion_tokens": 20,
            "successful_requests": 2,
        },
        Usage(input_tokens=100, cached_tokens=60, output_tokens=20),
    ),
    Sample(
        "row of LiteLLM's log",
        {
            "id": "x",
            "call_type": "acompletion",
            "startTime": 1_790_000_000.5,
            "model": "gpt-5-2025-08-07",
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 15,
            "cache_hit": False,
            "status": "success",
            "custom_llm_provider": "openai",
            "metadata": {
                "usage_object": {
                    "prompt_tokens": 10,
                    "completion_tokens": 5,
                    "prompt_tokens_details": {"cached_tokens": 4},
                }
            },
            "response": {"usage": {"prompt_tokens": 10}},
            "session_id": "s",
        },
        Usage(input_tokens=10, cached_tokens=4, output_tokens=5),
        None,
    ),
    Sample(
        "row of the database of LiteLLM's proxy",
        {
            "request_id": "x",
            "call_type": "acompletion",
            "startTime": "2026-11-01T10:00:00Z",
            "model": "gpt-5-2025-08-07",
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 15,
            "cache_hit": "False",
            "metadata": '{"usage_object": {"prompt_tokens_details": {"cached_tokens": 4}, '
            '"prompt_tokens": 10}}',
        },
        Usage(input_tokens=10, cached_tokens=4, output_tokens=5),
        None,
    ),
    Sample(
        "OpenTelemetry's record of a log",
        {
            "timeUnixNano": "1790000000000000000",
            "severityNumber": 9,
            "body": {"stringValue": "gen_ai.client.inference.operation.details"},
            "attributes": [
                {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "10"}},
                {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "5"}},
                {"key": "gen_ai.response.model", "value": {"stringValue": "gpt-5"}},
            ],
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "line of Claude Code's transcript",
        {
            "type": "assistant",
            "uuid": "u",
            "sessionId": "s",
            "timestamp": "2026-11-01T10:00:00Z",
            "message": MESSAGE,
        },
        ANTHROPIC_READ,
        None,
    ),
    Sample(
        "line of Codex's log",
        {
            "timestamp": "2026-11-01T10:00:00Z",
            "type": "event_msg",
            "payload": {
                "type": "token_count",
                "info": {
                    "total_token_usage": {"input_tokens": 999, "output_tokens": 99},
                    "last_token_usage": {
                        "input_tokens": 100,
                        "cached_input_tokens": 60,
                        "output_tokens": 20,
                        "reasoning_output_tokens": 5,
                        "total_tokens": 120,
                    },
                    "model_context_window": 272_000,
                },
                "rate_limits": {"primary": {"used_percent": 3}},
            },
        },
        Usage(input_tokens=100, cached_tokens=60, output_tokens=20, reasoning_tokens=5),
    ),
    Sample(
        "Azure's chat completion",
        {
            **chat(prompt_tokens=10, completion_tokens=5, total_tokens=15),
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "flat row of a log",
        {"model": "gpt-5", "created": 1_790_000_000, "prompt_tokens": 10, "completion_tokens": 5},
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "last chunk of a stream",
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1_790_000_000,
            "model": "gpt-5",
            "choices": [],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            "obfuscation": "x",
        },
        Usage(input_tokens=10, output_tokens=5),
        None,
    ),
    Sample(
        "Amazon Nova",
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}},
            "stopReason": "end_turn",
            "usage": {
                "inputTokens": 10,
                "outputTokens": 5,
                "totalTokens": 55,
                "cacheReadInputTokenCount": 40,
                "cacheWriteInputTokenCount": 0,
            },
        },
        Usage(input_tokens=50, cached_tokens=40, output_tokens=5),
        "amazon.nova-lite-v1:0",
    ),
    Sample(
        "Ollama",
        {
            "model": "gpt-oss:20b",
            "created_at": "2026-11-29T08:14:07.414671163Z",
            "message": {"role": "assistant", "content": "ok"},
            "done": True,
            "done_reason": "stop",
            "total_duration": 174560334,
            "load_duration": 101397084,
            "prompt_eval_count": 11,
            "prompt_eval_cached_count": 8,
            "prompt_eval_duration": 13074791,
            "eval_count": 18,
            "eval_duration": 52479709,
        },
        Usage(input_tokens=11, cached_tokens=8, output_tokens=18),
    ),
    Sample(
        "Anthropic's usage report",
        {
            "uncached_input_tokens": 1500,
            "cache_creation": {
                "ephemeral_1h_input_tokens": 1000,
                "ephemeral_5m_input_tokens": 500,
            },
            "cache_read_input_tokens": 200,
            "output_tokens": 500,
            "server_tool_use": {"web_search_requests": 10},
            "api_key_id": "apikey_1",
            "workspace_id": None,
            "model": "claude-opus-5-5",
            "service_tier": "batch",
            "context_window": "0-200k",
            "inference_geo": "global",
            "start_time": "2026-11-28T00:00:00Z",
        },
        Usage(
            input_tokens=3200,
            cached_tokens=200,
            cache_write_tokens=1500,
            cache_write_long_tokens=1000,
            output_tokens=500,
            web_searches=10,
        ),
        None,
        "batch",
    ),
    Sample(
        "Anthropic's usage report, by the analytics API",
        {
            "starting_at": "2026-11-28T00:00:00Z",
            "ending_at": "2026-11-29T00:00:00Z",
            "group": {"model": "claude-opus-5-5", "speed": None, "context_window": "0-200k"},
            "usage": {
                "uncached_input_tokens": 1000,
                "cache_creation": {"ephemeral_5m_input_tokens": 100},
                "cache_read_input_tokens": 10,
                "output_tokens": 20,
                "total_tokens": 1130,
                "requests": 3,
                "server_tool_use": {"web_search_requests": 1},
            },
        },
        Usage(
            input_tokens=1110,
            cached_tokens=10,
            cache_write_tokens=100,
            output_tokens=20,
            web_searches=1,
        ),
        None,
    ),
    Sample(
        "Gemini's interactions",
        {
            "id": "x",
            "model": "gemini-3.8-flash",
            "status": "completed",
            "created": "2026-11-28T10:00:00Z",
            "steps": [],
            "usage": {
                "total_input_tokens": 1000,
                "total_output_tokens": 100,
                "total_thought_tokens": 50,
                "total_cached_tokens": 200,
                "total_tool_use_tokens": 10,
                "total_tokens": 1160,
                "initial_input_tokens": 900,
                "input_tokens_by_modality": [{"modality": "text", "tokens": 1000}],
                "grounding_tool_count": [{"type": "retrieval", "count": 3}],
            },
        },
        Usage(input_tokens=1010, cached_tokens=200, output_tokens=150, reasoning_tokens=50),
        None,
    ),
    Sample(
        "OpenAI's live session",
        {"seconds": 100.0, "active_seconds": 60, "paused_seconds": 40},
        Usage(active_seconds=60, standby_seconds=40),
        "gpt-live-1.1",
    ),
    Sample(
        "Claude on Bedrock, last chunk of a stream",
        {
            "type": "message_stop",
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 10,
                "outputTokenCount": 5,
                "cacheReadInputTokenCount": 40,
                "invocationLatency": 5,
                "firstByteLatency": 1,
            },
        },
        Usage(input_tokens=50, cached_tokens=40, output_tokens=5),
        "claude-opus-5-5",
    ),
    Sample(
        "Claude Code's usage report",
        {
            "model": "claude-opus-5-5",
            "tokens": {"input": 100, "output": 35, "cache_read": 10, "cache_creation": 5},
            "estimated_cost": {"currency": "USD", "amount": 1025},
        },
        Usage(input_tokens=115, cached_tokens=10, cache_write_tokens=5, output_tokens=35),
        None,
    ),
    Sample(
        "Vercel AI 4",
        {"promptTokens": 10, "completionTokens": 5, "totalTokens": 15},
        Usage(input_tokens=10, output_tokens=5),
    ),
]
SAMPLES = [*AGENTS, *OPENAI, *ANTHROPIC, *FRAMEWORKS, *VENDORS]
