"""LlamaIndex: the tokenizer it calls, its counting handler, its memories, and the example agent."""

from __future__ import annotations

import asyncio
import pickle
import runpy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_api import fake_api
from llama_index.core import Settings, set_global_tokenizer
from llama_index.core.callbacks import CallbackManager, CBEventType, EventPayload
from llama_index.core.llms import ChatMessage, ChatResponse, CustomLLM, LLMMetadata, MockLLM
from llama_index.core.llms.callbacks import llm_chat_callback
from llama_index.core.memory import ChatMemoryBuffer, Memory
from llama_index.core.node_parser import TokenTextSplitter
from llama_index.core.utils import get_tokenizer

from tokenkit import (
    TokenkitWarning,
    UnknownModelError,
    count,
    count_messages,
    estimate_tokens,
    list_models,
)
from tokenkit.integrations.llama_index import token_counting_handler, tokenizer

pytestmark = pytest.mark.frameworks

EXAMPLE = Path(__file__).parents[2] / "examples" / "llama_index_agent.py"
CHAT = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Why?")]
TOOL = {
    "type": "function",
    "function": {"name": "now", "description": "The time", "parameters": {"type": "object"}},
}


@pytest.fixture
def settings() -> Iterator[None]:
    """Put back what is set for all of LlamaIndex."""
    import llama_index.core

    before, manager = llama_index.core.global_tokenizer, Settings._callback_manager
    yield
    llama_index.core.global_tokenizer = before
    Settings._callback_manager = manager


class Model(CustomLLM):  # type: ignore[misc,unused-ignore]
    """A model whose replies and reports of usage are given."""

    replies: list[ChatResponse]

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    @llm_chat_callback()  # type: ignore[untyped-decorator,unused-ignore]
    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        return self.replies.pop(0)

    @llm_chat_callback()  # type: ignore[untyped-decorator,unused-ignore]
    def stream_chat(self, messages: Sequence[ChatMessage], **_: Any) -> Any:
        return (one for one in [self.replies.pop(0)])

    def complete(self, prompt: str, **_: Any) -> Any:
        raise NotImplementedError

    def stream_complete(self, prompt: str, **_: Any) -> Any:
        raise NotImplementedError


def reply(text: str | None, raw: Any = None, **more: Any) -> ChatResponse:
    return ChatResponse(message=ChatMessage(role="assistant", content=text, **more), raw=raw)


def test_a_tokenizer_is_as_long_as_the_text() -> None:
    text = "Größe 🌊 <|endoftext|> и ещё немного слов."
    assert len(tokenizer("gpt-5.4")(text)) == count(text, "gpt-5.4")
    assert len(tokenizer("gpt-4")(text)) == count(text, "gpt-4") != count(text, "gpt-5.4")
    for model in ("claude-opus-5", "gemini-3.5-flash"):
        assert len(tokenizer(model)(text)) == estimate_tokens(text, model).tokens
    assert tokenizer("claude-opus-5")("") == tokenizer("gpt-5.4")("") == []
    assumed = next(m for m in list_models() if m.encoding and not m.encoding_exact)
    assert set(tokenizer(assumed)(text)) == {0}  # its ids are not known for sure
    assert pickle.loads(pickle.dumps(tokenizer("gpt-5.4"))) == tokenizer("gpt-5.4")
    with pytest.raises(UnknownModelError):
        tokenizer("gpt-99")
    wrong: Any = b"bytes"
    with pytest.raises(TypeError, match="expected str, got bytes"):
        tokenizer("gpt-5.4")(wrong)


def test_all_of_llama_index_takes_it(settings: None) -> None:
    chosen = tokenizer("gpt-5.4")
    set_global_tokenizer(chosen)
    assert get_tokenizer() is chosen
    parts = TokenTextSplitter(chunk_size=20, chunk_overlap=0).split_text("The sea rises. " * 30)
    assert len(parts) > 5
    assert max(count(part, "gpt-5.4") for part in parts) <= 20


def test_memories_keep_what_fits(settings: None) -> None:
    counter = tokenizer("gpt-5.4")
    chat = [ChatMessage(role="user", content=f"{number} " * 10) for number in range(20)]
    each = [count(str(message.content), "gpt-5.4") for message in chat]
    room = sum(each[-7:])
    buffer = ChatMemoryBuffer.from_defaults(
        chat_history=chat, token_limit=room, tokenizer_fn=counter
    )
    held = buffer.get()  # counts the texts with spaces between them
    assert held == chat[-len(held) :]
    assert 5 <= len(held) <= 7
    memory = Memory.from_defaults(
        token_limit=room, tokenizer_fn=counter, chat_history_token_ratio=1.0, token_flush_size=1
    )
    memory.put_messages(chat)
    kept = memory.get()
    assert kept == chat[-len(kept) :]
    assert 5 <= len(kept) <= 7


def test_chats_are_counted_by_the_models_rule(settings: None) -> None:
    handler = token_counting_handler("gpt-4o")
    call = {"tool_name": "now", "tool_kwargs": {"tz": "UTC"}, "tool_call_id": "a"}
    with_call = reply(None)
    with_call.message.blocks = [_tool_call(**call)]
    model = Model(
        replies=[reply("One two three."), reply("Four."), reply(None), with_call],
        callback_manager=CallbackManager([handler]),
    )
    model.chat(CHAT)
    list(model.stream_chat(CHAT))
    model.chat(CHAT, tools=[TOOL])
    model.chat(CHAT)
    plain = count_messages(CHAT, "gpt-4o").tokens
    tools = count_messages(CHAT, "gpt-4o", tools=[TOOL]).tokens
    events = handler.llm_token_counts
    assert [event.prompt_token_count for event in events] == [plain, plain, tools, plain]
    written = [event.completion_token_count for event in events]
    assert written[:3] == [count("One two three.", "gpt-4o"), count("Four.", "gpt-4o"), 0]
    assert written[3] > 5
    assert handler.total_llm_token_count == plain * 3 + tools + sum(written)
    handler.reset_counts()
    assert handler.total_llm_token_count == 0


