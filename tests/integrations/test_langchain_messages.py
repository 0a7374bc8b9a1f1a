"""LangChain's messages: counts, what fits, and what replies cost."""

from __future__ import annotations

import itertools
import warnings
from datetime import date
from decimal import Decimal

import pytest
from fake_api import FakeApi
from langchain_chats import (
    CALL,
    agent,
    chat,
    claude,
    in_openais_form,
    long_turns,
    openai_model,
    tools,
)
from waiting import wait

from tokenkit import (
    ContextOverflowError,
    CostTracker,
    NoTokenizerError,
    UnknownModelError,
    count_messages,
    estimate_tokens,
    get_model,
)
from tokenkit.errors import TokenkitWarning
from tokenkit.integrations import langchain

pytestmark = pytest.mark.frameworks


# ---- counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gpt-4.1", "gpt-5.4", "gpt-4", "gpt-oss-120b"])
def test_a_counter_counts_as_count_messages_does(name: str) -> None:
    from langchain_core.utils.function_calling import convert_to_openai_tool

    plain = in_openais_form(chat())
    count = langchain.token_counter(name)
    for end in range(len(plain) + 1):
        assert count(chat()[:end]) == count_messages(plain[:end], name).tokens
    with_tools = langchain.token_counter(name, tools=tools())
    definitions = [convert_to_openai_tool(tool) for tool in tools()]
    assert with_tools(chat()) == count_messages(plain, name, tools=definitions).tokens
    assert with_tools(chat()) > count(chat())


@pytest.mark.parametrize("name", ["gpt-4.1", "gpt-4", "gpt-oss-120b", "claude-sonnet-5"])
def test_the_short_way_of_reading_is_the_long_one(name: str) -> None:
    from langchain_core.messages import (
        AIMessage,
        AIMessageChunk,
        ChatMessage,
        HumanMessage,
        SystemMessage,
        ToolMessage,
    )

    from tokenkit.chat import request_rule
    from tokenkit.integrations.langchain_messages import as_sent

    messages = [
        *chat(),
        HumanMessage(""),
        HumanMessage("Hi", additional_kwargs={"tone": "kind"}),
        HumanMessage([{"type": "text", "text": "Hi"}]),
        SystemMessage("Be kind.", name="ann"),
        ChatMessage("Hi", role="user"),
        AIMessage("", tool_calls=[CALL, {**CALL, "id": "b", "args": {"tz": "Åland", "n": [1]}}]),
        ToolMessage("noon", tool_call_id="a", name="now"),
        ToolMessage([{"type": "text", "text": "noon"}], tool_call_id="b", status="error"),
        AIMessage("Hi", tool_calls=[{**CALL, "args": {"at": date(2026, 11, 29)}}]),
        AIMessage("Hi", name="ann", additional_kwargs={"refusal": None}, id="1"),
        AIMessage("Hi", invalid_tool_calls=[{**CALL, "args": "{", "error": "no JSON"}]),
        AIMessageChunk("Hi", tool_calls=[CALL]),
    ]
    rule = request_rule(get_model(name), estimate=True)
    calls = [{**CALL, "id": one} for one in ("a", "b")]
    asked = AIMessage("", tool_calls=calls)
    short = 0
    for index, message in enumerate(messages):
        sent = as_sent(message)
        short += sent is not message
        if message.type == "tool":
            message.name = None  # it is not sent to OpenAI or Anthropic
        read, plain = rule.tally([asked, message]), rule.tally([asked, sent])
        assert (plain.total, plain.bounds()) == (read.total, read.bounds()), index
    assert short == 9


def test_a_counter_takes_whatever_langchain_calls_messages() -> None:
    from langchain_core.messages import HumanMessage
    from langchain_core.prompts import ChatPromptTemplate

    count = langchain.token_counter("gpt-4.1")
    for same in (
        HumanMessage("Hi"),
        [HumanMessage("Hi")],
        (HumanMessage("Hi"),),
        "Hi",
        ["Hi"],
        [("user", "Hi")],
        [{"role": "user", "content": "Hi"}],
        ChatPromptTemplate.from_messages([("user", "{word}")]).invoke({"word": "Hi"}),
    ):
        assert count(same) == 8
    assert count([]) == 3
    assert langchain.token_counter("claude-sonnet-5")("Hi") > 3
    with pytest.raises(UnknownModelError):
        langchain.token_counter("gpt-seven")


