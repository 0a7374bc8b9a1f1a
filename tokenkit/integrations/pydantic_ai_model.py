"""The classes that `tokenkit.integrations.pydantic_ai` makes; this file imports pydantic-ai."""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.usage import RequestUsage

from tokenkit import CostTracker, Model, UnknownModelError, get_model, preflight
from tokenkit.integrations.guarding import UNMEASURED, Guard, check_counted
from tokenkit.integrations.history import HistoryFitter
from tokenkit.integrations.pydantic_ai_messages import SpreadHistory, output_format, tool_dicts

__all__ = ["GuardedModel", "HistoryProcessor"]

_API, _REPLY = "chat.completions", "max_completion_tokens"


class GuardedModel(WrapperModel):  # type: ignore[misc,unused-ignore]
    """A model whose requests are checked by a guard before they are sent."""

    def __init__(self, wrapped: Any, guard: Guard, record: Model | None) -> None:
        super().__init__(wrapped)
        self.guard = guard
        self.record = get_model(self.wrapped.model_name) if record is None else record

    async def count_tokens(self, messages: Any, model_settings: Any, parameters: Any) -> Any:
        """Count the input tokens of a request, on this machine."""
        _, body = self._request(messages, model_settings, parameters)
        check = preflight(body, api=_API)
        check_counted(check)
        return RequestUsage(input_tokens=check.tokens)

    async def request(self, messages: Any, model_settings: Any, parameters: Any) -> Any:
        """Check a request, send it, and add up what it cost."""
        checked = self._checked(messages, model_settings, parameters)
        response = await super().request(*checked, parameters)
        self._track(response)
        return response

    @asynccontextmanager
    async def request_stream(
        self, messages: Any, model_settings: Any, parameters: Any, run_context: Any = None
    ) -> AsyncIterator[Any]:
        """Check a request, send it, and add up what it cost once its stream was read."""
        checked = self._checked(messages, model_settings, parameters)
        async with super().request_stream(*checked, parameters, run_context) as stream:
            yield stream
            self._track(stream.get())

    def _request(
        self, messages: Any, model_settings: Any, parameters: Any
    ) -> tuple[SpreadHistory, dict[str, Any]]:
        """Return the history, and the request that it makes in the form of a chat completion."""
        settings, resolved = self.wrapped.prepare_request(model_settings, parameters)
        history = SpreadHistory.of(messages, resolved.instruction_parts)
        body: dict[str, Any] = {"model": self.record, "messages": history.chat}
        tools = tool_dicts(resolved.declared_tool_defs.values(), resolved.native_tools)
        if tools:
            body["tools"] = tools
        schema = output_format(resolved)
        if schema is not None:
            body["response_format"] = schema
        most = (settings or {}).get("max_tokens")
        if most is not None:
            body[_REPLY] = most
        return history, body

    def _checked(self, messages: Any, model_settings: Any, parameters: Any) -> tuple[Any, Any]:
        """Return the messages and settings to send: the same ones where nothing has to change."""
        history, body = self._request(messages, model_settings, parameters)
        sent = self.guard.checked(_API, body, strict=True)
        if sent is body:
            return messages, model_settings
        if sent.get(_REPLY) != body.get(_REPLY):
            model_settings = {**(model_settings or {}), "max_tokens": sent[_REPLY]}
        stay = sent["messages"]
        if len(stay) < len(history.chat) or not all(map(operator.is_, stay, history.chat)):
            messages = history.kept(history.places(stay))
        return messages, model_settings

    def _track(self, response: Any) -> None:
        if self.guard.tracker is not None:
            add_response(self.guard.tracker, response, self.record)


def add_response(tracker: CostTracker, response: Any, model: Model) -> None:
    """Add a response, priced as the model that it names, or as `model` if that is not known."""
    if not response.usage.has_values():
        tracker.add(UNMEASURED, model)
        return
    try:
        tracker.add(response)
    except UnknownModelError:
        tracker.add(response, model)


class HistoryProcessor:
    """A processor of the messages of a run."""

    def __init__(self, fitter: HistoryFitter, model: Model | None) -> None:
        self.fitter = fitter
        self.model = model

    def __call__(self, context: RunContext[Any], messages: list[Any]) -> list[Any]:
        """Return the messages that fit."""
        history = SpreadHistory.of(messages)
        manager = context.tool_manager
        kept = self.fitter.kept(
            history.chat,
            context.model.model_name if self.model is None else self.model,
            tools=None if manager is None else tool_dicts(manager.tool_defs),
            max_output=(context.model_settings or {}).get("max_tokens"),
        )
        return messages if kept is None else history.kept(kept)