def _tool_call(**fields: Any) -> Any:
    from llama_index.core.base.llms.types import ToolCallBlock

    return ToolCallBlock(**fields)


def test_what_the_api_reports_is_taken() -> None:
    handler = token_counting_handler("claude-sonnet-5")
    used = {"usage": {"input_tokens": 70, "output_tokens": 7}}
    model = Model(
        replies=[reply("Hi", used), reply("Hi", {"usage": None})],
        callback_manager=CallbackManager([handler]),
    )
    model.chat(CHAT)
    model.chat(CHAT)
    first, second = handler.llm_token_counts
    assert (first.prompt_token_count, first.completion_token_count) == (70, 7)
    assert 1 < second.prompt_token_count < 40
    assert second.completion_token_count >= 1


def test_options_are_those_of_llama_index(capsys: pytest.CaptureFixture[str]) -> None:
    handler = token_counting_handler("gpt-4o", verbose=True, token_budget=20)
    model = Model(
        replies=[reply("Hi"), reply("word " * 30)], callback_manager=CallbackManager([handler])
    )
    model.chat(CHAT)
    assert "LLM completion: 1 tokens" in capsys.readouterr().out
    with pytest.raises(ValueError, match="budget exceeded"):
        model.chat(CHAT)
    ignoring = token_counting_handler("gpt-4o", event_ends_to_ignore=[CBEventType.LLM])
    Model(replies=[reply("Hi")], callback_manager=CallbackManager([ignoring])).chat(CHAT)
    assert ignoring.llm_token_counts == []
    with pytest.raises(TypeError, match="colour"):
        token_counting_handler("gpt-4o", colour=1)
    with pytest.raises(UnknownModelError):
        token_counting_handler("gpt-99")


def test_completions_embeddings_and_odd_events_are_counted_too() -> None:
    handler = token_counting_handler("gpt-4o")
    MockLLM(callback_manager=CallbackManager([handler])).complete("One two three.")
    (event,) = handler.llm_token_counts
    assert event.prompt_token_count == count("One two three.", "gpt-4o")
    handler.on_event_end(CBEventType.EMBEDDING, {EventPayload.CHUNKS: ["a b", "c"]})
    assert handler.total_embedding_token_count == 3
    handler.reset_counts()
    odd: list[Any] = [
        None,
        {},
        {EventPayload.MESSAGES: []},
        {EventPayload.MESSAGES: None, EventPayload.RESPONSE: None},
        {EventPayload.EXCEPTION: ValueError("x")},
    ]
    for payload in odd:
        handler.on_event_start(CBEventType.LLM, payload)
        handler.on_event_end(CBEventType.LLM, payload)
    assert handler.total_llm_token_count == 0


def test_no_message_stops_the_chat() -> None:
    handler = token_counting_handler("gpt-4o")
    model = Model(replies=[reply("Hi"), reply("Hi")], callback_manager=CallbackManager([handler]))
    turns = [ChatMessage(role=role, content="One two.") for role in ("user", "model", "chatbot")]
    model.chat(turns)
    same = [ChatMessage(role=role, content="One two.") for role in ("user", *["assistant"] * 2)]
    assert handler.prompt_llm_token_count == count_messages(same, "gpt-4o").tokens
    handler.reset_counts()
    nameless = ChatMessage(role="function", content="One two.")
    with pytest.warns(TokenkitWarning, match=r"messages\[0\]\.name: .*counted as text"):
        model.chat([nameless])
    assert handler.prompt_llm_token_count == count("function: One two.", "gpt-4o")


def test_async_chats_are_counted_once() -> None:
    handler = token_counting_handler("gpt-4o")

    class Async(Model):
        @llm_chat_callback()  # type: ignore[untyped-decorator,unused-ignore]
        async def achat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
            return self.replies.pop(0)

    model = Async(replies=[reply("Hi")], callback_manager=CallbackManager([handler]))
    asyncio.run(model.achat(CHAT, tools=[TOOL]))
    (event,) = handler.llm_token_counts
    assert event.prompt_token_count == count_messages(CHAT, "gpt-4o", tools=[TOOL]).tokens
    assert handler._tools == {}


def test_the_example_runs(
    settings: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with fake_api() as api:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        runpy.run_path(str(EXAMPLE), run_name="__main__")
        asked = [str(body["messages"][-1]["content"]) for body in api.bodies]
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["Hi", "Hi"]
    assert printed[2:] == ["20 tokens in 2 calls", "2 replies, 0.00008 USD"]
    assert ["Monday" in asked[0], "who was there" in asked[1]] == [True, True]


def test_the_guide_runs(settings: None, capsys: pytest.CaptureFixture[str]) -> None:
    guide = Path(__file__).parents[2] / "docs" / "integrations.md"
    section = guide.read_text(encoding="utf-8").partition("## LlamaIndex\n")[2]
    code = section.partition("```py\n")[2].partition("```")[0]
    exec(compile(code, str(guide), "exec"), {})
    assert get_tokenizer() == tokenizer("gpt-5.4")
    assert capsys.readouterr().out == "0\n"
