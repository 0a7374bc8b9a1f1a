"""pydantic-ai against a local server: counts before requests, guards, histories that fit."""

from __future__ import annotations

import asyncio
import runpy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    Fit,
    UnknownModelError,
    get_model,
    preflight,
)

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "pydantic_ai_agent.py"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00\x00\x00\x02\x00\x08\x02\x00\x00\x00"
    b"{\x1aC\xad"
)


def openai_model(api: FakeApi, kind: str = "chat", name: str = "gpt-4o") -> Any:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(base_url=f"{api.url}/v1", api_key="none", max_retries=0)
    models = {"chat": OpenAIChatModel, "responses": OpenAIResponsesModel}
    return models[kind](name, provider=OpenAIProvider(openai_client=client))


def claude(api: FakeApi) -> Any:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(base_url=api.url, api_key="none", max_retries=0)
    return AnthropicModel("claude-sonnet-5", provider=AnthropicProvider(anthropic_client=client))


def long_history(*sizes: int) -> list[Any]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    turns: list[Any] = []
    for number, size in enumerate(sizes):
        turns.append(ModelRequest(parts=[UserPromptPart(f"{number} " + "word " * size)]))
        turns.append(ModelResponse(parts=[TextPart(f"Noted {number}.")]))
    return turns


def read_log(day: str) -> str:
    """Return the log of a day."""
    return f"{day}: " + "all is well. " * 60_000


def look(day: str, hour: int = 12) -> str:
    """Look at the sea.

    Args:
        day: The name of a day.
        hour: The hour, of 24.
    """
    from pydantic_ai import ModelRetry

    if day != "Monday":
        raise ModelRetry("Only Monday is known.")
    return "calm"


def draw() -> Any:
    """Return a picture of the sea, and its state."""
    from pydantic_ai import BinaryContent

    return ["calm", {"wind": 3}, BinaryContent(PNG, media_type="image/png")]


@dataclass
class Answer:
    """What the keeper says."""

    height: int
    unit: str


# ---- counting -----------------------------------------------------------------------------------


def cases() -> dict[str, tuple[dict[str, Any], Any, list[Any]]]:
    """Name -> options of the agent, the prompt, and the calls of the model."""
    from pydantic_ai import BinaryContent, NativeOutput, PromptedOutput, ToolOutput

    monday: list[Any] = [("look", {"day": "Monday"}), ("final_result", {"height": 3, "unit": "m"})]
    sunday: list[Any] = [("look", {"day": "Sunday"}), *monday]
    tools: dict[str, Any] = {"tools": [look, read_log], "instructions": "Be brief."}
    return {
        "plain": ({}, "How high is it?", []),
        "instructions": ({"instructions": ["Be brief.", "Be kind."]}, "How high is it?", []),
        "system": ({"system_prompt": "Be brief.", "instructions": "Now."}, "How high is it?", []),
        "tools": (tools, "How is the sea?", monday[:1]),
        "retry": (tools, "How is the sea?", sunday[:2]),
        "output": ({**tools, "output_type": Answer}, "How high is it?", monday),
        "named": ({"output_type": ToolOutput(Answer, name="final_result")}, "How?", monday[1:]),
        "native": ({"output_type": NativeOutput(Answer)}, "How high is it?", []),
        "prompted": ({"output_type": PromptedOutput(Answer)}, "How high is it?", []),
        "picture": ({"tools": [draw]}, "What is it?", [("draw", {})]),
        "image": ({}, ["What is it?", BinaryContent(PNG, media_type="image/png")], []),
    }


