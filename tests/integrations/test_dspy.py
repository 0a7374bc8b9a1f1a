"""DSPy against a local server: requests that are checked, replies that are priced."""

from __future__ import annotations

import asyncio
import pickle
import runpy
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi, fake_api

from tokenkit import (
    ContextOverflowError,
    CostLimitError,
    CostTracker,
    UnknownModelError,
    preflight,
)

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "dspy_agent.py"
TOO_LONG = "word " * 129_000


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # which it would fetch
    with fake_api() as server:
        yield server


def language_model(api: FakeApi, kind: str = "chat", name: str = "gpt-4o", **options: Any) -> Any:
    import dspy

    base = {"api_base": f"{api.url}/v1", "api_key": "none", "cache": False}
    return dspy.LM(f"openai/{name}", model_type=kind, num_retries=0, **{**base, **options})


@pytest.mark.parametrize("kind", ["chat", "responses"])
def test_a_request_over_the_limit_never_leaves(api: FakeApi, kind: str) -> None:
    import dspy
    from dspy import lm15

    from tokenkit.integrations.dspy import guard

    lm = guard(language_model(api, kind))
    message = {"role": "user", "content": TOO_LONG}
    request = lm15.Request(model=lm.model, messages=lm15.Message.user(TOO_LONG))
    for error in (dspy.ContextWindowExceededError, ContextOverflowError):
        with pytest.raises(error, match="129008 tokens exceed the context_window of 128000"):
            lm(TOO_LONG)
        with pytest.raises(error, match="129008 tokens exceed"):
            lm(messages=[message])
        with pytest.raises(error, match="129008 tokens exceed"):
            lm(request)
        with pytest.raises(error, match="exceed"):
            asyncio.run(lm.copy().acall(TOO_LONG))
        with dspy.context(lm=lm), pytest.raises(error, match="exceed"):
            dspy.Predict("question -> answer")(question=TOO_LONG)
    with pytest.raises(ContextOverflowError, match="at most 16384 tokens"):
        lm("Hi", max_tokens=20_000)
    with pytest.raises(CostLimitError):
        guard(lm, max_usd="0.001")("Hi")
    assert api.bodies == []
    assert lm("Hi")[0] in ("Hi", {"text": "Hi"})
    assert lm(lm15.Request(model=lm.model, messages=lm15.Message.user("Hi"))).text == "Hi"
    assert len(api.bodies) == 2


def test_errors_travel_and_state_is_that_of_a_plain_model(api: FakeApi) -> None:
    import dspy

    from tokenkit.integrations.dspy import guard

    plain = language_model(api)
    lm = guard(plain)
    with pytest.raises(ContextOverflowError) as told:
        lm(TOO_LONG)
    error: Any = told.value
    again = pickle.loads(pickle.dumps(error))
    for one in (error, again):
        assert (one.needed, one.available, one.limit_name) == (129_008, 128_000, "context_window")
        assert (one.code, one.model) == ("context_window_exceeded", "openai/gpt-4o")
    assert str(again) == str(error)
    assert lm.dump_state() == plain.dump_state()
    assert type(dspy.BaseLM.load_state(lm.dump_state())) is dspy.LM


def test_replies_are_clamped_and_chats_fitted(api: FakeApi) -> None:
    from dspy import lm15

    from tokenkit.integrations.dspy import guard

    lm = guard(language_model(api, max_tokens=20_000), on_overflow="fit")
    lm("Hi", temperature=0.5)
    assert (api.last["max_completion_tokens"], api.last["temperature"]) == (16_384, 0.5)
    chat = [{"role": "user", "content": text} for text in ("a", "word " * 120_000, "Why?")]
    asyncio.run(lm.acall(messages=chat))
    assert api.last["messages"] == [chat[0], chat[2]]
    assert len(chat) == 3
    with pytest.raises(ContextOverflowError):
        lm(TOO_LONG)
    messages = [lm15.Message.user(text) for text in ("a", TOO_LONG, "Why?")]
    sent = len(api.bodies)
    with pytest.raises(ContextOverflowError):  # a Request is sent as it is, or not at all
        lm(lm15.Request(model=lm.model, messages=messages))
    assert len(api.bodies) == sent


