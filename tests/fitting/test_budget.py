"""Budgets: what a model's limits leave for the input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.chat.counting import count_messages
from tokenkit.errors import UnknownModelError
from tokenkit.fitting.budget import Budget
from tokenkit.models.record import Model


def test_shared_window() -> None:
    budget = Budget.for_model("gpt-4o")
    assert (budget.context_window, budget.max_input, budget.max_output) == (128_000, None, 16_384)
    assert budget.input_limit == 128_000
    assert budget.limit_name == "context_window"
    assert Budget.for_model("gpt-4o", max_output=1_000).input_limit == 127_000


def test_input_cap_is_tighter() -> None:
    budget = Budget.for_model("gpt-5")
    assert (budget.input_limit, budget.limit_name) == (272_000, "max_input_tokens")
    assert Budget.for_model("gpt-5", max_output=128_000).input_limit == 272_000


def test_embeddings() -> None:
    budget = Budget.for_model("text-embedding-3-small")
    assert budget.input_limit == 8191
    assert budget.context_window == 8192
    assert (budget.inputs_per_request, budget.tokens_per_request) == (2048, 300_000)
    assert Budget.for_model("gpt-4o").inputs_per_request is None


@pytest.mark.parametrize("name", ["embed-v4.0", "gemini-embedding-001", "mistral-embed"])
def test_limits_of_requests_are_not_taken_from_another_provider(name: str) -> None:
    budget = Budget.for_model(name)
    assert budget.input_limit > 0
    assert budget.inputs_per_request is budget.tokens_per_request is None


def test_separate_window_keeps_nothing_for_the_reply() -> None:
    model = Model(
        name="m", kind="chat", encoding="o200k_base", context_window=1_000,
        max_output_tokens=800, window="separate",
    )  # fmt: skip
    assert Budget.for_model(model, max_output=500).input_limit == 1_000


def test_reply_is_no_larger_than_the_model_gives() -> None:
    budget = Budget.for_model("gpt-4o", max_output=1_000_000)
    assert budget.reserved == budget.max_output == 16_384
    assert budget.input_limit == 128_000 - 16_384


def test_tools_take_their_part() -> None:
    tools = [{"type": "function", "function": {"name": "find", "description": "Finds."}}]
    budget = Budget.for_model("gpt-4o", tools=tools)
    chat = [{"role": "user", "content": "hi"}]
    with_tools = count_messages(chat, "gpt-4o", tools=tools).tokens
    assert budget.tools_tokens == with_tools - count_messages(chat, "gpt-4o").tokens
    assert budget.input_limit == 128_000 - budget.tools_tokens


@given(
    st.integers(1, 10**7), st.none() | st.integers(1, 10**7), st.none() | st.integers(1, 10**7),
    st.floats(0, 0.99),
)  # fmt: skip
def test_input_and_reply_fit(
    window: int, cap: int | None, max_output: int | None, safety: float
) -> None:
    cap = None if cap is None else min(cap, window)
    model = Model(
        name="m", kind="chat", encoding="o200k_base", context_window=window, max_output_tokens=cap
    )
    budget = Budget.for_model(model, max_output=max_output, safety=safety)
    assert budget.input_limit >= 0
    assert budget.input_limit <= (window - budget.reserved) * (1 - safety) or not budget.input_limit
    if cap is not None:
        assert budget.reserved <= cap


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_output": 0}, ValueError, "max_output: expected at least 1"),
        ({"max_output": 1.5}, TypeError, "max_output: expected a whole number"),
        ({"max_output": True}, TypeError, "max_output: expected a whole number"),
        ({"safety": 1}, ValueError, "safety: expected a fraction of at least 0 and below 1"),
        ({"safety": "10%"}, TypeError, "safety: expected a fraction"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Budget.for_model("gpt-4o", **options)


def test_models_without_limits() -> None:
    with pytest.raises(ValueError, match="bare: no context window is published"):
        Budget.for_model(Model(name="bare", kind="chat", encoding="o200k_base"))
    with pytest.raises(UnknownModelError):
        Budget.for_model("no-such-model")
