"""`tool_costs`: what tools add is the difference of two whole counts, for tools of any system."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from search import examples

import tokenkit
from tokenkit.chat import request_rule
from tokenkit.costs import tool_costs
from tokenkit.shapes import tool_lists

WORDS = st.text(alphabet="abcdefgh _", min_size=1, max_size=30)
TOOLS = st.lists(
    st.builds(
        lambda name, text: {
            "name": f"t_{name.strip() or 'x'}",
            "description": text,
            "inputSchema": {},
        },
        WORDS,
        WORDS,
    ),
    max_size=5,
)


@given(TOOLS, st.sampled_from(["gpt-4o", "o3", "claude-sonnet-5"]))
@examples(40)
def test_tokens_are_the_difference_of_two_counts_and_parts_add_up(
    tools: list[dict[str, Any]], model: str
) -> None:
    costs = tool_costs(tools, model, turns=10)
    assert sum(part.tokens for part in costs.parts) == costs.tokens
    assert costs.low <= costs.tokens
    assert costs.high is None or costs.tokens <= costs.high
    single = [part.tokens for part in costs.parts if part.kind == "tool"]
    assert single == sorted(single, reverse=True)
    assert len(single) == len(tools)
    if model != "claude-sonnet-5":
        chat = [{"role": "user", "content": "Hi"}]
        with_tools = tokenkit.count_messages(chat, model, tools=tools).tokens
        assert costs.tokens == with_tools - tokenkit.count_messages(chat, model).tokens
    assert costs.cost.total == tokenkit.cost(model, input_tokens=10 * costs.tokens).total


ONE = [{"name": "read"}]


@pytest.mark.parametrize("model", ["o3", "claude-sonnet-5"])
def test_bounds_hold_for_every_frame_around_a_chat(model: str) -> None:
    """The frame may be little without tools, and much with them."""
    record = tokenkit.get_model(model)
    tool = [{"name": "read", "description": "word " * 20}]
    low, high = request_rule(record, tools=tool, estimate=True).tally([]).bounds()
    first_low, first_high = request_rule(record, estimate=True).tally([]).bounds()
    assert high is not None
    assert first_high is not None
    assert first_low < first_high < low
    costs = tool_costs(tool, model)
    assert (costs.low, costs.high) == (low - first_high, high - first_low)


FORMS: list[tuple[Any, list[tuple[str, Any]]]] = [
    (ONE, [("", ONE)]),
    ({"tools": ONE}, [("", ONE)]),
    ({"jsonrpc": "2.0", "id": 1, "result": {"tools": ONE}}, [("", ONE)]),
    ({"model": "gpt-4o", "messages": [], "tools": ONE}, [("", ONE)]),
    ({"model": "m", "contents": "Hi", "config": {"tools": ONE}}, [("", ONE)]),
    ({"a": {"tools": ONE}, "b": ONE}, [("a", ONE), ("b", ONE)]),
    ({"mcpServers": {"a": {"command": "x", "args": []}, "b": {"tools": ONE}}}, [("b", ONE)]),
    ({"servers": {"a": {"result": {"tools": ONE}}}}, [("a", ONE)]),
]


@pytest.mark.parametrize(("value", "want"), FORMS)
def test_tools_are_found_in_every_form(value: Any, want: list[tuple[str, Any]]) -> None:
    assert list(tool_lists(value)) == want


@pytest.mark.parametrize("value", [7, "x", {}, {"a": 1}, {"mcpServers": {"a": {"command": "x"}}}])
def test_a_value_without_tools_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="expected a list of tools, or an object with `tools`"):
        list(tool_lists(value))


def test_a_price_by_hand() -> None:
    costs = tool_costs(ONE, "gpt-4o")
    assert costs.cost.total == Decimal(costs.tokens) * 1_000 * Decimal("2.5") / 1_000_000


def test_many_short_requests_are_not_one_long_prompt() -> None:
    now = {"name": "now", "description": "The time " * 150, "inputSchema": {"type": "object"}}
    one, many = (tool_costs([now], "gpt-5.5", turns=turns) for turns in (1, 1_000))
    assert many.tokens * 1_000 > 272_000
    assert many.cost.total == one.cost.total * 1_000
    long = dict(now, description="The time " * 150_000)
    one, many = (tool_costs([long], "gpt-5.5", turns=turns) for turns in (1, 3))
    assert one.tokens > 272_000
    assert many.cost.total == one.cost.total * 3
