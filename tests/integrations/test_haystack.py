"""Haystack: a counter that its own hooks and compactors take, and the example agent."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi

from tokenkit import UnknownModelError, count_messages, estimate_tokens
from tokenkit.integrations.haystack import token_counter

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "haystack_agent.py"
PIXEL = (  # of 1 x 1
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def chat(result: Any = "noon") -> list[Any]:
    from haystack.dataclasses import ChatMessage, ToolCall

    call = ToolCall("now", {"tz": "UTC"}, id="a")
    return [
        ChatMessage.from_system("Be brief."),
        ChatMessage.from_user("What time is it?"),
        ChatMessage.from_assistant("Let me look.", tool_calls=[call]),
        ChatMessage.from_tool(result, origin=call),
    ]


def tools() -> list[Any]:
    from haystack.tools import create_tool_from_function

    def now(tz: str) -> str:
        """Tell the time."""
        return tz

    return [create_tool_from_function(now)]


def test_a_chat_counts_as_what_haystack_sends() -> None:
    from haystack.tools import Toolset

    counter = token_counter("gpt-4o")
    sent = [message.to_openai_dict_format() for message in chat()]
    functions = [{"type": "function", "function": tool.tool_spec} for tool in tools()]
    for given, held in ((None, None), (tools(), functions), (Toolset(tools()), functions)):
        want = count_messages(sent, "gpt-4o", tools=held)
        assert counter.count(chat(), given) == want.tokens
        measured = counter.measure(chat(), tools=given)
        assert (measured.low, measured.high) == (want.low, want.high)
    plain = counter.measure(chat()[:2])
    assert (plain.exact, plain.tokens) == (True, count_messages(sent[:2], "gpt-4o").tokens)


def test_any_part_of_a_chat_is_counted() -> None:
    from haystack.dataclasses import ChatMessage, FileContent, ImageContent, TextContent

    counter = token_counter("gpt-5.4")
    assert counter.count([]) == counter.count([], []) == counter.count([], None) == 0
    assert counter.count([], tools()) > 10
    alone = counter.count(chat()[3:])  # a result without its call, as hooks ask for
    assert 0 < alone < counter.count(chat())
    pieces = [TextContent("no"), TextContent("on")]
    assert counter.count(chat(pieces)) == pytest.approx(counter.count(chat()), abs=3)
    picture = ImageContent(base64_image=PIXEL, mime_type="image/png")
    file = FileContent(base64_data="aGVsbG8=", mime_type="application/pdf", filename="a.pdf")
    shown = counter.measure([ChatMessage.from_user(content_parts=["See", picture, file])])
    assert shown.tokens > counter.count([ChatMessage.from_user("See")])
    assert shown.high is None  # a PDF's pages are not known
    assert token_counter("gpt-5.4", upper=True).count(chat([picture])) > counter.count(chat())


def test_results_without_their_calls_are_counted_for_harmony() -> None:
    counter = token_counter("gpt-oss-120b")
    whole, alone = counter.measure(chat()), counter.measure(chat()[3:])
    sent = [message.to_openai_dict_format() for message in chat()]
    assert whole.tokens == count_messages(sent, "gpt-oss-120b").tokens
    want = count_messages([{"role": "tool", "name": "now", "content": "noon"}], "gpt-oss-120b")
    assert alone.tokens == want.tokens


def test_private_tokenizers_are_estimated_with_bounds() -> None:
    text = [chat()[1]]
    best, upper = token_counter("claude-opus-5"), token_counter("claude-opus-5", upper=True)
    measured = best.measure(text)
    assert not measured.exact
    assert measured.high is not None
    assert best.count(text) == measured.tokens >= estimate_tokens("What time is it?", "gpt-4o").low
    assert upper.count(text) == measured.high > measured.tokens
    with pytest.raises(UnknownModelError):
        token_counter("gpt-99")
    wrong: Any = None
    with pytest.raises(ValueError, match="expected one that takes messages"):
        token_counter("text-embedding-3-small")
    with pytest.raises(TypeError, match="model: expected a name, got NoneType"):
        token_counter(wrong)
    with pytest.raises(TypeError, match=r"messages\[0\]: expected a dict, got int"):
        best.count([7])


def test_a_saved_hook_is_loaded() -> None:
    from haystack.core.serialization_security import allow_deserialization_module
    from haystack.hooks.compaction import CompactionHook, SlidingWindowCompactor

    allow_deserialization_module("tokenkit.*")
    counter = token_counter("gpt-5.4", upper=True)
    hook = CompactionHook(SlidingWindowCompactor(), context_window=100, token_counter=counter)
    loaded = CompactionHook.from_dict(hook.to_dict()).token_counter
    assert type(loaded) is type(counter)
    assert (loaded.model, loaded.upper) == ("gpt-5.4", True)
    assert loaded.count(chat()) == counter.count(chat())


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_hook_compacts_by_our_count(api: FakeApi, asynchronous: bool) -> None:
    import asyncio

    from haystack.components.agents import Agent
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.dataclasses import ChatMessage
    from haystack.hooks.compaction import CompactionHook, SlidingWindowCompactor

    counter = token_counter("gpt-5.4")
    old = [
        maker(f"{number} " * 400)
        for number in range(6)
        for maker in (ChatMessage.from_user, ChatMessage.from_assistant)
    ]
    messages = [*old, ChatMessage.from_user("And now?")]
    whole = counter.count(messages)
    sent = []
    for window in (2 * whole, whole):  # compacted at 0.7 of it
        hook = CompactionHook(
            SlidingWindowCompactor(), context_window=window, token_counter=counter
        )
        generator = OpenAIChatGenerator(model="gpt-5.4")
        agent = Agent(chat_generator=generator, hooks={"before_llm": [hook]})
        if asynchronous:
            asyncio.run(agent.run_async(messages=messages))
        else:
            agent.run(messages=messages)
        sent.append(count_messages(api.last["messages"], "gpt-5.4").tokens)
    assert sent[0] == whole
    assert 0.2 * whole < sent[1] <= 0.45 * whole  # to 0.4 of the window, and a note


def test_the_example_runs(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.calls = [("read_log", {"day": "Monday"})]
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:3]] == ["Hi"] * 3
    assert int(printed[0].split()[1]) > 6_000  # the log
    assert printed[3].startswith("4 replies, ")
    assert api.bodies[1]["messages"][-1]["content"].startswith("log of Monday")


def test_the_guide_runs(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    guide = Path(__file__).parents[2] / "docs" / "integrations.md"
    section = guide.read_text(encoding="utf-8").partition("## Haystack\n")[2]
    code = section.partition("```py\n")[2].partition("```")[0]
    exec(compile(code, str(guide), "exec"), {})
    assert capsys.readouterr().out.split()[0].isdecimal()
