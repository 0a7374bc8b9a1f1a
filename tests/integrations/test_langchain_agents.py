"""LangChain's agents against a local server: what is sent, and what is kept of their history."""

from __future__ import annotations

import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi
from langchain_chats import agent, chat, claude, long_turns, openai_model, run, tools
from waiting import wait

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    UnknownModelError,
    preflight,
)
from tokenkit.integrations import langchain

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "langchain_agent.py"


# ---- the budget of an agent -----------------------------------------------------------------


def test_a_request_that_fits_is_sent_as_it_is(api: FakeApi) -> None:
    tracker = CostTracker()
    api.calls = [("now", {"tz": "UTC"})]
    model = openai_model(api, max_tokens=900)
    sent = run(model, chat()[1:2], langchain.budget_middleware(tracker=tracker, max_usd=1))
    assert [message.type for message in sent] == ["human", "ai", "tool", "ai"]
    assert [body["max_completion_tokens"] for body in api.bodies] == [900, 900]
    # 8 x 2.5 + 2 x 10 per million, for each of two replies
    assert tracker.total == Decimal("0.00008")


def test_a_reply_that_names_no_model_costs_what_the_agents_does(api: FakeApi) -> None:
    from langchain.agents.middleware import wrap_model_call

    def without_name(request: Any, handler: Any) -> Any:
        response = handler(request)
        for reply in response.result:
            reply.response_metadata.clear()
        return response

    tracker = CostTracker()
    budget = langchain.budget_middleware(tracker=tracker)
    run(openai_model(api), chat()[1:2], budget, wrap_model_call(without_name))
    assert tracker.by_model == {"gpt-4.1": Decimal("0.000032")}


def test_a_request_over_the_limit_never_leaves(api: FakeApi) -> None:
    too_long = long_turns(3, 400_000)
    for middleware in (
        langchain.budget_middleware(),
        langchain.budget_middleware(on_overflow="clamp"),
        langchain.budget_middleware("gpt-4"),
    ):
        with pytest.raises(ContextOverflowError):
            run(openai_model(api), too_long, middleware)
        with pytest.raises(ContextOverflowError):
            wait(agent(openai_model(api), middleware).ainvoke({"messages": too_long}))
        with pytest.raises(ContextOverflowError):
            list(agent(openai_model(api), middleware).stream({"messages": too_long}))
    assert api.bodies == []


def test_what_is_fitted_fits_with_tools_and_the_system_prompt(api: FakeApi) -> None:
    budget = langchain.budget_middleware(on_overflow="fit")
    messages = long_turns(40, 200)
    state = run(openai_model(api, "gpt-4", max_tokens=1_000), messages, budget)
    assert len(state) == len(messages) + 1  # the agent's state keeps all
    check = preflight(api.last)
    assert check.fits is not False
    assert check.headroom is not None
    assert 0 <= check.headroom < 500
    assert api.last["messages"][0] == {"role": "system", "content": "Be brief."}
    assert api.last["messages"][-1] == {"role": "user", "content": "Why?"}
    called = [one["tool_calls"][0]["id"] for one in api.last["messages"] if "tool_calls" in one]
    answered = [one["tool_call_id"] for one in api.last["messages"] if one["role"] == "tool"]
    assert called == answered


@pytest.mark.parametrize("mode", ["clamp", "fit"])
def test_a_reply_that_is_too_long_is_clamped_where_it_was_asked(api: FakeApi, mode: Any) -> None:
    budget = langchain.budget_middleware(on_overflow=mode)
    model = openai_model(api, max_tokens=99_000)
    run(model, chat()[1:2], budget)
    assert api.last["max_completion_tokens"] == 32_768
    assert model.max_tokens == 99_000
    run(claude(api, max_tokens=10**6), chat()[1:2], budget)
    assert api.last["max_tokens"] == 128_000
    run(openai_model(api), chat()[1:2], settings(max_tokens=99_000), budget)
    assert api.last["max_completion_tokens"] == 32_768


def settings(**changes: Any) -> Any:
    """A middleware that sets what the model is called with."""
    from langchain.agents.middleware import wrap_model_call

    def with_settings(request: Any, handler: Any) -> Any:
        return handler(request.override(model_settings=changes))

    return wrap_model_call(with_settings)


def test_a_request_may_not_cost_more_than_is_allowed(api: FakeApi) -> None:
    budget = langchain.budget_middleware(max_usd="0.01")
    run(openai_model(api, max_tokens=900), chat()[1:2], budget)
    with pytest.raises(CostLimitError, match=r"at most 0\.01 USD, got one of up to 0\.07"):
        run(openai_model(api, max_tokens=9_000), chat()[1:2], budget)
    with pytest.raises(CostLimitError, match=r"up to 0\.02"):  # three replies
        run(openai_model(api, max_tokens=900, n=3), chat()[1:2], budget)
    with pytest.raises(CostLimitError, match=r"at most 0\.01 USD, got one of up to 0\.26"):
        run(openai_model(api), chat()[1:2], budget)  # as long as the model can reply
    assert len(api.bodies) == 1


