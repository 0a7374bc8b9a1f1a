"""The tools of the MCP server: what each takes and gives, as JSON schemas, and what it calls.

Nothing here needs the package `mcp`. All tools take texts and numbers alone: none reads or writes a
file, opens a connection, or takes a path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tokenkit import (
    Chunker,
    Model,
    TokenCount,
    cost,
    cost_from_usage,
    estimate_tokens,
    fit,
    get_encoding,
    get_model,
    list_models,
    preflight,
    truncate,
)
from tokenkit.chat import check_messages, request_rule
from tokenkit.cli.mcp.schemas import (
    COUNTED,
    ENCODING,
    MESSAGES,
    MODEL,
    MONEY,
    NOTES,
    TOOLS,
    Schema,
    array,
    choice,
    flag,
    number,
    record,
    text,
    whole,
)
from tokenkit.costs import tool_costs
from tokenkit.encodings import encoding_of

__all__ = ["SERVED", "ServedTool"]

Call = Callable[..., dict[str, Any]]
MOST_CHUNKS = 1_000
MOST_MODELS = 500
SERVED: dict[str, ServedTool] = {}


@dataclass(frozen=True)
class ServedTool:
    """One tool of the server: its name, what it says of itself, its schemas, and its function."""

    name: str
    title: str
    description: str
    takes: Schema
    gives: Schema
    call: Call


def _served(title: str, description: str, takes: Schema, gives: Schema) -> Callable[[Call], Call]:
    """Serve a function as the tool of its name."""

    def serve(function: Call) -> Call:
        name = function.__name__.removesuffix("_tool")
        SERVED[name] = ServedTool(name, title, description, takes, gives, function)
        return function

    return serve


def _numbers(count: TokenCount) -> dict[str, Any]:
    return {
        "tokens": count.tokens,
        "low": count.low,
        "high": count.high,
        "exact": count.exact,
        "notes": list(count.notes),
    }


def _retired(model: Model | str) -> list[str]:
    """Say that a model is shut down, if it is."""
    known = get_model(model)
    if not known.retired:
        return []
    day = f" on {known.retires_on}" if known.retires_on else ""
    instead = f"; {known.replacement} replaces it" if known.replacement else ""
    return [f"{known.name} was shut down{day}{instead}"]


@_served(
    "Count tokens",
    "Count the tokens of a text or of chat messages (with the tools sent along) for a model. Exact "
    "where the tokenizer is public (`exact` is true); else an estimate, and the true number lies "
    "from `low` to `high`. All numbers are tokens.",
    record(
        text=text("The text to count. Give this, or messages."),
        messages=MESSAGES,
        tools=TOOLS,
        model=MODEL,
        encoding=ENCODING,
    ),
    COUNTED,
)
def count_tool(
    text: str | None = None,
    messages: list[Any] | None = None,
    tools: list[Any] | None = None,
    model: str | None = None,
    encoding: str | None = None,
) -> dict[str, Any]:
    """Count a text, or a chat with its tools."""
    if (text is None) == (messages is None and tools is None):
        got = "neither" if text is None else "both"
        raise ValueError(f"expected a text, or messages and tools, got {got}")
    if text is None:
        if model is None:
            raise ValueError("model: expected the name of a model for messages, got none")
        rule = request_rule(get_model(model), tools=tools, estimate=True)
        tally = rule.tally(check_messages(messages or []))
        low, high = tally.bounds()
        numbers = TokenCount(tally.total, low, high, tally.exact, tuple(tally.notes))
    elif model is not None and encoding is None:
        numbers = estimate_tokens(text, model)
    else:
        tokens = encoding_of(model, encoding).count(text)
        numbers = TokenCount(tokens, tokens, tokens, True)
    counted = _numbers(numbers)
    if model is not None:
        counted["notes"] += _retired(model)
    return counted


@_served(
    "Check a request",
    "Check a request to OpenAI, Anthropic or Gemini before it is sent: input tokens, whether input "
    "and reply fit the model's limits, the cost in USD, and what is wrong with it, by the path of "
    "the field. Nothing is sent. Pictures and files are counted from what the request itself says.",
    record(
        "request",
        request={
            "type": "object",
            "description": "The body of the request as it would be sent, with `model`.",
        },
        api=text("The API, such as chat.completions, responses, messages; default: by the keys."),
        min_output=whole("The least tokens to leave for the reply.", default=256),
    ),
    record(
        "tokens low high exact fits problems",
        fits={
            "type": ["boolean", "null"],
            "description": "null: it depends on what is not known",
        },
        cost_low={"type": ["string", "null"], "description": "USD at the least"},
        cost_high={"type": ["string", "null"], "description": "USD at the most"},
        problems=array("What is wrong: path, severity (error or warning), message."),
        **COUNTED["properties"],
    ),
)
def preflight_tool(
    request: dict[str, Any], api: str | None = None, min_output: int = 256
) -> dict[str, Any]:
    """Check a request."""
    return preflight(request, api=api, min_output=min_output).to_dict()


@_served(
    "Fit a chat",
    "Drop and shorten chat messages until they and the reply fit the model's limits. Tool calls "
    "and their results stay together; system messages and the last user message stay. Gives the "
    "messages that stay, and a list of all that was lost. All numbers are tokens.",
    record(
        "messages model",
        messages=MESSAGES,
        model=MODEL,
        tools=TOOLS,
        max_output=whole("Tokens to reserve for the reply; default: what the input leaves.", 1),
        min_output=whole("The least tokens to leave for the reply.", default=256),
        safety=number("The share of the limit to keep free, from 0 to 1.", default=0),
        strategy=choice("What to drop first.", "recent", "middle_out", "api"),
        shrink_results=flag("Shorten long tool results before messages are dropped.", default=True),
    ),
    record(
        "messages tokens limit dropped truncated",
        messages=array("The messages that stay, in their order."),
        limit=whole("The most tokens that the messages may have."),
        max_output={
            "type": ["integer", "null"],
            "description": "Tokens of the reply to ask for.",
        },
        dropped=array("Each message that was dropped: index, tokens, reason."),
        truncated=array("Each message that was shortened: index, tokens before and after."),
        **COUNTED["properties"],
    ),
)
def fit_tool(messages: list[Any], model: str, **options: Any) -> dict[str, Any]:
    """Fit a chat."""
    fitted = fit(messages, model, **options)
    return {
        "messages": fitted.messages,
        **_numbers(fitted),
        "limit": fitted.limit,
        "limit_name": fitted.limit_name,
        "max_output": fitted.max_output,
        "dropped": [
            {"index": lost.index, "tokens": lost.tokens, "reason": lost.reason}
            for lost in fitted.dropped
        ],
        "truncated": [asdict(cut) for cut in fitted.truncated],
    }


@_served(
    "Truncate a text",
    "Shorten a text to at most max_tokens tokens, never splitting a character. Needs a model whose "
    "tokenizer is public, or an encoding.",
    record(
        "text max_tokens",
        text=text("The text to shorten."),
        max_tokens=whole("The most tokens that the text may have, the marker included."),
        model=MODEL,
        encoding=ENCODING,
        keep=choice("The part that stays.", "head", "tail", "ends"),
        marker=text("What to put where text was taken out."),
    ),
    record(
        "text tokens tokens_before",
        text=text("The text, shortened."),
        tokens=whole("Its tokens."),
        tokens_before=whole("The tokens of the whole text."),
    ),
)
def truncate_tool(text: str, max_tokens: int, **options: Any) -> dict[str, Any]:
    """Truncate a text."""
    encoding = _encoding(options)
    short = truncate(text, max_tokens, encoding=encoding, **options)
    return {
        "text": short,
        "tokens": encoding.count(short),
        "tokens_before": encoding.count(text),
    }


def _encoding(options: dict[str, Any]) -> Any:
    """Take the encoding, or that of the model, out of the options."""
    model, encoding = options.pop("model", None), options.pop("encoding", None)
    if (model is None) == (encoding is None):
        got = "neither" if model is None else "both"
        raise ValueError(f"expected a model or an encoding, got {got}")
    return get_encoding(encoding) if model is None else encoding_of(model, None)


@_served(
    "Split a text",
    "Split a text into chunks of at most max_tokens tokens, at the ends of sections, paragraphs "
    "and sentences where it can. `start` and `end` are offsets in characters of the text. Gives "
    f"at most {MOST_CHUNKS} chunks a call; `next` is the first of the others.",
    record(
        "text",
        text=text("The text to split."),
        max_tokens=whole("The most tokens of a chunk; default: the embedding model's limit.", 1),
        model=MODEL,
        encoding=ENCODING,
        overlap=whole("The most tokens that a chunk repeats of the one before it.", default=0),
        format=choice("How to read the text.", "auto", "text", "markdown", "code"),
        strategy=choice("How to choose the ends of chunks.", "optimal", "greedy", "token"),
        first=whole("The index of the first chunk to give.", default=0),
        most=whole("The most chunks to give.", 1, most=MOST_CHUNKS, default=50),
        include_text=flag("Give the texts, not offsets alone.", default=True),
    ),
    record(
        "chunks total next",
        chunks=array("Each chunk: index, start, end, tokens, headings, and its text."),
        total=whole("The number of all chunks of the text."),
        next={"type": ["integer", "null"], "description": "The `first` of the next call, if any."},
    ),
)
def chunk_tool(
    text: str, first: int = 0, most: int = 50, include_text: bool = True, **options: Any
) -> dict[str, Any]:
    """Split a text."""
    model = options.get("model")
    if model is not None and options.get("encoding") is None:
        chunker = Chunker(**options)
    else:
        chunker = Chunker(encoding=_encoding(options), **options)
    chunks = chunker.chunk(text)
    names = ["index", "start", "end", "tokens", "headings", *(["text"] if include_text else [])]
    end = first + most
    return {
        "chunks": [{name: getattr(one, name) for name in names} for one in chunks[first:end]],
        "total": len(chunks),
        "next": end if end < len(chunks) else None,
    }


@_served(
    "Price a request",
    "Price tokens in USD by a model's list price, or price a usage object or a whole response of "
    "an API. All without a listed price is in `unpriced` and makes the total `partial`; it is "
    "never taken as free. Amounts are decimal strings.",
    record(
        model=text("The name of the model; a response may name it itself."),
        usage={"type": "object", "description": "A usage object, or a response that holds one."},
        input_tokens=whole("Tokens of the input, cached ones included."),
        cached_tokens=whole("Tokens of the input that are read from the cache."),
        cache_write_tokens=whole("Tokens of the input that are written to the cache."),
        output_tokens=whole("Tokens of the reply, reasoning included."),
        reasoning_tokens=whole("Tokens of the reply that are reasoning."),
        tier=text("The tier: standard (the default), batch, flex, priority."),
        at=text("The day of the prices, such as 2026-01-31; default: today."),
    ),
    MONEY,
)
def cost_tool(
    model: str | None = None, usage: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """Price tokens, or what a response says it used."""
    if usage is not None:
        own = {name: options.pop(name) for name in ("tier", "at") if name in options}
        if options:
            raise ValueError(
                f"expected a usage object or numbers of tokens, got {min(options)} too"
            )
        return cost_from_usage(usage, model, **own).to_dict()
    if model is None:
        raise ValueError("model: expected the name of a model, got none")
    if not any(name.endswith("_tokens") for name in options):
        raise ValueError("expected numbers of tokens or a usage object, got neither")
    return cost(model, **options).to_dict()


@_served(
    "Cost of tools",
    "Count the tokens that a list of tools adds to every request, the largest tool first, and "
    "price so many requests that carry them, in USD.",
    record(
        "tools model",
        tools=TOOLS,
        model=MODEL,
        turns=whole("The number of requests to price.", default=1_000),
    ),
    record(
        "tokens tools cost",
        tools=array("Each tool and its tokens."),
        cost=MONEY,
        **COUNTED["properties"],
    ),
)
def tool_costs_tool(tools: list[Any], model: str, turns: int = 1_000) -> dict[str, Any]:
    """Count what tools add to every request."""
    costs = tool_costs(tools, model, turns=turns)
    single = [part for part in costs.parts if part.kind == "tool"]
    return {
        **_numbers(costs),
        "turns": costs.turns,
        "tools": [
            {"tool": part.where.partition(" ")[2], "index": part.index, "tokens": part.tokens}
            for part in single
        ],
        "cost": costs.cost.to_dict(),
    }


@_served(
    "List models",
    "List known models with their limits in tokens. Models that are shut down are left out.",
    record(
        search=text("List only models with this in their names."),
        provider=text("List only models of this provider, such as openai."),
        kind=text("List only models of this kind, such as chat or embedding."),
        most=whole("The most models to give.", 1, most=MOST_MODELS, default=50),
    ),
    record(
        "models total",
        models=array("Each model: name, provider, kind, and limits in tokens (null: not known)."),
        total=whole("The number of models that match."),
    ),
)
def models_tool(search: str = "", most: int = 50, **options: Any) -> dict[str, Any]:
    """List models."""
    known = [
        model
        for model in list_models(**options)
        if any(search.lower() in name.lower() for name in (model.name, *model.aliases))
    ]
    names = "name provider kind context_window max_input_tokens max_output_tokens encoding"
    return {
        "models": [
            {name: getattr(model, name) for name in names.split()} for model in known[:most]
        ],
        "total": len(known),
    }


@_served(
    "Describe a model",
    "Give all that is known of one model: limits in tokens, prices in USD per million tokens, "
    "what it supports, when it retires, and the sources.",
    record("name", name=text("The name of the model, an alias or a snapshot.")),
    record("name", name=text("The model's own name."), notes=NOTES),
)
def get_model_tool(name: str) -> dict[str, Any]:
    """Describe a model."""
    known = get_model(name)
    return {**known.to_record(), "notes": [*known.notes, *_retired(known)]}
