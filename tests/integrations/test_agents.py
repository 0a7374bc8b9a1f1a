"""OpenAI's Agents SDK against a local server: chats that fit, compaction by tokens, and prices."""

from __future__ import annotations

import runpy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi
from waiting import wait

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    Fit,
    UnknownModelError,
    preflight,
)

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "openai_agents_agent.py"
LONG = [
    {"role": "user", "content": "one " * 60_000},
    {"role": "assistant", "content": "two " * 60_000},
    {"role": "user", "content": "three " * 60_000},
    {"role": "user", "content": "Why?"},
]


@pytest.fixture(autouse=True)
def no_traces() -> None:
    import agents

    agents.set_tracing_disabled(True)


def read_log(day: str) -> str:
    """Return the log of a day."""
    return f"{day}: " + "all is well. " * 60_000


def agent(**options: Any) -> Any:
    import agents

    tools = [agents.function_tool(read_log)]
    known = {"name": "Keeper", "instructions": "Be brief.", "model": "gpt-4o", "tools": tools}
    return agents.Agent(**{**known, **options})


def run(kind: str, keeper: Any, asked: Any, **options: Any) -> Any:
    from agents import RunConfig, Runner

    kept = options.pop("filter", None)
    given = {"run_config": RunConfig(call_model_input_filter=kept), **options}
    if kind == "sync":
        return Runner.run_sync(keeper, asked, **given)
    if kind == "async":
        return wait(Runner.run(keeper, asked, **given))

    async def streamed() -> Any:
        result = Runner.run_streamed(keeper, asked, **given)
        async for _ in result.stream_events():
            pass
        return result

    return wait(streamed())


# ---- the filter -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sync", "async", "streamed"])
def test_what_is_sent_fits_and_the_rest_stays(api: FakeApi, kind: str) -> None:
    from agents import ModelSettings

    from tokenkit.integrations.agents import input_filter

    fits: list[Fit] = []
    keeper = agent(model_settings=ModelSettings(max_tokens=9_000))
    result = run(kind, keeper, [*LONG], filter=input_filter(on_fit=fits.append))
    assert result.final_output == "Hi"
    assert api.last["input"] == [LONG[0], LONG[3]]
    assert api.last["instructions"] == "Be brief."
    assert result.to_input_list()[:4] == LONG
    assert [(fit.limit, len(fit.dropped)) for fit in fits] == [(128_000 - 9_000, 2)]
    run(kind, keeper, LONG[1:2], filter=input_filter(on_fit=fits.append))
    assert api.last["input"] == LONG[1:2]
    assert len(fits) == 1


def test_results_of_tools_are_shortened_and_stay_with_their_calls(api: FakeApi) -> None:
    from tokenkit.integrations.agents import input_filter

    api.calls += [("read_log", {"day": "Monday"}), ("read_log", {"day": "Tuesday"})]
    result = run("async", agent(), "What happened?", filter=input_filter(max_output=5_000))
    assert result.final_output == "Hi"
    kinds = [item.get("type", "message") for item in api.last["input"]]
    assert kinds == ["message", *["function_call", "function_call_output"] * 2]
    assert "[... cut ...]" in api.last["input"][4]["output"]
    check = preflight(api.last, api="responses")
    assert 100_000 < check.tokens <= 123_000
    assert "cut" not in str(result.to_input_list())


@pytest.mark.parametrize("kind", ["responses", "chat.completions"])
def test_all_that_is_sent_is_counted(api: FakeApi, kind: str) -> None:
    import agents
    from openai import AsyncOpenAI

    from tokenkit.integrations.agents import input_filter

    @dataclass
    class Answer:
        height: int
        unit: str

    known = agents.OpenAIResponsesModel, agents.OpenAIChatCompletionsModel
    model = known[kind != "responses"](model="gpt-4o", openai_client=AsyncOpenAI())
    guide = agents.Agent(name="Guide", handoff_description="Knows the way to all places.")
    handoffs = [guide, agents.handoff(agent()), agents.handoff(agent(name="B"), is_enabled=False)]
    keeper = agent(model=model, output_type=Answer, handoffs=handoffs)
    fits: list[Fit] = []
    with pytest.raises(agents.ModelBehaviorError):  # the server answers "Hi", which is not JSON
        run("async", keeper, LONG, filter=input_filter(on_fit=fits.append))
    assert len(api.last["tools"]) == 3
    (fitted,) = fits
    check = preflight(api.last, api=kind)
    assert fitted.tokens == check.tokens
    bare = preflight({k: v for k, v in api.last.items() if k in ("model", "messages", "input")})
    assert fitted.tokens > bare.tokens + 100


@pytest.mark.parametrize(
    ("call", "output"),
    [
        ({"type": "custom_tool_call", "input": "x"}, "word " * 130_000),
        ({"type": "function_call", "arguments": "{}"}, ["word " * 90_000, "more " * 90_000]),
    ],
)
def test_results_of_each_form_keep_it(api: FakeApi, call: dict[str, Any], output: Any) -> None:
    from tokenkit.integrations.agents import input_filter

    parts = output
    if isinstance(output, list):
        parts = [{"type": "input_text", "text": text} for text in output]
    known = {"call_id": "a", "id": "i"}
    made = {"type": f"{call['type']}_output", "output": parts, **known}
    run("async", agent(), [{**call, **known, "name": "f"}, made], filter=input_filter())
    sent = api.last["input"][1]
    assert {**sent, "output": parts} == made
    assert type(sent["output"]) is type(parts)
    assert 120_000 < preflight(api.last).tokens <= 127_744