def test_the_tier_and_the_choice_of_a_tool_count(api: FakeApi) -> None:
    from langchain.agents.middleware import wrap_model_call

    from tokenkit.integrations.langchain_request import AgentRequest

    budget = langchain.budget_middleware(max_usd="0.01")
    # 900 x 15 per million in the standard tier, half of it in flex
    run(openai_model(api, "gpt-5.4", max_tokens=900, service_tier="flex"), chat()[1:2], budget)
    with pytest.raises(CostLimitError, match=r"up to 0\.013"):
        run(openai_model(api, "gpt-5.4", max_tokens=900), chat()[1:2], budget)
    checked: list[dict[str, Any]] = []

    def choose(request: Any, handler: Any) -> Any:
        request = request.override(tool_choice="now")
        checked.append(AgentRequest.of(request, None).body())
        return handler(request)

    run(openai_model(api), chat()[1:2], wrap_model_call(choose))
    assert api.last["tool_choice"] == checked[0]["tool_choice"]
    assert preflight(checked[0], api="chat.completions").tokens == preflight(api.last).tokens


def test_what_may_fit_by_an_estimate_is_sent(api: FakeApi) -> None:
    budget = langchain.budget_middleware(on_overflow="fit")
    messages = long_turns(4, 400_000)
    run(claude(api, max_tokens=900), messages, budget)
    assert 1 <= len(api.last["messages"]) < len(messages)
    assert preflight(api.last).fits is not False
    with pytest.raises(ContextOverflowError):
        run(claude(api, max_tokens=900), messages, langchain.budget_middleware())
    assert len(api.bodies) == 1


def test_a_hook_in_the_models_own_client_sees_the_body(api: FakeApi) -> None:
    import httpx

    from tokenkit.integrations.openai import request_hook

    with httpx.Client(event_hooks={"request": [request_hook()]}) as client:
        model = openai_model(api, http_client=client)
        model.invoke("Hi")
        with pytest.raises(ContextOverflowError):
            model.invoke("word " * 1_100_000)
    assert len(api.bodies) == 1


def test_a_model_that_is_not_known_needs_a_name(api: FakeApi) -> None:
    with pytest.raises(UnknownModelError):
        run(openai_model(api, "my-model"), chat()[1:2], langchain.budget_middleware())
    assert api.bodies == []
    run(openai_model(api, "my-model"), chat()[1:2], langchain.budget_middleware("gpt-4.1"))
    assert api.last["model"] == "my-model"


def test_arguments_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="on_overflow: expected 'raise', 'clamp' or 'fit'"):
        langchain.budget_middleware(on_overflow="drop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at: expected"):
        langchain.compaction_middleware(at=2)
    with pytest.raises(ValueError, match=r"to: expected a share above 0 and below at=0\.5, got 0"):
        langchain.compaction_middleware(at=0.5, to=0.5)
    with pytest.raises(ValueError, match="summary_tokens: expected"):
        langchain.compaction_middleware(summary_tokens=0)


def forms() -> list[Any]:
    from langchain.agents.structured_output import ProviderStrategy, ToolStrategy

    hour = {"type": "integer", "description": "0 to 23"}
    answer = {
        "title": "Answer",
        "description": "What the time is.",
        "type": "object",
        "properties": {"hour": hour, "why": {"type": "string"}},
        "required": ["hour", "why"],
    }
    return [None, ToolStrategy(answer), ProviderStrategy(answer), answer]


@pytest.mark.parametrize("form", range(4))
@pytest.mark.parametrize("given", [[], None])
def test_what_is_checked_counts_as_what_is_sent(api: FakeApi, form: int, given: Any) -> None:
    from langchain.agents.middleware import wrap_model_call
    from langchain.agents.structured_output import StructuredOutputValidationError

    from tokenkit.integrations.langchain_request import AgentRequest

    checked: list[dict[str, Any]] = []

    def look(request: Any, handler: Any) -> Any:
        checked.append(AgentRequest.of(request, None).body())
        handler(request)
        raise InterruptedError("one request is enough, as the answer has not this form")

    watch = wrap_model_call(look)
    with pytest.raises((InterruptedError, StructuredOutputValidationError)):
        run(openai_model(api), chat()[1:], watch, given=given, response_format=forms()[form])
    read = preflight(checked[0], api="chat.completions")
    sent = preflight(api.bodies[0])
    assert (read.tokens, read.low, read.high) == (sent.tokens, sent.low, sent.high)


# ---- compaction -----------------------------------------------------------------------------


def test_a_chat_that_fills_the_window_is_shortened_for_good(api: FakeApi) -> None:
    messages = long_turns(40, 170)  # about 7,200 of 8,192 tokens
    count = langchain.token_counter("gpt-4", tools=tools())
    compaction = langchain.compaction_middleware(at=0.8, to=0.5)
    state = run(openai_model(api, "gpt-4"), messages, compaction, langchain.budget_middleware())
    assert 3_000 < count([chat()[0], *state[:-1]]) <= 4_096
    assert state[-2].content == "Why?"
    assert [message.content for message in state[:-1]] == [
        message["content"] or "" for message in api.last["messages"][1:]
    ]
    assert state[0].content == "Question 0?"
    short = long_turns(10, 170)
    assert len(run(openai_model(api, "gpt-4"), short, compaction)) == len(short) + 1


