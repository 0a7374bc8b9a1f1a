"""Wrappers around the answers of providers: kinds of tokens, tiers, and fees of tools."""

from __future__ import annotations

from typing import Any

import pytest

from tokenkit.shapes.reading import read_usage

RAW = {
    "input_tokens": 1000,
    "cache_creation_input_tokens": 2000,
    "cache_creation": {"ephemeral_1h_input_tokens": 1500, "ephemeral_5m_input_tokens": 500},
    "output_tokens": 10,
    "service_tier": "batch",
    "inference_geo": "us",
}
SUMS = {
    "inputTokens": 3000,
    "outputTokens": 10,
    "inputTokenDetails": {"noCacheTokens": 1000, "cacheWriteTokens": 2000},
}


def langchain(**more: Any) -> dict[str, Any]:
    """An AIMessage of LangChain, as a mapping."""
    counts = {"input_tokens": 3000, "output_tokens": 10, "total_tokens": 3010}
    return {
        "type": "ai",
        "content": "ok",
        "usage_metadata": counts,
        "response_metadata": {"model_name": "claude-opus-5"},
        **more,
    }


@pytest.mark.parametrize(
    "value",
    [
        {**SUMS, "raw": RAW},
        {"raw": RAW, **SUMS},
        langchain(response_metadata={"model_name": "claude-opus-5", "usage": RAW}),
    ],
)
def test_what_only_the_providers_object_tells_is_taken_from_it(value: Any) -> None:
    reading = read_usage(value, provider="anthropic")
    usage = reading.usage
    assert (usage.input_tokens, usage.cache_write_tokens) == (3000, 2000)
    assert usage.cache_write_long_tokens == 1500
    assert (reading.tier, reading.region) == ("batch", "us")
    assert not reading.unread


def test_the_fast_mode_of_a_wrapped_answer_counts() -> None:
    raw = {"input_tokens": 3000, "output_tokens": 10, "speed": "fast"}
    message = langchain(response_metadata={"model_name": "claude-opus-5", "usage": raw})
    assert read_usage(message).tier == "fast"


def test_sound_in_a_wrapped_answer_is_sound() -> None:
    raw = {"prompt_tokens": 3000, "completion_tokens": 10}
    raw["prompt_tokens_details"] = {"audio_tokens": 2500, "cached_tokens": 100}  # type: ignore[assignment]
    usage = read_usage({"inputTokens": 3000, "outputTokens": 10, "raw": raw}).usage
    assert (usage.audio_input_tokens, usage.cached_tokens) == (2500, 100)


@pytest.mark.parametrize(
    ("raw", "item"),
    [
        ({"input_tokens": 4000, "output_tokens": 10}, "input_tokens"),
        ({"input_tokens": 3000, "output_tokens": 99}, "output_tokens"),
    ],
)
def test_a_wrapper_that_disagrees_with_the_provider_makes_the_cost_partial(
    raw: dict[str, int], item: str
) -> None:
    reading = read_usage({"inputTokens": 3000, "outputTokens": 10, "raw": raw})
    assert [unread.item for unread in reading.unread] == [item]
    assert "by the provider's own object: the cost is partial" in reading.notes[-1]


SEARCH = {"type": "web_search_call", "action": {"type": "search", "query": "the moon"}}
OPENED = {"type": "web_search_call", "action": {"type": "open_page", "url": "https://a.b"}}


def vercel(*calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"usage": SUMS, "finishReason": "stop", "toolCalls": list(calls), **more}


def executed(number: int, name: str) -> dict[str, Any]:
    return {"toolCallId": f"c{number}", "toolName": name, "input": {}, "providerExecuted": True}


def builtin(name: str, args: Any) -> dict[str, Any]:
    return {"part_kind": "builtin-tool-call", "tool_name": name, "args": args}