def test_trimming_by_the_counter_keeps_the_limit() -> None:
    from langchain_core.messages import trim_messages

    messages = [chat()[0], *long_turns(30, 20)]
    for limit, name in itertools.product((60, 200, 900), ("gpt-4.1", "gpt-oss-120b")):
        count = langchain.token_counter(name)
        kept = trim_messages(
            messages, max_tokens=limit, token_counter=count, include_system=True, start_on="human"
        )
        assert kept[0] is messages[0]
        assert limit - 60 < count(kept) <= limit
        assert count(kept) == count_messages(in_openais_form(kept), name).tokens


def test_fitting_gives_back_the_callers_own_messages() -> None:
    messages = [chat()[0], *long_turns(40, 200)]
    fitted = langchain.fit_messages(messages, "gpt-4", max_output=1_000, tools=tools())
    own = {id(message) for message in messages}
    assert fitted[0] is messages[0]
    assert fitted[-1] is messages[-1]
    assert len(fitted) < len(messages)
    assert all(id(message) in own for message in fitted if message.type != "tool")
    assert langchain.token_counter("gpt-4", tools=tools())(fitted) <= 7_192
    assert langchain.fit_messages(messages, "gpt-4.1") == messages
    assert langchain.fit_messages([], "gpt-4.1") == []
    first = messages[1]
    kept = langchain.fit_messages(
        messages,
        "gpt-4",
        max_output=1_000,
        strategy="priority",
        priorities=lambda message: int(message is first),
    )
    assert first in kept


def test_a_long_result_of_a_tool_is_shortened_in_a_copy() -> None:
    messages = long_turns(1, 9_000)[:3]
    before = messages[2].content
    fitted = langchain.fit_messages(messages, "gpt-4", max_output=1_000)
    assert [fitted[0], fitted[1]] == messages[:2]
    assert (fitted[2].tool_call_id, fitted[2].name) == ("call_0", "now")
    assert len(fitted[2].content) < len(before)
    assert messages[2].content == before
    assert langchain.token_counter("gpt-4")(fitted) <= 7_192
    with pytest.raises(ContextOverflowError):
        langchain.fit_messages(messages, "gpt-4", max_output=1_000, shrink_results=False)


def test_of_two_results_with_one_id_the_newer_is_shortened() -> None:
    old, new = long_turns(1, 9_000)[:3], long_turns(1, 9_000)[:3]
    new[2].artifact = "newer"
    fitted = langchain.fit_messages([*old, *new], "gpt-4", max_output=1_000)
    assert fitted[-1].artifact == "newer"


# ---- counting by a chat model ---------------------------------------------------------------


def test_a_chat_model_counts_offline(api: FakeApi) -> None:
    from langchain_core.messages import trim_messages
    from langchain_openai import ChatOpenAI

    plain = openai_model(api, "gpt-5.4")
    model = langchain.count_offline(plain)
    assert isinstance(model, ChatOpenAI)
    assert type(model).__name__ == "ChatOpenAI"
    assert type(plain) is ChatOpenAI
    assert langchain.count_offline(model) is model
    assert model.get_num_tokens("Hello, world!") == len(model.get_token_ids("Hello, world!")) == 4
    for given in (None, tools()):
        expected = langchain.token_counter("gpt-5.4", tools=given)(chat())
        assert model.get_num_tokens_from_messages(chat(), tools=given) == expected
    assert model.bind_tools(tools()).get_num_tokens("Hello, world!") == 4
    messages = long_turns(5, 20)
    kept = trim_messages(messages, max_tokens=60, token_counter=model)
    assert model.get_num_tokens_from_messages(kept) <= 60
    assert model.get_lc_namespace() == plain.get_lc_namespace()
    assert api.bodies == []
    assert model.invoke("Hi").content == "Hi"
    assert api.last["model"] == "gpt-5.4"