def test_what_goes_may_be_replaced_by_a_summary(api: FakeApi) -> None:
    seen: list[Any] = []

    def summarize(messages: list[Any]) -> str:
        seen.extend(messages)
        return "They asked for the time. " * 500

    async def summarize_async(messages: list[Any]) -> str:
        return summarize(messages)

    count = langchain.token_counter("gpt-4", tools=tools())
    messages = long_turns(40, 170)
    for function, asynchronous in (
        (summarize, False),
        (summarize, True),
        (summarize_async, True),
        (lambda messages: summarize_async(messages), True),
    ):
        seen.clear()
        middleware = langchain.compaction_middleware(summarize=function, summary_tokens=300)
        made = agent(openai_model(api, "gpt-4"), middleware)
        asked = {"messages": [message.model_copy() for message in messages]}
        result = wait(made.ainvoke(asked)) if asynchronous else made.invoke(asked)
        state = result["messages"]
        assert state[0].content == "Question 0?"
        assert "They asked for the time." in state[1].content
        assert 300 < count(state[1]) - count([]) < 320
        assert count(state[:-1]) <= 4_096 + 40
        assert len(seen) + len(state) - 2 == len(messages)
        assert seen[0].content == ""
        assert len({message.id for message in state}) == len(state)
        assert api.last["messages"][2]["content"] == state[1].content


def test_messages_that_are_in_the_request_alone_are_not_removed(api: FakeApi) -> None:
    from langchain.agents.middleware import wrap_model_call
    from langchain_core.messages import HumanMessage

    def add(request: Any, handler: Any) -> Any:
        extra = [HumanMessage("word " * 500), HumanMessage("word " * 500)]
        return handler(request.override(messages=[request.messages[0], *extra, *messages[1:]]))

    messages = long_turns(40, 170)
    compaction = langchain.compaction_middleware(summarize=lambda gone: f"{len(gone)} gone")
    state = run(openai_model(api, "gpt-4"), messages, wrap_model_call(add), compaction)
    assert [message["content"] for message in api.last["messages"][1:]][-1] == "Why?"
    assert "gone" in api.last["messages"][2]["content"]
    assert len(state) < len(messages)


def test_a_long_result_is_shortened_in_the_state(api: FakeApi) -> None:
    messages = long_turns(1, 7_500)
    state = run(openai_model(api, "gpt-4"), messages, langchain.compaction_middleware())
    assert [message.type for message in state] == ["human", "ai", "tool", "human", "ai"]
    assert len(state[2].content) < len("noon " * 7_500)
    assert state[2].content == api.last["messages"][3]["content"]
    assert preflight(api.last).fits


def test_a_summary_that_is_no_text_is_refused(api: FakeApi) -> None:
    async def summarize(messages: list[Any]) -> str:
        raise AssertionError("never awaited")

    for function, why in ((len, "got int"), (summarize, "got an awaitable; run the agent with")):
        middleware = langchain.compaction_middleware(summarize=function)
        with pytest.raises(TypeError, match=why):
            run(openai_model(api, "gpt-4"), long_turns(40, 170), middleware)
    assert api.bodies == []


def test_the_usage_that_the_api_reported_counts(api: FakeApi) -> None:
    from langchain_core.messages import AIMessage, HumanMessage

    used = {"input_tokens": 7_000, "output_tokens": 5, "total_tokens": 7_005}
    messages = [
        *(HumanMessage("word " * 500) for _ in range(4)),
        AIMessage("Yes.", usage_metadata=used),
        HumanMessage("Why?"),
    ]
    state = run(openai_model(api, "gpt-4"), messages, langchain.compaction_middleware())
    assert len(state) < len(messages)
    small = {**used, "input_tokens": 2_010}
    messages[4:5] = [AIMessage("Yes.", usage_metadata=one) for one in (used, small)]
    state = run(openai_model(api, "gpt-4"), messages, langchain.compaction_middleware())
    assert len(state) == len(messages) + 1  # the newest usage counts


# ---- the example ----------------------------------------------------------------------------


def test_the_example_runs(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setattr("sys.argv", ["langchain_agent.py"])
    api.calls = [("weather", {"city": "Bergen"})]
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert [path.rpartition("/")[2] for path in api.paths] == ["completions", "completions"]
    assert capsys.readouterr().out.splitlines()[-1] == "spent: 0.00008 USD"


def test_the_example_of_the_guide_runs(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    guide = Path(__file__).parents[2] / "docs" / "integrations.md"
    section = guide.read_text(encoding="utf-8").partition("## LangChain\n")[2]
    code = section.partition("```py\n")[2].partition("```")[0]
    exec(compile(code, str(guide), "exec"), {})
    assert len(api.bodies) == 1