def test_all_that_is_sent_is_counted(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    import dspy

    from tokenkit.integrations import guarding
    from tokenkit.integrations.dspy import guard

    counted: list[Any] = []

    def noted(*request: Any, **options: Any) -> Any:
        counted.append(preflight(*request, **options))
        return counted[-1]

    monkeypatch.setattr(guarding, "preflight", noted)
    api.texts += ["Hello", '{"answer": "3 m"}']  # the second time DSPy asks for JSON, by a schema
    with dspy.context(lm=guard(language_model(api))):
        assert dspy.Predict("question -> answer")(question="How high?").answer == "3 m"
    assert "response_format" in api.bodies[1]
    sent = [preflight(body) for body in api.bodies]
    assert [check.tokens for check in counted] == [check.tokens for check in sent]


def test_what_is_not_known_is_said(api: FakeApi) -> None:
    from dspy.utils import DummyLM

    from tokenkit.integrations.dspy import callback, guard

    with pytest.raises(UnknownModelError, match="my-model"):
        guard(language_model(api, name="my-model"))
    lm = guard(language_model(api, name="my-model"), name="gpt-4o")
    with pytest.raises(ContextOverflowError):
        lm(TOO_LONG)
    with pytest.raises(ValueError, match=r"messages\[0\]"):
        lm(messages=[{"content": "Hi"}])
    with pytest.raises(TypeError, match=r"lm: expected a dspy\.LM, got DummyLM"):
        guard(DummyLM([]))
    with pytest.raises(ValueError, match="on_overflow"):
        guard(lm, on_overflow="drop")  # type: ignore[arg-type]
    with pytest.raises(UnknownModelError):
        callback(CostTracker(), model="my-model")
    assert api.bodies == []


def test_each_reply_is_priced_once(api: FakeApi, tmp_path: Path) -> None:
    import dspy
    from dspy import lm15

    from tokenkit.integrations.dspy import callback

    spent = CostTracker()
    dspy.configure_cache(disk_cache_dir=str(tmp_path))
    lm = language_model(api, cache=True, callbacks=[callback(spent)])
    lm("Hi")
    lm("Hi")
    assert len(api.bodies) == 1
    assert spent.total == Decimal("0.00004")
    lm(lm15.Request(model=lm.model, messages=lm15.Message.user("Why?")))
    asyncio.run(lm.copy(cache=False).acall("Hello"))
    assert spent.total == Decimal("0.00012")
    with pytest.raises(ValueError, match="n must be"):
        lm("Hi", n=0)
    named = CostTracker()
    language_model(api, callbacks=[callback(named, model="gpt-4o-mini")])("Hi")
    assert named.by_model == {"gpt-4o-mini": Decimal("0.0000024")}
    assert not spent.partial
    with dspy.context(disable_history=True):
        lm("Who?")
    assert spent.partial
    assert len(spent.costs) == 4


def test_the_example_runs(
    api: FakeApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    for day, name in (("Monday", "read_log"), ("Tuesday", "read_log"), ("", "finish")):
        said = {"thought": "Look.", "tool_name": name, "tool_args": {"day": day} if day else {}}
        lines = [f"[[ ## next_{key} ## ]]\n{value}" for key, value in said.items()]
        api.texts.append("\n\n".join(lines).replace("'", '"'))
    api.texts.append("[[ ## reasoning ## ]]\nRead.\n\n[[ ## answer ## ]]\nNothing.")
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    logs = [
        [day in str(body) for day in ("log of Monday", "log of Tuesday")] for body in api.bodies
    ]
    assert logs == [[False, False], [True, False], [False, True], [False, True]]
    assert capsys.readouterr().out.startswith("Nothing.\n4 replies, 0.00016 USD")
