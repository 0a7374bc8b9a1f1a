"""instructor against a local server: attempts that are priced, warnings, a guarded client."""

from __future__ import annotations

import asyncio
import runpy
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi

from tokenkit import CostTracker, TokenkitWarning

pytestmark = pytest.mark.frameworks_apart

EXAMPLE = Path(__file__).parents[2] / "examples" / "instructor_agent.py"
HI = [{"role": "user", "content": "How high?"}]
TOO_LONG = [{"role": "user", "content": "word " * 129_000}]


def answer() -> Any:
    from pydantic import create_model

    return create_model("Answer", height=(int, ...))


def test_all_attempts_are_priced(api: FakeApi) -> None:
    import instructor
    from openai import AsyncOpenAI, OpenAI

    from tokenkit.integrations.instructor import hooks

    spent = CostTracker()
    made = instructor.from_openai(OpenAI())
    client = hooks(made, spent)
    assert client is made
    api.calls += [("Answer", {"height": "x"}), ("Answer", {"height": 3})]
    found = client.create(
        model="gpt-4o", response_model=answer(), messages=HI, max_tokens=99, max_retries=2
    )
    assert found.height == 3
    assert len(api.bodies) == 2
    assert spent.total == Decimal("0.00008")

    async def run() -> None:
        client = hooks(instructor.from_openai(AsyncOpenAI()), spent)
        api.calls.append(("Answer", {"height": 4}))
        await client.create(model="gpt-4o", response_model=answer(), messages=HI)

    asyncio.run(run())
    assert spent.total == Decimal("0.00012")
    api.calls.append(("Answer", {"height": 4}))
    list(client.create_partial(model="gpt-4o", response_model=answer(), messages=HI))
    assert spent.total == Decimal("0.00016")
    assert not spent.partial


def test_what_is_too_long_or_too_dear_is_a_warning(api: FakeApi) -> None:
    import instructor
    from openai import OpenAI

    from tokenkit.integrations.instructor import hooks

    client = hooks(instructor.from_openai(OpenAI()), max_usd="0.01")
    for messages, most, text in (
        (TOO_LONG, 100, "exceed the context_window of 128000; it is sent nevertheless"),
        (HI, 9_000, r"at most 0\.01 USD, got one of up to 0\.09"),
    ):
        api.calls.append(("Answer", {"height": 3}))
        with pytest.warns(TokenkitWarning, match=text):
            client.create(
                model="gpt-4o", response_model=answer(), messages=messages, max_tokens=most
            )
    assert len(api.bodies) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error", TokenkitWarning)
        warnings.filterwarnings("ignore", message=".*shut down")
        api.calls.append(("Answer", {"height": 3}))
        client.create(model="gpt-4o", response_model=answer(), messages=HI, max_tokens=9)
    with pytest.raises(ValueError, match="max_usd"):
        hooks(client, max_usd=-1)


def test_the_example_stops_what_is_too_long(
    api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"name": "Skerryvore", "height": 48}
    api.calls += [("Lighthouse", {**found, "height": "high"}), ("Lighthouse", found)]
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(api.bodies) == 2
    assert lines[0] == "name='Skerryvore' height=48"
    assert "exceed the max_input_tokens of 272000" in lines[1]
    assert lines[2] == "2 attempts, 0.00008 USD"