def test_a_private_tokenizer_is_estimated_and_has_no_ids(api: FakeApi) -> None:
    model = langchain.count_offline(claude(api))
    text = "The sea rises."
    assert model.get_num_tokens(text) == estimate_tokens(text, "claude-sonnet-5").tokens
    expected = langchain.token_counter("claude-sonnet-5", tools=tools())(chat())
    assert model.get_num_tokens_from_messages(chat(), tools=tools()) == expected
    with pytest.raises(NoTokenizerError):
        model.get_token_ids(text)
    assert api.bodies == []


def test_a_model_without_a_known_name_is_refused(api: FakeApi) -> None:
    from langchain_core.language_models import FakeListChatModel

    with pytest.raises(UnknownModelError):
        langchain.count_offline(openai_model(api, "my-model"))
    with pytest.raises(ValueError, match="expected a chat model that names its model, got Fake"):
        langchain.count_offline(FakeListChatModel(responses=["Hi"]))


# ---- costs ----------------------------------------------------------------------------------


def test_a_callback_adds_up_every_reply(api: FakeApi) -> None:
    handler = langchain.cost_callback()
    config = {"callbacks": [handler]}
    model = openai_model(api)
    one = Decimal("0.00004")
    model.invoke("Hi", config)
    assert handler.tracker.total == one
    list(model.stream("Hi", config, stream_usage=True))
    model.batch(["Hi", "Hi"], config)
    wait(model.ainvoke("Hi", config))
    agent(model).invoke({"messages": chat()[1:2]}, config)
    assert handler.tracker.total == 6 * one
    price = handler.tracker.total
    claude(api).invoke("Hi", config)
    assert handler.tracker.total > price
    tracker = CostTracker()
    assert langchain.cost_callback(tracker).tracker is tracker


def test_a_reply_that_names_no_model_is_priced_as_the_one_that_was_asked() -> None:
    from langchain_core.messages import AIMessage
    from langchain_core.outputs import ChatGeneration, LLMResult

    used = {"input_tokens": 1_000, "output_tokens": 0, "total_tokens": 1_000}
    one = ChatGeneration(message=AIMessage("", usage_metadata=used))
    reply = LLMResult(generations=[[one, one]])  # two choices tell the usage of both
    handler = langchain.cost_callback()
    handler.on_chat_model_start({}, [], run_id="a", invocation_params={"model": "gpt-4.1"})
    handler.on_chat_model_start({}, [], run_id="b", invocation_params={"model": "gpt-4o"})
    handler.on_llm_error(ValueError(), run_id="b")
    handler.on_llm_end(reply, run_id="a")
    assert handler.tracker.total == Decimal("0.002")
    with pytest.warns(TokenkitWarning, match="the usage names none"):
        handler.on_llm_end(reply, run_id="b")


def test_replies_without_usage_are_told_and_cached_ones_are_free(api: FakeApi) -> None:
    from langchain_core.caches import InMemoryCache
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.outputs import Generation, LLMResult

    handler = langchain.cost_callback()
    config = {"callbacks": [handler]}
    with pytest.warns(TokenkitWarning, match="not in the tracker: it reports no usage"):
        FakeListChatModel(responses=["Hi"]).invoke("Hi", config)
    assert handler.tracker.costs == ()
    model = openai_model(api, cache=InMemoryCache())
    with warnings.catch_warnings():
        warnings.simplefilter("error", TokenkitWarning)
        for _ in range(3):
            model.invoke("Hi", config)
        assert len(api.bodies) == 1
        assert handler.tracker.total == Decimal("0.00004")
        told = {"model_name": "gpt-4.1", "token_usage": {"prompt_tokens": 1_000}}
        handler.on_llm_end(LLMResult(generations=[[Generation(text="Hi")]], llm_output=told))
    assert handler.tracker.by_model["gpt-4.1"] == Decimal("0.002")
    told["model_name"] = "my-model"
    with pytest.warns(TokenkitWarning, match="my-model"):
        handler.on_llm_end(LLMResult(generations=[[Generation(text="Hi")]], llm_output=told))
