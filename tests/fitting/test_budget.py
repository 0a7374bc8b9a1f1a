"""Budgets: what a model's limits leave for the input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenkit.chat.counting import count_messages
from tokenkit.errors import UnknownModelError
from tokenkit.fitting.budget import Budget
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.prompt import Prompt
from tokenkit.models.lookup import get_model
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


def test_max_output_means_the_same_in_budget_fit_and_prompt() -> None:
    chat = [{"role": "user", "content": "hi"}]
    for name in ("gpt-4o", "gpt-4", "gpt-5", "claude-opus-5"):
        countable = get_model(name).encoding is not None
        for max_output in (None, "auto", 1, 1_000, 10**9):
            choice: Any = max_output
            reserved = Budget.for_model(name, max_output=choice).reserved
            limit = Budget.for_model(name, max_output=choice).input_limit
            cap = get_model(name).max_output_tokens or 10**9
            if isinstance(choice, int):
                assert reserved == min(cap, choice)
            else:
                assert reserved == (0 if choice is None else 256)
            if countable and limit > 0:
                fitted = fit(chat, name, max_output=choice)
                assert fitted.limit == limit
                assert Prompt(name, max_output=choice).user("hi").render() == fitted
                assert (fitted.max_output is None) == (max_output is None)
    assert "reply none reserved" in fit(chat, "gpt-4", max_output=None).report()


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


@pytest.mark.parametrize(
    ("max_output", "kept"), [(None, 1_000), ("auto", 1_256), (2_000, 3_000), (99_999, 17_384)]
)
def test_tokens_for_reasoning_are_kept_beside_the_reply(max_output: Any, kept: int) -> None:
    chat = [{"role": "user", "content": "Hi"}]
    fitted = fit(chat, "gpt-4o", max_output=max_output, reasoning_reserve=1_000)
    assert fitted.limit == 128_000 - kept
