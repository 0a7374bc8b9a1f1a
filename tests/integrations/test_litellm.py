"""LiteLLM against a local server: exact counts, checks before requests, prices after them."""

from __future__ import annotations

import asyncio
import pickle
import runpy
import time
import warnings
from collections.abc import Coroutine, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from adapter_texts import DOCUMENT
from fake_api import FakeApi, fake_api

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    Model,
    NoTokenizerError,
    UnknownModelError,
    cost,
    get_encoding,
    get_model,
    preflight,
)
from tokenkit.errors import TokenkitWarning
from tokenkit.integrations import litellm as adapter

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "litellm_agent.py"
HI = [{"role": "user", "content": "Hi"}]
LONG = [{"role": "user", "content": "word " * 127_000}, {"role": "user", "content": "Why?"}]
TOO_LONG = [{"role": "user", "content": "word " * 129_000}]
ONE = Decimal("0.00004")  # 8 x 2.5 + 2 x 10 per million: what a reply of the server costs
LOOP = asyncio.new_event_loop()  # LiteLLM keeps clients, and the worker that calls callbacks


@pytest.fixture(scope="module")
def litellm() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm

    return litellm


@pytest.fixture
def api(litellm: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    with fake_api() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
        yield server
        litellm.callbacks = []


@pytest.fixture
def logger(litellm: Any, api: FakeApi) -> Any:
    """A logger of default options that LiteLLM calls."""
    made = adapter.budget_logger()
    litellm.callbacks = [made]
    return made


def wait(awaitable: Coroutine[Any, Any, Any]) -> Any:
    return LOOP.run_until_complete(awaitable)


def spent(tracker: CostTracker, replies: int) -> Decimal:
    """Return what a tracker has once LiteLLM has told it of so many replies."""
    for _ in range(200):
        if len(tracker.costs) >= replies:
            break
        wait(asyncio.sleep(0.02))
        time.sleep(0.02)
    wait(asyncio.sleep(0.1))
    assert len(tracker.costs) == replies
    return tracker.total


# ---- counts ---------------------------------------------------------------------------------


def test_texts_are_counted_exactly(litellm: Any) -> None:
    encoding = get_encoding("o200k_base")
    tokenizer = adapter.custom_tokenizer("gpt-5.4")
    assert adapter.custom_tokenizer(encoding="o200k_base") == tokenizer
    assert adapter.custom_tokenizer(encoding=encoding) == tokenizer
    assert pickle.loads(pickle.dumps(tokenizer)) == tokenizer
    for text in (DOCUMENT, "word " * 900, "", "<|endoftext|>", "e" * 3_000, "Åland 🙂" * 400):
        count = litellm.token_counter(text=text, custom_tokenizer=tokenizer)
        assert count == encoding.count(text)
        ids = litellm.encode(text=text, custom_tokenizer=tokenizer)
        assert ids == encoding.encode_ordinary(text)
        assert litellm.decode(tokens=ids, custom_tokenizer=tokenizer) == text
    ended = [*encoding.encode_ordinary("Hi"), encoding.eot_token]
    assert litellm.decode(tokens=ended, custom_tokenizer=tokenizer) == "Hi"
    assert tokenizer["tokenizer"].decode(ended, skip_special_tokens=False) == "Hi<|endoftext|>"
    chat = [{"role": "user", "content": DOCUMENT}]
    own = litellm.token_counter(messages=chat, custom_tokenizer=tokenizer)
    assert own == preflight(model="gpt-5.4", messages=chat).tokens
    with pytest.raises(NoTokenizerError):
        adapter.custom_tokenizer("claude-sonnet-5")
    with pytest.raises(ValueError, match="expected a model or an encoding, got neither"):
        adapter.custom_tokenizer()


# ---- before and after -----------------------------------------------------------------------


def test_every_kind_of_call_is_priced_once(litellm: Any, logger: Any) -> None:
    litellm.completion("openai/gpt-4o", HI)
    options = {"include_usage": True}
    assert list(litellm.completion("gpt-4o", HI, stream=True, stream_options=options))
    litellm.responses(model="gpt-4o", input="Hi")

    async def run() -> None:
        await litellm.acompletion("openai/gpt-4o", HI)
        stream = await litellm.acompletion("gpt-4o", HI, stream=True, stream_options=options)
        async for _ in stream:
            pass
        await litellm.aresponses(model="gpt-4o", input="Hi")

    wait(run())
    assert spent(logger.tracker, 6) == 6 * ONE
    litellm.embedding("text-embedding-3-small", ["a"])
    wait(litellm.aembedding(model="text-embedding-3-small", input=["a"]))
    assert spent(logger.tracker, 8) == 6 * ONE + 2 * Decimal("0.00000016")
    before = logger.tracker.total
    litellm.completion("anthropic/claude-sonnet-5", HI, max_tokens=9)
    assert spent(logger.tracker, 9) > before


def test_a_request_over_the_limit_never_leaves(litellm: Any, api: FakeApi, logger: Any) -> None:
    completion = logger.guarded(litellm.completion)
    embed = logger.guarded(litellm.embedding)
    calls: list[Any] = [
        lambda: litellm.acompletion("openai/gpt-4o", TOO_LONG),
        lambda: litellm.acompletion(model="gpt-4o", messages=TOO_LONG, stream=True),
        lambda: litellm.acompletion(model="gpt-4o", messages=HI, max_tokens=99_000),
        lambda: litellm.aresponses(model="gpt-4o", input="word " * 129_000),
        lambda: litellm.aembedding(model="text-embedding-3-small", input="word " * 9_000),
        lambda: logger.guarded(litellm.acompletion)("gpt-4o", TOO_LONG),
    ]
    for call in calls:
        with pytest.raises(ContextOverflowError) as told:
            wait(call())
        assert isinstance(told.value, litellm.ContextWindowExceededError)
        assert told.value.needed >= 8
        assert "expected" in str(told.value) or "exceed" in str(told.value)
    with pytest.raises(ContextOverflowError):
        completion("gpt-4o", TOO_LONG)
    with pytest.raises(ContextOverflowError):
        completion(model="anthropic/claude-sonnet-5", messages=HI, max_tokens=10**7)
    with pytest.raises(ContextOverflowError):
        embed("text-embedding-3-small", ["word " * 9_000])
    with pytest.raises(TypeError, match="input: expected a keyword argument, so that it can be"):
        wait(litellm.aembedding("text-embedding-3-small", ["a"]))
    with pytest.raises(TypeError, match="model: expected a keyword argument, so that it can be"):
        wait(litellm.aresponses("Hi", "gpt-4o"))
    assert api.bodies == []


def test_a_request_is_fitted_or_clamped(litellm: Any, api: FakeApi) -> None:
    fitting = adapter.budget_logger(on_overflow="fit")
    litellm.callbacks = [fitting]
    wait(litellm.acompletion(model="openai/gpt-4o", messages=LONG, max_tokens=9_000, user="me"))
    assert api.last["messages"] == [LONG[1]]
    assert (api.last["max_tokens"], api.last["user"], api.last["model"]) == (9_000, "me", "gpt-4o")
    assert len(LONG) == 2
    fitting.guarded(litellm.completion)("gpt-4o", LONG, max_tokens=9_000)
    assert api.last["messages"] == [LONG[1]]
    wait(litellm.acompletion("gpt-4o", messages=HI, max_tokens=99_000))
    assert api.last["max_tokens"] == 16_384
    sent = len(api.bodies)
    with pytest.raises(ValueError, match="messages: expected a keyword argument, so that it can"):
        wait(litellm.acompletion("gpt-4o", LONG, max_tokens=9_000))
    with pytest.raises(ContextOverflowError):
        wait(litellm.acompletion(model="gpt-4o", messages=TOO_LONG))
    assert len(api.bodies) == sent
    assert all(preflight(body).fits for body in api.bodies)


def test_a_request_may_not_cost_more_than_is_allowed(litellm: Any, api: FakeApi) -> None:
    logger = adapter.budget_logger(max_usd="0.001")
    litellm.callbacks = [logger]
    options = {"timeout": 9, "metadata": {}, "drop_params": True, "num_retries": 0, "user": "me"}
    options |= {"extra_headers": {"a": "b"}, "thinking": {"type": "disabled"}, "organization": "me"}
    wait(litellm.acompletion(model="gpt-4o", messages=HI, max_tokens=90, temperature=0, **options))
    with pytest.raises(CostLimitError, match=r"at most 0\.001 USD, got one of up to 0\.09002"):
        wait(litellm.acompletion(model="gpt-4o", messages=HI, max_tokens=9_000))
    with pytest.raises(CostLimitError, match="an unknown sum"):  # no prices of Azure are known
        wait(litellm.acompletion(model="azure/gpt-4o", messages=HI, max_tokens=9))
    assert len(api.bodies) == 1


def test_a_router_falls_back_and_names_of_deployments_have_a_base(
    litellm: Any, api: FakeApi
) -> None:
    logger = adapter.budget_logger()
    litellm.callbacks = [logger]
    deployments = [
        {"model_name": "small", "litellm_params": {"model": "openai/gpt-4o"}},
        {"model_name": "large", "litellm_params": {"model": "openai/gpt-4.1"}},
        {
            "model_name": "mine",
            "litellm_params": {"model": "openai/my-deployment"},
            "model_info": {"base_model": "gpt-4o"},
        },
        {"model_name": "unknown", "litellm_params": {"model": "openai/my-deployment"}},
    ]
    router = litellm.Router(
        deployments, num_retries=0, context_window_fallbacks=[{"small": ["large"]}]
    )
    wait(router.acompletion("small", TOO_LONG))
    assert [body["model"] for body in api.bodies] == ["gpt-4.1"]
    wait(router.acompletion("mine", HI))
    assert api.last["model"] == "my-deployment"
    assert spent(logger.tracker, 2) > 0
    with pytest.raises(ContextOverflowError):
        wait(router.acompletion("mine", TOO_LONG))
    with pytest.raises(UnknownModelError):
        wait(router.acompletion("unknown", HI))
    assert len(api.bodies) == 2


def test_requests_of_the_proxy_are_checked_when_their_model_is_known(litellm: Any) -> None:
    logger = adapter.budget_logger(on_overflow="clamp", max_usd="0.20")

    def hook(data: dict[str, Any], kind: str = "acompletion") -> Any:
        return wait(logger.async_pre_call_hook(None, None, data, kind))

    metadata = {"user_api_key": "none"}
    data = {"model": "gpt-4o", "messages": HI, "max_tokens": 90, "metadata": metadata}
    assert hook(data) is None
    assert hook({**data, "max_tokens": 99_000}) == {**data, "max_tokens": 16_384}
    with pytest.raises(ContextOverflowError) as told:
        hook({**data, "messages": TOO_LONG})
    assert told.value.status_code == 400  # type: ignore[attr-defined]
    with pytest.raises(CostLimitError) as dear:
        hook({**data, "model": "gpt-4", "max_tokens": 8_000})
    assert dear.value.status_code == 400  # type: ignore[attr-defined]
    assert hook({**data, "model": "a-name-of-the-proxy"}) is None
    assert hook({"model": "gpt-4o", "file": b""}, "atranscription") is None
    with pytest.raises(ContextOverflowError):
        hook({"model": "text-embedding-3-small", "input": "word " * 9_000}, "aembedding")


def test_what_is_not_priced_is_told(litellm: Any) -> None:
    logger = adapter.budget_logger()
    reply = litellm.ModelResponse(model="my-model", usage=litellm.Usage(prompt_tokens=9))

    def add(**call: Any) -> None:
        logger.log_success_event(call, reply, None, None)

    with pytest.warns(TokenkitWarning, match="not in the tracker: Unknown model 'openai/my-model'"):
        add(model="my-model", custom_llm_provider="openai")
    assert logger.tracker.costs == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error", TokenkitWarning)
        add(model="gpt-4o", custom_llm_provider="openai", cache_hit=True)
        assert logger.tracker.costs == ()
        add(model="gpt-4o", custom_llm_provider="azure")
    assert logger.tracker.partial


def test_arguments_out_of_range_are_refused(litellm: Any) -> None:
    with pytest.raises(ValueError, match="on_overflow: expected 'raise', 'clamp' or 'fit'"):
        adapter.budget_logger(on_overflow="drop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="function: expected one of anthropic_messages"):
        adapter.budget_logger().guarded(litellm.transcription)


# ---- prices ---------------------------------------------------------------------------------


def test_litellm_prices_by_our_list_as_we_do(litellm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm, "model_cost", dict(litellm.model_cost))
    entries = adapter.model_cost_map()
    assert len(entries) > 300
    litellm.register_model(entries, persist_across_reloads=False)
    checked = 0
    for key, entry in entries.items():
        model = get_model(key.rpartition("/")[2])
        # LiteLLM's own list knows other hours, and steps whose cached tokens it does not price.
        if model.price_hours or litellm.model_cost.get(key, {}).get("tiered_pricing"):
            continue
        used = {"input_tokens": 1_000, "output_tokens": 100 if model.writes_reply else 0}
        counts = {"prompt_tokens": 1_000, "completion_tokens": used["output_tokens"]}
        if "cache_read_input_token_cost" in entry:
            used["cached_tokens"] = counts["cache_read_input_tokens"] = 400
        theirs = sum(litellm.cost_per_token(key, **counts))
        ours = cost(model, **used, at=date.today()).total  # type: ignore[arg-type]
        assert theirs == pytest.approx(float(ours), rel=1e-9), key
        checked += 1
    assert checked > 300


def test_entries_hold_what_is_known() -> None:
    entries = adapter.model_cost_map()
    long = entries["gpt-5.4"]
    assert long["input_cost_per_token_above_272k_tokens"] == 5e-6
    assert long["output_cost_per_token_above_272k_tokens_flex"] == 1.125e-5
    assert long["cache_read_input_token_cost_priority"] == 5e-7
    assert (long["max_input_tokens"], long["max_output_tokens"]) == (922_000, 128_000)
    claude = entries["claude-opus-5"]
    assert claude["cache_creation_input_token_cost_above_1hr"] == 1e-5
    assert claude["litellm_provider"] == "anthropic"
    assert claude["supports_vision"] is True
    assert entries["gpt-4o"]["deprecation_date"] == "2027-01-14"
    assert entries["gemini/gemini-3.5-flash"]["litellm_provider"] == "gemini"
    small = entries["text-embedding-3-small"]
    assert (small["mode"], small["max_input_tokens"]) == ("embedding", 8_191)
    assert adapter.model_cost_map(["gpt-4o"]) == {"gpt-4o": entries["gpt-4o"]}
    dated = adapter.model_cost_map(["gpt-4o-2024-05-13"])  # a snapshot with other prices
    assert dated["gpt-4o-2024-05-13"]["input_cost_per_token"] == 5e-6
    assert not {"whisper-1", "dall-e-3", "nova-pro"} & entries.keys()
    own = Model(
        name="my-model",
        kind="chat",
        aliases=("mine",),
        context_window=9_000,
        prices={"standard": {"input": "1", "output": "2"}},
    )
    entry = {"mode": "chat", "max_input_tokens": 9_000, "max_tokens": 9_000}
    entry |= {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    assert adapter.model_cost_map([own]) == {"my-model": entry, "mine": entry}
    free = Model(name="no-price", kind="chat", context_window=9_000)
    thinker = Model(
        name="thinker",
        kind="chat",
        prices={"standard": {"input": "1", "output": "2", "thinking_output": "4"}},
    )
    assert adapter.model_cost_map([free, thinker]) == {}
    with pytest.raises(UnknownModelError):
        adapter.model_cost_map(["gpt-seven"])


# ---- the example ----------------------------------------------------------------------------


def test_the_example_runs(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.calls = [("read_log", {"day": "Monday"})]
    wait(runpy.run_path(str(EXAMPLE))["main"]())
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("tokens of the log: ")
    assert said[-2:] == ["Hi", "2 replies, 0.00003 USD"]  # 8 x 0.75 + 2 x 4.5, twice
    assert len(api.bodies) == 2
    assert preflight(api.last).fits is not False
    assert api.last["messages"][-1]["role"] == "tool"


def test_the_example_of_the_guide_runs(litellm: Any, api: FakeApi) -> None:
    guide = Path(__file__).parents[2] / "docs" / "integrations.md"
    section = guide.read_text(encoding="utf-8").partition("## LiteLLM\n")[2]
    code = section.partition("```py\n")[2].partition("```")[0]
    exec(compile(code, str(guide), "exec"), {})
    assert len(api.bodies) == 1