@pytest.mark.parametrize("kind", ["chat", "responses", "claude"])
@pytest.mark.parametrize("case", list(range(11)))
def test_the_count_is_that_of_what_is_sent(
    api: FakeApi, kind: str, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydantic_ai import Agent, UnexpectedModelBehavior, UsageLimits

    from tokenkit.integrations.pydantic_ai import guard

    name, (options, prompt, calls) = list(cases().items())[case]
    model = guard(claude(api) if kind == "claude" else openai_model(api, kind))
    counted: list[int] = []
    count_tokens = model.count_tokens

    async def noted(*request: Any) -> Any:
        usage = await count_tokens(*request)
        counted.append(usage.input_tokens)
        return usage

    monkeypatch.setattr(model, "count_tokens", noted)
    api.calls += calls
    limits = UsageLimits(count_tokens_before_request=True)
    agent = Agent(model, **options, retries=2)
    try:
        agent.run_sync(prompt, usage_limits=limits)
    except UnexpectedModelBehavior:  # "Hi", which is not JSON, too often
        assert name in ("native", "prompted")
    assert len(counted) == len(api.bodies)
    assert not api.calls
    names = {"chat": "chat.completions", "responses": "responses", "claude": "messages"}
    for tokens, body in zip(counted, api.bodies, strict=True):
        sent = preflight(body, api=names[kind])
        assert sent.high is not None
        # Words that point to a file are sent where a result cannot hold it.
        more = 50 if name == "picture" else 3
        assert sent.low - 3 <= tokens <= sent.high + more, name
        if kind == "chat":
            assert tokens == sent.tokens, name


def fits_in(body: Any, limit: int) -> bool:
    """Whether a body is full, and not over the limit."""
    return limit * 0.9 < preflight(body).tokens <= limit


# ---- guards -------------------------------------------------------------------------------------


def ask(model: Any, prompt: str, streamed: bool = False, **options: Any) -> Any:
    from pydantic_ai import Agent

    settings = options.pop("settings", None)
    agent = Agent(model, model_settings=settings, tools=options.pop("tools", []))
    if not streamed:
        return agent.run_sync(prompt, **options).all_messages()

    async def run() -> Any:
        async with agent.run_stream(prompt, **options) as result:
            assert await result.get_output() == "Hi"
        return result.all_messages()

    return asyncio.run(run())


@pytest.mark.parametrize("streamed", [False, True])
def test_a_request_over_the_limit_never_leaves(api: FakeApi, streamed: bool) -> None:
    from tokenkit.integrations.pydantic_ai import guard

    model = guard(openai_model(api))
    with pytest.raises(ContextOverflowError, match="exceed the context_window of 128000"):
        ask(model, "word " * 129_000, streamed)
    with pytest.raises(ContextOverflowError, match="expected at most 16384 tokens"):
        ask(model, "Hi", streamed, settings={"max_tokens": 99_000})
    with pytest.raises(CostLimitError, match=r"at most 0\.001 USD, got one of up to 0\.16"):
        ask(guard(openai_model(api), max_usd="0.001"), "Hi", streamed)
    assert api.bodies == []


@pytest.mark.parametrize("streamed", [False, True])
def test_replies_are_clamped_and_priced(api: FakeApi, streamed: bool) -> None:
    from tokenkit.integrations.pydantic_ai import guard

    spent = CostTracker()
    model = guard(openai_model(api), on_overflow="clamp", tracker=spent)
    ask(model, "Hi", streamed, settings={"max_tokens": 99_000, "temperature": 0})
    assert (api.last["max_completion_tokens"], api.last["temperature"]) == (16_384, 0)
    assert spent.total == Decimal("0.00004")
    assert not spent.partial
    ask(guard(claude(api), tracker=spent), "Hi", streamed)
    assert spent.by_model["claude-sonnet-5"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_only_what_is_sent_is_fitted(api: FakeApi, streamed: bool) -> None:
    from tokenkit.integrations.pydantic_ai import guard

    model = guard(openai_model(api), on_overflow="fit")
    history = long_history(50_000, 60_000, 40_000)
    api.calls.append(("read_log", {"day": "Monday"}))
    messages = ask(
        model,
        "How is the sea?",
        streamed,
        message_history=history,
        tools=[read_log],
        settings={"max_tokens": 9_000},
    )
    assert messages[:6] == history
    assert len(messages) == 10
    sent = api.last["messages"]
    assert [message["role"] for message in sent[-3:]] == ["user", "assistant", "tool"]
    assert "[... cut ...]" in sent[-1]["content"]
    assert "cut" not in messages[8].parts[0].content
    assert fits_in(api.last, 128_000 - 9_000)
    first = api.bodies[0]["messages"]
    assert [str(message["content"])[:7] for message in first] == [
        "0 word ", "Noted 1", "2 word ", "Noted 2", "How is ",
    ]  # fmt: skip


def test_parts_go_and_calls_stay_with_their_results(api: FakeApi) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.messages import (
        ModelRequest,
        ModelResponse,
        SystemPromptPart,
        ToolCallPart,
        ToolReturnPart,
        UserPromptPart,
    )

    from tokenkit.integrations.pydantic_ai import guard

    def turn(size: int) -> list[Any]:
        asked = [ToolCallPart("f", {"n": n}, tool_call_id=f"c{n}") for n in range(2)]
        got: list[Any] = [
            ToolReturnPart("f", {"text": "word " * size}, tool_call_id="c0"),
            ToolReturnPart("f", "more " * size, tool_call_id="c1"),  # ids that come again
        ]
        return [ModelResponse(parts=asked), ModelRequest(parts=[*got, UserPromptPart("Go on.")])]

    first = ModelRequest(parts=[SystemPromptPart("Be brief."), UserPromptPart("Begin.")])
    history = [first, *turn(30_000), *turn(80_000)]
    agent = Agent(guard(openai_model(api), on_overflow="fit"))
    result = agent.run_sync(message_history=history)
    assert result.all_messages()[:4] == history[:4]
    assert result.all_messages()[4].parts == history[4].parts
    sent = api.last["messages"]
    turn_of = ["assistant", "tool", "tool", "user"]
    assert [message["role"] for message in sent] == ["system", "user", *turn_of, *turn_of]
    results = [message for message in sent if message["role"] == "tool"]
    assert [result["tool_call_id"] for result in results] == ["c0", "c1", "c0", "c1"]
    cut = ["[... cut ...]" in result["content"] for result in results]
    assert cut == [False, False, True, True]
    assert [result["content"][:6] for result in results] == ['{"text', "more m"] * 2
    assert fits_in(api.last, 128_000 - 256)


def test_a_fallback_takes_over_where_a_chat_is_too_long(api: FakeApi) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.fallback import FallbackModel

    from tokenkit.integrations.pydantic_ai import guard

    models = [guard(openai_model(api, name=name)) for name in ("gpt-4o", "gpt-5.4")]
    agent = Agent(FallbackModel(*models, fallback_on=(ContextOverflowError,)))
    assert agent.run_sync("word " * 129_000).output == "Hi"
    assert [body["model"] for body in api.bodies] == ["gpt-5.4"]


def test_what_cannot_be_counted_is_not_sent(api: FakeApi) -> None:
    from pydantic_ai.messages import ModelRequest, ModelResponse, ToolCallPart, UserPromptPart
    from pydantic_ai.models import ModelRequestParameters

    from tokenkit.integrations.pydantic_ai import guard

    model = guard(openai_model(api))
    nameless: Any = None
    asked = ModelRequest(parts=[UserPromptPart("Hi")])
    messages = [asked, ModelResponse(parts=[ToolCallPart(nameless, {}, tool_call_id="a")]), asked]
    for send in (model.request, model.count_tokens):
        with pytest.raises(ValueError, match=r"messages\[1\]\.tool_calls\[0\].*name: expected str"):
            asyncio.run(send(messages, None, ModelRequestParameters()))
    assert api.bodies == []


def test_what_is_not_known_is_said() -> None:
    from pydantic_ai.models.test import TestModel

    from tokenkit.integrations.pydantic_ai import guard, history_processor

    with pytest.raises(UnknownModelError, match="test"):
        guard(TestModel())
    assert guard(TestModel(), name="gpt-4o").record.name == "gpt-4o"
    with pytest.raises(UnknownModelError):
        history_processor("my-model")
    with pytest.raises(ValueError, match="on_overflow: expected 'raise', 'clamp' or 'fit'"):
        guard(TestModel(), on_overflow="drop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="on_overflow"):
        history_processor(on_overflow="clamp")  # type: ignore[arg-type]


def test_a_reply_without_a_usage_leaves_the_sum_partial() -> None:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.usage import RequestUsage

    from tokenkit.integrations.pydantic_ai_model import add_response

    spent = CostTracker()
    add_response(spent, ModelResponse(parts=[], model_name="gpt-4o"), get_model("gpt-4o"))
    assert spent.total == 0
    assert spent.partial
    spent = CostTracker()
    usage = RequestUsage(input_tokens=1_000)
    for name in ("gpt-4o-mini", "our-deployment"):
        reply = ModelResponse(parts=[], model_name=name, usage=usage)
        add_response(spent, reply, get_model("gpt-4o"))
    assert spent.by_model == {"gpt-4o-mini": Decimal("0.00015"), "gpt-4o": Decimal("0.0025")}
    assert not spent.partial


# ---- the history --------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [False, True])
def test_a_history_is_fitted_for_good(api: FakeApi, streamed: bool) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.capabilities import ProcessHistory

    from tokenkit.integrations.pydantic_ai import history_processor

    fits: list[Fit] = []
    processor = history_processor(max_output=5_000, on_fit=fits.append)
    agent = Agent(
        openai_model(api),
        instructions="Be brief. " * 500,
        tools=[read_log],
        capabilities=[ProcessHistory(processor)],
    )
    history = long_history(50_000, 60_000, 40_000)
    api.calls.append(("read_log", {"day": "Monday"}))

    async def run() -> Any:
        async with agent.run_stream("How is the sea?", message_history=history) as result:
            await result.get_output()
        return result

    if streamed:
        result = asyncio.run(run())
    else:
        result = agent.run_sync("How is the sea?", message_history=history)
    assert [fit.limit for fit in fits] == [123_000, 123_000]
    assert [fit.tokens for fit in fits] == [preflight(body).tokens for body in api.bodies]
    assert "[... cut ...]" in str(result.all_messages())
    assert len(result.all_messages()) < 10
    strict = Agent(
        openai_model(api), capabilities=[ProcessHistory(history_processor(on_overflow="raise"))]
    )
    with pytest.raises(ContextOverflowError):
        strict.run_sync("Why?", message_history=history)


# ---- the example --------------------------------------------------------------------------------


def test_the_example_runs(
    api: FakeApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    api.calls.append(("read_log", {"day": "Monday"}))
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert [len(body["messages"]) for body in api.bodies] == [2, 4]
    assert fits_in(api.last, 272_000)
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == ["Hi", "2 replies, 0.00008 USD"]
    assert "would exceed the input_tokens_limit of 10000 (input_tokens=700102)" in out[2]