@pytest.mark.parametrize(
    ("value", "searches", "items"),
    [
        (langchain(content=[SEARCH, OPENED, {"type": "text", "text": "a"}]), 1, {}),
        (langchain(additional_kwargs={"tool_outputs": [SEARCH, SEARCH]}), 2, {}),
        (
            langchain(
                content=[
                    {"type": "server_tool_call", "name": "web_search", "args": {}},
                    {"type": "server_tool_call", "name": "code_interpreter", "args": {}},
                    {"type": "file_search_call", "id": "f"},
                    {"type": "tool_call", "name": "web_search", "args": {}},  # the caller's own
                    {"type": "function_call", "name": "web_search"},
                    "text",
                ]
            ),
            1,
            {"code_execution": 1, "file_search": 1},
        ),
        (
            vercel(
                executed(1, "web_search"),
                {"toolCallId": "c2", "toolName": "web_search", "input": {}},
            ),
            1,
            {},
        ),
        (  # the last step's calls stand beside the steps
            vercel(
                executed(2, "web_search"),
                steps=[
                    {"toolCalls": [executed(1, "file_search")]},
                    {"toolCalls": [executed(2, "web_search")]},
                ],
            ),
            1,
            {"file_search": 1},
        ),
        (
            {
                "kind": "response",
                "usage": {"input_tokens": 5, "output_tokens": 5},
                "parts": [
                    builtin("web_search", {"query": "a"}),
                    builtin("web_search", '{"type": "open_page", "url": "b"}'),
                    builtin("web_search", {"queries": ["a", "b"]}),
                    builtin("web_fetch", {}),
                    {"part_kind": "tool-call", "tool_name": "web_search"},
                ],
            },
            3,
            {},
        ),
    ],
)
def test_tools_that_the_provider_ran_are_paid_for(
    value: Any, searches: int, items: dict[str, int]
) -> None:
    reading = read_usage(value)
    assert reading.usage.web_searches == searches
    assert dict(reading.usage.items) == items
    assert not reading.unread


def test_the_number_of_searches_that_usage_states_counts() -> None:
    """One that failed is not billed, and the block of its call is there all the same."""
    for stated in (0, 3):
        raw = {"input_tokens": 3000, "output_tokens": 10}
        raw["server_tool_use"] = {"web_search_requests": stated}  # type: ignore[assignment]
        message = langchain(
            content=[{"type": "server_tool_use", "name": "web_search", "input": {}}],
            response_metadata={"model_name": "claude-opus-5", "usage": raw},
        )
        assert read_usage(message).usage.web_searches == stated


@pytest.mark.parametrize(
    ("value", "item"),
    [
        (langchain(content=[{"type": "image_generation_call", "id": "a"}]), "image_generation"),
        (vercel(executed(1, "make_music")), "make_music"),
        (
            {
                "kind": "response",
                "usage": {"input_tokens": 5, "output_tokens": 5},
                "parts": [builtin("image_generation", {})],
            },
            "image_generation",
        ),
        (
            {
                "choices": [{"message": {"executed_tools": [{"type": "browser_search"}]}}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 5},
            },
            "executed_tool",
        ),
        (
            {"inputTokens": 5, "outputTokens": 5, "cacheReadInputTokens": 0}
            | {"serverToolUsage": {"webGrounding": 1}},
            "serverToolUsage.webGrounding",
        ),
        (
            {
                "output": {
                    "message": {
                        "content": [
                            {"text": "a"},
                            {"toolUse": {"name": "mine", "input": {}}},
                            {"toolUse": {"name": "nova_grounding", "type": "server_tool_use"}},
                        ]
                    }
                },
                "stopReason": "end_turn",
                "usage": {"inputTokens": 5, "outputTokens": 5},
            },
            "nova_grounding",
        ),
    ],
)
def test_tools_without_a_rate_make_the_cost_partial(value: Any, item: str) -> None:
    assert [unread.item for unread in read_usage(value).unread] == [item]


def test_searches_that_grounded_a_wrapped_answer_of_google_count() -> None:
    metadata = {"google": {"groundingMetadata": {"webSearchQueries": ["a", "b"]}}}
    assert read_usage(vercel(providerMetadata=metadata)).grounding == (1, 2)


def test_the_cache_of_anthropic_in_version_5_of_the_ai_sdk() -> None:
    """Its usage leaves out what was written; the provider's own object has it."""
    usage = {"inputTokens": 1000, "outputTokens": 10, "cachedInputTokens": 0}
    value = {"usage": usage, "finishReason": "stop"}
    value["providerMetadata"] = {"anthropic": {"usage": RAW}}
    reading = read_usage(value, provider="anthropic")
    assert (reading.usage.input_tokens, reading.usage.cache_write_long_tokens) == (3000, 1500)
    assert not reading.unread
