"""OpenAI's Agents SDK: chats that fit before each model call, compaction by tokens, and prices.

`input_filter` is for `RunConfig(call_model_input_filter=...)`, `compaction_trigger` for
`OpenAIResponsesCompactionSession(should_trigger_compaction=...)`, `run_hooks` and `agent_hooks`
add up what replies cost. What is sent in one request is checked by the guard of the client:
`agents.set_default_openai_client(tokenkit.integrations.openai.guard(AsyncOpenAI()))`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from tokenkit import Budget, CostTracker, Model, get_model
from tokenkit._checks import check_fraction
from tokenkit.integrations.guarding import spending_limit
from tokenkit.integrations.history import (
    HistoryFitter,
    MaxOutput,
    OnFit,
    OnTooLong,
    chat_tokens,
)

if TYPE_CHECKING:
    from agents import AgentHooks, RunHooks

__all__ = ["agent_hooks", "compaction_trigger", "input_filter", "run_hooks"]

_PREFIXES = ("litellm/", "any-llm/")  # of the SDK's providers, which models do not have


def model_of(agent: Any, model: str | Model | None = None) -> str | Model:
    """Return the model of an agent; the one that is named, if one is.

    Raises ValueError for a model object without a name.
    """
    if model is not None:
        return model
    name = agent.model
    if name is None:
        from agents.models import get_default_model

        name = get_default_model()
    elif not isinstance(name, str):
        name = getattr(name, "model", None)
    if not isinstance(name, str):
        kind = type(agent.model).__name__
        raise ValueError(f"model: {kind} of the agent {agent.name!r} has no name; name the model")
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def input_filter(
    model: str | Model | None = None,
    *,
    max_output: MaxOutput = "auto",
    on_overflow: OnTooLong = "fit",
    safety: float = 0.0,
    hysteresis: float = 0.0,
    tools: Sequence[Any] | None = None,
    on_fit: OnFit | None = None,
) -> Callable[[Any], Awaitable[Any]]:
    """Make a `call_model_input_filter` that keeps each call of a model within its limits.

    Instructions, items, tools (those of MCP servers and handoffs, too) and the output's schema are
    counted. Where they leave the reply no room, the oldest items are dropped and results of tools
    shortened, as `fit` does; a call stays with its result, and items that stay whole are the same
    objects. The session keeps all items: only what is sent is shorter.

    `model` is the agent's own by default; name it if `RunConfig` names another. The reply's room in
    tokens is the agent's `ModelSettings.max_tokens` where it is set, else `max_output`. `safety`
    and `hysteresis` (fractions of the limit) are those of `fit`. `tools` replaces the agent's own,
    which are listed again for each call. `on_fit` is called with the `Fit` each time something was
    lost; its first message is that of the instructions, if there are any. What the server holds (a
    stored prompt, an earlier response) is not seen.

    Raises UnknownModelError and ValueError for arguments out of range. The filter raises
    ContextOverflowError if what must stay does not fit, or at once with on_overflow="raise".

    >>> filter = input_filter("gpt-5.4", max_output=4_000)
    >>> from agents import RunConfig, Runner                                # doctest: +SKIP
    >>> config = RunConfig(call_model_input_filter=filter)                  # doctest: +SKIP
    >>> await Runner.run(agent, "Hello", run_config=config)                 # doctest: +SKIP
    """
    if model is not None:
        get_model(model)
    fitter = HistoryFitter(max_output, on_overflow, safety, hysteresis, on_fit)

    async def filter_input(data: Any) -> Any:
        agent, sent = data.agent, data.model_data
        ahead = [] if not sent.instructions else [_instructions(sent.instructions)]
        kept = fitter.kept(
            [*ahead, *map(_result_as_message, sent.input)],
            model_of(agent, model),
            tools=await _tools(agent, data.context) if tools is None else tools,
            response_format=_output_format(agent),
            max_output=agent.model_settings.max_tokens,
        )
        if kept is None:
            return sent
        items = [
            _message_as_result(sent.input[index - len(ahead)], message)
            for index, message in kept.items()
            if index >= len(ahead)
        ]
        return replace(sent, input=items)

    return filter_input


def _instructions(text: str) -> dict[str, Any]:
    return {"role": "developer", "content": text}


_RESULTS = ("function_call_output", "custom_tool_call_output")


def _result_as_message(item: Any) -> Any:
    """Return a result of text as a message, which `fit` can shorten; other items as they are."""
    if not isinstance(item, Mapping) or item.get("type") not in _RESULTS:
        return item
    content = item.get("output")
    if isinstance(content, list) and all(map(_is_text, content)):
        content = [{"type": "text", "text": part["text"]} for part in content]
    elif not isinstance(content, str):
        return item
    return {"role": "tool", "tool_call_id": item.get("call_id"), "content": content}


def _is_text(part: Any) -> bool:
    return (
        isinstance(part, Mapping)
        and part.keys() == {"type", "text"}
        and part["type"] == "input_text"
        and isinstance(part["text"], str)
    )


def _message_as_result(item: Any, message: Any) -> Any:
    """Return the item, with another text where its message was shortened."""
    if message is item or message == _result_as_message(item):
        return item
    content = message["content"]
    if isinstance(content, list):
        content = [{"type": "input_text", "text": part["text"]} for part in content]
    return {**item, "output": content}


async def _tools(agent: Any, context: Any) -> list[Any]:
    """Return the tools and handoffs of an agent as they are sent."""
    from agents import Handoff, RunContextWrapper, handoff
    from agents.models.openai_responses import Converter

    tools = await agent.get_all_tools(RunContextWrapper(context=context))
    handoffs = [one if isinstance(one, Handoff) else handoff(one) for one in agent.handoffs]
    enabled = [one for one in handoffs if one.is_enabled is not False]
    read = Converter.convert_tools(tools, enabled, allow_opaque_tool_search_surface=True)
    return list(read.tools)


def _output_format(agent: Any) -> dict[str, Any] | None:
    """Return the schema of an agent's output as a response format."""
    from agents import AgentOutputSchema, AgentOutputSchemaBase

    output = agent.output_type
    if output is None or output is str:
        return None
    schema = output if isinstance(output, AgentOutputSchemaBase) else AgentOutputSchema(output)
    if schema.is_plain_text():
        return None
    named = {"name": "final_output", "schema": schema.json_schema()}
    return {"type": "json_schema", "json_schema": named}