def test_a_filter_may_raise_and_names_what_it_does_not_know(api: FakeApi) -> None:
    import agents

    from tokenkit.integrations.agents import input_filter

    for filter_, error, text in (
        (input_filter(on_overflow="raise"), ContextOverflowError, "expected at most 127744 tokens"),
        (input_filter("gpt-4", max_output=8_000), ContextOverflowError, "messages that must stay"),
    ):
        with pytest.raises(error, match=text):
            run("async", agent(), [LONG[0], LONG[2], LONG[1]], filter=filter_)
    with pytest.raises(UnknownModelError, match="my-model"):
        run("async", agent(model="my-model"), "Hi", filter=input_filter())
    with pytest.raises(ValueError, match="Nameless of the agent 'Keeper' has no name"):
        run("async", agent(model=nameless()), "Hi", filter=input_filter())
    assert api.bodies == []
    with pytest.raises(UnknownModelError):
        input_filter("my-model")
    for bad in ({"max_output": 0}, {"safety": 2}, {"on_overflow": "clamp"}, {"hysteresis": -1}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            input_filter(**bad)
    earlier = {"type": "function_call_output", "call_id": "a", "output": "12"}
    run("async", agent(), [earlier], filter=input_filter(), previous_response_id="r0")
    assert api.last["input"] == [earlier]  # the call is in what the server holds
    assert agents.__name__ == "agents"


def nameless() -> Any:
    from agents import OpenAIResponsesModel

    return type("Nameless", (OpenAIResponsesModel,), {"__init__": lambda self: None})()


def test_default_models_and_those_of_other_providers() -> None:
    import agents

    from tokenkit.integrations.agents import model_of

    assert model_of(agents.Agent(name="A")) == agents.models.get_default_model()
    assert model_of(agent(model="litellm/anthropic/claude-sonnet-5")) == "anthropic/claude-sonnet-5"
    assert model_of(agent(), "gpt-5.4") == "gpt-5.4"


# ---- compaction -------------------------------------------------------------------------------


def test_sessions_are_compacted_by_their_tokens(api: FakeApi, tmp_path: Path) -> None:
    import agents
    from agents.memory import OpenAIResponsesCompactionSession

    from tokenkit.integrations.agents import compaction_trigger

    session = OpenAIResponsesCompactionSession(
        "log",
        agents.SQLiteSession("log"),
        model="gpt-4o",
        should_trigger_compaction=compaction_trigger("gpt-4o", at=0.8, instructions="Be brief."),
    )
    keeper = agent(model="gpt-4o")
    for asked, path in (("Hi", "responses"), ("one " * 99_000, "responses"), ("four " * 6_000, "")):
        run("async", keeper, asked, session=session)
        assert api.paths[-1] == f"/v1/{path or 'responses/compact'}"
    held = {"session_items": [{"role": "user", "content": "word " * 6_000}]}
    assert not compaction_trigger("gpt-4", max_output=200)(held)
    others: list[dict[str, Any]] = [{"instructions": "Be brief. " * 300}, {"max_output": 1_000}]
    for more in (*others, {"at": 0.7}):
        assert compaction_trigger("gpt-4", **{"max_output": 200, **more})(held)
    with pytest.raises(ValueError, match="at: expected"):
        compaction_trigger("gpt-4o", at=1.5)


# ---- prices -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["async", "streamed"])
def test_each_reply_is_priced_and_a_run_stops_at_its_limit(api: FakeApi, kind: str) -> None:
    from tokenkit.integrations.agents import agent_hooks, run_hooks

    spent, own = CostTracker(), CostTracker()
    keeper = agent(hooks=agent_hooks(own))
    api.calls.append(("read_log", {"day": "Monday"}))
    run(kind, keeper, "Hi", hooks=run_hooks(spent, max_usd="0.00008"))
    assert spent.total == own.total == Decimal("0.00008")  # 8 x 2.5 + 2 x 10, twice, per million
    assert not spent.partial
    with pytest.raises(CostLimitError, match=r"less than 0\.00008 USD, got 0\.00008"):
        run(kind, keeper, "Hi", hooks=run_hooks(spent, max_usd="0.00008"))
    with pytest.raises(UnknownModelError):
        run(kind, agent(model="my-model"), "Hi", hooks=run_hooks(spent))
    assert len(api.bodies) == 2
    run(kind, keeper, "Hi", hooks=run_hooks(spent, model="gpt-4o-mini"))
    assert spent.by_model["gpt-4o-mini"] == Decimal("0.0000024")


def test_a_reply_without_a_usage_leaves_the_sum_partial(api: FakeApi) -> None:
    from agents import ModelResponse
    from agents.usage import Usage

    from tokenkit.integrations.agents import run_hooks

    spent = CostTracker()
    reply = ModelResponse(output=[], usage=Usage(), response_id=None)
    wait(run_hooks(spent).on_llm_end(None, agent(), reply))
    assert spent.total == 0
    assert spent.partial
    with pytest.raises(ValueError, match="max_usd: expected at least 0 USD"):
        run_hooks(spent, max_usd=-1)


# ---- the example ------------------------------------------------------------------------------


def test_the_example_runs(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.calls.append(("read_log", {"day": "Monday"}))
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert [len(body["input"]) for body in api.bodies] == [1, 3, 5]
    assert all(preflight(body, api="responses").tokens <= 272_000 for body in api.bodies)
    out = capsys.readouterr().out
    assert "shortened messages[3] from 700010 to" in out
    assert out.endswith("3 replies, 0.000045 USD\n")
