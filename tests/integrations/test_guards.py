"""Guards of real clients against a local server: what is sent, what is stopped, what it cost."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi

from tokenkit import ContextOverflowError, CostLimitError, CostTracker
from tokenkit.errors import TokenkitWarning
from tokenkit.integrations.guarding import OnOverflow

pytestmark = pytest.mark.clients

HI = [{"role": "user", "content": "Hi"}]
LONG = [{"role": "user", "content": "word " * 127_000}, {"role": "user", "content": "Why?"}]
DEAR = {"model": "claude-opus-5", "max_tokens": 60_000, "messages": HI}
TOO_LONG = [{"role": "user", "content": "word " * 129_000}]


def openai_client(api: FakeApi, *, asynchronous: bool = False) -> Any:
    import openai

    kind = openai.AsyncOpenAI if asynchronous else openai.OpenAI
    return kind(base_url=f"{api.url}/v1", api_key="none", max_retries=0)


def anthropic_client(api: FakeApi, *, asynchronous: bool = False) -> Any:
    import anthropic

    kind = anthropic.AsyncAnthropic if asynchronous else anthropic.Anthropic
    return kind(base_url=api.url, api_key="none", max_retries=0)


def genai_client(api: FakeApi) -> Any:
    from google import genai

    return genai.Client(api_key="none", http_options={"base_url": api.url})


# ---- OpenAI -----------------------------------------------------------------------------------


def test_a_request_that_fits_is_sent_as_it_is(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    tracker = CostTracker()
    client = openai_client(api)
    assert guard(client, tracker=tracker) is client
    client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=9)
    assert api.last == {"model": "gpt-4o", "messages": HI, "max_tokens": 9}
    client.responses.create(model="gpt-4o", input="Hi")
    client.embeddings.create(model="text-embedding-3-small", input=["a"])
    assert len(api.bodies) == 3
    # 8 x 2.5 + 2 x 10, twice, and 8 x 0.02, per million
    assert tracker.total == Decimal("0.00008016")


def test_a_request_over_the_limit_never_leaves(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    client = guard(openai_client(api))
    for create, request in (
        (client.chat.completions.create, {"model": "gpt-4o", "messages": TOO_LONG}),
        (client.chat.completions.create, {"model": "gpt-4o", "messages": HI, "max_tokens": 99_000}),
        (client.responses.create, {"model": "gpt-4o", "input": "word " * 129_000}),
        (client.embeddings.create, {"model": "text-embedding-3-small", "input": "word " * 9_000}),
        (client.with_options(timeout=3).responses.create, {"model": "gpt-4o", "input": TOO_LONG}),
        (
            client.chat.completions.with_raw_response.create,
            {"model": "gpt-4o", "messages": TOO_LONG},
        ),
    ):
        with pytest.raises(ContextOverflowError):
            create(**request)
    assert api.bodies == []


@pytest.mark.parametrize("mode", ["clamp", "fit"])
def test_a_reply_that_is_too_long_is_clamped(api: FakeApi, mode: OnOverflow) -> None:
    from tokenkit.integrations.openai import guard

    client = guard(openai_client(api), on_overflow=mode)
    client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=99_000)
    assert api.last["max_tokens"] == 16_384
    client.responses.create(model="gpt-4o", input="Hi", max_output_tokens=99_000)
    assert api.last["max_output_tokens"] == 16_384


def test_a_chat_that_is_too_long_is_fitted(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    client = guard(openai_client(api), on_overflow="fit")
    client.chat.completions.create(model="gpt-4o", messages=LONG, max_tokens=9_000)
    assert api.last["messages"] == [LONG[1]]
    client.responses.create(
        model="gpt-4o", instructions="Be brief.", input=LONG, max_output_tokens=9_000
    )
    assert api.last["input"] == [LONG[1]]
    assert api.last["instructions"] == "Be brief."
    with pytest.raises(ContextOverflowError):
        client.chat.completions.create(model="gpt-4o", messages=TOO_LONG, max_tokens=9_000)
    clamped = guard(openai_client(api), on_overflow="clamp")
    with pytest.raises(ContextOverflowError):
        clamped.chat.completions.create(model="gpt-4o", messages=TOO_LONG, max_tokens=9_000)
    assert len(api.bodies) == 2


def test_a_request_may_not_cost_more_than_is_allowed(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    client = guard(openai_client(api), max_usd="0.001")
    client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=90)
    with pytest.raises(
        CostLimitError, match=r"at most 0\.001 USD, got one of up to 0\.09002"
    ) as told:
        client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=9_000)
    assert told.value.cost == Decimal("0.09002")
    with pytest.raises(CostLimitError, match="an unknown sum"):
        client.responses.create(model="gpt-4o", input="Hi", previous_response_id="r")
    assert len(api.bodies) == 1
    assert guard(client) is client  # a second guard replaces the first
    client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=9_000)


def test_what_cannot_be_checked_is_sent_with_a_warning(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    client = guard(openai_client(api))
    with pytest.warns(TokenkitWarning, match="my-deployment: the request goes unchecked: model"):
        client.chat.completions.create(model="my-deployment", messages=HI)
    odd: Any = [{"role": "alien", "content": "Hi"}]
    with pytest.warns(TokenkitWarning, match=r"goes unchecked: messages\[0\]\.role"):
        client.chat.completions.create(model="gpt-4o", messages=odd)
    assert len(api.bodies) == 2


def test_streams_and_parsed_replies_are_guarded_and_tracked(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    tracker = CostTracker()
    client = guard(openai_client(api), tracker=tracker)
    chunks = client.chat.completions.create(
        model="gpt-4o", messages=HI, stream=True, stream_options={"include_usage": True}
    )
    assert len(list(chunks)) == 2
    assert tracker.total == Decimal("0.00004")
    assert len(list(client.responses.create(model="gpt-4o", input="Hi", stream=True))) == 1
    assert tracker.total == Decimal("0.00008")
    with pytest.raises(ContextOverflowError):
        client.chat.completions.create(model="gpt-4o", messages=TOO_LONG, stream=True)


def test_async_clients_are_guarded_too(api: FakeApi) -> None:
    from tokenkit.integrations.openai import guard

    tracker = CostTracker()

    async def run() -> None:
        async with openai_client(api, asynchronous=True) as plain:
            client = guard(plain, on_overflow="clamp", tracker=tracker)
            await client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=99_000)
            assert api.last["max_tokens"] == 16_384
            stream = await client.responses.create(model="gpt-4o", input="Hi", stream=True)
            assert len([event async for event in stream]) == 1
            with pytest.raises(ContextOverflowError):
                await client.responses.create(model="gpt-4o", input="word " * 129_000)

    asyncio.run(run())
    assert tracker.total == Decimal("0.00008")
    assert len(api.bodies) == 2


def test_the_example_of_the_guide_runs(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    guide = Path(__file__).parents[2] / "docs" / "integrations.md"
    code = guide.read_text(encoding="utf-8").split("```py\n")[1].partition("```")[0]
    exec(compile(code, str(guide), "exec"), {})
    assert api.last["max_completion_tokens"] == 2_000


# ---- Anthropic and Google -----------------------------------------------------------------------


def test_anthropics_client(api: FakeApi) -> None:
    from tokenkit.integrations.anthropic import guard

    tracker = CostTracker()
    client = guard(anthropic_client(api), on_overflow="clamp", tracker=tracker)
    client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HI)
    assert api.last["max_tokens"] == 9
    price = tracker.total
    assert price > 0
    client.messages.create(model="claude-sonnet-5", max_tokens=10**7, messages=HI, timeout=60)
    assert api.last["max_tokens"] < 10**7
    with client.messages.stream(model="claude-sonnet-5", max_tokens=9, messages=HI) as stream:
        assert stream.get_final_text() == "Hi"
    assert tracker.total == 3 * price
    with pytest.raises(ContextOverflowError):
        client.messages.create(
            model="claude-sonnet-5",
            max_tokens=9,
            messages=[{"role": "user", "content": "word " * 4_000_000}],
        )
    assert len(api.bodies) == 3


def test_anthropics_async_client(api: FakeApi) -> None:
    from tokenkit.integrations.anthropic import guard

    tracker = CostTracker()

    async def run() -> None:
        async with anthropic_client(api, asynchronous=True) as plain:
            client = guard(plain, max_usd=1, tracker=tracker)
            await client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=HI)
            stream = await client.messages.create(
                model="claude-sonnet-5", max_tokens=9, messages=HI, stream=True
            )
            assert len([event async for event in stream]) == 6
            with pytest.raises(CostLimitError):
                await client.messages.create(**DEAR, stream=True)

    asyncio.run(run())
    assert len(api.bodies) == 2
    assert tracker.total > 0


def test_googles_client(api: FakeApi) -> None:
    from tokenkit.integrations.google import guard

    tracker = CostTracker()
    client = guard(genai_client(api), on_overflow="clamp", tracker=tracker)
    config = {"max_output_tokens": 10**6}
    client.models.generate_content(model="gemini-3.5-flash", contents="Hi", config=config)
    assert api.last["generationConfig"]["maxOutputTokens"] == 65_536
    price = tracker.total
    list(client.models.generate_content_stream(model="gemini-3.5-flash", contents="Hi"))
    assert tracker.total == 2 * price
    with pytest.raises(ContextOverflowError):
        client.models.generate_content(model="gemini-3.5-flash", contents="word " * 4_000_000)
    assert len(api.bodies) == 2


# ---- httpx --------------------------------------------------------------------------------------


def test_the_hook_sees_the_body_of_any_program_on_httpx(api: FakeApi) -> None:
    import httpx

    from tokenkit.integrations.openai import request_hook

    body = {"model": "gpt-4o", "messages": HI, "max_tokens": 99_000, "user": "é"}
    url = f"{api.url}/v1/chat/completions"
    with httpx.Client(event_hooks={"request": [request_hook()]}) as client:
        with pytest.raises(ContextOverflowError):
            client.post(url, json=body)
        client.post(f"{api.url}/v1/other", json=body)
        client.post(url, json={**body, "max_tokens": 9})
    assert [sent["max_tokens"] for sent in api.bodies] == [99_000, 9]
    with httpx.Client(event_hooks={"request": [request_hook(on_overflow="clamp")]}) as client:
        assert client.post(url, json=body).json()["object"] == "chat.completion"
        gemini = f"{api.url}/v1beta/models/gemini-3.5-flash:generateContent"
        client.post(
            gemini,
            json={
                "contents": [{"parts": [{"text": "Hi"}]}],
                "generationConfig": {"maxOutputTokens": 10**6},
            },
        )
    assert api.bodies[2] == {**body, "max_tokens": 16_384}
    assert api.last["generationConfig"] == {"maxOutputTokens": 65_536}
    assert "model" not in api.last

    async def run() -> None:
        async with httpx.AsyncClient(event_hooks={"request": [request_hook(max_usd=0)]}) as client:
            with pytest.raises(CostLimitError):
                await client.post(url, json=body | {"max_tokens": 9})

    asyncio.run(run())


def test_arguments_out_of_range_are_refused() -> None:
    from tokenkit.integrations.openai import guard, request_hook

    with pytest.raises(ValueError, match="on_overflow: expected 'raise', 'clamp' or 'fit'"):
        guard(None, on_overflow="drop")  # type: ignore[arg-type]
    refused: Any
    for refused in (-1, float("nan")):
        with pytest.raises(ValueError, match=r"max_usd: expected at least 0 USD, got (-1|nan)"):
            request_hook(max_usd=refused)
    for refused in ("a dollar", True, [1]):
        with pytest.raises(ValueError, match="max_usd: expected a number of USD, got "):
            request_hook(max_usd=refused)
