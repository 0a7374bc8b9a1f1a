"""LangChain: chunks, counts of messages and tools, agents within their budget, and what they cost.

Each function imports what it needs of LangChain when it is called. The classes that it makes are in
the files beside this one, for `isinstance`.

>>> splitter = text_splitter(encoding="o200k_base", chunk_size=4, add_start_index=True)
>>> for document in splitter.create_documents(["One sentence. Another one."]):
...     print(document.page_content, document.metadata)
One sentence. {'start_index': 0}
Another one. {'start_index': 14}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tokenkit import Chunker, CostTracker, Encoding, Model, fit
from tokenkit.chunking import Format, Strategy
from tokenkit.integrations.guarding import Guard, OnOverflow

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

    from tokenkit.integrations.langchain_callback import CostCallbackHandler
    from tokenkit.integrations.langchain_middleware import BudgetMiddleware, CompactionMiddleware

__all__ = [
    "budget_middleware",
    "compaction_middleware",
    "cost_callback",
    "count_offline",
    "fit_messages",
    "text_splitter",
    "token_counter",
]

ChatModel = TypeVar("ChatModel")


def text_splitter(
    model: str | Model | None = None,
    *,
    encoding: str | Encoding | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int = 0,
    add_start_index: bool = False,
    strip_whitespace: bool = True,
    format: Format = "auto",
    strategy: Strategy = "optimal",
    tightness: float = 0.5,
    min_tokens: int = 0,
    reserve: int = 0,
    prefix: str | None = None,
) -> TextSplitter:
    """Make a `langchain_text_splitters.TextSplitter` whose chunks are those of `Chunker`.

    `chunk_size` and `chunk_overlap` are tokens: `max_tokens` and `overlap` of `Chunker`; without
    `chunk_size` it is the embedding model's safe limit. `strip_whitespace` is `trim`; the other
    options are `Chunker`'s own. `start_index` is the chunk's own offset, in characters, not
    searched for. Documents hold a chunk's text: a `prefix` counts against the limit but is yours to
    add.

    Raises ImportError without langchain-text-splitters, and as `Chunker` does.

    >>> text_splitter("text-embedding-3-small", chunk_size=512).split_text("hello world")
    ['hello world']
    """
    from tokenkit.integrations.langchain_splitter import TokenkitTextSplitter

    chunker = Chunker(
        model,
        encoding=encoding,
        max_tokens=chunk_size,
        overlap=chunk_overlap,
        format=format,
        strategy=strategy,
        tightness=tightness,
        min_tokens=min_tokens,
        reserve=reserve,
        prefix=prefix,
        trim=strip_whitespace,
    )
    splitter: TextSplitter = TokenkitTextSplitter(chunker, add_start_index)
    return splitter


def token_counter(
    model: str | Model, *, tools: Sequence[Any] | None = None
) -> Callable[[Any], int]:
    """Make a counter of tokens for `trim_messages(token_counter=...)` and LangChain's middlewares.

    It takes messages (`BaseMessage`, mappings, pairs of a role and a text), one of them, or a
    prompt, and counts them as `count_messages` does, with `tools`: LangChain's, functions, classes,
    or definitions. A model whose tokenizer is private gets an estimate. `trim_messages` with
    `include_system` counts the system message apart, and what is around a chat (the tools) twice:
    it then keeps less than would fit. `fit_messages` counts once.

    Raises ImportError without langchain-core, UnknownModelError, and ValueError or TypeError that
    name the faulty part.

    >>> from langchain_core.messages import HumanMessage, trim_messages
    >>> count = token_counter("gpt-5.4")
    >>> chat = [HumanMessage("word " * 90), HumanMessage("Why?")]
    >>> count(chat), len(trim_messages(chat, max_tokens=50, token_counter=count))
    (104, 1)
    """
    from tokenkit.integrations.langchain_messages import message_counter

    return message_counter(model, tools)


def fit_messages(
    messages: Sequence[Any],
    model: str | Model,
    *,
    max_output: int | Literal["auto"] | None = "auto",
    min_output: int = 256,
    tools: Sequence[Any] | None = None,
    reasoning_reserve: int = 0,
    safety: float = 0.0,
    protect: Sequence[Literal["system", "first_user", "last_user"]] = (
        "system",
        "first_user",
        "last_user",
    ),
    strategy: Literal["recent", "middle_out", "priority", "api"] = "recent",
    priorities: Sequence[float] | Callable[[Any], float] | None = None,
    shrink_results: bool = True,
    hysteresis: float = 0.0,
) -> list[Any]:
    """Return those of LangChain's messages that fit the model with room for the reply.

    The options are those of `fit`. Messages that stay are the caller's own objects; a result of a
    tool that had to be shortened is a copy.

    Raises ImportError without langchain-core, and what `fit` raises: ContextOverflowError if the
    messages that must stay do not fit.

    >>> from langchain_core.messages import HumanMessage
    >>> chat = [HumanMessage("word " * 8_000), HumanMessage("Why?")]
    >>> fit_messages(chat, "gpt-4", max_output=1_000) == chat[1:]
    True
    """
    from tokenkit.integrations.langchain_messages import as_sent, chat_of, own_messages, tools_of

    chat = chat_of(messages)
    given = list(map(as_sent, chat))
    if callable(priorities):
        priorities = [priorities(message) for message in chat]
    fitted = fit(
        given,
        model,
        max_output=max_output,
        min_output=min_output,
        tools=tools_of(tools),
        reasoning_reserve=reasoning_reserve,
        safety=safety,
        protect=protect,
        strategy=strategy,
        priorities=priorities,
        shrink_results=shrink_results,
        hysteresis=hysteresis,
    )
    gone = {loss.index for loss in fitted.dropped}
    kept = [index for index in range(len(chat)) if index not in gone]
    return own_messages(
        [chat[index] for index in kept], [given[index] for index in kept], fitted.messages
    )


def count_offline(chat_model: ChatModel) -> ChatModel:
    """Return a copy of a chat model whose `get_num_tokens...` count with tokenkit, on this machine.

    ChatOpenAI counts with tiktoken, which loads vocabularies from the network, and leaves tools
    out; ChatAnthropic asks its API. The copy sends requests as the original does. For a model whose
    tokenizer is private the numbers are estimates, and `get_token_ids` raises NoTokenizerError.
    `trim_messages(token_counter=copy)` counts by it, too.

    Raises ImportError without langchain-core, ValueError if the model has no name, and
    UnknownModelError.

    >>> from langchain_openai import ChatOpenAI                             # doctest: +SKIP
    >>> llm = count_offline(ChatOpenAI(model="gpt-5.4"))                    # doctest: +SKIP
    >>> llm.get_num_tokens("Hello, world!")                                 # doctest: +SKIP
    4
    """
    from tokenkit.integrations.langchain_counts import counting_copy

    copy: ChatModel = counting_copy(chat_model)
    return copy


def budget_middleware(
    model: str | Model | None = None,
    *,
    on_overflow: OnOverflow = "raise",
    max_usd: Decimal | float | str | None = None,
    min_output: int = 256,
    tracker: CostTracker | None = None,
) -> BudgetMiddleware:
    """Make a middleware for `create_agent` that checks each request before the model is called.

    The check is `preflight` of the messages with the system prompt, tools, and the form of the
    reply. The arguments are those of `tokenkit.integrations.openai.guard`: with "clamp" the reply
    is shortened, with "fit" messages are dropped and results of tools shortened for this request;
    the state of the agent keeps them. `model` names the model where the chat model's own name is
    not one that is known. Put it last in the list of middlewares, so that it sees what they change.

    Raises ImportError without langchain, and ValueError for arguments out of range. The agent's run
    raises ContextOverflowError, CostLimitError, and UnknownModelError where nothing can be checked.

    >>> from langchain.agents import create_agent                           # doctest: +SKIP
    >>> budget = budget_middleware(on_overflow="fit", max_usd="0.10")       # doctest: +SKIP
    >>> agent = create_agent("openai:gpt-5.4", [], middleware=[budget])     # doctest: +SKIP
    """
    from tokenkit.integrations.langchain_middleware import BudgetMiddleware

    return BudgetMiddleware(model, Guard.of(on_overflow, max_usd, min_output, tracker))


def compaction_middleware(
    model: str | Model | None = None,
    *,
    at: float = 0.8,
    to: float = 0.5,
    summarize: Callable[[list[Any]], Any] | None = None,
    summary_tokens: int = 1_000,
) -> CompactionMiddleware:
    """Make a middleware for `create_agent` that shortens the agent's history before it is too long.

    When a request reaches the share `at` of the model's limit, by our count corrected by the usage
    that the API reported, the oldest messages are dropped from the agent's state, as `fit` does,
    until the share `to` is left. `summarize` is given the messages that go, and returns a text (or
    an awaitable of one, in agents that run async): it takes their place, shortened to
    `summary_tokens`. Put it before `budget_middleware`.

    Raises ImportError without langchain, and ValueError for arguments out of range. The agent's run
    raises UnknownModelError, and ValueError for a model whose limits are not published.

    >>> from langchain.agents import create_agent                           # doctest: +SKIP
    >>> compaction = compaction_middleware(at=0.7, to=0.4)                  # doctest: +SKIP
    >>> agent = create_agent("openai:gpt-5.4", [], middleware=[compaction]) # doctest: +SKIP
    """
    from tokenkit.integrations.langchain_middleware import CompactionMiddleware

    return CompactionMiddleware(model, at, to, summarize, summary_tokens)


def cost_callback(tracker: CostTracker | None = None) -> CostCallbackHandler:
    """Make a callback handler that adds up what the replies of models cost: see its `.tracker`.

    For `config={"callbacks": [handler]}` of any chat model, chain or agent. Replies that came from
    LangChain's cache cost nothing. A reply that reports no usage, or names a model that is not
    known, is a TokenkitWarning.

    Raises ImportError without langchain-core.

    >>> from langchain_core.messages import AIMessage
    >>> from langchain_core.outputs import ChatGeneration, LLMResult
    >>> used = {"input_tokens": 1000, "output_tokens": 0, "total_tokens": 1000}
    >>> reply = AIMessage("", usage_metadata=used, response_metadata={"model_name": "gpt-5.4"})
    >>> handler = cost_callback()
    >>> handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=reply)]]))
    >>> handler.tracker.total
    Decimal('0.0025')
    """
    from tokenkit.integrations.langchain_callback import CostCallbackHandler

    return CostCallbackHandler(tracker)
