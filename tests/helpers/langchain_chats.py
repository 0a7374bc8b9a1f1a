"""Chats, tools and agents of LangChain for the tests of its adapters."""

from __future__ import annotations

from typing import Any

from fake_api import FakeApi

CALL = {"name": "now", "args": {"tz": "UTC"}, "id": "a", "type": "tool_call"}


def openai_model(api: FakeApi, name: str = "gpt-4.1", **options: Any) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        model=name, base_url=f"{api.url}/v1", api_key="none", max_retries=0, **options
    )


def claude(api: FakeApi, **options: Any) -> Any:
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(
        model="claude-sonnet-5", base_url=api.url, api_key="none", max_retries=0, **options
    )


def tools() -> list[Any]:
    from langchain_core.tools import tool

    def now(tz: str) -> str:
        """Return the time in a time zone."""
        return "noon " * 30

    return [tool(now)]


def chat() -> list[Any]:
    """A chat of every kind of message, with a call and its result."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    used = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    part = {"type": "tool_use", "id": "a", "name": "now", "input": {"tz": "UTC"}}
    text = {"type": "text", "text": "Let me look."}
    return [
        SystemMessage("Be brief."),
        HumanMessage("What time is it?", name="ann", id="1"),
        AIMessage([text, part], tool_calls=[CALL], usage_metadata=used),
        ToolMessage("noon", tool_call_id="a", name="now", artifact={"of": "the tool"}),
        AIMessage("Noon.", response_metadata={"model_name": "gpt-4.1"}, id="run-1"),
    ]


def in_openais_form(messages: list[Any]) -> list[dict[str, Any]]:
    from langchain_openai.chat_models.base import _convert_message_to_dict

    return [_convert_message_to_dict(message) for message in messages]


def long_turns(turns: int, words: int) -> list[Any]:
    """Turns of a question, a call and its result."""
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

    made: list[Any] = []
    for turn in range(turns):
        call = {**CALL, "id": f"call_{turn}"}
        result = ToolMessage("noon " * words, tool_call_id=call["id"], name="now")
        made += [HumanMessage(f"Question {turn}?"), AIMessage("", tool_calls=[call]), result]
    return [*made, HumanMessage("Why?")]


def agent(model: Any, *middleware: Any, given: Any = None, **options: Any) -> Any:
    from langchain.agents import create_agent

    with_tools = tools() if given is None else given
    return create_agent(
        model, with_tools, system_prompt="Be brief.", middleware=middleware, **options
    )


def run(model: Any, messages: list[Any], *middleware: Any, **options: Any) -> list[Any]:
    result = agent(model, *middleware, **options).invoke({"messages": messages})
    return list(result["messages"])
