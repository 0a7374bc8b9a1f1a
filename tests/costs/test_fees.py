"""Searches, tool calls and pages: what is billed one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tokenkit.costs.bill import cost
from tokenkit.costs.from_usage import cost_from_usage
from tokenkit.models.record import Model


def test_models_that_always_search() -> None:
    usage = {"prompt_tokens": 0, "completion_tokens": 0}
    assert cost_from_usage(usage, "gpt-4o-search-preview").total == Decimal("0.025")
    assert cost_from_usage(usage, "gpt-4o-search-preview", web_searches=0).total == 0
    row = {"input_tokens": 0, "output_tokens": 0, "num_model_requests": 3}
    assert cost_from_usage(row, "gpt-4o-search-preview").total == Decimal("0.075")


def test_grounding_is_billed_by_prompt_or_by_query() -> None:
    grounded = {"groundingMetadata": {"webSearchQueries": ["a", "b"]}}
    response = {"candidates": [grounded], "usageMetadata": {"promptTokenCount": 5}}
    for rate, number in (("grounded_prompt", 1), ("web_search", 2)):
        model = Model(name="m", kind="chat", prices={"standard": {rate: "10", "input": "1"}})
        lines = {line.item: int(line.quantity) for line in cost_from_usage(response, model).lines}
        assert lines == {"input": 5, rate: number}
    # LiteLLM says how many searches there were, which are one grounded prompt.
    stated = {"prompt_tokens": 0, "prompt_tokens_details": {"web_search_requests": 3}}
    assert cost_from_usage(stated, "gemini-2.5-flash").total == Decimal("0.035")
    assert cost_from_usage(stated, "gemini-3.5-flash").total == Decimal("0.042")


PLACES: dict[str, Any] = {
    "candidates": [{"groundingMetadata": {"groundingChunks": [{"maps": {}}]}}]
}


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        ("claude-opus-5-5", {"server_tool_use": {"web_search_requests": 3}}, "0.03"),
        ("grok-4.5", {"server_side_tool_usage_details": {"x_search_calls": 4}}, "0.02"),
        (
            "gpt-6-sol",
            {"output": [{"type": "file_search_call"}], "usage": {"input_tokens": 0}},
            "0.0025",
        ),
        ("mistral-ocr-latest", {"pages_processed": 10, "pages_processed_annotation": 2}, "0.05"),
        ("gemini-2.5-pro", PLACES | {"usageMetadata": {"promptTokenCount": 0}}, "0.025"),
    ],
)
def test_fees_of_tools_are_priced(model: str, usage: dict[str, Any], usd: str) -> None:
    result = cost_from_usage(usage if len(usage) == 2 else {"input_tokens": 0, **usage}, model)
    assert (result.total, result.partial) == (Decimal(usd), False)


def test_what_is_billed_by_time_is_named() -> None:
    result = cost("gpt-6-sol", items={"code_execution": 2})
    assert result.unpriced[0].reason.endswith("it is billed by time, which a response hides")


def test_a_sum_that_does_not_say_how_many_searches_it_holds_is_partial() -> None:
    batch = {"object": "batch", "usage": {"input_tokens": 10, "output_tokens": 5}}
    known = {**batch, "request_counts": {"total": 4, "completed": 4, "failed": 0}}
    model = "gpt-5-search-api"
    assert [line.item for line in cost_from_usage(batch, model).unpriced][-1] == "web_search"
    lines = (*cost_from_usage(known, model).lines, *cost_from_usage(known, model).unpriced)
    assert [line.quantity for line in lines if line.item == "web_search"] == [4]
