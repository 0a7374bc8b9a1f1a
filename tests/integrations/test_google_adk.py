"""google-adk against a local server: requests that are checked, replies that are priced."""

from __future__ import annotations

import asyncio
import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    UnknownModelError,
    preflight,
)

pytestmark = pytest.mark.frameworks_apart

EXAMPLE = Path(__file__).parents[2] / "examples" / "google_adk_agent.py"
MODEL = "gemini-3.5-flash"
PRICE = Decimal("0.00003")  # 8 x 1.5 + 2 x 9, per million
LONG = "word " * 900_000
TOO_LONG = "word " * 2_000_000


def read_log(day: str) -> dict[str, Any]:
    """Return the log of a day."""
    return {"day": day, "log": "all is well"}


def ask(
    *questions: str,
    before: Any = None,
    after: Any = None,
    most: int | None = None,
    streamed: bool = False,
    model: str = MODEL,
) -> list[Any]:
    """Ask an agent in one session; the events."""
    from google.adk.agents import LlmAgent
    from google.adk.agents.run_config import RunConfig, StreamingMode
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    agent = LlmAgent(
        name="keeper",
        model=model,
        instruction="Be brief.",
        tools=[read_log],
        generate_content_config=types.GenerateContentConfig(max_output_tokens=most),
        before_model_callback=before,
        after_model_callback=after,
    )
    config = RunConfig(streaming_mode=StreamingMode.SSE if streamed else StreamingMode.NONE)
    runner = InMemoryRunner(agent=agent)
    return asyncio.run(runner.run_debug([*questions], quiet=True, run_config=config))


def test_a_request_over_the_limit_never_leaves(api: FakeApi) -> None:
    from google.adk.models import LlmRequest
    from google.genai import types

    from tokenkit.integrations.google_adk import before_model_callback

    check = before_model_callback()
    with pytest.raises(ContextOverflowError, match="exceed the context_window of 1048576"):
        ask(TOO_LONG, before=check)
    with pytest.raises(ContextOverflowError, match="at most 65536 tokens"):
        ask("Hi", before=check, most=70_000)
    with pytest.raises(CostLimitError, match=r"at most 0\.001 USD"):
        ask("Hi", before=before_model_callback(max_usd="0.001"))
    with pytest.raises(UnknownModelError, match="gemini-of-ours"):
        ask("Hi", before=check, model="gemini-of-ours")
    nameless = types.Part(function_call=types.FunctionCall(args={}))
    request = LlmRequest(model=MODEL, contents=[types.Content(role="model", parts=[nameless])])
    with pytest.raises(ValueError, match="name: expected str, got NoneType"):
        check(None, request)
    assert api.bodies == []
    ask("Hi", before=before_model_callback(MODEL), model="gemini-of-ours")
    assert len(api.bodies) == 1


@pytest.mark.parametrize("streamed", [False, True])
def test_replies_are_clamped_and_chats_fitted(api: FakeApi, streamed: bool) -> None:
    from tokenkit.integrations.google_adk import before_model_callback

    fit = before_model_callback(on_overflow="fit")
    ask("Hi", before=fit, most=70_000, streamed=streamed)
    assert api.last["generationConfig"]["maxOutputTokens"] == 65_536
    api.calls.append(("read_log", {"day": "Monday"}))
    events = ask("First. " + "a" * 90, LONG, LONG, before=fit, most=2_000, streamed=streamed)
    assert len([event for event in events if event.is_final_response()]) == 3
    said = [content["parts"][0]["text"][:6] for content in api.last["contents"]]
    assert said == ["First.", "Hi", "word w"]  # neither the call and its result, nor the first LONG
    assert preflight(model=MODEL, **api.last).fits is not False


@pytest.mark.parametrize("streamed", [False, True])
def test_each_reply_is_priced_once(api: FakeApi, streamed: bool) -> None:
    from tokenkit.integrations.google_adk import after_model_callback, before_model_callback

    spent = CostTracker()
    after = after_model_callback(spent)
    stop = before_model_callback(tracker=spent, max_usd_in_all=2 * PRICE)
    api.calls.append(("read_log", {"day": "Monday"}))
    ask("Hi", before=stop, after=after, streamed=streamed)
    assert spent.by_model == {MODEL: 2 * PRICE}
    with pytest.raises(CostLimitError, match="expected to spend less than"):
        ask("Hi", before=stop, after=after, streamed=streamed)
    assert len(api.bodies) == 2
    ask("Hi", after=after_model_callback(spent, model="gemini-3.5-flash-lite"))
    assert len(spent.by_model) == 2
    assert not spent.partial


def test_a_reply_without_a_usage_leaves_the_sum_partial(api: FakeApi) -> None:
    from google.adk.models import LlmResponse

    from tokenkit.integrations.google_adk import after_model_callback, before_model_callback

    spent = CostTracker()
    after = after_model_callback(spent, model=MODEL)
    after(None, LlmResponse(partial=True))
    assert spent.costs == ()
    after(None, LlmResponse())
    assert (len(spent.costs), spent.partial) == (1, True)
    with pytest.raises(UnknownModelError):
        after_model_callback(spent, model="my-model")
    with pytest.raises(UnknownModelError):
        before_model_callback("my-model")
    with pytest.raises(ValueError, match="on_overflow"):
        before_model_callback(on_overflow="drop")  # type: ignore[arg-type]


def test_the_example_runs(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.calls += [("read_log", {"day": "Monday"}), ("read_log", {"day": "Tuesday"})]
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    logs = [
        [day in str(body) for day in ("log of Monday", "log of Tuesday")] for body in api.bodies
    ]
    assert logs == [[False, False], [True, False], [False, True], [False, True]]
    assert capsys.readouterr().out == "Hi\nHi\n4 replies, 0.00012 USD\n"
