"""The middlewares that `tokenkit.integrations.langchain` makes; this file imports LangChain."""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ExtendedModelResponse
from langchain_core.messages import HumanMessage, RemoveMessage
from langgraph.types import Command

from tokenkit import Budget, Model, fit, truncate
from tokenkit._checks import check_fraction, check_tokens
from tokenkit.chat import request_rule
from tokenkit.integrations.guarding import Guard
from tokenkit.integrations.langchain_callback import add_reply
from tokenkit.integrations.langchain_messages import own_messages
from tokenkit.integrations.langchain_request import AgentRequest

__all__ = ["BudgetMiddleware", "CompactionMiddleware"]

_SUMMARY = "Earlier messages were replaced by this summary of them:\n\n"


class BudgetMiddleware(AgentMiddleware):  # type: ignore[misc,unused-ignore]
    """Checks each request of an agent by a `Guard`, and tracks what the replies cost."""

    def __init__(self, model: str | Model | None, guard: Guard) -> None:
        super().__init__()
        self.model = model
        self.guard = guard

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Check the request, send it, and track its cost."""
        return self._tracked(request, handler(self._checked(request)))

    async def awrap_model_call(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        """Check the request, send it, and track its cost."""
        return self._tracked(request, await handler(self._checked(request)))

    def _checked(self, request: Any) -> Any:
        read = AgentRequest.of(request, self.model)
        body = read.body()
        sent = self.guard.checked("chat.completions", body)
        return request if sent is body else read.with_body(sent)

    def _tracked(self, request: Any, response: Any) -> Any:
        if self.guard.tracker is not None:
            asked = AgentRequest.of(request, self.model).model
            for reply in response.result:
                add_reply(self.guard.tracker, reply, asked)
        return response


@dataclass(frozen=True)
class Compaction:
    """A shorter chat for a request: what stays, and what goes."""

    read: AgentRequest
    kept: list[Any]
    dropped: list[Any]

    def with_summary(self, text: object, room: int) -> list[Any]:
        """Return the messages that stay, with a summary in the place of the first that goes."""
        if not isinstance(text, str):
            raise TypeError(
                f"summarize: expected a function that returns a str, got {type(text).__name__}"
            )
        encoding = self.read.model.encoding or "o200k_base"
        summary = truncate(text.strip(), room, encoding=encoding)
        first = self.dropped[0]
        place = _after(self.read.messages, first, self.kept)
        note = HumanMessage(_SUMMARY + summary, id=first.id)
        return [*self.kept[:place], note, *self.kept[place:]]


class CompactionMiddleware(AgentMiddleware):  # type: ignore[misc,unused-ignore]
    """Drops the oldest messages of an agent when its window fills, or puts a summary there."""

    def __init__(
        self,
        model: str | Model | None,
        at: float,
        to: float,
        summarize: Callable[[list[Any]], Any] | None,
        summary_tokens: int,
    ) -> None:
        super().__init__()
        self.model = model
        self.at, self.to = check_fraction("at", at), check_fraction("to", to)
        if not 0 < to < at:
            raise ValueError(f"to: expected a share above 0 and below at={at}, got {to}")
        self.summarize = summarize
        self.summary_tokens = check_tokens("summary_tokens", summary_tokens, 1)

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Shorten the chat of the request, and the agent's state, if it is time."""
        plan = self._plan(request)
        if plan is None:
            return handler(request)
        text = None
        if self.summarize is not None and plan.dropped:
            text = self.summarize(plan.dropped)
            if inspect.isawaitable(text):
                if inspect.iscoroutine(text):
                    text.close()
                raise TypeError(
                    "summarize: expected a function that returns a str, got an awaitable; "
                    "run the agent with ainvoke or astream"
                )
        messages = self._messages(plan, text)
        return _response(plan, messages, handler(plan.read.request.override(messages=messages)))

    async def awrap_model_call(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        """Shorten the chat of the request, and the agent's state, if it is time."""
        plan = self._plan(request)
        if plan is None:
            return await handler(request)
        text = None
        if self.summarize is not None and plan.dropped:
            if inspect.iscoroutinefunction(self.summarize):
                text = await self.summarize(plan.dropped)
            else:
                text = await asyncio.to_thread(self.summarize, plan.dropped)
                text = await text if inspect.isawaitable(text) else text
        messages = self._messages(plan, text)
        sent = plan.read.request.override(messages=messages)
        return _response(plan, messages, await handler(sent))

    def _messages(self, plan: Compaction, text: object) -> list[Any]:
        if self.summarize is None or not plan.dropped:
            return plan.kept
        return plan.with_summary(text, self.summary_tokens)

    def _plan(self, request: Any) -> Compaction | None:
        """Choose what stays. None where the chat is short enough, or nothing may go."""
        read = AgentRequest.of(request, self.model)
        tools = read.tools or None
        limit = Budget.for_model(read.model, max_output=read.limit or None).input_limit
        tokens, drift = _tokens(read, tools)
        if tokens + drift < limit * self.at:
            return None
        for message in request.messages:
            if message.id is None:
                message.id = str(uuid.uuid4())
        target = int(limit * self.to) - drift
        if self.summarize is not None:
            target -= self.summary_tokens
        fitted = fit(
            read.given,
            read.model,
            max_output=read.limit or None,
            tools=tools,
            safety=min(0.99, max(0.0, 1 - target / max(limit, 1))),
            on_overflow="return",
        )
        kept = own_messages(read.messages, read.given, fitted.messages)
        if request.system_message is not None:
            kept = kept[1:]
        dropped = [read.messages[loss.index] for loss in fitted.dropped]
        if not dropped and all(map(_is, kept, request.messages)):
            return None
        return Compaction(read, kept, dropped)


def _tokens(read: AgentRequest, tools: list[Any] | None) -> tuple[int, int]:
    """Return the tokens of a request, and how many more the API counted when it last told."""
    rule = request_rule(read.model, tools=tools, estimate=True)
    counted = rule.tally(read.given).total
    for index in range(len(read.messages) - 1, -1, -1):
        usage = getattr(read.messages[index], "usage_metadata", None)
        if usage and usage.get("input_tokens"):
            return counted, usage["input_tokens"] - rule.tally(read.given[:index]).total
    return counted, 0


def _is(one: Any, other: Any) -> bool:
    return one is other


def _after(messages: list[Any], first: Any, kept: list[Any]) -> int:
    """Return how many of the messages that stay are before `first` in the whole chat."""
    ids = {message.id for message in kept}
    before = 0
    for message in messages:
        if message is first:
            break
        before += message.id in ids and message.id is not None
    return before


def _response(plan: Compaction, messages: list[Any], response: Any) -> Any:
    """Return the model's response, with the changes of the agent's state.

    A message with the id of an old one replaces it in its place; so does the summary.
    """
    before = {message.id: message for message in plan.read.request.state["messages"]}
    stays = {message.id for message in messages}
    changes = [RemoveMessage(id=one.id) for one in plan.dropped if one.id in before.keys() - stays]
    changes += [one for one in messages if one.id in before and one is not before[one.id]]
    return ExtendedModelResponse(response, Command(update={"messages": changes}))