def compaction_trigger(
    model: str | Model,
    *,
    at: float = 0.8,
    max_output: MaxOutput = None,
    instructions: str | None = None,
    tools: Sequence[Any] | None = None,
) -> Callable[[Mapping[str, Any]], bool]:
    """Make a `should_trigger_compaction` that compacts by tokens, not by the number of items.

    A session is compacted when its items have the share `at` of what `model` takes beside a reply
    of `max_output` tokens. `instructions` and `tools` are sent besides, and count if given.

    Raises UnknownModelError, and ValueError for arguments out of range.

    >>> trigger = compaction_trigger("gpt-4", at=0.5)
    >>> item = {"role": "assistant", "content": "word " * 4_000}
    >>> trigger({"session_items": [item]}), trigger({"session_items": [item, item]})
    (False, True)
    """
    record = get_model(model)
    limit = Budget.for_model(record, max_output=max_output).input_limit
    share = limit * check_fraction("at", at)
    ahead = [] if not instructions else [_instructions(instructions)]

    def should_trigger(context: Mapping[str, Any]) -> bool:
        return chat_tokens([*ahead, *context["session_items"]], record, tools=tools) >= share

    return should_trigger


def run_hooks(
    tracker: CostTracker,
    *,
    model: str | Model | None = None,
    max_usd: Decimal | float | str | None = None,
) -> RunHooks[Any]:
    """Make hooks for `Runner.run(..., hooks=...)` that add the cost of each reply to `tracker`.

    `model` is that of the agent by default; name it if `RunConfig` names another. Once the tracker
    has reached `max_usd` (USD), the next call raises CostLimitError before it is sent. A reply
    without a usage leaves the sum partial.

    Raises ImportError without openai-agents, UnknownModelError, and ValueError for a negative
    `max_usd`.

    >>> spent = CostTracker()
    >>> hooks = run_hooks(spent, max_usd="0.50")                            # doctest: +SKIP
    >>> await Runner.run(agent, "Hello", hooks=hooks)                       # doctest: +SKIP
    """
    from tokenkit.integrations.agents_hooks import PricedRun

    return PricedRun(tracker, _named(model), spending_limit(max_usd))


def agent_hooks(
    tracker: CostTracker,
    *,
    model: str | Model | None = None,
    max_usd: Decimal | float | str | None = None,
) -> AgentHooks[Any]:
    """Make hooks for `Agent(hooks=...)` that add the cost of the agent's replies to `tracker`.

    The arguments are those of `run_hooks`; a run needs one of both.

    Raises as `run_hooks` does.

    >>> agent = Agent(name="Guide", hooks=agent_hooks(CostTracker()))       # doctest: +SKIP
    """
    from tokenkit.integrations.agents_hooks import PricedAgent

    return PricedAgent(tracker, _named(model), spending_limit(max_usd))


def _named(model: str | Model | None) -> Callable[[Any], str | Model]:
    return partial(model_of, model=None if model is None else get_model(model))
